"""Recorded answers of a model that says the same words whatever it is asked (METHOD.md section 1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ..domain.answer import Answer, Outcome

FEWEST_REPEATED = 3
"""So many different questions are answered in the same words, at the least: two may be paraphrases of each other."""

LEAST_SHARE = 0.5
"""Of the questions that the model answered. Short answers to yes/no questions may well return now and then."""


def without_repeated_words(answers: Sequence[Answer], questions: Mapping[str, str]) -> tuple[Answer, ...]:
    """The answers in their order; where a model has one answer for most questions, that one is degenerate.

    ``questions`` are the texts by id: two ids with one text are one question. Case does not matter.
    """
    asked: dict[str, set[str]] = defaultdict(set)
    texts_by_words: dict[tuple[str, str], set[str]] = defaultdict(set)
    for answer in answers:
        if answer.outcome is Outcome.ANSWERED:
            text = questions[answer.question_id].casefold()
            asked[answer.member].add(text)
            texts_by_words[_words(answer)].add(text)
    repeated = {
        words: len(texts)
        for words, texts in texts_by_words.items()
        if len(texts) >= FEWEST_REPEATED and len(texts) >= LEAST_SHARE * len(asked[words[0]])
    }
    return tuple(
        answer.model_copy(
            update={
                "outcome": Outcome.DEGENERATE,
                "detail": f"the same words to {repeated[_words(answer)]} different questions",
            }
        )
        if answer.outcome is Outcome.ANSWERED and _words(answer) in repeated
        else answer
        for answer in answers
    )


def _words(answer: Answer) -> tuple[str, str]:
    return answer.member, "\n".join(point.text for point in answer.key_points).casefold()
