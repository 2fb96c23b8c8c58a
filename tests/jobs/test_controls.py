"""Controls of a run: its questions asked again without their facts or in other words; what survives is told."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.answer import Phase
from adaem.domain.errors import InputError
from adaem.domain.question import Question
from adaem.domain.reading.yaml_records import load_framework
from adaem.domain.texts.fence import read_fences
from adaem.jobs.evaluation.check_evaluation import check_control
from adaem.jobs.evaluation.controls import fact_notices
from adaem.jobs.evaluation.evaluation_run import resume_evaluation
from adaem.pool.simulated.author import paraphrase, propose
from adaem.pool.simulated.question_reader import read
from adaem.pool.simulated.simulated_model import SimulatedModel
from adaem.pool.simulated.vocabulary import vocabulary_of
from adaem.prompts import load_prompts
from adaem.records import Manifest, RunFolder, read_trace
from adaem.results.comparison.diff_folders import diff
from asking import Hearing, ask, calls_of, kept_answers, stopped_after, write_asked
from finished_runs import FinishedRuns
from growing import records_of

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> RunFolder:
    return finished_runs.copy(tmp_path_factory.mktemp("grown") / "first", questions=4, budget__calls=1500)


@pytest.fixture(scope="module")
def paraphrased(grown: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("controls") / "paraphrased"
    return ask(check_control(grown.path, "paraphrased", {}), folder)[0]


def control(grown: RunFolder, name: str, path: Path) -> tuple[RunFolder, Manifest]:
    return ask(check_control(grown.path, name, {}), path)


def compared(grown: RunFolder) -> dict[str, Any]:
    with records_of(grown) as records:
        return records.questions(records.ids("evaluated_grown"))


def test_without_facts_nobody_sees_one_and_all_else_is_as_it_was(grown: RunFolder, tmp_path: Path) -> None:
    folder, manifest = control(grown, "facts-removed", tmp_path / "bare")
    before = {name: question for name, question in compared(grown).items() if question.fact}
    assert before
    with records_of(folder) as records:
        asked = records.questions()
        prompts = [call.prompt for call in records.calls_with_outcome("answered") if call.purpose == "evaluate"]
        purposes = {each.prompt for each in records.spending_by_purpose()}
    assert {each.id: (each.text, each.topic_id) for each in asked.values()} == {
        each.id: (each.text, each.topic_id) for each in before.values()
    }
    assert {read_fences(prompt.user)["fact"] for prompt in prompts} == {""}
    assert purposes == {"evaluate", "judge", "judge_question"}
    assert manifest.status == "finished"
    assert manifest.fork is not None
    assert (manifest.fork.control, manifest.fork.run_id) == ("facts-removed", grown.read_manifest().run_id)
    parent = grown.read_manifest()
    assert manifest.settings == parent.settings
    assert manifest.prompts == parent.prompts
    assert manifest.evaluation is not None
    assert manifest.evaluation.source == "first, facts removed"


def test_repeated_asks_the_same_and_only_chance_can_differ(grown: RunFolder, tmp_path: Path) -> None:
    folder, manifest = control(grown, "repeated", tmp_path / "again")
    before = compared(grown)
    with records_of(folder) as records:
        asked = records.questions()
        answers = {each: records.answers(each)[0] for each in asked}
    with records_of(grown) as records:
        earlier = {each: records.answers(each, [Phase.EVALUATE])[0] for each in before}
    assert {each.id: (each.text, each.fact) for each in asked.values()} == {
        each.id: (each.text, each.fact) for each in before.values()
    }
    words = [[answer.key_points for each in sides.values() for answer in each] for sides in (answers, earlier)]
    assert len(words[0]) == len(words[1])
    assert words[0] != words[1], "the answers are fresh ones"
    assert manifest.notices == grown.read_manifest().notices[: len(manifest.notices)]
    found = diff(grown.path, folder.path)
    assert found.paired
    assert not any(each.reworded for each in found.scored)
    turned = diff(folder.path, grown.path)
    assert turned.paired, "which of the two is named first makes no difference"
    assert turned.asked.both == found.asked.both == len(before)


def test_what_the_removal_of_facts_does_not_reach_is_said() -> None:
    fact = "In Gujarat the largest trade union approved a subsidy of 15 percent."
    repeating = "In Gujarat, where the largest trade union approved a subsidy, is it right to work overtime?"
    questions = [
        Question(id=f"q{number}", topic_id="t", topic="T?", text=text, fact=fact)
        for number, text in enumerate((repeating, repeating, "Is it right to work overtime?"))
    ]
    assert list(fact_notices(questions, 5)) == [
        "only the sentence of fact before a question is removed: 2 of 3 questions repeat 40 % or more of its words "
        "themselves",
        "2 questions without a fact are not asked",
    ]
    assert list(fact_notices(questions[2:], 1)) == []


def test_a_paraphrase_has_other_words_and_is_what_everybody_sees(grown: RunFolder, paraphrased: RunFolder) -> None:
    before = compared(grown)
    with records_of(paraphrased) as records:
        asked = records.questions()
        calls = list(records.calls_with_outcome("answered"))
    assert asked.keys() == before.keys()
    assert all(asked[each].text != before[each].text and asked[each].fact == before[each].fact for each in before)
    assert Counter(call.member for call in calls if call.purpose == "paraphrase") == {"author": len(before)}
    shown = {read_fences(call.prompt.user).get("question") for call in calls if call.purpose == "evaluate"}
    assert shown == {each.text for each in asked.values()}
    judged = "\n".join(call.prompt.user for call in calls if call.purpose == "judge_question")
    assert all(each.text in judged for each in asked.values())
    events, _ = read_trace(paraphrased.trace_path)
    assert {event.data["question"] for event in events} == shown


def test_the_diff_says_what_survives_on_the_same_questions(grown: RunFolder, paraphrased: RunFolder) -> None:
    found = diff(grown.path, paraphrased.path)
    assert found.paired
    assert "paraphrased asks the questions of first again, as a control: paraphrased." in found.sentences
    assert len(found.scored) == len(compared(grown))
    assert all(each.reworded for each in found.scored)
    assert {each.key for each in found.settings} == {"evaluation.questions_sha256", "evaluation.samples"}


@pytest.mark.parametrize("steps", [1, 2])
def test_a_stopped_one_goes_on_and_paraphrases_nothing_twice(
    grown: RunFolder, paraphrased: RunFolder, tmp_path: Path, steps: int
) -> None:
    folder, manifest = stopped_after(check_control(grown.path, "paraphrased", {}), tmp_path / "stopped", steps)
    assert manifest.status == "interrupted"
    folder, manifest = asyncio.run(resume_evaluation(folder.path, {}, Hearing()))
    assert manifest.status == "finished"
    assert manifest.fork is not None
    assert kept_answers(folder) == kept_answers(paraphrased)
    assert calls_of(folder) == calls_of(paraphrased)
    with records_of(folder) as records, records_of(paraphrased) as whole:
        assert records.questions() == whole.questions()


def test_a_question_without_other_words_is_left_out_and_tried_again(
    grown: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = next(iter(compared(grown).values())).text
    reply = SimulatedModel.reply

    def same_words(self: SimulatedModel, texts: list[str], request: Any) -> str:
        told = read_fences(texts[-1]).get("original", "")
        return json.dumps({"question": told}) if told == stubborn else reply(self, texts, request)

    with monkeypatch.context() as patched:
        patched.setattr(SimulatedModel, "reply", same_words)
        folder, manifest = control(grown, "paraphrased", tmp_path / "left")
    assert manifest.status == "finished"
    assert len(kept_answers(folder)) == len(compared(grown)) - 1
    events, _ = read_trace(folder.trace_path)
    told = [event.summary for event in events if event.summary.startswith("not asked")]
    assert told == ["not asked, for want of other words: the author gave the same words back"]
    with records_of(folder) as records:
        asked = [call for call in records.calls_with_outcome("answered") if call.purpose == "paraphrase"]
    assert sum(read_fences(call.prompt.user)["original"] == stubborn for call in asked) == 2


def test_simulated_respondents_read_a_paraphrase_as_its_original() -> None:
    """The control's own null: of two wordings that are read the same, only chance can tell the answers apart."""
    vocabulary, rng = vocabulary_of(load_framework("schwartz")), random.Random(4)
    changed = 0
    for topic in load_framework("schwartz").topics[:40]:
        question = str(propose(vocabulary, {"topic": topic.text}, rng)["question"])
        other = str(paraphrase(vocabulary, {"original": question}, rng)["question"])
        assert read(vocabulary, other, "") == read(vocabulary, question, "")
        changed += other != question
    assert changed == 40


