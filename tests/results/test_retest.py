"""Two regenerations of one benchmark: who is compared, what is counted, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from adaem.domain.errors import InputError
from adaem.reports.terminal.comparison_report import comparison_report
from adaem.results.answer_arrays import AnswerArrays
from adaem.results.comparison.retest_folders import retested
from adaem.results.comparison.retest_types import Retest, SignCounts
from answered import Given, apart, evaluated, manifest, said, silent
from printed import shown
from small_world import VALUES, framework

MODELS = ("zebra", "okapi", "mouse")
RATES = {
    "zebra": {"care": 0.9, "power": 0.1, "safety": 0.5},
    "okapi": {"care": 0.5, "power": 0.5, "safety": 0.1},
    "mouse": {"care": 0.1, "power": 0.9, "safety": 0.9},
}


def grown(seed: int, *, topics: int = 24, prefix: str = "", turned: bool = False) -> AnswerArrays:
    """Three models that differ on every value, three answers each; ``turned``: zebra and mouse change places."""
    rng = np.random.default_rng(seed)
    rates = dict(zip(MODELS, [RATES[name] for name in reversed(MODELS)], strict=True)) if turned else RATES

    def given(_: int) -> Sequence[Given]:
        return [
            said(model, *(value for value in VALUES if rng.random() < rates[model][value]))
            for model in MODELS
            for _ in range(3)
        ]

    return evaluated(topics, given, topics=lambda n: f"{prefix}{n}")


def reworded(of: AnswerArrays) -> AnswerArrays:
    texts = tuple(each.model_copy(update={"text": f"Really? {each.text}"}) for each in of.questions)
    return replace(of, questions=texts)


def retest(first: AnswerArrays, second: AnswerArrays) -> Retest:
    return retested(["one", "other"], first, second)


def test_the_same_folder_agrees_with_itself_and_that_is_no_retest() -> None:
    found = retest(grown(1), grown(1))
    assert found.agreement is not None
    assert found.agreement.estimate == 1.0
    assert [each.agreement and each.agreement.estimate for each in found.by_value] == [1.0] * len(VALUES)
    assert found.signs.same_sign == found.signs.significant > 0
    assert found.sentences[0].startswith("Asked the same questions again, the 3 models rank almost the same way: ")
    assert found.notes[0].startswith("24 questions are in both folders: on these the models were asked again")
    assert found.notes[1].startswith("24 topics are in both folders (of 24 and 24)")


def test_questions_and_topics_of_their_own_are_a_retest_without_a_note() -> None:
    found = retest(grown(1), reworded(grown(2, prefix="other ")))
    assert found.notes == ()
    assert (found.topics, found.shared_topics, found.models) == ((24, 24), 0, MODELS)
    assert found.sentences[0].startswith("Asked other questions, the 3 models rank ")
    assert found.signs == SignCounts(significant=9, same_sign=9, reversed=0, reversed_in_both=0)
    assert found.sentences[1] == (
        "Of 9 differences between two models that are significant in one folder or both, 9 have the same sign in the "
        "other and 0 are reversed."
    )
    assert sum(each.signs.significant for each in found.by_value) == 9


def test_models_that_change_places_agree_little_and_their_differences_are_reversed() -> None:
    found = retest(grown(1), grown(2, turned=True))
    assert found.agreement is not None
    assert found.agreement.estimate < 0
    assert found.sentences[0].startswith("It is not shown that other questions rank the 3 models the same way")
    assert found.signs.reversed == found.signs.reversed_in_both >= 3
    assert f"{found.signs.reversed} are reversed, {found.signs.reversed} of them significant" in found.sentences[1]
    assert found.same_sign is not None
    assert found.same_sign.estimate == found.signs.same_sign / found.signs.significant


def test_only_models_with_answers_in_both_are_ranked() -> None:
    def given(n: int) -> Sequence[Given]:
        care = ["care"] * (n % 3 > 0)
        return [said("zebra", "care"), said("okapi", *care), silent("mouse")]

    found = retest(grown(1), evaluated(24, given))
    assert found.models == ("zebra", "okapi")
    assert {(each.model, each.other) for each in found.findings} == {("zebra", "okapi")}
    assert "No answer at all in other: mouse" in found.notes


def test_a_value_on_which_nobody_differs_has_no_agreement() -> None:
    found = retest(apart(), apart())
    by_value = {each.value: each.agreement for each in found.by_value}
    assert by_value["safety"] is None
    assert by_value["care"] is not None


def test_without_a_significant_difference_no_share_is_said() -> None:
    found = retest(grown(1, topics=6), grown(2, topics=6))
    assert found.signs == SignCounts(significant=0, same_sign=0, reversed=0, reversed_in_both=0)
    assert found.same_sign is None
    assert found.sentences[1] == "No difference between two models is significant in either folder."
    printed = " ".join(shown(comparison_report(found, 80)).split())
    assert "in one folder or both. Intervals generalise" in printed


def test_few_topics_settle_nothing_and_say_the_figure_all_the_same() -> None:
    found = retest(grown(1, topics=4), grown(2, topics=30))
    assert found.agreement is not None
    assert found.agreement.interval is None
    assert "cannot be settled: one has answers on 4 topics, and at least 20 are needed" in found.sentences[0]
    assert f"is {found.agreement.estimate:.2f} so far." in found.sentences[0]


def test_other_seed_topics_are_no_other_framework() -> None:
    theory = framework()
    fewer = theory.model_copy(update={"topics": theory.topics[:1]})
    sides = [
        evaluated(24, lambda n: [said("zebra", "care"), said("okapi", *["power"] * (n % 2))], of=each)
        for each in (manifest(framework=theory), manifest(framework=fewer, framework_sha256="y"))
    ]
    assert not any("framework's texts" in note for note in retest(*sides).notes)
    told = theory.values[0].model_copy(update={"definition": "Something else."})
    changed = manifest(framework=theory.model_copy(update={"values": (told, *theory.values[1:])}))
    found = retest(sides[0], replace(sides[1], manifest=changed))
    assert any("The framework's texts differ (one: " in note for note in found.notes)


def test_the_draws_hang_on_the_recorded_seed_alone() -> None:
    assert retest(grown(1), grown(2)) == retest(grown(1), grown(2))
    assert retest(grown(1), grown(2)).seed == manifest().settings.seed


def test_what_cannot_be_retested_is_refused() -> None:
    def lonely(_: int) -> Sequence[Given]:
        return [said("zebra", "care"), silent("okapi")]

    with pytest.raises(InputError, match=r"share 1 model with answers, .* the questions need not be the same"):
        retest(grown(1), evaluated(24, lonely))
    with pytest.raises(InputError, match=r"other: its answered questions come from 2 topics, .* need not be those"):
        retest(grown(1), grown(2, topics=2))
    others = manifest(framework=framework(name="Another"))
    values = others.framework.values[:2]
    others = others.model_copy(update={"framework": others.framework.model_copy(update={"values": values})})
    with pytest.raises(InputError, match=r"other: its values .* are not those of one"):
        retest(grown(1), evaluated(24, lonely, of=others))


def test_the_report_fits_and_the_record_survives_json() -> None:
    found = retest(grown(1), reworded(grown(2, prefix="other ")))
    assert Retest.model_validate_json(found.model_dump_json()) == found
    printed = shown(comparison_report(found, 80))
    assert max(map(len, printed.splitlines())) <= 80
    assert "nan" not in printed
    for words in ("Do both rank the models alike?", "all values", "Care", "questions and answers."):
        assert words in printed
