"""Recorded answers as a run: judged whole, scored within wordings, reported and traced like any other."""

from __future__ import annotations

import asyncio
import json
from itertools import product
from pathlib import Path
from typing import Any

import keyword_judge
import numpy as np
import pytest
from adaem.agents.critic.divergence_critic import DivergenceCritic
from adaem.cli.app import app
from adaem.domain.answer import Answer, Outcome, Phase
from adaem.domain.critique import Critique
from adaem.domain.errors import AdaemError, FileError, InputError, RunFailed, StoreError
from adaem.domain.pool_spec import Role
from adaem.evaluation.divergence.d_star import estimate_divergence
from adaem.jobs.imports.import_inputs import check_import, judge_settings
from adaem.jobs.imports.recorded_import import import_answers
from adaem.records import Manifest, RunFolder, RunRecords, open_run, read_trace
from adaem.results.compute import folder_results
from adaem.results.import_summary import summarise_imported
from adaem.results.reliability.split_half_results import NO_SPLIT_HALVES, SEES
from adaem.results.summary_types import ImportSummary
from recorded_rows import FAKE, MODELS, VALUES, bring, rows, write
from small_world import QUESTION, answer, judgement, world
from typer.testing import CliRunner


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, Manifest, ImportSummary]:
    found = rows(questions=10, wordings=6)
    found[0]["answer"] = ""
    found[1]["answer"] = "I'm sorry, but I cannot answer that."
    found[2]["answer"] = "unreadable"
    folder, manifest = bring(tmp_path_factory.mktemp("import"), found)
    return folder, manifest, imported(open_run(folder.path))


def imported(folder: RunFolder) -> ImportSummary:
    return summarise_imported(folder, folder_results(folder))


def critiques(folder: RunFolder) -> dict[str, Critique]:
    with RunRecords(folder.records_path, read_only=True) as records:
        return records.critiques(Phase.EVALUATE, Role.EXAMINEE)


def test_the_manifest_says_recorded_and_names_no_place(
    brought: tuple[RunFolder, Manifest, ImportSummary],
) -> None:
    folder, manifest, _ = brought
    assert open_run(folder.path).read_manifest() == manifest
    assert (manifest.status, manifest.simulated, manifest.pool, manifest.settings.pool) == (
        "finished",
        False,
        None,
        "none",
    )
    source = manifest.recorded
    assert source is not None
    assert (source.file, source.rows, source.models) == ("answers.jsonl", 180, tuple(sorted(MODELS)))
    assert source.excluded == {"refused": 1, "unparsable (empty)": 1}
    assert str(folder.path.parent) not in folder.manifest_path.read_text(encoding="utf-8")


def test_the_records_hold_every_row(brought: tuple[RunFolder, Manifest, ImportSummary]) -> None:
    with RunRecords(brought[0].records_path, read_only=True) as records:
        questions = records.questions()
        assert list(questions) == [f"q{n}" for n in range(10)]
        kept = [pair for name in questions for pair in zip(*records.answers(name), strict=True)]
    assert len(kept) == 180
    assert sum(judgement is None for _, judgement in kept) == 2
    assert all((found is None) == (each.outcome is not Outcome.ANSWERED) for each, found in kept)


def test_scores_re_deal_within_wordings(brought: tuple[RunFolder, Manifest, ImportSummary]) -> None:
    found = critiques(brought[0])["q2"]
    expressions, strata = np.zeros((3, 6, 10), dtype=bool), np.tile(np.arange(6), (3, 1))
    value_ids = brought[1].framework.value_ids
    for row in rows(questions=10, wordings=6):
        if row["question_id"] == "q2":
            place = sorted(MODELS).index(row["model"]), int(row["wording"][-1])
            expressions[place] = [value in row["answer"] for value in value_ids]
    everyone = np.ones((3, 6), dtype=bool)
    rng = np.random.default_rng(0)
    expected = estimate_divergence(expressions, everyone, permutations=20_000, rng=rng, strata=strata)
    unstratified = estimate_divergence(expressions, everyone, permutations=199, rng=rng)
    assert found.score is not None
    assert found.score.plug_in == pytest.approx(expected.plug_in)
    assert found.score.noise_floor == pytest.approx(expected.noise_floor, abs=0.01)
    assert found.score.noise_floor != unstratified.noise_floor
    assert found.score.q_value is not None
    assert found.score.stance_agreement is None
    assert found.samples == (6, 6, 6)