def test_a_run_of_an_earlier_version_has_no_prompt_for_it(grown: RunFolder, tmp_path: Path) -> None:
    copy = RunFolder(tmp_path / "old")
    copy.path.mkdir()
    for each in grown.path.iterdir():
        if each.is_file():
            (copy.path / each.name).write_bytes(each.read_bytes())
    manifest = copy.read_manifest()
    kept = {name: text for name, text in manifest.prompts.items() if name != "paraphrase"}
    copy.write_manifest(manifest.model_copy(update={"prompts": kept}))
    with pytest.raises(InputError, match="have none that paraphrases — name a set that does, with --prompts default"):
        control(copy, "paraphrased", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_sets_prompt_paraphrases_and_all_other_words_stay(grown: RunFolder) -> None:
    inputs = check_control(
        grown.path, "paraphrased", {"prompts": "german", "budget.calls": 9000, "agents.judge": "llm"}
    )
    before, german = grown.read_manifest().prompts, load_prompts("german").templates
    changed = [name for name, each in inputs.prompts.templates.items() if each.fingerprint != before[name].fingerprint]
    assert changed == ["paraphrase"]
    assert inputs.prompts.templates["paraphrase"] == german["paraphrase"]
    assert inputs.settings.budget.calls == 9000


def test_what_cannot_be_a_control_is_one_line(
    adaem: Command, grown: RunFolder, paraphrased: RunFolder, tmp_path: Path
) -> None:
    bare = write_asked(tmp_path / "q.jsonl")
    for source, words in (
        (paraphrased.path, "it is itself an evaluation"),
        (bare, "a control varies a run — name the folder of the run"),
        (tmp_path / "nowhere", "no such run or file"),
    ):
        code, out, err = adaem("evaluate", str(source), "--control", "facts-removed", "--out", str(tmp_path / "out"))
        assert (code, out) == (2, "")
        assert words in err
        assert err.count("\n") == 1
    for option, key in (
        (("-s", "framework=moral-foundations"), "framework"),
        (("-s", "seed=9"), "seed"),
        (("-s", "samples.evaluate=4"), "samples.evaluate"),
        (("-s", "pool=simulated"), "pool"),
        (("-s", "prompts=german"), "prompts"),
    ):
        code, out, err = adaem("evaluate", str(grown.path), "--control", "facts-removed", *option)
        assert (code, out) == (2, "")
        assert err == f"adaem: {key}: a control varies one thing, and this would be another — leave it out\n"
    for choice in (["--pool", "simulated"], ["--samples", "2"], ["--short", "2"], ["--prime"]):
        code, out, err = adaem("evaluate", str(grown.path), "--control", "paraphrased", *choice)
        assert (code, out) == (2, "")
        assert "varies one thing of a run — leave --pool, --samples, --short and --prime out" in err
    code, out, err = adaem("evaluate", str(grown.path))
    assert (code, out) == (2, "")
    assert "nobody to ask — name the models with --pool FILE" in err
    assert not (tmp_path / "out").exists()
