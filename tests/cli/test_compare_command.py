"""``adaem compare`` as a user types it, on simulated evaluations of one file of questions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.results.comparison.comparison_types import FolderComparison
from adaem.results.comparison.retest_types import Retest
from asking import ask, checked, write_asked
from growing import simulated_pool

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two evaluations, their seeds apart, one of other questions, one of few, and one of models with other names."""
    folder = tmp_path_factory.mktemp("compare")
    pool = simulated_pool(folder / "pool.yaml")
    source = write_asked(folder / "q.jsonl", 12)
    for name, seed in (("may", 1), ("june", 2)):
        ask(checked(source, pool, seed=seed), folder / name)
    text = source.read_text(encoding="utf-8").replace("Should", "Must")
    (folder / "other.jsonl").write_text(text, encoding="utf-8")
    ask(checked(folder / "other.jsonl", pool), folder / "other")
    ask(checked(write_asked(folder / "few.jsonl", 4), pool), folder / "few")
    renamed = (folder / "pool.yaml").read_text(encoding="utf-8").replace("scout-", "s-").replace("examinee-", "e-")
    (folder / "renamed.yaml").write_text(renamed, encoding="utf-8")
    ask(checked(source, str(folder / "renamed.yaml")), folder / "strangers")
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


def test_a_retest_needs_no_shared_question(adaem: Command, home: Path) -> None:
    code, shown, told = adaem("compare", "--retest", home / "may", home / "other")
    assert (code, told) == (0, "")
    first = " ".join(shown.split("\n\n")[1].split())
    assert first.startswith("Whether other questions rank the 6 models the same way cannot be settled: may has answers")
    assert "Do both rank the models alike?" in shown
    assert "12 questions are in both" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "nan" not in shown.lower()


def test_a_retest_as_json_is_one_object(adaem: Command, home: Path) -> None:
    code, shown, told = adaem("compare", "--retest", home / "may", home / "june", "--json")
    assert (code, told) == (0, "")
    found = Retest.model_validate(json.loads(shown))
    assert [folder.name for folder in found.folders] == ["may", "june"]
    assert found.agreement is not None
    assert found.agreement.interval is not None
    assert -1 <= found.agreement.interval[0] <= found.agreement.estimate <= found.agreement.interval[1] <= 1
    assert [each.value for each in found.by_value] == list(found.values)
    assert len(found.findings) == 15 * len(found.values)
    assert (found.seed, found.draws) == (1, 1000)
    assert any(note.startswith("12 questions are in both folders") for note in found.notes)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["may"], "a retest takes exactly two folders"),
        (["may", "june", "other"], "a retest takes exactly two folders"),
        (["may", "may"], "each named once"),
        (["may", "nowhere"], "nowhere: is not a run"),
        (["may", "few"], "few: its answered questions come from 2 topics"),
        (["may", "strangers"], "may and strangers: share 0 models with answers"),
    ],
)
def test_a_wrong_retest_is_one_line(adaem: Command, home: Path, names: list[str], message: str) -> None:
    code, shown, told = adaem("compare", "--retest", *(home / name for name in names))
    assert (code, shown) == (2, "")
    assert message in told
    assert told.count("\n") == 1
