"""Two evaluations of the same questions: what is linked, what counts as a change, and what the tests let through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from adaem.domain.answer import Outcome
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.question import Question
from adaem.results.answer_arrays import AnswerArrays
from adaem.results.comparison.compare_folders import compared
from adaem.results.comparison.comparison_notes import systems_that_differ
from adaem.results.comparison.comparison_types import FolderComparison, RateChange
from adaem.results.comparison.setting_differences import settings_that_differ
from adaem.results.comparison.shared_questions import anchors
from answered import Given, apart, evaluated, manifest, said, silent
from small_world import VALUES, framework, pool_data

TOPICS = 24


def question(text: str, fact: str = "", of: str = "q") -> Question:
    return Question(id=of, topic_id="t", topic="t", text=text, fact=fact)


def change(
    of: FolderComparison, model: str, value: str, folder: str = "b", baseline_model: str | None = None
) -> RateChange:
    wanted = folder, model, baseline_model or model, value
    (found,) = [each for each in of.changes if (each.folder, each.model, each.baseline_model, each.value) == wanted]
    return found


def okapi_with(care: int, topics: int = TOPICS, *, but: int = 0) -> AnswerArrays:
    """Zebra as ever; okapi expresses care in ``care`` of its two answers; power every other time, as in ``apart``.

    On the first ``but`` questions okapi is as in ``apart``.
    """

    def given(n: int) -> Sequence[Given]:
        power = ["power"] * (n % 2)
        mine = [
            said("okapi", *(["care"] if place < care and n >= but else []), *power * (place == 0)) for place in range(2)
        ]
        return [said("zebra", "care", *power), said("zebra", "care"), *mine]

    return evaluated(topics, given)


def test_the_same_answers_twice_are_no_change() -> None:
    found = compared(["a", "b"], [apart(), apart()])
    assert [(each.before, each.change and each.change.estimate) for each in found.changes] == [
        (each.after, 0.0) for each in found.changes
    ]
    assert all(each.is_drift for each in found.changes)
    assert len(found.changes) == 2 * len(VALUES)
    assert not found.surviving(drift=True)
    assert "No significant drift of the 2 models asked both times (false discovery rate 5 %)." in found.sentences
    (divergence,) = found.divergences
    assert divergence.change is not None
    assert (divergence.change.mean, divergence.change.questions) == (0.0, TOPICS)
    assert found.notes == ()


def test_a_drift_is_found_with_its_sign_and_its_rates() -> None:
    found = compared(["a", "b"], [okapi_with(0), okapi_with(2)])
    care = change(found, "okapi", "care")
    assert (care.before, care.after, care.verdict) == (0.0, 1.0, "different")
    assert care.change is not None
    assert care.change.estimate == 1.0
    assert [each.model for each in found.surviving(drift=True)] == ["okapi"]
    assert "okapi in b appeals to Care in 100 % of its answers, at first in 0 %: 100 points more" in found.sentences[0]
    back = compared(["b", "a"], [okapi_with(2), okapi_with(0)])
    assert change(back, "okapi", "care", "a").change == care.change.model_copy(
        update={"estimate": -1.0, "interval": tuple(-end for end in reversed(care.change.interval or ()))}
    )
    # Okapi became what zebra is: they lie closer together.
    nearer = compared(["a", "b"], [okapi_with(0), okapi_with(2, but=1)])
    assert any("The 2 models are closer together in b" in sentence for sentence in nearer.sentences)
    # Where no topic differs from another, nothing is known of how much topics differ.
    assert found.divergences[0].change is not None
    assert found.divergences[0].change.interval is None


def test_a_new_model_is_set_against_each_of_the_baselines() -> None:
    def given(n: int) -> Sequence[Given]:
        return [said("mouse", "power", "care"), said("mouse", "power"), said("zebra", "care"), said("zebra", "care")]

    found = compared(["a", "b"], [apart(), evaluated(TOPICS, given)])
    pairs = {(each.model, each.baseline_model) for each in found.changes}
    assert pairs == {("zebra", "zebra"), ("mouse", "zebra"), ("mouse", "okapi")}
    care = change(found, "mouse", "care", baseline_model="okapi")
    assert (care.before, care.after, care.verdict) == (0.0, 0.5, "different")
    assert "between new models and the baseline's" in found.sentences[1]


def test_several_folders_share_one_control_of_false_discoveries() -> None:
    found = compared(["a", "b", "c"], [okapi_with(0), okapi_with(2), okapi_with(0)])
    # Zebra's power and okapi's own are tested too; what never varies has an interval, so it is tested.
    assert found.tested == len(found.changes) == 2 * 2 * len(VALUES)
    alone = compared(["a", "b"], [okapi_with(0), okapi_with(2)])
    first, second = (change(each, "okapi", "care") for each in (found, alone))
    assert first.p_value == second.p_value
    assert first.q_value == pytest.approx(2 * (second.q_value or 0.0))
    assert change(found, "okapi", "care", "c").verdict != "different"


def test_only_questions_that_both_answered_enter() -> None:
    def given(n: int) -> Sequence[Given]:
        okapi = [silent("okapi"), silent("okapi")] if n < 4 else [said("okapi", "care"), said("okapi", "care")]
        return [said("zebra", "care"), said("zebra", "care"), *okapi]

    def always(n: int) -> Sequence[Given]:
        return [said("zebra"), said("zebra"), *[said("okapi", *["care"] * (n < 4))] * 2]

    found = compared(["a", "b"], [evaluated(TOPICS, given), evaluated(TOPICS, always)])
    care = change(found, "okapi", "care")
    # The baseline is silent on the first four, where alone the other speaks of care.
    assert (care.questions, care.before, care.after) == (TOPICS - 4, 1.0, 0.0)


def test_questions_are_linked_by_their_words_and_fact() -> None:
    first = [question("Is it right?", "It rains.", "x"), question("Is it wise?"), question("Is it right?", "It rains.")]
    second = [
        question("Is it wise?", "It snows."),
        question(" IS it\nright? ", "It  rains.", "other"),
        question("New?"),
    ]
    assert anchors(first, second) == [(0, 1)]
    assert anchors(first, first) == [(0, 0), (1, 1)]


def test_another_system_prompt_under_the_same_name_is_said() -> None:
    members = [
        each | ({"system": "You like order."} if each["id"] == "zebra" else {}) for each in pool_data()["members"]
    ]
    pool = PoolSpec.model_validate(pool_data(members=members))
    (note,) = systems_that_differ(["a", "b", "c"], [manifest(), manifest(pool=pool), manifest(pool=None)])
    mark = pool.members[0].system_sha256[:12]
    assert note == f"The system prompts of zebra differ (a: none; b: {mark}): a change of it may be the prompt's"
    assert systems_that_differ(["a", "b"], [manifest(pool=pool)] * 2) == []
    ours = {each.key: (each.first, each.second) for each in settings_that_differ(manifest(), manifest(pool=pool))}
    assert ours["pool.zebra.system"] == ("", mark)


def test_what_else_differs_is_said() -> None:
    other = manifest(simulated=True, status="interrupted", framework_sha256="y")
    fewer = evaluated(TOPICS, lambda _: [said("zebra", "care"), silent("okapi", Outcome.FAILED)], of=other)
    notes = "\n".join(compared(["a", "b"], [apart(), fewer]).notes)
    assert "The framework's texts differ (a: x; b: y)" in notes
    assert "(a 2, b 1)" in notes
    assert "Simulated models in b stand beside real ones" in notes
    assert "No answer at all in b: okapi" in notes
    assert "b is interrupted" in notes


def test_few_topics_settle_nothing() -> None:
    found = compared(["a", "b"], [okapi_with(0, 6), okapi_with(2, 6)])
    assert {each.verdict for each in found.changes} == {"cannot be settled"}
    assert found.sentences[0].startswith("No change can be settled")
    one = compared(["a", "b"], [okapi_with(0, 1), okapi_with(2, 1)])
    assert all(each.change is None or each.change.interval is None for each in one.changes)


def test_a_drift_that_few_topics_could_not_show_is_not_denied() -> None:
    def later(n: int) -> Sequence[Given]:
        return [said("mouse", "care"), *([said("okapi", "care")] if n < 6 else [silent("okapi")])]

    found = compared(["a", "b"], [apart(), evaluated(TOPICS, later)])
    assert found.sentences[0] == (
        "No drift of the one model asked both times can be settled: the shared questions that were answered come from "
        "6 topics, and at least 20 are needed."
    )
    assert "between new models and the baseline's" in found.sentences[1]


def test_evaluations_that_cannot_be_compared() -> None:
    others = manifest(framework=framework(name="Another"))
    values = others.framework.values[:2]
    others = others.model_copy(update={"framework": others.framework.model_copy(update={"values": values})})
    with pytest.raises(InputError, match=r"b: its values .* are not those of a"):
        compared(["a", "b"], [apart(), evaluated(TOPICS, lambda _: [said("zebra")], of=others)])
    with pytest.raises(InputError, match=r"b: shares no question with a — .*adaem evaluate a --pool FILE"):
        compared(["a", "b"], [apart(), _reworded(apart())])


def _reworded(of: AnswerArrays) -> AnswerArrays:
    texts = tuple(each.model_copy(update={"text": f"Really? {each.text}"}) for each in of.questions)
    return replace(of, questions=texts)


def _drawn(rng: np.random.Generator) -> Callable[[int], Sequence[Given]]:
    chances = np.random.default_rng(7).beta(1, 2, size=(TOPICS, 2, len(VALUES)))

    def given(n: int) -> Sequence[Given]:
        return [
            said(
                model,
                *(value for value, chance in zip(VALUES, chances[n, place], strict=True) if rng.random() < chance),
            )
            for place, model in enumerate(("zebra", "okapi"))
            for _ in range(3)
        ]

    return given


@pytest.mark.slow
def test_without_a_drift_few_draws_report_one() -> None:
    """The level of the whole family, in draws where nothing has changed: 5 % are allowed, 200 draws."""
    rng, found = np.random.default_rng(0), 0
    draws = 200
    for _ in range(draws):
        result = compared(["a", "b"], [evaluated(TOPICS, _drawn(rng)), evaluated(TOPICS, _drawn(rng))])
        found += bool(result.surviving(drift=True))
    assert found <= 0.05 * draws + 2.33 * np.sqrt(0.05 * 0.95 * draws)


def test_everything_survives_json() -> None:
    found: Any = compared(["a", "b"], [okapi_with(0), okapi_with(2)])
    assert FolderComparison.model_validate_json(found.model_dump_json()) == found
