"""The other score terms: disentanglement, opinion diversity, stance agreement, the paper's score, q-values."""

import numpy as np
import pytest
from adaem.evaluation.divergence.agreement import stance_agreement
from adaem.evaluation.divergence.disentanglement import disentanglement
from adaem.evaluation.divergence.diversity import mean_cosine_distance, opinion_diversity
from adaem.evaluation.divergence.overlap_score import overlap_score
from adaem.evaluation.divergence.paper_score import PaperScore, paper_score
from adaem.evaluation.intervals.multiplicity import q_values
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray


def test_disentanglement_by_hand() -> None:
    result = disentanglement([[1.0, 0.5, 0.0, 0.0], [0.5, 0.0, 0.0, 1.0]], [True, False, False, False])
    assert result.echo == pytest.approx(1.5 / 8)
    assert result.own == pytest.approx(1.5 / 8)
    assert result.resisted == pytest.approx(0.5 / 8)
    assert result.total == pytest.approx(2.0 / 8)


@given(st.integers(0, 10**6))
def test_disentanglement_is_the_mean_distance_to_the_question(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rates, question = rng.random((3, 5)), rng.random(5) < 0.5
    result = disentanglement(rates, question)
    assert result.total == pytest.approx(np.abs(rates - question).mean())
    assert result.total == pytest.approx(result.own + result.resisted)
    assert result.echo + result.own == pytest.approx(rates.mean())


def test_a_pure_echo_has_no_disentanglement() -> None:
    question = np.array([True, False, True])
    result = disentanglement(np.tile(question, (3, 1)), question)
    assert (result.total, result.own, result.echo) == pytest.approx((0, 0, 2 / 3))


def test_opinion_diversity_by_hand() -> None:
    vectors = np.array([[[1, 0], [2, 0]], [[0, 1], [0, 3]]])
    everyone = np.ones((2, 2), dtype=bool)
    assert opinion_diversity(vectors, everyone) == pytest.approx(1.0)
    # each model says both things: between 1/2, within 1
    mixed = np.array([[[1, 0], [0, 1]], [[1, 0], [0, 1]]])
    assert mean_cosine_distance(mixed, everyone) == pytest.approx((0.5, 1.0))
    assert opinion_diversity(mixed, everyone) == pytest.approx(-0.5)


def test_opinion_diversity_ignores_what_is_missing() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.random((3, 4, 5))
    answered = np.ones((3, 4), dtype=bool)
    answered[1, 3] = answered[2, 1:] = False
    vectors[2, 0] = np.nan
    answered[2, 0] = False
    vectors[0, 0] = 0.0  # a zero vector has no direction
    trimmed = opinion_diversity(np.stack([vectors[0, 1:], vectors[1, :3]]), np.ones((2, 3), dtype=bool))
    assert opinion_diversity(vectors, answered) == pytest.approx(trimmed)
    assert opinion_diversity(vectors[:1], answered[:1]) is None


def test_identical_models_have_no_opinion_diversity_on_average() -> None:
    rng = np.random.default_rng(1)
    diversities = [opinion_diversity(rng.random((4, 3, 6)), np.ones((4, 3), dtype=bool)) for _ in range(2000)]
    found = [each for each in diversities if each is not None]
    assert len(found) == 2000
    assert np.mean(found) == pytest.approx(0.0, abs=4 * np.std(found) / np.sqrt(2000))


def test_stance_agreement_by_hand() -> None:
    stances = np.array([[0, 0], [0, 1], [2, 2], [0, 0]])
    answered = np.array([[True, True], [True, True], [True, False], [False, False]])
    # pairs: 1/2, 0, 0; the last model gave no answer
    assert stance_agreement(stances, answered) == pytest.approx(0.5 / 3)
    assert stance_agreement(stances[:1], answered[:1]) is None


def test_q_values_by_hand() -> None:
    assert q_values([0.01, 0.04, np.nan, 0.03, 0.5]) == pytest.approx(
        [0.04, 0.16 / 3, np.nan, 0.16 / 3, 0.5], nan_ok=True
    )
    assert q_values([]).shape == (0,)
    assert q_values([[0.2], [0.1]]) == pytest.approx(np.array([[0.2], [0.2]]))
    with pytest.raises(ValueError, match="between 0 and 1"):
        q_values([1.5])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_values_keep_the_order_and_are_never_smaller(p_values: list[float]) -> None:
    p, q = np.array(p_values), q_values(p_values)
    assert (q >= p * (1 - 1e-12)).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= 0).all()


def sets(*models: list[str], values: str = "abcd") -> NDArray[np.bool_]:
    """(K, L, d) from the letters of each model's answers."""
    return np.array([[[value in answer for value in values] for answer in answers] for answers in models])


