"""How long requests and replies are, before anything was asked: the real prompts with contents of typical length."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from statistics import fmean

from ...agents.agent_context import value_lines
from ...domain.answer import KEY_POINTS
from ...domain.calls import Prompt
from ...domain.framework import Framework
from ...domain.pool_spec import Member
from ...domain.reply_types import (
    AnswerReply,
    LabelsReply,
    ProposalReply,
    ProposalsReply,
    Reply,
    RewriteReply,
    RewritesReply,
    SamenessReply,
    ValueReply,
)
from ...pool.endpoints.endpoint import base_url, is_openai
from ...pool.replies.reply_schemas import sent_schema
from ...prompts import PromptLibrary

CHARACTERS_PER_TOKEN = 4
FRAMING = 9
"""Tokens that a chat format adds to a system and a user message: three each and three before the reply, as OpenAI has
published for its models. Simulated members count none."""

SCORES_SHOWN = 170
"""Characters of the score terms that the refiner is shown."""

BEST_SHOWN = 1
EXAMPLES_SHOWN = 4
NEIGHBOURS_SHOWN = 5
"""Questions that an author is shown: a topic seldom has more than one or two of its own, nearly all have neighbours."""

SCHEMAS: Mapping[str, type[Reply]] = {
    "explore": ProposalReply,
    "refine": RewriteReply,
    "same_question": SamenessReply,
    "answer": AnswerReply,
    "judge": LabelsReply,
    "judge_question": LabelsReply,
    "judge_value": ValueReply,
}
"""The form of the reply to each prompt."""

SEVERAL_DRAFTS: Mapping[str, tuple[str, type[Reply]]] = {
    "explore": ("proposals", ProposalsReply),
    "refine": ("rewrites", RewritesReply),
}
"""The words that ask for several drafts, and the form of the reply then."""


@dataclass(frozen=True)
class Writing:
    """How much a member writes: characters of each part of a reply, and how many labels a judge gives.

    ``answered`` is the share of answers that can be judged, ``requests`` how many an answer takes, ``redrafts`` the
    share of drafts that are sent back as duplicates, ``seconds`` and ``seconds_per_token`` the time of a request.
    """

    fact: int
    question: int
    point: int
    justification: int
    reflection: int
    quote: int
    labels: float
    question_labels: float
    refusal: int
    answered: float
    requests: float
    redrafts: float
    seconds: float
    seconds_per_token: float


SIMULATED_WRITING = Writing(
    fact=102,
    question=195,
    point=21,
    justification=178,
    reflection=68,
    quote=50,
    labels=3.7,
    question_labels=1.5,
    refusal=110,
    answered=0.95,
    requests=1.015,
    redrafts=0.0,
    seconds=0.0025,
    seconds_per_token=0.0,
)
"""Measured on six runs of the default pool (3,000 to 20,000 calls). ``seconds`` are processor time of one core, which
all simulated members share: 2.5 ms a call, recording and search included."""

REAL = Writing(
    fact=200,
    question=200,
    point=30,
    justification=160,
    reflection=400,
    quote=60,
    labels=3.0,
    question_labels=2.0,
    refusal=150,
    answered=0.97,
    requests=1.02,
    redrafts=0.05,
    seconds=0.6,
    seconds_per_token=1 / 60,
)
"""A key point (point and justification) is as long as a real model's short answer: 190 characters, the mean of 5,904
answers of six models in ValueBench. Labels: people found 2.8 of the ten values in an argument (ValueEval'23, 7,289 of
them). Drafts, repairs, duplicates and times are assumptions: hosted models usually begin within a second and write 30
to 100 tokens in another."""

BRIEF, LENGTHY = 0.75, 1.6
"""How much less or more than ``REAL`` models write. The mean lengths of fourteen recorded models lie at 0.77 to 1.43
times the mean of their data set (ValueBench, and Röttger et al. 2024, 3,360 answers); free essays of the latter have
1,130 characters, 1.6 times our three key points. A reasoning model's thinking comes on top and is not foreseen."""


@dataclass(frozen=True)
class Size:
    """The tokens of one request and of its reply."""

    input: float
    output: float

    def times(self, factor: float) -> Size:
        """A size stretched."""
        return Size(factor * self.input, factor * self.output)


