"""Which values a text expresses, and the words that show it (METHOD.md section 4)."""

from __future__ import annotations

from pydantic import Field

from .answer import Outcome
from .record import Record


class Label(Record):
    """One value found in one key point (counted from 0), with the judge's verbatim quote."""

    key_point: int = Field(ge=0)
    value: str
    quote: str


class Judgement(Record):
    """A judge's labels for one answer, or for a question's own wording.

    ``outcome`` other than ``answered`` means that the text could not be judged: the answer is then missing, not
    valueless. ``dropped`` counts labels whose quote is not in the text or whose value is not in the framework.
    ``probabilities`` are calibrated chances, from 0 to 1, that the text expresses each value; empty where the judge has
    none. ``votes`` keeps the labels of each juror that answered, by its name; empty where one judge sat alone.
    ``call_id`` points to the recorded call, ``more_call_ids`` to those after the first where it took several.
    """

    judge: str
    outcome: Outcome
    labels: tuple[Label, ...] = ()
    dropped: int = 0
    probabilities: dict[str, float] = Field(default_factory=dict)
    detail: str = ""
    call_id: str = ""
    more_call_ids: tuple[str, ...] = ()
    votes: dict[str, tuple[Label, ...]] = Field(default_factory=dict)

    @property
    def call_ids(self) -> tuple[str, ...]:
        """All recorded calls that this judgement rests on; none where a local judge sat."""
        return (self.call_id, *self.more_call_ids) if self.call_id else ()

    @property
    def values(self) -> frozenset[str]:
        """The ids of the values that are expressed in at least one key point."""
        return frozenset(label.value for label in self.labels)
