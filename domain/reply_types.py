"""What each prompt asks a model to return: the response schemas that travel with the requests.

A schema's class name is the name by which a model (a simulated one too) knows its task.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from .answer import Stance


class Reply(BaseModel):
    """Base of the replies. Surplus keys are dropped: models like to add some, and nothing reads them."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ProposalReply(Reply):
    """A new contextual fact and one specific yes/no question built on it."""

    fact: str = Field(min_length=1)
    question: str = Field(min_length=1)


class TopicsReply(Reply):
    """New topics: generic yes/no questions."""

    topics: list[str]


class KeyPointReply(Reply):
    """One reason for a stance."""

    point: str = Field(min_length=1)
    justification: str = ""


class AnswerReply(Reply):
    """A stance and exactly three key points. More are cut to three; fewer are asked for once more, then unparsable."""

    stance: Stance
    key_points: list[KeyPointReply] = Field(min_length=3)


class RecordedReply(Reply):
    """An answer that was recorded elsewhere, in its own words. No model is asked for it."""

    answer: str


class ParaphraseReply(Reply):
    """A question in other words."""

    question: str = Field(min_length=1)


class LabelReply(Reply):
    """One value that one numbered text (from 1) expresses, with a verbatim quote from it."""

    text: int
    value: str
    quote: str


class LabelsReply(Reply):
    """All values that the numbered texts express; empty when there is none."""

    labels: list[LabelReply]


class ValueReply(Reply):
    """Whether one text expresses one value, with a verbatim quote from it where it does."""

    expresses: bool
    quote: str = ""


class RewriteReply(Reply):
    """A reflection on why models agreed or differed, then the rewritten question."""

    reflection: str
    question: str = Field(min_length=1)
