"""docs/PYTHON.md and docs/PUBLISH.md work as they stand, simulated; importing adaem stays as light as it says."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adaem as package
import numpy as np
import pytest
from adaem.domain.answer import Phase
from adaem.domain.errors import FileError, InputError
from adaem.domain.pool_spec import Role
from adaem.records import RunRecords
from finished_runs import FinishedRuns
from places import ROOT

PAGE = (ROOT / "docs" / "PYTHON.md").read_text(encoding="utf-8")
Command = Callable[..., tuple[int, str, str]]


PUBLISH = (ROOT / "docs" / "PUBLISH.md").read_text(encoding="utf-8")


def blocks(language: str, page: str = PAGE) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    folder = tmp_path_factory.mktemp("notebook")
    finished_runs.copy(folder / "runs" / "first", questions=4, budget__calls=1500)
    return folder


@pytest.fixture(scope="module")
def run(home: Path) -> Any:
    return package.load(str(home / "runs" / "first"))


@pytest.fixture
def names(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """What the page's Python leaves behind, run from top to bottom as in one notebook."""
    folder = tmp_path_factory.mktemp("python-page")
    monkeypatch.chdir(folder)
    found: dict[str, Any] = {}

    async def cells() -> None:
        for block in blocks("python"):
            code = compile(block, "PYTHON.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            if (work := eval(code, found)) is not None:
                await work
            assert capsys.readouterr().out or "print" not in block

    asyncio.run(cells())
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_pages_python_runs_and_finds_what_it_says(names: dict[str, Any]) -> None:
    assert names["run"].manifest.simulated
    assert names["evaluated"].expressions.shape == tuple(
        names[axis] for axis in ("questions", "models", "samples", "values")
    )
    assert names["profiles"].rates.mean.shape == names["strength"].win_rate.shape
    assert {each["stance"] for each in names["refused"]} <= {None}
    assert np.isfinite(names["one"].divergence)
    assert list(names["best"].divergence) == sorted(names["best"].divergence, reverse=True)


@pytest.mark.slow
def test_the_pages_commands_run(home: Path, adaem: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    commands = [shlex.split(line) for line in "".join(blocks("sh", PUBLISH)).splitlines()]
    assert len(commands) == 5
    for name, *arguments in commands:
        assert name == "adaem"
        assert adaem(*arguments)[0] == 0
    assert json.loads((home / "tables" / "columns.json").read_text(encoding="utf-8"))["simulated"]
    assert {path.name for path in (home / "task").iterdir()} == {
        "adaem_questions.yaml",
        "adaem_task.py",
        "dataset.jsonl",
    }


def test_the_page_names_all_that_the_package_offers() -> None:
    assert {*re.findall(r"`adaem\.([A-Za-z_]+)`", PAGE)} - {"cost", "__all__"} == set(package.__all__)


@pytest.mark.parametrize("name", package.__all__)
def test_every_name_is_a_function_of_that_name(name: str) -> None:
    assert getattr(package, name).__name__ == name
    assert name in dir(package)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'profile'"):
        _ = package.profile


def test_importing_the_package_loads_nothing_but_itself() -> None:
    code = "import sys; before = set(sys.modules); import adaem; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert loaded - set(sys.stdlib_module_names) == {"adaem"}
    assert "numpy" not in loaded


def test_measurements_are_the_rates_that_were_scored(run: Any) -> None:
    """The same numbers by the page's way and by the critic's."""
    evaluated, measured = run.evaluated(), run.measurements()
    with RunRecords(run.folder.records_path, read_only=True) as records:
        ids = [question.id for question in evaluated.questions]
        critiques = records.critiques(Phase.EVALUATE, Role.PANEL, ids)
    assert critiques
    for row, question in enumerate(ids):
        critique = critiques[question]
        for model, rates in zip(critique.models, critique.rates, strict=True):
            assert measured.rates[row, evaluated.models.index(model)] == pytest.approx(rates)


def test_frames_keep_rows_columns_and_what_is_missing(run: Any) -> None:
    for table in ("questions", "answers", "labels", "scores"):
        rows, frame = getattr(run, table), run.frame(table)
        assert len(frame) == len(rows)
        assert list(frame.columns) == list(rows[0])
        assert [int(count) for count in frame.isna().sum()] == [
            sum(row[column] is None for row in rows) for column in frame.columns
        ]


def test_integers_stay_integers_in_a_frame_with_missing_cells(run: Any) -> None:
    frame = run.frame("questions")
    assert frame["rank"].isna().any()
    assert str(frame["rank"].dtype) == "Int64"
    assert str(frame["published"].dtype) == "boolean"


def test_without_pandas_it_says_how_to_install_it(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match="pip install pandas"):
        run.frame("answers")


def test_a_folder_that_is_no_run_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is not a run"):
        package.load(tmp_path)