def test_one_wordings_answers_are_scored_as_ever() -> None:
    """A wording that all share is no stratum, and a missing stance takes nothing but the stance agreement away."""
    critic = DivergenceCritic(world().context)
    judged = [(answer(member, n), judgement(*values)) for n in range(3) for member, values in
              (("okapi", ["care"]), ("zebra", ["power"] if n else []))]  # fmt: skip

    def score(**update: Any) -> Any:
        answers = [each.model_copy(update=update) for each, _ in judged]
        found = critic.critique(
            QUESTION, answers, [each for _, each in judged], judgement(), phase=Phase.CONFIRM, group=Role.PANEL, seed=1
        )
        assert found.score is not None
        return found.score

    plain = score()
    assert plain.stance_agreement == 1
    assert score(wording="form-1") == plain
    assert score(stance=None) == plain.model_copy(update={"stance_agreement": None})


def test_two_wordings_with_the_same_sample_number_are_two_answers() -> None:
    critic = DivergenceCritic(world().context)
    answers: list[Answer] = [
        answer(member, 0).model_copy(update={"wording": wording, "stance": None})
        for member in ("okapi", "zebra")
        for wording in ("a", "b")
    ]
    labels = [judgement("care"), judgement("care"), judgement(), judgement()]
    found = critic.critique(QUESTION, answers, labels, judgement(), phase=Phase.EVALUATE, group=Role.EXAMINEE, seed=1)
    assert found.samples == (2, 2)
    assert found.rates == ((1, 0, 0), (0, 0, 0))


def test_the_summary_counts_what_is_missing_and_finds_the_planted_difference(
    brought: tuple[RunFolder, Manifest, ImportSummary],
) -> None:
    summary = brought[2]
    assert summary.judge == "keywords"
    assert not summary.simulated_judge
    assert summary.judged == 177
    assert summary.missing == {"refused": 1, "unparsable (empty)": 1, "judge: unparsable": 1}
    assert summary.no_divergence == ""
    assert summary.divergence is not None
    assert (summary.divergence.questions, summary.tested) == (10, 10)
    assert 1 <= summary.separating <= 6
    assert {int(line["id"][1:]) % 2 for line in summary.best[:3]} == {0}
    assert [line["divergence"] for line in summary.best] == sorted(
        (line["divergence"] for line in summary.best), reverse=True
    )
    by_model = {profile.model: profile for profile in summary.profiles}
    assert {model: profile.answers + profile.missing for model, profile in by_model.items()} == dict.fromkeys(
        MODELS, 60
    )
    assert sum(profile.missing for profile in by_model.values()) == 3
    for model, own in zip(MODELS, VALUES, strict=True):
        rate = by_model[model].rates[own]
        assert rate.interval is not None
        assert 0.4 < rate.rate < 0.8
        assert rate.interval[0] < rate.rate < rate.interval[1]
    reliability = folder_results(brought[0]).reliability
    assert reliability.split_half is not None
    assert (reliability.split_half.questions, reliability.split_half.models) == (10, 3)
    assert reliability.split_half_verdict.startswith(SEES)


def test_what_a_judge_is_shown_is_no_model_and_no_wording(tmp_path: Path) -> None:
    keyword_judge.SHOWN.clear()
    bring(tmp_path, rows(questions=2))
    assert len(keyword_judge.SHOWN) == 24
    shown = " ".join(keyword_judge.SHOWN)
    assert not any(word in shown for word in (*MODELS, "form-", "number"))


def test_a_seed_decides_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = (bring(tmp_path / name, rows())[0] for name in "ab")
    assert critiques(one) == critiques(other)
    told = {"run_id", "folder", "files", "seconds"}
    assert imported(one).model_dump(exclude=told) == imported(other).model_dump(exclude=told)


def test_one_answer_a_model_yields_rates_and_no_divergence(tmp_path: Path) -> None:
    folder, _ = bring(tmp_path, rows(wordings=1))
    summary = imported(folder)
    assert summary.no_divergence == "One answer a model and question: no divergence and no distance can be estimated"
    assert (summary.divergence, summary.best, summary.separating, summary.tested) == (None, (), 0, 0)
    assert summary.unscored == {"needs ≥ 2 models with ≥ 2 judged answers; has 0": 6}
    assert folder_results(folder).reliability.split_half_verdict == NO_SPLIT_HALVES
    assert all(len(profile.rates) == 10 for profile in summary.profiles)
    shown = CliRunner().invoke(app, ["report", str(folder.path)])
    assert shown.exit_code == 0
    words = " ".join(shown.stdout.split())
    assert "Note: One answer a model and question: no divergence and no distance can be estimated." in words
    assert "bits" not in shown.stdout


def test_a_model_that_answered_less_makes_its_questions_incomparable(tmp_path: Path) -> None:
    found = [row for row in rows() if row["question_id"] != "q0" or row["model"] != "zebra"]
    summary = imported(bring(tmp_path, found)[0])
    assert summary.divergence is not None
    assert summary.divergence.questions == 5
    assert summary.unscored == {"scored with other models: not comparable, left out of the mean": 1}


