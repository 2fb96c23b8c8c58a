"""Distances between models, and the map and the tree made of them."""

from typing import Any

import numpy as np
import pytest
from adaem.evaluation.divergence.d_star import estimate_divergence
from adaem.evaluation.divergence.noise_floor import NoiseFloor
from adaem.evaluation.models.distances import pair_distances
from adaem.evaluation.models.model_embedding import average_linkage, classical_map
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray


def answers(
    rng: np.random.Generator,
    questions: int = 20,
    models: int = 4,
    samples: int = 3,
    values: int = 3,
    shift: float = 0.0,
) -> NDArray[Any]:
    chances = np.broadcast_to(rng.uniform(0.1, 0.6, size=(questions, 1, 1, values)), (questions, models, 1, values))
    chances = chances + shift * (np.arange(models) == 0)[None, :, None, None]
    return np.asarray(rng.random((questions, models, samples, values)) < chances)


def everyone(expressions: NDArray[Any]) -> NDArray[Any]:
    return np.ones(expressions.shape[:3], dtype=bool)


@pytest.mark.parametrize(("samples", "floor"), [(2, "scaled"), (3, "scaled"), (6, "scaled"), (3, "permuted")])
def test_a_distance_is_the_root_of_the_mean_divergence(samples: int, floor: NoiseFloor) -> None:
    expressions = answers(np.random.default_rng(0), samples=samples, shift=0.3)
    rng = np.random.default_rng(0)
    result = pair_distances(expressions, everyone(expressions), np.arange(20), rng, noise_floor=floor)
    for pair in ((0, 1), (2, 3)):
        each = [
            estimate_divergence(
                one[list(pair)],
                np.ones((2, samples), bool),
                permutations=None,
                rng=np.random.default_rng(0),
                noise_floor=floor,
            )
            for one in expressions
        ]
        mean = np.mean([one.divergence for one in each])
        # Of more than 256 permutations some are drawn: the floor then has a Monte-Carlo error.
        assert result.divergence[pair] == pytest.approx(mean, abs=1e-9 if samples < 6 else 5e-3)
        assert result.distance[pair] == pytest.approx(np.sqrt(max(result.divergence[pair], 0)))
    assert np.array_equal(result.distance, result.distance.T)
    assert np.diagonal(result.distance).tolist() == [0] * 4
    assert result.questions[0, 1] == 20


def test_wordings_and_gaps_agree_with_the_single_question() -> None:
    rng = np.random.default_rng(1)
    expressions = answers(rng, questions=6, models=2, samples=5, shift=0.3)
    answered = rng.random((6, 2, 5)) < 0.8
    strata = np.broadcast_to([0, 0, 0, 1, 1], answered.shape)
    result = pair_distances(expressions, answered, np.arange(6), np.random.default_rng(0), strata=strata)
    both = (answered.sum(axis=2) >= 2).all(axis=1)
    each = [
        estimate_divergence(
            expressions[q], answered[q], permutations=4999, rng=np.random.default_rng(0), strata=strata[q]
        ).divergence
        for q in np.flatnonzero(both)
    ]
    assert result.questions[0, 1] == both.sum()
    assert result.divergence[0, 1] == pytest.approx(np.mean(each), abs=3e-3)


def test_min_attainable_p_of_one_question_is_its_number_of_permutations() -> None:
    expressions = np.zeros((1, 2, 3, 1), dtype=bool)
    expressions[0, 0] = True
    result = pair_distances(expressions, everyone(expressions), [0], np.random.default_rng(0), permutations=4999)
    # ten different permutations of six answers to two models
    assert result.p_value[0, 1] == pytest.approx(0.1, abs=0.015)
    assert np.isnan(result.interval).all()


def test_identical_models_are_rarely_told_apart_and_different_ones_are() -> None:
    p_values, found = [], []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        same, apart = answers(rng, 10, 2), answers(rng, 10, 2, shift=0.4)
        p_values.append(
            pair_distances(same, everyone(same), np.arange(10), rng, permutations=99, draws=0).p_value[0, 1]
        )
        found.append(pair_distances(apart, everyone(apart), np.arange(10), rng, permutations=99, draws=0).p_value[0, 1])
    assert np.mean(np.array(p_values) <= 0.05) <= 0.1
    assert np.mean(np.array(found) <= 0.05) > 0.7


