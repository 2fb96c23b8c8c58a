"""The critic by hand: tiny K, L and d whose every term can be computed on paper, and all that may be missing."""

from __future__ import annotations

from itertools import combinations
from math import log2
from typing import Any

import pytest
from adaem.agents.critic.divergence_critic import DivergenceCritic, with_q_values
from adaem.agents.critic.overlap_critic import OverlapCritic
from adaem.agents.critic.paper_critic import PaperCritic
from adaem.domain.answer import Answer, Outcome, Phase, Stance
from adaem.domain.critique import Critique
from adaem.domain.judgement import Judgement, Label
from adaem.domain.pool_spec import Role
from hypothesis import given
from hypothesis import strategies as st
from small_world import QUESTION, answer, judgement, world

Judged = list[tuple[Answer, Judgement | None]]


def critique(
    judged: Judged, *, asked: Judgement | None = None, phase: Phase = Phase.SEARCH, seed: int = 1, **search: Any
) -> Critique:
    critic = DivergenceCritic(world(settings={"search": search}).context)
    answers, judgements = [each for each, _ in judged], [found for _, found in judged]
    asked = asked or judgement()
    return critic.critique(QUESTION, answers, judgements, asked, phase=phase, group=Role.PANEL, seed=seed)


def says(member: str, sample: int, *values: str, text: str = "north", stance: Stance = Stance.YES) -> Any:
    return answer(member, sample, text, stance=stance), judgement(*values)


def opposites() -> Judged:
    """K = 2, L = 2, d = 3: okapi always expresses care, zebra nothing."""
    return [
        says("zebra", 0, text="east"),
        says("zebra", 1, text="east", stance=Stance.NO),
        says("okapi", 0, "care"),
        says("okapi", 1, "care"),
    ]


def entropy(rate: float) -> float:
    return -sum(p * log2(p) for p in (rate, 1 - rate) if p > 0)


