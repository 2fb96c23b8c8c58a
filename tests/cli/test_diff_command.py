"""``adaem diff`` as a user types it, on small runs and evaluations."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.records import read_trace
from adaem.records.whole_file import write_whole
from adaem.results.comparison.diff_folders import diff
from adaem.results.comparison.diff_types import FolderDiff
from asking import ask, checked, write_asked
from growing import grow, simulated_pool

pytestmark = pytest.mark.slow

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, the same again, one of another seed, and an evaluation of a file."""
    folder = tmp_path_factory.mktemp("diff")
    pool = simulated_pool(folder / "pool.yaml")
    grow(folder / "one", pool=pool, budget__calls=900)
    grow(folder / "same", pool=pool, budget__calls=900)
    grow(folder / "seed", pool=pool, budget__calls=900, seed=1)
    ask(checked(write_asked(folder / "q.jsonl", 12), pool), folder / "asked")
    return folder


def test_two_runs_of_one_seed_differ_in_nothing(adaem: Command, home: Path) -> None:
    code, shown, told = adaem("diff", home / "one", home / "same")
    assert (code, told) == (0, "")
    assert "SIMULATED RESPONDENTS" in shown
    assert "Nothing differs" in shown
    assert "What they were made with" not in shown
    found = diff(home / "one", home / "same")
    assert found.nothing_differs
    assert found.steps is not None
    assert found.steps.alike == found.steps.first == found.steps.second > 20
    assert len(found.scored) == len(lines_of(home / "one"))
    assert all(each.alike for each in found.findings)


def lines_of(run: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


def test_another_seed_is_told_first_and_every_table_fits(adaem: Command, home: Path) -> None:
    code, shown, told = adaem("diff", home / "one", home / "seed")
    assert (code, told) == (0, "")
    assert shown.index("settings.seed") < shown.index("Questions, by their words")
    assert "0 steps are the same before 1.explore" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
    assert "nan" not in shown.lower()
    found = diff(home / "one", home / "seed")
    assert [each.key for each in found.settings] == ["settings.seed"]
    assert (found.settings[0].first, found.settings[0].second) == ("0", "1")
    assert not found.nothing_differs


def test_json_is_one_object_with_everything(adaem: Command, home: Path) -> None:
    code, shown, told = adaem("diff", home / "one", home / "seed", "--json")
    assert (code, told) == (0, "")
    found = FolderDiff.model_validate(json.loads(shown))
    assert [folder.name for folder in found.folders] == ["one", "seed"]
    assert len(found.findings) == 15 * len(found.values), "six models make fifteen pairs"


def test_one_changed_score_is_found_and_everything_else_is_the_same(home: Path, tmp_path: Path) -> None:
    import sqlite3

    shutil.copytree(home / "one", tmp_path / "other")
    with sqlite3.connect(tmp_path / "other" / "run.sqlite") as database:
        (question_id, body) = database.execute(
            "SELECT question_id, body FROM critiques WHERE phase = 'confirm' ORDER BY question_id"
        ).fetchone()
        critique = json.loads(body)
        critique["score"]["divergence"] += 0.5
        database.execute(
            "UPDATE critiques SET body = ? WHERE question_id = ? AND phase = 'confirm'",
            (json.dumps(critique), question_id),
        )
    found = diff(home / "one", tmp_path / "other")
    assert not found.nothing_differs
    assert [each.id for each in found.scored if each.changed] == [question_id]
    assert found.steps is not None
    assert not found.steps.first_change
    assert not found.settings


def test_the_first_step_that_differs_is_named(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "one", tmp_path / "other")
    events, _ = read_trace(tmp_path / "other" / "trace.jsonl")
    place = 12
    changed = [each.model_copy(update={"summary": "hm"}) if each is events[place] else each for each in events[:-1]]
    write_whole(tmp_path / "other" / "trace.jsonl", "".join(f"{each.model_dump_json()}\n" for each in changed))
    steps = diff(home / "one", tmp_path / "other").steps
    assert steps is not None
    assert (steps.alike, steps.first_change, steps.changed) == (place, events[place].id, (events[place].id,))
    assert steps.only_first == (events[-1].id,)


def test_an_evaluation_beside_a_run_has_no_steps_and_no_ranks(home: Path) -> None:
    found = diff(home / "one", home / "asked")
    assert found.steps is found.confirmed is found.published is None
    assert found.asked.both == 0
    assert "evaluation.samples" in {each.key for each in found.settings}


def test_a_hostile_name_cannot_steer_the_terminal(adaem: Command, home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "seed", tmp_path / "x\x1b[31m[bold]y")
    code, shown, _ = adaem("diff", home / "one", tmp_path / "x\x1b[31m[bold]y")
    assert code == 0
    assert "\x1b" not in shown
    assert "[bold]y" in shown


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("one", "one"), "is the same folder as the first"),
        (("one", "nowhere"), "nowhere: is not a run"),
        (("pool.yaml", "one"), "pool.yaml: is not a run"),
    ],
)
def test_wrong_input_is_one_line(adaem: Command, home: Path, names: tuple[str, str], message: str) -> None:
    code, shown, told = adaem("diff", *(home / name for name in names))
    assert (code, shown) == (2, "")
    assert message in told
    assert told.count("\n") == 1