def test_the_papers_score_of_one_answer_a_model_by_hand() -> None:
    # Opinions {ab}, {a}, {a} of the first model: union ab, common a; of the second {b}, {c}, {}; of the third none.
    union, common = sets(["ab"], ["bc"], [""]), sets(["a"], [""], [""])
    score = paper_score(union, common, np.ones((3, 1), dtype=bool), [True, False, False, False])
    assert score.conformity == pytest.approx(2 / 1 + 2 / 1 + 0)
    # |abc| / |b| for the first pair; the others share nothing, and their unions count whole; both orders of each.
    assert score.diversity == pytest.approx(2 * (3 / 1 + 2 / 1 + 2 / 1))
    assert score.disentanglement == pytest.approx(1 + 2 + 0)
    assert score.opinion == 0.0
    assert score.total == pytest.approx(4 + 14 - 1.5)


def test_conformity_of_the_papers_score_is_lower_where_opinions_agree() -> None:
    union, answered = sets(["ab"], ["cd"]), np.ones((2, 1), dtype=bool)
    agreeing, differing = (
        paper_score(union, union, answered, [0] * 4),
        paper_score(union, union & False, answered, [0] * 4),
    )
    assert (agreeing.conformity, differing.conformity) == (2.0, 4.0)


def test_several_answers_average_the_papers_score_over_all_ways_to_draw_one() -> None:
    union, asked = sets(["a", "abc"], ["ad", ""]), [False, True, False, False]
    common = union & (np.arange(4) < 1)
    vectors = np.array([[[1.0, 0.0], [0.0, 2.0]], [[0.0, 1.0], [3.0, 3.0]]])
    one = np.ones((2, 1), dtype=bool)

    def drawn(first: int, second: int) -> PaperScore:
        chosen = [0, 1], [first, second]
        return paper_score(union[chosen][:, None], common[chosen][:, None], one, asked, vectors[chosen][:, None])

    scores = [drawn(first, second) for first in range(2) for second in range(2)]
    whole = paper_score(union, common, np.ones((2, 2), dtype=bool), asked, vectors)
    for term in ("conformity", "diversity", "opinion", "disentanglement", "total"):
        assert getattr(whole, term) == pytest.approx(np.mean([getattr(each, term) for each in scores])), term


def test_the_papers_score_leaves_out_what_was_not_answered() -> None:
    union = sets(["a", "abcd"], ["b", "ab"], ["abcd", "abcd"])
    answered = np.array([[True, False], [True, True], [False, False]])
    score = paper_score(union, union & False, answered, [False] * 4)
    assert score == paper_score(union[:2], union[:2] & False, answered[:2], [False] * 4)
    assert score.conformity == pytest.approx(1 + 1.5)
    with pytest.raises(ValueError, match="1 of 3 models have an answer"):
        paper_score(union, union, answered & [[True], [False], [True]], [False] * 4)
    with pytest.raises(ValueError, match="unanimous"):
        paper_score(union, union[:2], answered, [False] * 4)


def test_overlap_score_by_hand() -> None:
    # model 0: {a}, {a, b}; model 1: {c}, {c}
    expressions = np.zeros((2, 2, 3), dtype=bool)
    expressions[0, :, 0] = expressions[0, 1, 1] = expressions[1, :, 2] = True
    answered = np.ones((2, 2), dtype=bool)
    score = overlap_score(expressions, answered, [True, False, False])
    assert score.conformity == pytest.approx((2 / 1 + 1 / 1) / 2)
    assert score.difference == pytest.approx(1.0)
    assert score.disentanglement == pytest.approx((1 / 2 + 0) / 2)
    assert score.opinion == 0.0
    assert score.total == pytest.approx(1.5 + 1.0 - 0.125)
    other = overlap_score(expressions, answered, [True, False, False], reading="intersection-over-union")
    assert other.conformity == pytest.approx((1 / 2 + 1) / 2)
    vectors = np.array([[[1, 0], [1, 0]], [[0, 1], [0, 1]]])
    assert overlap_score(expressions, answered, [True, False, False], vectors).opinion == pytest.approx(1.0)


def test_overlap_score_survives_empty_sets_and_rewards_disagreement_with_oneself() -> None:
    answered = np.ones((2, 2), dtype=bool)
    nothing = overlap_score(np.zeros((2, 2, 3), dtype=bool), answered, np.zeros(3))
    assert (nothing.conformity, nothing.difference, nothing.total) == (0.0, 1.0, 1.0)
    steady, fickle = np.zeros((2, 2, 3), dtype=bool), np.zeros((2, 2, 3), dtype=bool)
    steady[:, :, 0] = True
    fickle[:, 0, :2] = fickle[:, 1, 2] = True
    assert overlap_score(fickle, answered, np.zeros(3)).total > overlap_score(steady, answered, np.zeros(3)).total
