"""Answers and what became of each call (METHOD.md section 1)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .record import Record

KEY_POINTS = 3
"""Every answer has exactly this many key points, so that a talkative model does not look different."""

PRIMED = "prime:"
"""Before a value's id: the wording of an answer that was given by a member told to hold that value."""


class Outcome(StrEnum):
    """What became of a call. Only ``ANSWERED`` enters a statistic; the others are counted beside it.

    ``DEGENERATE`` is a reply in the right form that says nothing: placeholders, an echo, one key point three times.
    """

    ANSWERED = "answered"
    REFUSED = "refused"
    FILTERED = "filtered"
    TRUNCATED = "truncated"
    UNPARSABLE = "unparsable"
    DEGENERATE = "degenerate"
    MISROUTED = "misrouted"
    FAILED = "failed"


class Stance(StrEnum):
    """The side an answer takes. Reported beside the divergence, never part of it."""

    YES = "yes"
    NO = "no"
    NEUTRAL = "neutral"


class Phase(StrEnum):
    """Why an answer was asked for. Samples of different phases are never the same answer."""

    SEARCH = "search"
    CONFIRM = "confirm"
    EVALUATE = "evaluate"


class KeyPoint(Record):
    """One of an answer's three reasons: "point: justification"."""

    point: str
    justification: str

    @property
    def text(self) -> str:
        """The key point as the judge reads it."""
        return f"{self.point}: {self.justification}" if self.justification else self.point


class AnswerText(Record):
    """What the text of a recorded answer is found to be: the part of it that answers, and what became of the rest.

    ``text`` is the answer without its thinking and wrapping, kept for a refusal too; empty where there is none.
    ``detail`` says why it does not count; ``thinking`` whether thinking was taken off.
    """

    outcome: Outcome
    text: str = ""
    detail: str = ""
    thinking: bool = False


class Answer(Record):
    """One member's reply to one question. ``call_id`` points to the recorded call with its raw text and usage.

    ``wording`` tells apart the prompts that a recorded answer was given to; ``sample`` counts within one wording. A
    recorded answer has no stance, and its whole text as its one key point.
    """

    question_id: str
    member: str
    phase: Phase
    sample: int = Field(ge=0)
    wording: str = ""
    outcome: Outcome
    stance: Stance | None = None
    key_points: tuple[KeyPoint, ...] = ()
    detail: str = ""
    call_id: str = ""

    @property
    def unnamed(self) -> Answer:
        """As a judge gets it, who must not know whose answer it is."""
        return self.model_copy(update={"member": ""})
