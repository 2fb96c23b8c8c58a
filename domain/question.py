"""Topics, and the questions grown from them (METHOD.md section 1)."""

from __future__ import annotations

from enum import StrEnum

from .record import Record


class Origin(StrEnum):
    """How a question came to be."""

    SEED = "seed"
    PROPOSE = "propose"
    REFINE = "refine"
    RECORDED = "recorded"


class Topic(Record):
    """A generic question: one arm of the bandit."""

    id: str
    text: str
    area: str = ""


class Question(Record):
    """A specific yes/no question. ``fact`` is a model's unverified claim; ``depth`` counts the rewrites above it."""

    id: str
    topic_id: str
    topic: str
    text: str
    fact: str = ""
    origin: Origin = Origin.PROPOSE
    parent_id: str | None = None
    depth: int = 0
    created_at: str = ""
