"""``adaem calibrate`` through the command line: JSON, the report, and exit code 1 when a line falls short."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from adaem.calibration import end_to_end, false_alarms
from adaem.calibration import null_worlds as nothing_to_find
from adaem.calibration import profile_recovery as profiles
from adaem.calibration import search_gain as search
from adaem.calibration import suite as run
from adaem.calibration.extent import Extent, Task
from adaem.calibration.suite import calibrate
from adaem.calibration.verdict import Measurement, Section, line
from adaem.calibration.worlds import RESERVED
from adaem.cli.app import app
from typer.testing import CliRunner


def alarm_tasks(extent: Extent) -> list[Task]:
    return [Task(false_alarms.alarms, (2, 3, 0.5, 20, extent.seed + n)) for n in range(3)]


def alarm_lines(results: list[tuple[int, int]]) -> Section:
    rate = sum(hits for hits, _ in results) / sum(count for _, count in results)
    shown = Measurement(estimate=rate, interval=(0.0, 0.04), draws=60)
    return Section(title="Alarms", lines=(line("Alarms", "rate", shown, "at most 5 %", within=(0.0, 0.05)),))


def failing_lines(results: list[object]) -> Section:
    shown = Measurement(estimate=0.2, interval=(0.1, 0.3), draws=len(results))
    return Section(title="Injected", lines=(line("Injected", "rate", shown, "at most 5 %", within=(0.0, 0.05)),))


TINY = SimpleNamespace(tasks=alarm_tasks, conclude=alarm_lines)
FAILING = SimpleNamespace(tasks=alarm_tasks, conclude=failing_lines)


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)


def command(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["calibrate", *arguments])
    return result.exit_code, result.stdout


def test_json_is_one_object_and_the_report_names_its_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "SECTIONS", (TINY,))
    out = tmp_path / "report.md"
    code, text = command("--quick", "--seed", "7", "--json", "--out", str(out))
    found = json.loads(text)
    assert code == 0
    assert found["verdict"] == "holds"
    assert found["seed"] == 7
    assert found["sections"][0]["lines"][0]["verdict"] == "holds"
    report = out.read_text(encoding="utf-8")
    assert "`adaem calibrate --quick --seed 7` with seed 7" in report
    assert "| holds | rate | at most 5 % |" in report


def test_a_line_that_falls_short_ends_with_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "SECTIONS", (TINY, FAILING))
    code, text = command("--quick", "--json")
    assert code == 1
    assert json.loads(text)["counts"]["falls short"] == 1
    code, text = command("--quick")
    assert code == 1
    assert "1 falls short" in text


def test_a_report_that_cannot_be_written_is_told_before_the_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "SECTIONS", ())
    result = CliRunner().invoke(app, ["calibrate", "--out", str(tmp_path / "nowhere" / "report.md")])
    assert result.exit_code != 0
    assert "folder does not exist" in str(result.exception)


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "SECTIONS", (false_alarms,))
    monkeypatch.setattr(false_alarms, "SAMPLE_SIZES", (3,))
    monkeypatch.setattr(false_alarms, "MODELS", (5,))
    monkeypatch.setattr(false_alarms, "STRICT", [(5, 3, 0.2)])
    monkeypatch.setattr(Extent, "pick", lambda *_: 30)
    heard: list[tuple[int, int]] = []
    extent = Extent(quick=True, worlds=1, seed=3)
    alone = calibrate(extent, lambda done, total: heard.append((done, total)), workers=1)
    assert heard == [(done, 4) for done in range(5)]
    assert calibrate(extent, lambda *_: None, workers=2) == alone


@pytest.mark.slow
def test_a_whole_run_meets_the_fast_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(end_to_end, "RUN_ANSWERS", 1_200)
    pair = end_to_end.both_lanes(3, 1)
    section = end_to_end.conclude([pair])
    assert pair.graph.calls <= 2 * end_to_end.RUN_ANSWERS
    assert abs(pair.graph.search_score - sum(pair.fast_search_score) / len(pair.fast_search_score)) < 0.02
    assert [each.what.split(":")[0] for each in section.lines] == ["lanes agree", "lanes agree"]


@pytest.mark.slow
def test_nothing_is_claimed_where_there_is_nothing() -> None:
    (claim,) = nothing_to_find.claims("null", 1, 1, 0)
    assert (claim.gain, claim.separating) == (False, 0)


def test_reserved_worlds_stay_closed_in_the_quick_calibration() -> None:
    quick = Extent(quick=True, worlds=8, seed=0)
    full = Extent(quick=False, worlds=8, seed=0)
    assert all(world.number < RESERVED[0] for world in search.worlds_of(quick))
    for section in (nothing_to_find, profiles, end_to_end):
        numbers = {n for task in section.tasks(quick) for n in task.arguments if isinstance(n, int)}
        assert max(numbers) < RESERVED[0]
    assert {world.variant for world in search.worlds_of(full)} >= {"flat", "no-rewrites", "generic", "echo"}
    assert any(world.style_penalty is not None for world in search.worlds_of(full))