@given(st.integers(0, 10**6))
def test_swapping_the_models_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    expressions = answers(rng, 8, 3)
    answered = rng.random(expressions.shape[:3]) < 0.9
    one = pair_distances(expressions, answered, np.arange(8), np.random.default_rng(0), permutations=19, draws=20)
    other = pair_distances(
        expressions[:, ::-1], answered[:, ::-1], np.arange(8), np.random.default_rng(0), permutations=19, draws=20
    )
    assert other.divergence[::-1, ::-1] == pytest.approx(one.divergence, nan_ok=True)
    assert np.array_equal(other.questions[::-1, ::-1], one.questions)


def test_a_model_without_answers_has_no_distance() -> None:
    expressions = answers(np.random.default_rng(2), models=3)
    answered = everyone(expressions)
    answered[:, 2] = False
    result = pair_distances(expressions, answered, np.arange(20), np.random.default_rng(0))
    assert np.isfinite(result.distance[0, 1])
    assert np.isnan(result.distance[:2, 2]).all()
    assert np.isnan(result.p_value[2]).all()
    assert result.questions[0].tolist() == [0, 20, 0]
    single = pair_distances(expressions[:, :1], answered[:, :1], np.arange(20), np.random.default_rng(0))
    assert single.distance.tolist() == [[0.0]]
    with pytest.raises(ValueError, match="do not fit"):
        pair_distances(expressions, answered[:5], np.arange(20), np.random.default_rng(0))


def test_all_identical_answers_are_at_distance_zero() -> None:
    expressions = np.ones((10, 3, 3, 2), dtype=bool)
    result = pair_distances(expressions, everyone(expressions), np.arange(10), np.random.default_rng(0))
    assert (result.distance == 0).all()
    assert result.p_value[0, 1] == 1
    assert np.isnan(result.interval[0, 1]).all()  # nothing varies: how topics differ is not known


def test_points_of_a_plane_are_found_again() -> None:
    points = np.random.default_rng(3).normal(size=(6, 2)) * [3, 1]
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    found = classical_map(apart)
    drawn = np.linalg.norm(found.points[:, None] - found.points[None], axis=-1)
    assert drawn == pytest.approx(apart)
    assert found.shown == pytest.approx(1)
    assert found.misfit == pytest.approx(0, abs=1e-9)
    assert found.points.mean(axis=0) == pytest.approx([0, 0])


def test_a_simplex_does_not_fit_a_plane() -> None:
    found = classical_map(1 - np.eye(5))
    assert found.shown == pytest.approx(0.5)
    assert found.misfit > 0.2


def test_unknown_distances_leave_models_out() -> None:
    apart = 1 - np.eye(4)
    apart[3, :3] = apart[:3, 3] = np.nan
    found, tree = classical_map(apart), average_linkage(apart)
    assert found.left_out.tolist() == [False, False, False, True]
    assert np.isnan(found.points[3]).all()
    assert np.isfinite(found.points[:3]).all()
    assert tree is not None
    assert sorted(tree.order.tolist()) == [0, 1, 2]
    lone = classical_map([[0.0]])
    assert lone.points.tolist() == [[0, 0]]
    assert np.isnan(lone.shown)
    assert average_linkage([[0.0]]) is None
    two = classical_map([[0.0, 2.0], [2.0, 0.0]])
    assert np.abs(two.points[:, 0]) == pytest.approx([1, 1])


def test_the_tree_joins_the_nearest_first() -> None:
    apart = np.array([[0, 1, 4, 6], [1, 0, 6, 4], [4, 6, 0, 2], [6, 4, 2, 0]], dtype=float)
    tree = average_linkage(apart)
    assert tree is not None
    assert np.sort(tree.merges[:, :2], axis=1).tolist() == [[0, 1], [2, 3], [4, 5]]
    assert tree.merges[:, 2:].tolist() == [[1, 2], [2, 2], [5, 4]]
    assert abs(tree.order.tolist().index(0) - tree.order.tolist().index(1)) == 1
    with pytest.raises(ValueError, match="symmetric"):
        average_linkage([[0, 1], [2, 0]])
