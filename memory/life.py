"""The life cycle of topics and questions: why something is no longer asked, since when, and by whose hand.

A log of changes, never rewritten: the standing of a topic or question is that of its latest change
(METHOD.md section 3, step 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from ..domain.record import Record

Kind = Literal["topic", "question"]


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
    def worn_out(self) -> bool:
        """Whether the search leaves it alone."""
        return self not in (Standing.FRESH, Standing.USED)


class Change(Record):
    """A topic or question (``subject``) came to stand so: why, by which run ("" for a person), and when (UTC)."""

    kind: Kind
    subject: str = Field(min_length=1)
    standing: Standing
    why: str = Field(min_length=1)
    run_id: str = ""
    at: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="microseconds"))

    @property
    def id(self) -> str:
        """The same change has the same id, so that it is kept once."""
        return "|".join((self.kind, self.subject, self.at, self.run_id, self.standing))


def in_order(changes: Iterable[Change]) -> list[Change]:
    """``changes`` from the earliest to the latest."""
    return sorted(changes, key=lambda change: (change.at, change.id))


def latest(changes: Iterable[Change]) -> dict[tuple[Kind, str], Change]:
    """The change by which each topic or question stands as it does; those never changed are absent."""
    return {(change.kind, change.subject): change for change in in_order(changes)}


def standing_of(changes: Iterable[Change], kind: Kind, subject: str) -> Standing:
    """Where a topic or question that was asked stands; unless anything else is noted it is in use."""
    change = latest(changes).get((kind, subject))
    return Standing.USED if change is None else change.standing


def news(known: Iterable[Change], changes: Sequence[Change]) -> list[Change]:
    """Those of ``changes`` that change a standing. What a person withdrew, a run does not touch."""
    standing, kept = latest(known), []
    for change in changes:
        before = standing.get((change.kind, change.subject))
        by_a_run_after_a_person = before is not None and before.standing is Standing.WITHDRAWN and change.run_id != ""
        if by_a_run_after_a_person or (before is not None and before.standing is change.standing):
            continue
        standing[(change.kind, change.subject)] = change
        kept.append(change)
    return kept
