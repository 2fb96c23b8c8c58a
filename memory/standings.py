"""The life cycle of topics and questions: why something is no longer asked, since when, and by whose hand.

A log of changes, never rewritten: the standing of a topic or question is that of its latest change
(METHOD.md section 3, step 6). Which change is the latest a counter decides, never a clock: processes that share a
memory do not share their clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from ..domain.record import Record

Kind = Literal["topic", "question"]

HIGHEST_COUNTER = 2**53
"""Beyond every log, and exact in whatever a store keeps numbers in."""


class Standing(StrEnum):
    """Where a topic or a question stands.

    fresh      never asked
    used       asked, and may be asked about again
    exhausted  its draws are spent
    saturated  all its questions together show no divergence
    expired    past its shelf life, or measured again and no longer discriminating
    withdrawn  taken out by a person
    """

    FRESH = "fresh"
    USED = "used"
    EXHAUSTED = "exhausted"
    SATURATED = "saturated"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def retired(self) -> bool:
        """Whether the search leaves it alone."""
        return self not in (Standing.FRESH, Standing.USED)


class StandingChange(Record):
    """A topic or question (``subject``) came to stand so: why, by which run ("" for a person), and when (UTC).

    ``counter`` is its place in the log, from 1: greater than that of every change that the log held when this one was
    noted. The memory gives it; None until then, and where an earlier version noted it. ``at`` is the writer's clock,
    to be read by people.
    """

    kind: Kind
    subject: str = Field(min_length=1)
    standing: Standing
    why: str = Field(min_length=1)
    run_id: str = ""
    at: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="microseconds"))
    counter: int | None = Field(default=None, ge=1, le=HIGHEST_COUNTER)

    @property
    def id(self) -> str:
        """The same change has the same id, so that it is kept once."""
        return "|".join((self.kind, self.subject, self.at, self.run_id, self.standing))


def in_order(changes: Iterable[StandingChange]) -> list[StandingChange]:
    """``changes`` from the earliest to the latest.

    Those without a counter come first, by their times. Of those with one counter neither writer had seen the other's:
    a person's counts as the later one, then their times and ids decide, the same for every reader.
    """
    return sorted(changes, key=_place)


def _place(change: StandingChange) -> tuple[int, bool, str, str]:
    if change.counter is None:
        return 0, False, change.at, change.id
    return change.counter, change.run_id == "", change.at, change.id


def numbered(changes: Sequence[StandingChange], highest: int) -> list[StandingChange]:
    """``changes`` with counters in the order that they have, after ``highest``, the highest one of the log so far."""
    return [change.model_copy(update={"counter": highest + place}) for place, change in enumerate(changes, start=1)]


def latest(changes: Iterable[StandingChange]) -> dict[tuple[Kind, str], StandingChange]:
    """The change by which each topic or question stands as it does; those never changed are absent."""
    standing: dict[tuple[Kind, str], StandingChange] = {}
    for change in in_order(changes):
        if not _overruled(change, standing):
            standing[change.kind, change.subject] = change
    return standing


def standing_of(changes: Iterable[StandingChange], kind: Kind, subject: str) -> Standing:
    """Where a topic or question that was asked stands; unless anything else is noted it is in use."""
    change = latest(changes).get((kind, subject))
    return Standing.USED if change is None else change.standing


def news(known: Iterable[StandingChange], changes: Sequence[StandingChange]) -> list[StandingChange]:
    """Those of ``changes`` that change a standing. What a person withdrew, a run does not touch."""
    standing, new = latest(known), []
    for change in changes:
        before = standing.get((change.kind, change.subject))
        if _overruled(change, standing) or (before is not None and before.standing is change.standing):
            continue
        standing[change.kind, change.subject] = change
        new.append(change)
    return new


def _overruled(change: StandingChange, standing: Mapping[tuple[Kind, str], StandingChange]) -> bool:
    """Whether a run would change what a person withdrew: noted by a run that had not yet seen the withdrawal."""
    before = standing.get((change.kind, change.subject))
    return before is not None and before.standing is Standing.WITHDRAWN and change.run_id != ""
