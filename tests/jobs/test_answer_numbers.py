"""Evaluations whose models give as many answers as a pilot says they need, and answers to different words."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaem.agents.prober.answers_by_noise import PilotNoise
from adaem.domain.answer import Phase
from adaem.domain.errors import InputError
from adaem.domain.reading.yaml_records import load_framework
from adaem.evaluation.questions import sample_allocation
from adaem.evaluation.questions.sample_allocation import NoiseEstimates
from adaem.jobs.evaluation.answer_numbers import NUMBERS, pilot_questions, recorded_numbers
from adaem.jobs.evaluation.evaluation_inputs import PILOT_QUESTIONS
from adaem.jobs.evaluation.evaluation_run import resume_evaluation
from adaem.jobs.evaluation.question_wordings import paraphrases_needed
from adaem.records import RunFolder
from adaem.results.compute import folder_results
from asking import Hearing, ask, calls_of, checked, kept_answers, stopped_after, write_asked
from growing import records_of, write_pool

MOST = 4


def members(**author: Any) -> list[dict[str, Any]]:
    """One that throws dice, two that hardly ever change an answer, a judge and an author."""
    respondents: list[dict[str, Any]] = [
        {
            "id": f"m{number}",
            "model": "simulated:respondent",
            "roles": ["panel"],
            "parameters": {"version": 2, "respondent": number, "item_sd": steady},
        }
        for number, steady in ((1, 0), (2, 60), (3, 60))
    ]
    judge = {"id": "judge", "model": "simulated:judge", "roles": ["judge"], "parameters": {"version": 2}}
    writer = {"id": "author", "model": "simulated:author", "roles": ["author"], "parameters": {"version": 2}, **author}
    return [*respondents, judge, writer]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_pool(tmp_path_factory.mktemp("pool") / "pool.yaml", members())


def given(folder: RunFolder) -> dict[str, Counter[str]]:
    return {name: Counter(a.member for a, _ in pairs) for name, pairs in kept_answers(folder).items()}


def test_the_pilot_is_asked_in_full_and_the_rest_by_noise(
    pool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Seeds separate simulated models little, and their judge errs at random: few answers are never quite enough.
    monkeypatch.setattr(sample_allocation, "VARIANCE_INCREASE", 0.4)
    source = tmp_path / "q.jsonl"
    topics = load_framework("schwartz").topics[:12]
    rows = [{"question": each.text, "topic_id": f"t{place // 2}"} for place, each in enumerate(topics)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    inputs = checked(source, pool, samples=MOST, samples__allocation="by_noise")
    folder, manifest = ask(inputs, tmp_path / "e")
    assert manifest.status == "finished"
    pilot = [question.id for question in inputs.pilot]
    # Six topics of two questions: each gives one before any gives a second.
    assert len(pilot) == PILOT_QUESTIONS
    assert len({question.topic_id for question in inputs.pilot}) == 6
    with records_of(folder) as records:
        numbers = recorded_numbers(records)
        assert records.reading(NUMBERS) is not None
    assert numbers["m1"] > numbers["m2"] == numbers["m3"] == 2
    answers = given(folder)
    assert len(answers) == 12
    for name, counts in answers.items():
        assert counts == (dict.fromkeys(numbers, MOST) if name in pilot else numbers), name
    told = f"{MOST} answers of each model to {PILOT_QUESTIONS} questions, then 2 of m2, m3; {numbers['m1']} of m1"
    assert any(told in notice for notice in manifest.notices)
    results = folder_results(folder)
    # Every question has a divergence, though the numbers differ.
    assert results.divergences.unscored == 0
    assert results.asked.samples == MOST
    assert inputs.calls > calls_of(folder)


@pytest.mark.slow
def test_stopped_before_and_after_the_pilot_it_ends_as_if_it_had_not_been(pool: str, tmp_path: Path) -> None:
    source = write_asked(tmp_path / "q.jsonl", 14)
    inputs = checked(source, pool, samples=MOST, samples__allocation="by_noise")
    whole, _ = ask(inputs, tmp_path / "whole")
    for steps in (3, PILOT_QUESTIONS + 1):
        folder, manifest = stopped_after(inputs, tmp_path / f"stopped-{steps}", steps)
        assert manifest.status == "interrupted"
        folder, manifest = _resumed(folder.path)
        assert manifest.status == "finished"
        assert kept_answers(folder) == kept_answers(whole)
        assert calls_of(folder) == calls_of(whole)


@pytest.mark.slow
def test_a_small_budget_reaches_every_question(pool: str, tmp_path: Path) -> None:
    source = write_asked(tmp_path / "q.jsonl", 16)
    # An answer is two calls, its judgement included; a question's own words are one more.
    enough = PILOT_QUESTIONS * (3 * MOST * 2 + 1) + 6 * (3 * 2 * 2 + 1)
    evenly, manifest = ask(checked(source, pool, samples=MOST, budget__calls=enough), tmp_path / "even")
    assert manifest.status == "interrupted"
    assert len(given(evenly)) < 16
    inputs = checked(source, pool, samples=MOST, samples__allocation="by_noise", budget__calls=enough)
    folder, manifest = ask(inputs, tmp_path / "by-noise")
    assert manifest.status == "finished"
    assert len(given(folder)) == 16
    with records_of(folder) as records:
        assert recorded_numbers(records) == {"m1": 2, "m2": 2, "m3": 2}


def test_no_more_questions_than_a_pilot_are_asked_evenly(pool: str, tmp_path: Path) -> None:
    source = write_asked(tmp_path / "q.jsonl", PILOT_QUESTIONS)
    inputs = checked(source, pool, samples=3, samples__allocation="by_noise")
    assert inputs.pilot == ()
    order = checked(source, pool, samples=3).order
    assert [each.topic_id for each in pilot_questions(order, 5)] == list(dict.fromkeys(each.topic_id for each in order))


@pytest.mark.slow
def test_answers_to_different_words_say_which(pool: str, tmp_path: Path) -> None:
    source = write_asked(tmp_path / "q.jsonl", 6)
    inputs = checked(source, pool, samples=5, samples__vary="wording")
    folder, manifest = ask(inputs, tmp_path / "e")
    assert manifest.status == "finished"
    own, others = "", ["paraphrase 1", "paraphrase 2", "paraphrase 3"]
    for question in inputs.questions:
        with records_of(folder) as records:
            texts = records.readings(f"paraphrase of {question.id} ")
            answers, _ = records.answers(question.id, [Phase.EVALUATE])
        assert len({*texts, question.text}) == 4
        by_member = {name: [a for a in answers if a.member == name] for name in ("m1", "m2", "m3")}
        for mine in by_member.values():
            wordings = {answer.sample: answer.wording for answer in mine}
            # The third answer is to the question's own words again.
            assert wordings == {0: own, 1: others[0], 2: own, 3: others[1], 4: others[2]}
    results = folder_results(folder)
    assert results.asked.wordings == ("", *others)
    assert results.intervals.averages == ("topics", "questions", "wordings", "answers")
    assert results.intervals.one_question == ("wordings", "answers")
    shares = {each.name: each.share for each in results.reliability.variance}
    assert shares["wording"] is not None
    assert shares["sample"] is not None


def test_models_that_answer_different_words_give_equally_many() -> None:
    noise = NoiseEstimates(np.array([0.2, 0.0]), np.array([0.1, 0.1]), np.array([10, 10]))
    found = PilotNoise(("noisy", "steady"), noise, (5, 2))
    assert found.within_budget(None, alike=False) == {"noisy": 5, "steady": 2}
    assert found.within_budget(6, alike=False) == {"noisy": 4, "steady": 2}
    assert found.within_budget(None, alike=True) == {"noisy": 5, "steady": 5}
    assert found.within_budget(7, alike=True) == {"noisy": 3, "steady": 3}
    assert found.within_budget(1, alike=True) == {"noisy": 2, "steady": 2}


def test_paraphrases_are_counted_before_they_are_written(pool: str, tmp_path: Path) -> None:
    assert [paraphrases_needed(answers) for answers in range(6)] == [0, 0, 1, 1, 2, 3]
    source = write_asked(tmp_path / "q.jsonl", 2)
    plain, varied = (checked(source, pool, samples=5, samples__vary=vary) for vary in ("sampling", "wording"))
    assert varied.per_question == plain.per_question + 3


def test_whoever_cannot_vary_the_wording_is_told(tmp_path: Path) -> None:
    source = write_asked(tmp_path / "q.jsonl", 2)
    alone = write_pool(tmp_path / "alone.yaml", members()[:-1])
    with pytest.raises(InputError, match="needs somebody to paraphrase — give a member the role author"):
        checked(source, alone, samples__vary="wording")


def _resumed(path: Path) -> tuple[RunFolder, Any]:
    return asyncio.run(resume_evaluation(path, {}, Hearing()))
