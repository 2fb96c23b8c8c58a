"""What was chosen: intervals of reported differences, shrunken scores, settled contrasts."""

import numpy as np
import pytest
from adaem.evaluation.models.contrasts import DIFFERENT, contrasts
from adaem.evaluation.models.measurements import measure
from adaem.evaluation.models.settled import settled_contrasts
from adaem.evaluation.questions.shrinkage import shrunken_scores
from scipy.special import stdtrit


def test_reported_differences_are_wider_by_the_quantile_of_the_false_coverage_rate() -> None:
    rng = np.random.default_rng(0)
    rates = np.array([[0.2, 0.5, 0.5], [0.7, 0.5, 0.5], [0.2, 0.5, 0.5]])
    found = contrasts(measure(rng.random((40, 3, 3, 3)) < rates[:, None], np.ones((40, 3, 3), dtype=bool), range(40)))
    different = found.verdict == DIFFERENT
    number = int(different.sum())
    assert number >= 2
    assert found.selected_level == pytest.approx(1 - 0.05 * number / 9)
    usual = found.differences
    stretch = stdtrit(usual.degrees, (1 + found.selected_level) / 2) / stdtrit(usual.degrees, 0.975)
    wider = usual.difference - found.low
    assert wider[different] == pytest.approx(((usual.difference - usual.low) * stretch)[different])
    assert np.array_equal(found.low[~different], usual.low[~different])
    assert np.all((found.low[different] > 0) | (found.high[different] < 0))


def test_shrunken_scores_are_right_at_the_first_ranks_where_fresh_ones_are_not() -> None:
    rng = np.random.default_rng(1)
    fresh_excess, excess, held = [], [], []
    for _ in range(100):
        true = np.abs(rng.normal(0.1, 0.05, 60))
        searched = true + rng.normal(0, 0.05, 60)
        chosen = np.argsort(-searched)[:30]
        noise = np.full(30, 0.02**2)
        floor = np.full(30, 0.08)
        fresh = true[chosen] + rng.normal(size=30) * np.sqrt(noise + 3 * noise / (2 * floor) * true[chosen])
        found = shrunken_scores(fresh, searched[chosen], floor, noise)
        assert found is not None
        first = np.argsort(-found.score)[:5]
        excess.append((found.score - true[chosen])[first].mean())
        fresh_excess.append((fresh - true[chosen])[np.argsort(-fresh)[:5]].mean())
        held.append(((found.interval[:, 0] <= true[chosen]) & (true[chosen] <= found.interval[:, 1])).mean())
    assert abs(np.mean(excess)) < 0.006
    assert np.mean(fresh_excess) > 0.008
    assert 0.93 < np.mean(held) < 0.99


def test_too_few_scores_are_not_shrunken() -> None:
    assert shrunken_scores([0.1] * 9, [0.1] * 9, [0.1] * 9, [0.01] * 9) is None


def test_settled_contrasts_are_counted_on_one_question_a_topic() -> None:
    rng = np.random.default_rng(2)
    rates = np.array([[0.1, 0.5], [0.9, 0.5]])
    measured = measure(rng.random((80, 2, 3, 2)) < rates[:, None], np.ones((80, 2, 3), dtype=bool), np.arange(80) // 2)
    found = settled_contrasts(measured, 30, rng)
    assert found is not None
    assert (found.topics, found.compared) == (30, 2)
    assert found.different == 1
    assert found.interval[0] <= 1 <= found.interval[1]
    assert settled_contrasts(measured, 20, rng) is None
