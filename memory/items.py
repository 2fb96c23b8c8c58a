"""What the memory holds, and what it answers with."""

from __future__ import annotations

from pydantic import Field

from ..domain.record import Record


class Remembered(Record):
    """One question as the memory holds it. ``id`` is unique over all runs that share the memory; its builder
    sees to that.

    ``fact`` is what the question rests on. ``score`` is its search score and ``divergence`` the term of that name, both
    in bits; None while it has none.
    """

    id: str = Field(min_length=1)
    text: str
    fact: str = ""
    topic_id: str
    topic: str
    run_id: str
    score: float | None = Field(default=None, allow_inf_nan=False)
    divergence: float | None = Field(default=None, allow_inf_nan=False)


class Neighbour(Remembered):
    """A remembered question near a text. ``similarity`` is the cosine of their vectors, in [-1, 1]."""

    similarity: float = Field(ge=-1, le=1)
