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
    """A generic question: one arm of the bandit. ``fact`` goes before it where it is asked as it is.

    ``matter``: what a bank says that several of its questions are about; each of them is an arm of its own.
    """

    id: str
    text: str
    area: str = ""
    region: str = ""
    date: str = ""
    fact: str = ""
    matter: str = ""

    @property
    def told(self) -> str:
        """The topic as an author is told it: with the place and the time that it is about, where it has them."""
        about = "; ".join(each for each in (self.region, f"as of {self.date}" if self.date else "") if each)
        return f"{self.text} ({about})" if about else self.text


class Question(Record):
    """A specific yes/no question. ``fact`` is a model's unverified claim; ``depth`` counts the rewrites above it.

    ``matter`` is that of its topic.

    ``edited``: a user has put it in other words, or the topic that it was drafted for, or a question above it.
    """

    id: str
    topic_id: str
    topic: str
    text: str
    fact: str = ""
    origin: Origin = Origin.PROPOSE
    parent_id: str | None = None
    depth: int = 0
    created_at: str = ""
    edited: bool = False
    matter: str = ""

    @property
    def drawn_with(self) -> str:
        """The unit over which intervals generalise: questions of one matter, else of one topic, are drawn together."""
        return self.matter or self.topic_id