def test_what_was_mended_on_the_way_is_told(tmp_path: Path) -> None:
    found = rows(questions=2)
    found[1]["question"] = "Something else?"
    found[2]["answer"] = " ".join(map("".join, product("abcdefgh", repeat=5)))
    found += [{**found[5], "wording": found[5]["wording"]}]
    folder, manifest = bring(tmp_path, found)
    retold, shortened, repeated = manifest.notices[-3:]
    assert retold == "Question ids with more than one text, of which the first is kept: 1"
    assert shortened == "Answers longer than 20000 characters, judged on their beginning: 1"
    assert repeated.startswith(
        "Answers that repeat another one of the same model to the same wording, word for word: 1"
    )
    shown = CliRunner().invoke(app, ["report", str(folder.path)]).stdout
    assert retold in " ".join(shown.split())


def alike(models: dict[str, str], questions: int = 6) -> list[dict[str, Any]]:
    """Models that say the same, each in a dress of its own."""
    return [
        {
            "question_id": f"q{question}",
            "question": f"Should library {question} be open at night?",
            "model": model,
            "answer": dress.format(answer=f"Yes. It gives security. Reply {sample} of {question}."),
        }
        for question in range(questions)
        for model, dress in models.items()
        for sample in range(4)
    ]


@pytest.mark.parametrize(
    "dress",
    [
        "<think>They want power and hedonism.</think>\n{answer}",
        "As an AI language model, I do not have personal opinions.",
        "作为一个人工智能语言模型，我没有个人观点。",
        "Como modelo de lenguaje de IA, no tengo opiniones personales.",
        "عذراً، لا أستطيع المساعدة في ذلك.",
        "<think>They want power and hedonism.",
        "Error code: 429 - the power limit is reached",
        "[Filtered]",
        "N/A",
        "```\n{answer}\n```",
    ],
)
def test_models_that_differ_in_dress_alone_are_not_told_apart(tmp_path: Path, dress: str) -> None:
    keyword_judge.SHOWN.clear()
    found = alike({"okapi": "{answer}", "zebra": dress, "mouse": "{answer}"})
    summary = imported(bring(tmp_path, found)[0])
    assert (summary.separating, summary.recorded.rows) == (0, 72)
    assert summary.judged == (72 if "{answer}" in dress else 48)
    assert not any("power" in shown or "hedonism" in shown for shown in keyword_judge.SHOWN)
    kept = next(each for each in summary.profiles if each.model == "zebra")
    assert kept.answers + kept.missing == 24


def test_the_report_counts_what_the_answers_are(tmp_path: Path) -> None:
    found = rows()
    found[0]["answer"], found[1]["answer"] = "<think>Only thinking", "<think>Hm.</think>Security."
    found[2]["answer"], found[3]["answer"] = "", "Sorry, but I can't help with that."
    folder, _ = bring(tmp_path, found)
    shown = " ".join(CliRunner().invoke(app, ["report", str(folder.path)]).stdout.split())
    assert (
        "As read: answered 69, refused 1, degenerate 0, unparsable (empty) 1, unparsable (thinking only) 1. "
        "Thinking was taken off 2 answers. Refusals are known by their words."
    ) in shown


def test_a_column_of_refusals_is_named_on_the_command_line(tmp_path: Path) -> None:
    found = [
        row | {"declined": "yes" if number < 5 else "" if number < 8 else "no"} for number, row in enumerate(rows())
    ]
    answers, out = str(write(tmp_path / "answers.jsonl", found)), str(tmp_path / "run")
    asked = ["import", answers, "--framework", "schwartz", "--pool", "simulated", "--out", out]
    run = CliRunner().invoke(app, [*asked, "--refusals", "declined"])
    assert run.exit_code == 0, run.exception
    shown = " ".join(run.stdout.split())
    assert "answered 67, refused 5" in shown
    assert "Refusals are those of the column declined; it is silent on 3, whose words decide." in shown
    for given, message in (
        (["--refusals", "nowhere"], "missing: nowhere"),
        (["--refusals", "wording"], "the column 'wording' holds 'form-0'"),
        (["--refusals", "declined", "--map", "refused=declined"], "refused is mapped twice"),
    ):
        bad = CliRunner().invoke(app, [*asked[:-1], str(tmp_path / "other"), *given])
        assert isinstance(bad.exception, InputError)
        assert message in str(bad.exception)
        assert bad.exception.exit_code == 2


def test_nothing_judged_is_a_failed_run(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="no answer could be judged"):
        bring(tmp_path, [row | {"answer": "unreadable"} for row in rows(questions=2)])
    assert open_run(tmp_path / "run").read_manifest().status == "finished"


