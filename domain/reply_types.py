"""What each prompt asks a model to return: the response schemas that travel with the requests.

A schema's class name is the name by which a model (a simulated one too) knows its task.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from .answer import KEY_POINTS, Stance

T = TypeVar("T")


SENT_ONLY = "x-sent-only"
"""Under this key a field's schema holds keywords that travel with a request and are no condition on the reply."""


def _bounds(**keywords: Any) -> Any:
    """What keeps a small model from writing for ever. A longer text that comes all the same is not worse for it."""
    return Field(json_schema_extra={SENT_ONLY: keywords})


Phrase = Annotated[str, _bounds(maxLength=200)]
Quote = Annotated[str, _bounds(maxLength=300)]
Sentence = Annotated[str, _bounds(maxLength=500)]
Paragraph = Annotated[str, _bounds(maxLength=1000)]
"""In characters, each two to seven times what real models write there: a key point has 190 on average, a quote 60. The
texts of a draft, a rewrite or an answer together fit into the 1,024 tokens that a member may write by default."""

MOST_TOPICS = 20
"""More than a run asks for at once."""


class Reply(BaseModel):
    """Base of the replies. Surplus keys are dropped: models like to add some, and nothing reads them."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ProposalReply(Reply):
    """A new contextual fact and one specific yes/no question built on it."""

    fact: Paragraph = Field(min_length=1)
    question: Sentence = Field(min_length=1)


class ProposalsReply(Reply):
    """Several proposals for one topic, each with a fact of its own. A model that sends a single one has sent one."""

    drafts: list[ProposalReply] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _single(cls, data: Any) -> Any:
        return {"drafts": [data]} if isinstance(data, dict) and "drafts" not in data and "question" in data else data


class TopicsReply(Reply):
    """New topics: generic yes/no questions."""

    topics: Annotated[list[Sentence], _bounds(maxItems=MOST_TOPICS)]


class KeyPointReply(Reply):
    """One reason for a stance."""

    point: Phrase = Field(min_length=1)
    justification: Sentence = ""


class AnswerReply(Reply):
    """A stance and exactly three key points. More are cut to three; fewer are asked for once more, then unparsable."""

    stance: Stance
    key_points: Annotated[list[KeyPointReply], _bounds(maxItems=KEY_POINTS)] = Field(min_length=KEY_POINTS)


class RecordedReply(Reply):
    """An answer that was recorded elsewhere, in its own words. No model is asked for it."""

    answer: str


class ParaphraseReply(Reply):
    """A question in other words."""

    question: Sentence = Field(min_length=1)


class SamenessReply(Reply):
    """Whether two questions ask the same."""

    same: bool


class LabelReply(Reply):
    """One value that one numbered text (from 1) expresses, with a verbatim quote from it."""

    text: int
    value: Phrase
    quote: Quote


class LabelsReply(Reply):
    """All values that the numbered texts express; empty when there is none."""

    labels: list[LabelReply]


def labels_reply(value_ids: Sequence[str]) -> type[LabelsReply]:
    """``LabelsReply`` whose schema lists the values of a framework, with one label at most for each in each key point.

    Equal ids give the same class. The list is no condition on the reply: a label with another value is dropped and
    counted, and the other labels hold.
    """
    return _labels_reply(tuple(value_ids))


@cache
def _labels_reply(value_ids: tuple[str, ...]) -> type[LabelsReply]:
    label = create_model("LabelReply", __base__=LabelReply, value=(Annotated[str, _bounds(enum=list(value_ids))], ...))
    return create_model(
        "LabelsReply",
        __base__=LabelsReply,
        labels=(Annotated[list[label], _bounds(maxItems=KEY_POINTS * len(value_ids))], ...),
    )


class ValueReply(Reply):
    """Whether one text expresses one value, with a verbatim quote from it where it does."""

    expresses: bool
    quote: Quote = ""


class RewriteReply(Reply):
    """A reflection on why models agreed or differed, then the rewritten question."""

    reflection: Paragraph
    question: Sentence = Field(min_length=1)


class RewritesReply(Reply):
    """A reflection on why models agreed or differed, then several ways to rewrite the question; or a single one."""

    reflection: Paragraph
    questions: list[Annotated[Sentence, Field(min_length=1)]] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _single(cls, data: Any) -> Any:
        single = isinstance(data, dict) and "questions" not in data and "question" in data
        return {**data, "questions": [data["question"]]} if single else data
