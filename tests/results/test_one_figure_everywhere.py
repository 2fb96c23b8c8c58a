"""One statistic each: whatever a figure is read from, it is the same figure (docs/STATISTICS.md says which)."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaem.domain.judge_accuracy import Figure
from adaem.evaluation.models.profiles import profiles
from adaem.records import RunFolder
from adaem.reports.markdown import escaped
from adaem.reports.notebook.folder_data import load
from adaem.reports.page.figure_formats import percent as page_percent
from adaem.reports.sheets.figure_text import percent
from asking import ask, checked, write_asked
from finished_runs import FinishedRuns
from growing import simulated_pool
from recorded_rows import bring, rows

Command = Callable[..., tuple[int, str, str]]
KINDS = ("import", "run", "evaluation")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> dict[str, Path]:
    """An import whose models gave unequal numbers of answers, a run, and an evaluation."""
    home = tmp_path_factory.mktemp("figures")
    found = [row for n, row in enumerate(rows(questions=12, wordings=4)) if n % 7 and (n % 3 or n % 5)]
    bring(home, found)
    (home / "run").rename(home / "import")
    finished_runs.copy(home / "run", questions=4, budget__calls=1500)
    ask(checked(write_asked(home / "q.jsonl", 12), simulated_pool(home / "pool.yaml")), home / "evaluation")
    return {kind: home / kind for kind in KINDS}


def told(adaem: Command, *arguments: Any) -> str:
    code, out, err = adaem(*arguments)
    assert (code, err) == (0, "")
    return out


def report(adaem: Command, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The whole JSON object, and the results in it."""
    whole: dict[str, Any] = json.loads(told(adaem, "report", folder, "--json"))
    return whole, whole.get("results", whole)


def figures(results: dict[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    """Model, value and rate of all profiles in a report's results."""
    for profile in results["profiles"]:
        for value, found in profile["values"].items():
            if found["rate"] is not None:
                yield profile["model"], value, Figure.model_validate(found["rate"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_rate_is_one_number_in_json_and_in_a_notebook(folders: dict[str, Path], kind: str, adaem: Command) -> None:
    whole, results = report(adaem, folders[kind])
    loaded = load(folders[kind])
    evaluated, rates = loaded.evaluated(), profiles(loaded.measurements()).rates
    found = list(figures(results))
    assert found
    for model, value, figure in found:
        at = evaluated.models.index(model), evaluated.values.index(value)
        assert figure.estimate == rates.mean[at]
        assert figure.interval == (None if np.isnan(rates.low[at]) else (rates.low[at], rates.high[at]))
    if kind != "evaluation":
        name = "model" if kind == "import" else "member"
        brief = {
            (profile[name], value): (rate["rate"], *(rate["interval"] or ()))
            for profile in whole["profiles"]
            for value, rate in profile["rates"].items()
        }
        assert brief == {(model, value): (each.estimate, *(each.interval or ())) for model, value, each in found}


@pytest.mark.parametrize("kind", KINDS)
def test_a_rate_is_shown_alike_on_the_page_in_markdown_and_in_the_terminal(
    folders: dict[str, Path], kind: str, adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, results = report(adaem, folders[kind])
    page, markdown = tmp_path / "page.html", tmp_path / "report.md"
    monkeypatch.setenv("COLUMNS", "300")
    terminal = told(adaem, "report", folders[kind], "--full", "--html", page, "--md", markdown)
    names = results["asked"]["values"]
    cells = [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "|", each)) for each in page.read_text().split("<tr>")]
    on_page = {unescape(re.sub(r"[| ]*\|[| ]*", "|", cell)).strip("|") for cell in cells}
    for model, value, figure in figures(results):
        assert any(row.startswith(f"{model}|{names[value]}|{page_percent(figure)}|") for row in on_page)
    models = [profile["model"] for profile in results["profiles"]]
    for value, name in names.items():
        row = [
            percent(each) for model in models for one, other, each in figures(results) if (one, other) == (model, value)
        ]
        assert f"| {escaped(name)} | {' | '.join(map(escaped, row))} |" in markdown.read_text()
        assert re.search(rf"(?m)^ ?{re.escape(name)} +{' +'.join(map(re.escape, row))} *$", terminal)


def test_a_recorded_score_is_one_number_in_json_exports_and_reports(
    folders: dict[str, Path], adaem: Command, tmp_path: Path
) -> None:
    whole, results = report(adaem, folders["import"])
    told(adaem, "export", folders["import"], "--to", "csv", "--out", tmp_path / "tables")
    with (tmp_path / "tables" / "scores.csv").open(encoding="utf-8", newline="") as file:
        exported = {row["question_id"]: row for row in csv.DictReader(file)}
    questions = [each for each in results["divergences"]["questions"] if each["divergence"] is not None]
    assert len(questions) > 5
    for each in questions:
        row, figure = exported[each["id"]], each["divergence"]
        shown = [float(row[name]) for name in ("divergence", "interval_low", "interval_high", "p_value", "q_value")]
        assert shown == pytest.approx([figure["estimate"], *figure["interval"], each["p_value"], each["q_value"]])
    best = [(line["id"], line["divergence"], line["p_value"], line["q_value"]) for line in whole["best"]]
    assert best == [(q["id"], q["divergence"]["estimate"], q["p_value"], q["q_value"]) for q in questions[: len(best)]]
    assert whole["divergence"] == results["divergences"]["mean"]
    assert whole["missing"] == results["asked"]["missing"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_share_is_shown_as_a_point(folders: dict[str, Path], kind: str, adaem: Command) -> None:
    terminal = told(adaem, "report", folders[kind], "--full")
    assert "±" in terminal
    assert not re.search(r"±0(?![.\d])|\[(\S+), \1\]", terminal)


def test_unequal_numbers_of_answers_tell_the_two_statistics_apart(folders: dict[str, Path]) -> None:
    """What the tests above would not notice otherwise: every answer weighing alike gives other rates."""
    evaluated = load(RunFolder(folders["import"]).path).evaluated()
    by_answer = evaluated.expressed.sum(axis=(0, 2)) / evaluated.answered.sum(axis=(0, 2))[:, None]
    by_question = profiles(load(folders["import"]).measurements()).rates.mean
    assert np.abs(by_answer - by_question).max() > 0.01