def test_a_cancelled_import_keeps_what_it_has(tmp_path: Path) -> None:
    overrides = {"framework": "schwartz", **judge_settings(FAKE, None)}
    inputs = check_import(write(tmp_path / "answers.jsonl", rows(questions=12)), {}, overrides)

    async def interrupted() -> tuple[RunFolder, Manifest]:
        def cancel(done: int, total: int) -> None:
            task.cancel()

        task = asyncio.create_task(import_answers(inputs, tmp_path / "run", cancel))
        return await task

    folder, manifest = asyncio.run(interrupted())
    assert (manifest.status, manifest.stop_reason) == ("interrupted", "stopped by the user")
    assert 1 <= len(critiques(folder)) < 12
    assert imported(folder).status == "interrupted"


def test_a_defect_is_found_before_anything_is_written(tmp_path: Path) -> None:
    answers = write(tmp_path / "answers.jsonl", rows())
    fake = judge_settings(FAKE, None)
    for overrides, columns, kind in (
        ({"framework": "none-such", **fake}, {}, InputError),
        ({"framework": "schwartz", **fake}, {"model": "engine"}, FileError),
        ({"framework": "schwartz", **judge_settings("no_such_module:Judge", None)}, {}, InputError),
    ):
        with pytest.raises(kind):
            check_import(answers, columns, overrides)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl"]
    folder, _ = bring(tmp_path, rows())
    with pytest.raises(StoreError, match="holds another run"):
        bring(tmp_path, rows())
    assert len(critiques(folder)) == 6


@pytest.mark.parametrize(
    ("judge", "pool", "message"),
    [
        (None, None, "nobody to judge the answers — name a judge's file"),
        ("llm", None, "--judge llm: it asks models — name their pool"),
        ("missing.json", None, "--judge missing.json: no such file — name a file made by 'adaem judge train'"),
        ("local", None, "--judge local: no such file"),
    ],
)
def test_a_judge_that_cannot_sit(judge: str | None, pool: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        judge_settings(judge, pool)


def test_a_judges_file_asks_no_pool(tmp_path: Path) -> None:
    file = tmp_path / "judge.json"
    file.write_text("{}")
    assert judge_settings(str(file), None) == {"agents.judge": "local", "judge.file": str(file), "pool": "none"}
    with pytest.raises(InputError, match="asks no model"):
        judge_settings(str(file), "simulated")


def test_the_verbs_on_a_simulated_judge(tmp_path: Path) -> None:
    """From the command line to the trace of one step; whatever a simulated judge labels says so everywhere."""
    found = rows(questions=5, wordings=2)
    found[0]["answer"] = "Security \x1b[31m[bold]matters[/bold] most, since people should be safe in their homes."
    answers, out = write(tmp_path / "answers.jsonl", found), str(tmp_path / "run")
    run = CliRunner().invoke(
        app, ["import", str(answers), "--framework", "schwartz", "--pool", "simulated", "--out", out, "--json"]
    )
    assert run.exit_code == 0, run.exception
    told = json.loads(run.stdout)
    assert told.pop("results")["asked"]["kind"] == "import"
    summary = ImportSummary.model_validate(told)
    assert summary.simulated_judge
    assert summary.simulator_version
    assert summary.calls > 5
    report = CliRunner().invoke(app, ["report", out])
    assert report.exit_code == 0
    assert report.stdout.startswith("SIMULATED JUDGE")
    assert "#1 acme/okapi-7b" in report.stdout
    assert "each judged as a whole; no model was called" in " ".join(report.stdout.split())
    assert max(map(len, report.stdout.splitlines())) <= 80
    tree = CliRunner().invoke(app, ["trace", out])
    assert tree.exit_code == 0
    assert "import of answers.jsonl" in tree.stdout
    assert "RESPONDENTS" not in tree.stdout
    step = CliRunner().invoke(app, ["trace", out, "1.1.critique"])
    assert step.exit_code == 0
    assert "acme/okapi-7b, wording form-0, sample 0: answered" in step.stdout
    assert "[bold]matters[/bold]" in step.stdout
    assert "\x1b" not in step.stdout
    events, damaged = read_trace(Path(out) / "trace.jsonl")
    assert damaged == 0
    assert [event.id for event in events] == ["1.import", *(f"1.{n}.critique" for n in range(1, 6))]


def test_the_command_line_tells_a_defect_in_one_line(tmp_path: Path) -> None:
    answers = write(tmp_path / "answers.jsonl", [{"question_id": "q"}])
    run = CliRunner().invoke(
        app, ["import", str(answers), "--framework", "schwartz", "--pool", "simulated", "--map", "model=engine"]
    )
    assert isinstance(run.exception, AdaemError)
    assert "missing: question, engine, answer; present: question_id" in str(run.exception)
