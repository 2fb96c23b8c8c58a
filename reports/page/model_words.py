"""The most separating questions with each model's own words, the judge's quotes marked in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...domain.answer import Answer, Outcome, Phase
from ...domain.judgement import Judgement, Label
from ...records import RunFolder, RunRecords
from ...results.result_types import QuestionDivergence, Results

QUESTIONS_IN_WORDS = 6
CHARACTERS = 3000
"""A recorded answer is one key point and may be long; what is cut is said."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, and the names of the values that the judge quoted it for."""

    text: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuotedAnswer:
    """One model's first judged answer to a question. ``key_points`` in pieces; ``why_not`` where there is none."""

    model: str
    stance: str = ""
    key_points: tuple[tuple[Piece, ...], ...] = ()
    cut: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class Separating:
    """A question, its divergence, and what the models said to it."""

    question: QuestionDivergence
    fact: str
    said: tuple[QuotedAnswer, ...]


def separating_questions(folder: RunFolder, results: Results) -> tuple[Separating, ...]:
    """The ``QUESTIONS_IN_WORDS`` questions of largest divergence; the first ones where none could be estimated."""
    chosen = results.divergences.questions[:QUESTIONS_IN_WORDS]
    models = [model.id for model in results.asked.models]
    with RunRecords(folder.records_path, read_only=True) as records:
        known = records.questions([question.id for question in chosen])
        separating = []
        for question in chosen:
            pairs = zip(*records.answers(question.id, [Phase.EVALUATE]), strict=True)
            plain = [pair for pair in pairs if pair[0].wording not in results.asked.primed]
            quoted = tuple(_quoted_answer(model, plain, results.asked.values) for model in models)
            fact = known[question.id].fact if question.id in known else ""
            separating.append(Separating(question, fact, quoted))
    return tuple(separating)


def _quoted_answer(
    model: str, pairs: Sequence[tuple[Answer, Judgement | None]], values: Mapping[str, str]
) -> QuotedAnswer:
    mine = [pair for pair in pairs if pair[0].member == model]
    for answer, judgement in mine:
        if judgement is not None and judgement.outcome is Outcome.ANSWERED:
            texts = [point.text for point in answer.key_points]
            excerpts = [text[:CHARACTERS] for text in texts]
            return QuotedAnswer(
                model=model,
                stance=answer.stance.value if answer.stance else "",
                key_points=tuple(pieces(text, _quotes(judgement.labels, n), values) for n, text in enumerate(excerpts)),
                cut=excerpts != texts,
            )
    outcomes = {answer.outcome.value if answer.outcome is not Outcome.ANSWERED else "not judged" for answer, _ in mine}
    return QuotedAnswer(model=model, why_not=", ".join(sorted(outcomes)) or "not asked")


def _quotes(labels: Sequence[Label], key_point: int) -> list[tuple[str, str]]:
    return [(label.quote, label.value) for label in labels if label.key_point == key_point]


def pieces(text: str, quotes: Sequence[tuple[str, str]], values: Mapping[str, str]) -> tuple[Piece, ...]:
    """``text`` cut where a quote begins or ends. ``quotes`` are (words, value id); white space may differ.

    A quote that is not in the text marks nothing.
    """
    spans = []
    for quote, value in quotes:
        words = quote.split()
        place = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
        if place is not None:
            spans.append((place.start(), place.end(), values.get(value, value)))
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return tuple(
        Piece(text[start:end], tuple(sorted({value for low, high, value in spans if low <= start and end <= high})))
        for start, end in pairwise(edges)
    )
