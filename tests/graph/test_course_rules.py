"""When a search stops, by which words, and when a topic is left out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from adaem.domain.settings import Settings
from adaem.graph.search.course_rules import (
    SearchEnd,
    end_in_words,
    most_moves,
    moves_of_round,
    reason_to_give_up,
    search_end,
    topic_end,
)
from adaem.memory.standings import Standing

PLAN: Any = SimpleNamespace(per_move=10)


def settings(**budget: Any) -> Settings:
    return Settings.model_validate({"budget": budget, "search": {"moves_per_round": 5, "topic_draws": 3}})


def test_rounds_and_calls_end_a_search_and_the_rounds_are_told_first() -> None:
    given = settings(rounds=2)
    assert search_end(given, PLAN, 1, 10) is None
    assert search_end(given, PLAN, 1, 9) is SearchEnd.CALLS
    assert search_end(given, PLAN, 2, 9) is SearchEnd.ROUNDS
    assert search_end(settings(), PLAN, 10**6, 10) is None


def test_a_round_has_as_many_moves_as_the_calls_pay_for() -> None:
    assert [moves_of_round(settings(), PLAN, left) for left in (9, 10, 49.5, 50, 1000)] == [0, 1, 4, 5, 5]


def test_each_end_has_its_words() -> None:
    one, many = settings(rounds=1), settings(rounds=3)
    assert [end_in_words(SearchEnd.ROUNDS, each) for each in (one, many)] == ["1 round done", "3 rounds done"]
    assert end_in_words(SearchEnd.CALLS, one) == "the search has spent its calls"
    assert end_in_words(SearchEnd.TOPICS, one) == "all topics are exhausted"
    assert end_in_words(SearchEnd.TOPICS, one, one_each=True) == "every topic was asked"


@pytest.mark.parametrize(
    ("moves", "rounds", "reason"),
    [
        (19, 19, ""),
        (20, 20, "20 moves in a row brought no question that could be scored (why)"),
        (0, 21, "21 rounds in a row brought no new question (why)"),
    ],
)
def test_a_search_that_brings_nothing_gives_up(moves: int, rounds: int, reason: str) -> None:
    assert reason_to_give_up(moves, rounds, "why") == reason


def test_a_topic_ends_by_its_moves_or_by_surely_low_divergences() -> None:
    search = settings().search.model_copy(update={"saturated_below": 0.05})
    assert topic_end(2, [0.5], search) is None
    assert topic_end(3, [0.5], search) == (Standing.EXHAUSTED, "3 moves, as many as a topic is given")
    low = [0.01, 0.03] * 4
    ended = topic_end(2, low, search)
    assert ended is not None
    assert ended[0] is Standing.SATURATED
    # The mean is 0.02, the standard deviation √(8 × 0.01² / 7) = 0.0107, the error a √8th of it.
    assert ended[1] == "8 questions with a divergence of +0.020 bits on average, standard error 0.004"
    assert topic_end(2, low[:7], search) is None


def test_topics_allow_as_many_moves_as_each_is_given() -> None:
    assert [most_moves(settings(), 4, one_each=one_each) for one_each in (False, True)] == [12, 4]
