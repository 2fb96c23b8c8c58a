"""``adaem compare`` as a user types it, on simulated evaluations of one file of questions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.results.comparison.comparison_types import FolderComparison
from asking import ask, checked, write_asked
from growing import simulated_pool

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two evaluations, their seeds apart, and one of other questions."""
    folder = tmp_path_factory.mktemp("compare")
    pool = simulated_pool(folder / "pool.yaml")
    source = write_asked(folder / "q.jsonl", 12)
    for name, seed in (("may", 1), ("june", 2)):
        ask(checked(source, pool, seed=seed), folder / name)
    text = source.read_text(encoding="utf-8").replace("Should", "Must")
    (folder / "other.jsonl").write_text(text, encoding="utf-8")
    ask(checked(folder / "other.jsonl", pool), folder / "other")
    return folder


def test_the_tables_fit_and_say_what_they_are(adaem: Command, home: Path) -> None:
    code, shown, told = adaem("compare", home / "may", home / "june")
    assert (code, told) == (0, "")
    assert "SIMULATED RESPONDENTS" in shown
    assert "12 of 12" in shown
    assert "No change can be settled" in shown
    assert "Every model's drift, in percentage points" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "nan" not in shown.lower()


def test_json_is_one_object_with_everything(adaem: Command, home: Path) -> None:
    code, shown, told = adaem("compare", home / "may", home / "june", "--json")
    assert (code, told) == (0, "")
    found = FolderComparison.model_validate(json.loads(shown))
    assert [folder.name for folder in found.folders] == ["may", "june"]
    assert found.tested == len(found.changes) == 6 * len(found.values)
    assert all(change.questions == 12 for change in found.changes)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["may"], "a comparison takes two folders or more"),
        (["may", "may"], "each named once"),
        (["may", "nowhere"], "nowhere: is not a run"),
        (["may", "other"], "other: shares no question with may"),
    ],
)
def test_wrong_input_is_one_line(adaem: Command, home: Path, names: list[str], message: str) -> None:
    code, shown, told = adaem("compare", *(home / name for name in names))
    assert (code, shown) == (2, "")
    assert message in told
    assert told.count("\n") == 1
