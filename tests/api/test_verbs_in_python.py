"""The verbs as functions: inside a running loop, with rows and frames, stopped and resumed; docstrings run."""

from __future__ import annotations

import asyncio
import doctest
import json
import re
from pathlib import Path
from typing import Any

import adaem
import numpy as np
import pandas as pd
import pytest
from adaem.api.measuring import _rows
from adaem.reports.notebook.frames import untyped_frame
from adaem.reports.notebook.result_tables import RESULT_COLUMNS, result_rows
from finished_runs import FinishedRuns
from keyword_judge import KeywordJudge

ROWS = [
    {
        "question_id": f"q{n}",
        "question": f"Should rule {n} go?",
        "model": model,
        "answer": f"I want {value} in case {n}.",
    }
    for n in range(3)
    for model, value in (("okapi", "security"), ("zebra", "power"))
]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("module", ["searching", "measuring"])
def test_the_docstrings_examples_run(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = __import__(f"adaem.api.{module}", fromlist=["run"])
    failed, tried = doctest.testmod(code, optionflags=doctest.ELLIPSIS)
    assert (failed, tried > 3) == (0, True)


@pytest.mark.slow
def test_a_run_stops_when_its_task_is_cancelled_and_goes_on(tmp_path: Path) -> None:
    heard: list[adaem.Event] = []
    options: dict[str, Any] = {"questions": 2, "calls": 700, "seed": 3}
    settings = {"search.permutations": 99, "samples.confirm": 2}

    async def stopped() -> None:
        def listen(event: adaem.Event) -> None:
            heard.append(event)
            if event.trace is not None and event.trace.node == "critique":
                task.cancel()

        task = asyncio.create_task(
            adaem.run(pool="simulated", out=tmp_path / "a", on_event=listen, settings=settings, **options)
        )
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(stopped())
    assert (heard[0].kind, str(heard[0])) == (
        "begin",
        "11 members (simulated); Schwartz's ten basic human values (0 of 700)",
    )
    assert adaem.load(tmp_path / "a").manifest.status == "interrupted"
    resumed = asyncio.run(adaem.resume(tmp_path / "a"))
    whole = adaem.run_sync(pool="simulated", out=tmp_path / "b", settings=settings, **options)
    assert resumed.manifest.status == whole.manifest.status == "finished"
    texts = [[row["question"] for row in each.questions if row["published"]] for each in (resumed, whole)]
    assert texts[0] == texts[1]


def test_run_sync_in_a_loop_says_what_to_write() -> None:
    async def notebook() -> None:
        with pytest.raises(adaem.InputError, match=r"write: await adaem\.run"):
            adaem.run_sync()

    asyncio.run(notebook())


def test_a_frame_and_rows_are_imported_as_the_file_is(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    frame = pd.DataFrame([*ROWS, {**ROWS[0], "answer": None}])
    sources = {"file": path, "rows": ROWS, "frame": frame}
    runs = {
        name: asyncio.run(
            adaem.import_answers(
                answers,
                framework="schwartz",
                judge=KeywordJudge,
                settings={"search.permutations": 99},
                out=tmp_path / name,
            )
        )
        for name, answers in sources.items()
    }
    rates = {name: run.results.rates() for name, run in runs.items()}
    assert rates["file"] == rates["rows"] == rates["frame"]
    assert rates["file"]["okapi"]["security"].estimate == 1
    assert runs["frame"].results.asked.missing == {"unparsable (empty)": 1}
    assert getattr(runs["rows"].manifest.recorded, "file", "") == "answers"
    for table in RESULT_COLUMNS:
        rows = result_rows(runs["rows"].results, table)
        assert {tuple(row) for row in rows} <= {RESULT_COLUMNS[table]}
        assert tuple(untyped_frame([], RESULT_COLUMNS[table]).columns) == RESULT_COLUMNS[table]


@pytest.mark.parametrize(
    ("answers", "options", "told"),
    [
        ([None], {}, "answers: a row is NoneType"),
        ([()], {}, "answers: a row is tuple"),
        (5, {}, "answers: int was given — give a file, a data frame"),
        (ROWS, {"repeats": "once"}, "--repeats once: unknown — choose one of keep-first, samples"),
        (ROWS, {"kind": "word"}, "--from word: unknown"),
        (ROWS, {"kind": "inspect"}, "is not a result of inspect"),
        (ROWS, {"columns": {"modell": "model"}}, "columns, 'modell': 'model' — give the name of a column for each of"),
        (ROWS, {"columns": {"model": 1}}, "columns, 'model': 1"),
    ],
)
def test_rows_and_options_that_mean_nothing_are_one_line(answers: Any, options: dict[str, Any], told: str) -> None:
    with pytest.raises(adaem.InputError, match=re.escape(told)):
        asyncio.run(adaem.import_answers(answers, framework="schwartz", judge=KeywordJudge, **options))


def test_pools_texts_and_questions_that_are_none_are_one_line() -> None:
    calls: list[tuple[Any, str]] = [
        (adaem.evaluate(["Is it?"], pool=None), "pool: nobody to ask"),  # type: ignore[arg-type]
        (adaem.evaluate(["Is it?"], pool=5), "pool: int is no pool"),  # type: ignore[arg-type]
        (adaem.evaluate(5, pool="simulated"), "questions: int was given"),  # type: ignore[arg-type]
        (adaem.judge([None], judge=KeywordJudge), "judge: text 0 is NoneType"),  # type: ignore[list-item]
        (adaem.judge(5, judge=KeywordJudge), "judge: int was given — give a list of texts"),  # type: ignore[arg-type]
    ]
    for call, told in calls:
        with pytest.raises(adaem.InputError, match=told):
            asyncio.run(call)


def test_rows_in_memory_are_read_as_those_of_a_file() -> None:
    rows = [{"instruction": "Should it go?", "output": "Yes.", "generator": "okapi", "scores": np.array([1.5, 2])}]
    read = _rows(rows, "answers", None)
    assert read.format == "alpaca-eval"
    ((_, row),) = read.rows
    assert (row["answer"], row["scores"]) == ("Yes.", [1.5, 2.0])


def test_texts_are_judged_and_what_is_no_answer_is_missing() -> None:
    found = asyncio.run(
        adaem.judge(["For security.", "", "I'm sorry, but I can't help with that."], judge=KeywordJudge)
    )
    assert found.values == (frozenset({"security"}), None, None)
    frame = found.frame()
    row = frame[(frame.text == 0) & (frame.value == "security")].iloc[0]
    assert (bool(row.expressed), row.quote) == (True, "security")
    assert frame[frame.text == 1].expressed.isna().all()
    with pytest.raises(adaem.InputError, match="give a list of texts"):
        asyncio.run(adaem.judge("one text", judge=KeywordJudge))
    with pytest.raises(adaem.InputError, match="nobody to judge the answers"):
        asyncio.run(adaem.judge(["text"]))


def test_a_plan_shows_itself_and_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plan = asyncio.run(adaem.plan(pool="simulated", calls=2000))
    assert 0 < plan.forecast.calls <= 2000
    assert "by member" in repr(plan)
    assert plan._repr_html_().startswith("<pre>")
    assert list(tmp_path.iterdir()) == []


def test_results_show_themselves_and_hostile_text_stays_text(tmp_path: Path) -> None:
    rows = [{**row, "model": f"<script>{row['model']}</script>"} for row in ROWS]
    run = asyncio.run(
        adaem.import_answers(
            rows, framework="schwartz", judge=KeywordJudge, settings={"search.permutations": 99}, out=tmp_path / "run"
        )
    )
    html = run._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "3 questions" in html
    assert "Expression rates" in html


@pytest.mark.slow
def test_frames_of_results_have_intervals_and_keep_what_is_missing(finished_runs: FinishedRuns, tmp_path: Path) -> None:
    finished_runs.copy(tmp_path / "run", questions=4, budget__calls=1500)
    run = adaem.load(tmp_path / "run")
    profiles = run.frame("profiles")
    assert set(profiles.value) == {*run.manifest.framework.value_ids, "refusal"}
    of_one = profiles[(profiles.model == "scout-1") & (profiles.value == "power")].iloc[0]
    assert of_one.rate == pytest.approx(run.results.rates()["scout-1"]["power"].estimate)
    assert len(run.frame("contrasts")) == len(run.results.contrasts.contrasts)
    with pytest.raises(adaem.InputError, match="no table is called 'profile'"):
        run.frame("profile")  # type: ignore[arg-type]
    figure: Any = run.figures.profile("scout-1", "scout-2")
    assert len(figure.axes) == 2
    assert "<svg" in figure._repr_svg_()
    assert len(run.figures.heat_map().axes[0].texts) == 6 * 10
    with pytest.raises(adaem.InputError, match="no profile of 'nobody'"):
        run.figures.profile("nobody")


@pytest.mark.slow
def test_two_folders_are_compared(finished_runs: FinishedRuns, tmp_path: Path) -> None:
    finished_runs.copy(tmp_path / "one", questions=4, budget__calls=1500)
    run = adaem.load(tmp_path / "one")
    again = asyncio.run(adaem.evaluate(run, pool="simulated", samples=2, out=tmp_path / "two"))
    compared = adaem.compare(run, again)
    assert compared.sentences
    assert len(compared.frame()) == len(compared.data.changes)
    assert "<table>" in compared._repr_html_()