def test_every_term_by_hand() -> None:
    found = critique(opposites(), asked=judgement("care"), beta=0.5, gamma=0.25)
    score = found.score
    assert score is not None
    assert (found.models, found.samples, found.left_out) == (("okapi", "zebra"), (2, 2), ())
    assert found.rates == ((1.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    assert (found.group, found.phase, found.question_values) == (Role.PANEL, Phase.SEARCH, ("care",))
    # One value of three: H2(1/2) = 1; permuted, h of 2 is 0, 1, 2 with 1/6, 4/6, 1/6, so that 1 - 4/6 is left.
    assert score.plug_in == pytest.approx(1 / 3)
    assert score.permuted_floor == pytest.approx(1 / 9)
    # No model contradicts itself, so that a third of the floor is left.
    assert score.noise_floor == pytest.approx(1 / 27)
    assert score.divergence == pytest.approx(8 / 27)
    # G = 4 (K - 1) / (K d) * s^2, with s^2 = 1/2 between the rates 1 and 0 and nothing within.
    assert score.quadratic == pytest.approx(1 / 3)
    # q = (1, 0, 0): only zebra's missing care differs from it, one of K d = 6 places.
    assert (score.disentanglement, score.echo, score.own) == pytest.approx((1 / 6, 1 / 6, 0))
    # Texts of different models at right angles, those of one model equal.
    assert score.opinion_diversity == pytest.approx(1)
    assert score.total == pytest.approx(8 / 27 + 0.5 / 6 + 0.25)
    # yes, yes against yes, no.
    assert score.stance_agreement == pytest.approx(0.5)
    assert (score.p_value, score.smallest_p, score.q_value, score.disputed) == (None, None, None, None)


def test_by_default_the_total_is_the_divergence() -> None:
    score = critique(opposites(), asked=judgement("care")).score
    assert score is not None
    assert score.total == score.divergence


def test_own_values_are_those_that_the_question_does_not_name() -> None:
    judged = [says("okapi", n, "care", "power") for n in range(2)] + [says("zebra", n, "power") for n in range(2)]
    score = critique(judged, asked=judgement("care", "safety", "no value of ours")).score
    assert score is not None
    # Mean rates: care 1/2, power 1, safety 0; the question names care and safety.
    assert (score.echo, score.own) == pytest.approx((0.5 / 3, 1 / 3))
    assert score.disentanglement == pytest.approx((0.5 + 1 + 1) / 3)


def test_unequal_samples_are_measured_against_their_own_floor() -> None:
    judged = [says("okapi", 0, "care"), says("okapi", 1, "care"), says("okapi", 2), says("zebra", 0), says("zebra", 1)]
    found = critique(judged)
    assert found.samples == (3, 2)
    assert found.score is not None
    divergences = []
    for dealt in combinations((1, 1, 0, 0, 0), 3):
        rates = sum(dealt) / 3, (2 - sum(dealt)) / 2
        divergences.append((entropy(sum(rates) / 2) - sum(map(entropy, rates)) / 2) / 3)
    assert found.score.plug_in == pytest.approx((entropy(1 / 3) - entropy(2 / 3) / 2) / 3)
    # 999 random permutations: four standard errors.
    assert found.score.permuted_floor == pytest.approx(sum(divergences) / 10, abs=0.008)


def test_what_is_missing_is_counted_and_never_zero() -> None:
    judged = [
        *opposites(),
        (answer("okapi", 2, outcome=Outcome.REFUSED), None),
        (answer("zebra", 2, outcome=Outcome.REFUSED), None),
        (answer("okapi", 3, outcome=Outcome.TRUNCATED), None),
        (answer("zebra", 3), None),
        (answer("okapi", 4), judgement(outcome=Outcome.UNPARSABLE)),
    ]
    found = critique(judged)
    assert found.missing == {"answer: refused": 2, "answer: truncated": 1, "judge: failed": 1, "judge: unparsable": 1}
    assert found.samples == (2, 2)
    assert found.score == critique(opposites()).score


def test_a_model_with_one_answer_is_left_out_and_named() -> None:
    judged = [*opposites(), says("mouse", 0, "power"), (answer("mouse", 1, outcome=Outcome.REFUSED), None)]
    judged.append((answer("bat", 0, outcome=Outcome.FAILED), None))
    found = critique(judged)
    assert (found.models, found.left_out) == (("okapi", "zebra"), ("bat", "mouse"))
    assert found.missing == {"answer: failed": 1, "answer: refused": 1}
    assert found.score == critique(opposites()).score


@pytest.mark.parametrize(
    ("judged", "models", "left_out"),
    [
        ([], 0, ()),
        ([(each, None) for each, _ in opposites()], 0, ("okapi", "zebra")),
        ([(answer("okapi", n, outcome=Outcome.REFUSED), None) for n in range(3)], 0, ("okapi",)),
        (opposites()[1:], 1, ("zebra",)),
    ],
)
def test_too_few_answers_are_unscored_with_the_reason(judged: Judged, models: int, left_out: tuple[str, ...]) -> None:
    found = critique(judged)
    assert (found.score, found.left_out, found.rates) == (None, left_out, ())
    assert found.unscored == f"needs ≥ 2 models with ≥ 2 judged answers; has {models}"


def test_a_question_that_could_not_be_judged_is_counted() -> None:
    found = critique(opposites(), asked=judgement(outcome=Outcome.FAILED))
    assert found.missing == {"question judge: failed": 1}
    assert found.question_values == ()
    assert found.score is not None


def test_two_models_with_few_answers_cannot_reject_and_are_told_so() -> None:
    found = critique(opposites(), phase=Phase.CONFIRM)
    assert found.score is not None
    # 4! / (2! 2!) permutations, which come in pairs that only swap the models: 3.
    assert found.score.smallest_p == pytest.approx(1 / 3)
    assert found.score.p_value == pytest.approx(1 / 3, abs=0.06)
    assert "with so few answers no p-value can fall below 0.33" in found.warnings


def test_enough_answers_can_reject_without_a_warning() -> None:
    judged = [says("okapi", n, *(["care"] if n else []), text=f"north {n}") for n in range(8)]
    judged += [says("zebra", n, *(["power"] if n else []), text=f"east {n}") for n in range(8)]
    found = critique(judged, phase=Phase.CONFIRM)
    assert found.score is not None
    assert found.score.p_value is not None
    assert found.score.p_value <= 0.005
    assert found.score.disputed is False
    assert found.warnings == ()


def test_answers_that_repeat_exactly_are_doubted() -> None:
    repeated = "every model repeats itself exactly: its samples may be no replicates"
    assert repeated in critique(opposites()).warnings
    varied = [*opposites()[:-1], says("okapi", 1)]
    assert repeated not in critique(varied).warnings


def test_copies_of_one_answer_are_doubted_however_the_judge_labels_them() -> None:
    repeated = "every model repeats itself exactly: its samples may be no replicates"
    copies = [
        says("zebra", 0, "power", text="east"),
        says("zebra", 1, text="east"),
        says("okapi", 0, "care"),
        says("okapi", 1),
        (answer("okapi", 2, outcome=Outcome.REFUSED), None),
    ]
    assert repeated in critique(copies).warnings
    for other in (says("okapi", 2, text="up"), says("okapi", 2, stance=Stance.NO)):
        assert repeated not in critique([*copies[:-1], other]).warnings


def test_texts_without_direction_leave_opinion_diversity_out_of_the_total() -> None:
    judged = [(answer(each.member, each.sample, "nowhere"), found) for each, found in opposites()]
    score = critique(judged, gamma=1.0).score
    assert score is not None
    assert score.opinion_diversity is None
    assert score.total == score.divergence


many = [says(member, n, *values) for member, n, values in (
    ("okapi", 0, ["care"]), ("okapi", 1, ["care", "power"]), ("okapi", 2, []),
    ("zebra", 0, ["power"]), ("zebra", 1, ["safety"]), ("zebra", 2, ["power"]),
    ("mouse", 0, []), ("mouse", 1, ["care"]),
)]  # fmt: skip


@given(st.permutations(many))
def test_the_order_of_answers_does_not_matter(judged: Judged) -> None:
    expected = critique(many, phase=Phase.CONFIRM, permutations=99)
    assert critique(judged, phase=Phase.CONFIRM, permutations=99) == expected


def test_the_numbers_of_the_samples_do_not_matter() -> None:
    later = [(each.model_copy(update={"sample": each.sample + 3}), found) for each, found in many]
    assert critique(later) == critique(many)


def test_q_values_are_over_what_was_tested() -> None:
    tested = critique(opposites(), phase=Phase.CONFIRM)
    assert tested.score is not None
    with_p = [
        tested.model_copy(update={"score": tested.score.model_copy(update={"p_value": p})}) for p in (0.01, 0.04, 0.03)
    ]
    untested, unscored = critique(opposites()), critique([])
    adjusted = with_q_values([with_p[0], untested, with_p[1], unscored, with_p[2]])
    assert [each.score and each.score.q_value for each in adjusted] == [
        pytest.approx(0.03), None, pytest.approx(0.04), None, pytest.approx(0.04)
    ]  # fmt: skip
    assert (adjusted[1], adjusted[3]) == (untested, unscored)
    assert with_q_values([]) == []


def test_the_overlap_critic_selects_by_its_own_score_and_shows_divergence_beside_it() -> None:
    judged = opposites()
    answers, judgements = [each for each, _ in judged], [found for _, found in judged]
    found = OverlapCritic(world().context).critique(
        QUESTION, answers, judgements, judgement("care"), phase=Phase.SEARCH, group=Role.PANEL, seed=1
    )
    score = found.score
    assert score is not None
    assert found.critic == "overlap"
    assert score.divergence == pytest.approx(8 / 27)
    # R_VC (1 + 0) / 2, R_VD 1 (no value in common), R_OD 1 (north and east), R_Dis (1 + 0) / 2.
    assert score.total == pytest.approx(0.5 + 1 + 1 - 0.25)


def reasons(member: str, sample: int, *points: str, text: str = "north") -> Any:
    """An answer whose key points express the values named in ``points``, those of one point parted by spaces."""
    labels = [
        Label(key_point=number, value=value, quote="x") for number, one in enumerate(points) for value in one.split()
    ]
    twice = (*labels, *labels[:1])
    return answer(member, sample, [text] * len(points)), judgement().model_copy(update={"labels": twice})


def test_the_paper_critic_counts_values_by_key_point() -> None:
    alike = [reasons("okapi", sample, "care power", "care", "care") for sample in range(2)]
    other = [reasons("zebra", 0, "safety", "care power", "", text="east"), reasons("zebra", 1, "", "", "", text="east")]
    lone = [reasons("mouse", 0, "care", "care", "care")]
    answers, judgements = zip(*(*alike, *other, *lone), strict=True)
    found = PaperCritic(world().context).critique(
        QUESTION, answers, judgements, judgement("care"), phase=Phase.SEARCH, group=Role.PANEL, seed=1
    )
    assert found.score is not None
    assert (found.critic, found.models) == ("paper", ("okapi", "zebra"))
    # R_VC: okapi 2 / 1; zebra 3 / 1 (its opinions share nothing) and 0. R_VD: {care power} and {care power safety},
    # 3 / 2, or nothing, 2 / 1; twice the mean. R_OD: north and east. R_Dis: okapi 1; zebra 2 and 0.
    assert found.score.total == pytest.approx((2 + 1.5) + 2 * (1.5 + 2) / 2 + 1 - (1 + 1) / 2)


def test_a_recorded_answer_is_one_opinion_for_the_papers_critic() -> None:
    judged = [reasons(member, sample, "care power") for member in ("okapi", "zebra") for sample in range(2)]
    answers, judgements = zip(*judged, strict=True)
    found = PaperCritic(world().context).critique(
        QUESTION, answers, judgements, judgement(), phase=Phase.SEARCH, group=Role.PANEL, seed=1
    )
    assert found.score is not None
    # Union and intersection of one opinion are the same: R_VC 1 each, R_VD 2 * 2 / 2, R_OD 0, R_Dis 2 each.
    assert found.score.total == pytest.approx(2 + 2 + 0 - 4 / 2)


def test_the_search_measures_no_opinion_diversity_that_it_does_not_select_on() -> None:
    found = {gamma: critique(opposites(), gamma=gamma).score for gamma in (0.0, 0.25)}
    assert found[0.0] is not None
    assert found[0.0].opinion_diversity is None
    assert found[0.25] is not None
    assert found[0.25].opinion_diversity == pytest.approx(1.0)
    confirmed = critique(opposites(), phase=Phase.CONFIRM).score
    assert confirmed is not None
    assert confirmed.opinion_diversity == pytest.approx(1.0)