def mean_size(sizes: Sequence[Size], weights: Sequence[float] | None = None) -> Size:
    """The mean, weighted alike unless ``weights`` are given; if these are not all 0."""
    shares = weights if weights is not None and any(weights) else [1.0] * len(sizes)
    inputs = [size.input for size in sizes]
    outputs = [size.output for size in sizes]
    return Size(fmean(inputs, shares), fmean(outputs, shares))


class Lengths:
    """Renders each prompt as a run would, with prose of typical length in its fields, and counts.

    ``count`` gives the tokens of a text that a real member would count; simulated ones count characters. ``factor``
    stretches what real members write; ``drafts`` is how many a call brings.
    """

    def __init__(
        self,
        framework: Framework,
        prompts: PromptLibrary,
        count: Callable[[str], int],
        *,
        factor: float = 1.0,
        drafts: int = 1,
    ) -> None:
        self._framework = framework
        self._prompts = prompts
        self._count = count
        self._factor = factor
        self._drafts = drafts
        self._source = "".join(f"{value.definition} " for value in framework.values)
        texts = sorted((topic.text for topic in framework.topics), key=len)
        self._topic = texts[len(texts) // 2]

    @cached_property
    def _values(self) -> str:
        return "\n".join(value_lines(self._framework))

    def explore(self, author: Member, answering: tuple[Member, ...] = ()) -> Size:
        """A call for proposals, with examples that the members of ``answering`` have answered."""
        writing = writing_of(author)
        question = self._prose(writing.question, author)
        fields = {
            "topic": self._topic,
            "best": "\n".join([f"0.123\t{question}"] * BEST_SHOWN),
            "avoid": "\n".join([question] * NEIGHBOURS_SHOWN),
            "values": self._values,
        }
        draft = {"fact": self._prose(writing.fact, author), "question": question}
        return self._drafting("explore", author, fields, draft, {"drafts": [draft] * self._drafts}, answering)

    def refine(self, author: Member, answering: tuple[Member, ...]) -> Size:
        """A rewrite, made in the light of one answer of each member of ``answering``."""
        writing = writing_of(author)
        question = self._prose(writing.question, author)
        fields = {
            "question": question,
            "fact": self._prose(writing.fact, author),
            "answers": "\n".join(
                f"model 1 (yes; values: {', '.join(self._framework.value_ids[:4])}): {'; '.join(self._points(member))}"
                for member in answering
            ),
            "scores": self._cut(SCORES_SHOWN),
            "avoid": "\n".join([question] * NEIGHBOURS_SHOWN),
            "values": self._values,
        }
        reflection = {"reflection": self._prose(writing.reflection, author)}
        single, several = {**reflection, "question": question}, {**reflection, "questions": [question] * self._drafts}
        return self._drafting("refine", author, fields, single, several, answering)

    def _drafting(
        self,
        name: str,
        author: Member,
        fields: Mapping[str, str],
        single: Mapping[str, object],
        several: Mapping[str, object],
        answering: Sequence[Member],
    ) -> Size:
        """A call to an author: with the examples that it is shown, and for as many drafts as are wanted."""
        more: dict[str, dict[str, str]] = {}
        if "contrast" in self._prompts.templates and answering:
            question = self._prose(writing_of(author).question, author)
            lines = [
                f"model 1 (yes; values: {', '.join(self._framework.value_ids[:4])}): "
                f"{self._prose(writing_of(member).point, member)}"
                for member in answering
            ]
            more["contrast"] = {"examples": "\n".join([f"0.123\t{question}", *lines] * EXAMPLES_SHOWN)}
        words, form = SEVERAL_DRAFTS[name]
        if self._drafts > 1 and words in self._prompts.templates:
            more[words] = {"count": str(self._drafts)}
            return self._size(name, author, fields, several, more, form)
        return self._size(name, author, fields, single, more)

    def same_question(self, author: Member) -> Size:
        """Whether two questions by ``author`` ask the same."""
        question = self._prose(writing_of(author).question, author)
        return self._size("same_question", author, {"first": question, "second": question}, {"same": False})

    def answer(self, member: Member, author: Member | None) -> Size:
        """An answer to a question that ``author`` has written, or to a seed topic (None)."""
        writing = writing_of(member)
        fields = {"question": self._topic, "fact": ""}
        if author is not None:
            own = writing_of(author)
            fields = {"question": self._prose(own.question, author), "fact": self._prose(own.fact, author)}
        point = {
            "point": self._prose(writing.point, member),
            "justification": self._prose(writing.justification, member),
        }
        reply = {"stance": "neutral", "key_points": [point] * KEY_POINTS}
        size = self._size("answer", member, fields, reply)
        refusal = self._tokens(member, self._cut(writing.refusal))
        system = self._tokens(member, member.system) if member.system else 0
        return Size(size.input + system, writing.answered * size.output + (1 - writing.answered) * refusal)

    def judge(self, judge: Member, member: Member) -> Size:
        """A judgement of an answer of ``member``, in one call."""
        texts = "\n".join(f"{number}. {text}" for number, text in enumerate(self._points(member), start=1))
        return self._labels("judge", judge, texts, writing_of(judge).labels)

    def judge_value(self, judge: Member, member: Member) -> Size:
        """One yes/no call for one key point of ``member`` and one value."""
        lines = value_lines(self._framework)
        fields = {"value": self._cut(sum(map(len, lines)) // len(lines)), "text": self._points(member)[0]}
        writing = writing_of(judge)
        quoting = writing.labels / (KEY_POINTS * len(lines))
        reply = {"expresses": False, "quote": self._cut(int(quoting * writing.quote))}
        return self._size("judge_value", judge, fields, reply)

    def judge_question(self, judge: Member, author: Member | None) -> Size:
        """A judgement of the wording of a question by ``author``, or of a seed topic (None)."""
        texts = [self._topic]
        if author is not None:
            own = writing_of(author)
            texts = [self._prose(own.question, author), self._prose(own.fact, author)]
        lines = "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
        return self._labels("judge_question", judge, lines, writing_of(judge).question_labels)

    def _labels(self, name: str, judge: Member, texts: str, labels: float) -> Size:
        fields = {"values": self._values, "texts": texts}
        label = {
            "text": 1,
            "value": sorted(self._framework.value_ids, key=len)[len(self._framework.values) // 2],
            "quote": self._prose(writing_of(judge).quote, judge),
        }
        size = self._size(name, judge, fields, {"labels": []})
        return Size(
            size.input, size.output + labels * self._tokens(judge, json.dumps(label, ensure_ascii=False) + ", ")
        )

    def _points(self, member: Member) -> list[str]:
        writing = writing_of(member)
        text = f"{self._prose(writing.point, member)}: {self._prose(writing.justification, member)}"
        return [text] * KEY_POINTS

    def _size(
        self,
        name: str,
        member: Member,
        fields: Mapping[str, str],
        reply: Mapping[str, object],
        more: Mapping[str, Mapping[str, str]] | None = None,
        form: type[Reply] | None = None,
    ) -> Size:
        prompt: Prompt = self._prompts.render(name, more, **fields)
        sent = self._tokens(member, prompt.system + prompt.user) + self._schema(member, form or SCHEMAS[name])
        return Size(sent, self._tokens(member, json.dumps(reply, ensure_ascii=False)))

    def _schema(self, member: Member, schema: type[Reply]) -> float:
        """What the reply's schema adds, with the chat's framing.

        Compatible servers turn a schema in the body into a grammar that costs no tokens; OpenAI itself counts it.
        """
        if member.simulated:
            return 0
        address, text = base_url(member), sent_schema(schema).text
        if address is None or member.schema_mode == "text":
            return FRAMING + self._count(self._prompts.schema_words(text))
        return FRAMING + (self._count(text) if is_openai(address) else 0)

    def _tokens(self, member: Member, text: str) -> float:
        # A simulated member counts the characters itself, whatever the vocabulary.
        return len(text) / CHARACTERS_PER_TOKEN if member.simulated else self._counted(text)

    @cached_property
    def _counted(self) -> Callable[[str], int]:
        return cache(self._count)

    def _prose(self, characters: int, member: Member) -> str:
        """Text of the length that ``member`` gives to a part."""
        return self._cut(characters if member.simulated else round(self._factor * characters))

    def _cut(self, characters: int) -> str:
        """Prose in the framework's own language."""
        return (self._source * (characters // len(self._source) + 1))[:characters]


def writing_of(member: Member) -> Writing:
    """The typical figures for a member."""
    return SIMULATED_WRITING if member.simulated else REAL


def by_characters(text: str) -> int:
    """About how many tokens a text has, where no vocabulary is at hand."""
    return len(text) // CHARACTERS_PER_TOKEN + 1
