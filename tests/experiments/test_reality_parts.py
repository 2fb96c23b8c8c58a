"""The parts of experiments/reality that need no recorded set."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from adaem.results.compute import results
from answered import apart as two_models
from answered import evaluated, said, silent
from reality.bank_budgets import apart, at_random, true_divergence
from reality.draws import dealt, subsample
from reality.drift import changed, judges_apart
from reality.false_alarms import KINDS, claims, meets_mark
from reality.tables import mean_interval, share, table

NAN = float("nan")


def test_dealing_hands_out_each_answer_of_the_model_once_and_no_other() -> None:
    full = evaluated(6, lambda n: [said("okapi"), *([said("zebra", "care")] * 3), silent("zebra")])
    rng = np.random.default_rng(0)
    part = dealt(full, full.models.index("zebra"), 2, rng)
    assert part.expressions.shape[:3] == (6, 2, 2)
    assert part.refused.sum() == 6
    assert part.answered.sum() == 18
    assert part.expressed[part.answered][:, full.values.index("care")].all()
    assert part.models == ("name-0", "name-1")


def test_claims_are_what_a_report_says_of_a_name() -> None:
    full = two_models()
    rng = np.random.default_rng(0)
    both = subsample(full, [0, 1], 24, 2, rng, replacing=False)
    assert {KINDS[0], "values"} <= set(claims(results(both, 0)))
    alike = subsample(full, [0, 0], 24, 2, rng, replacing=False)
    assert claims(results(alike, 0)) == []


def test_drawn_with_replacement_a_question_is_another_topic_each_time() -> None:
    part = subsample(two_models(), [0, 1], 30, 1, np.random.default_rng(0), replacing=True)
    assert len(set(part.topics.tolist())) == 30
    assert max(Counter(question.id for question in part.questions).values()) > 1


def test_single_answers_lie_apart_by_their_variance_over_models() -> None:
    expressed = np.array([[True, False], [False, False], [True, False]])
    assert apart(expressed, np.array([True, True, True])) == pytest.approx(4 * (1 / 3 + 0) / 2)
    assert apart(expressed, np.array([True, False, True])) == 0
    assert apart(expressed, np.array([True, False, False])) == -np.inf


@pytest.mark.parametrize("times", [1, 2])
def test_all_answers_to_all_items_find_what_separates(times: int) -> None:
    full = evaluated(20, lambda n: [said("okapi")] * 2 + [said("zebra", *(["care"] * (n < 10)))] * 2)
    assert set(np.argsort(-true_divergence(full), kind="stable")[:10].tolist()) == set(range(10))
    assert set(at_random(full, times, 80, np.random.default_rng(0))) == set(range(10))
    assert len(at_random(full, times, 8, np.random.default_rng(0))) == 4 // times


def test_sides_by_judges_who_agree_never_change() -> None:
    assert changed(np.array([0.4, 0.6]), np.array([0.6, 0.7])).tolist() == [True, False]
    agreeing = np.array([[0.9, 0.8, 0.7, 0.9], [0.1, 0.2, 0.1, NAN]])
    assert judges_apart(agreeing, 10, np.random.default_rng(0)) == 0
    assert judges_apart(np.array([[0.9, 0.1]]), 10, np.random.default_rng(0)) == 1


def test_the_mark_is_for_the_share_and_for_its_interval() -> None:
    assert [meets_mark(found, 200) for found in (0, 6, 7, 11)] == [True, True, False, False]
    assert [meets_mark(found, 2000) for found in (60, 101)] == [True, False]


def test_figures_of_draws_are_told_with_their_intervals() -> None:
    assert share(0, 200) == "0 of 200: 0.0 % [0.0, 2.6]"
    assert share(0, 0) == "–"
    assert mean_interval([0.2, 0.8, NAN], ".1f") == "0.5 [-3.3, 4.3]"
    assert mean_interval([0.0, 1.0, NAN], ".1f") == "0.5 [0.1, 0.9]"  # hits and misses
    assert table(["a", "b"], [["c", "1"]]).splitlines() == ["| a | b |", "| --- | ---: |", "| c | 1 |"]
