"""A model that repeats itself word for word is told from one that only keeps to its values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from adaem.results.answer_arrays import AnswerArrays
from adaem.results.compute import results
from adaem.results.repeated_replies import repeated_replies
from answered import evaluated, said

QUESTIONS = 10


def with_texts(changed: int) -> AnswerArrays:
    """Zebra's words change on ``changed`` of ten questions, okapi's on every one; neither changes its values."""
    arrays = evaluated(QUESTIONS, lambda n: [*[said("zebra", "care")] * 2, *[said("okapi", "care")] * 2])
    texts = np.full(arrays.texts.shape, "", dtype=object)
    for row, model, sample in np.argwhere(arrays.answered):
        own = arrays.models[model] == "okapi" or row < changed
        texts[row, model, sample] = f"answer {row} {model} {sample * own}"
    return replace(arrays, texts=texts)


def test_one_reply_in_ten_may_differ() -> None:
    assert repeated_replies(with_texts(0)) == ([True, False], [False, True])
    assert repeated_replies(with_texts(1))[0] == [True, False]
    assert repeated_replies(with_texts(2)) == ([False, False], [True, True])


def test_what_is_not_known_to_be_the_same_is_not_called_so() -> None:
    nothing_kept = evaluated(QUESTIONS, lambda n: [said("zebra", "care"), said("zebra", "care"), said("okapi")])
    assert repeated_replies(nothing_kept) == ([False, False], [True, False])
    once = evaluated(QUESTIONS, lambda n: [said("zebra", wording="a"), said("zebra", wording="b")])
    assert repeated_replies(once) == ([False], [False])


def test_the_report_says_so() -> None:
    notes = results(with_texts(0), 0).notes
    assert "Word for word the same when asked the same again, so no replicates: zebra" in notes
    assert "Two answers to one question and wording never differ: okapi" in notes
