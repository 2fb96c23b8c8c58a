"""What reaches the terminal: hostile text as text, intervals, and words where there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.reports.plain_text import plain
from adaem.reports.sheets.figure_text import bits, with_interval
from adaem.reports.terminal.run_report import run_report
from adaem.results.compute import results
from adaem.results.grown_and_seeds import Estimate, SeedComparison
from adaem.results.result_types import Results
from adaem.results.summary_types import RunSummary
from answered import apart, evaluated, manifest, said, silent
from finished_runs import FinishedRuns
from printed import shown
from small_world import HOSTILE


def report(of: Results | None = None, **changes: Any) -> str:
    """The report of a run with these changes to its summary, at 80 columns."""
    return shown(run_report(summary(**changes), of or results(apart(), 0), 80), terminal=False)


def summary(**changes: Any) -> RunSummary:
    estimate = Estimate(mean=0.05, interval=(0.03, 0.08), questions=20, topics=15)
    data: dict[str, Any] = {
        **{"run_id": "r", "folder": "runs/r", "status": "finished", "stop_reason": "done", "simulated": True},
        **{"simulator_version": "1", "seed": 7, "framework": "Tiny (version 1)", "judge": "llm"},
        **{"values": {"care": "Care", "power": "Power"}, "notices": (), "rounds": 3, "moves": {}},
        **{"duplicates_refused": 2, "questions_confirmed": 20, "questions_published": 10, "topics_confirmed": 15},
        **{"topics_published": 9, "separating_published": 6, "questions_linked": 0, "warnings": {}},
        **{"separating": 8, "confirmed": estimate, "shrinkage": estimate, "best": ()},
        "comparisons": (
            SeedComparison(
                group="panel",
                models=("a", "b"),
                grown=estimate,
                seeds=estimate,
                difference=estimate,
                verdict="no difference",
                left_out=1,
            ),
        ),
        **{"profiles": (), "agreement": None, "quadratic": None},
        **{
            "calls": {"answer": 100},
            "tokens": {},
            "missing": {"answer: refused": 3},
            "seconds": 9.0,
            "files": {},
            "cost": None,
            "currency": "USD",
            "uncounted_tokens": 0,
            "unknown_requests": 0,
            "unknown_tokens": 0,
            "unknown_cost": 0.0,
            "faults": {},
            "forecast": None,
            "spent": (),
            "sessions": 1,
            "replay_of": "",
        },
    }
    return RunSummary.model_validate(data | changes)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("terminal", [False, True])
def test_hostile_text_is_shown_as_text(name: str, terminal: bool) -> None:
    out = shown(plain(HOSTILE[name]), terminal=terminal)
    assert not set(out) & set("\x1b\x00\x07\x9b\u202e\u2066")
    for word in ("[bold red]", "<script>", "[link="):
        assert (word in out) == (word in HOSTILE[name])


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_cannot_steer_the_report(name: str) -> None:
    out = report(framework=HOSTILE[name], notices=(HOSTILE[name],))
    assert not set(out) & set("\x1b\x00\x07\x9b\u202e\u2066")


def test_the_report_counts_what_is_missing_beside_each_table() -> None:
    out = report(results(evaluated(24, lambda _: [said("zebra", "care"), silent("zebra"), said("okapi")]), 0))
    assert "panel: no difference (1 question skipped: not all models gave two answers)." in " ".join(out.split())
    assert "answer: refused 3" in out
    assert ["missing", "24", "0"] in [line.split() for line in out.splitlines()]
    assert max(map(len, out.splitlines())) <= 80


def test_a_rate_that_is_not_there_is_no_zero() -> None:
    out = report(results(evaluated(24, lambda _: [said("zebra", "care"), silent("okapi")]), 0))
    assert ["Care", "100", "–"] in [line.split() for line in out.splitlines()]


def test_simulated_and_unfinished_runs_say_so_first() -> None:
    made_up = results(evaluated(4, lambda _: [said("zebra")], of=manifest(simulated=True, status="interrupted")), 0)
    lines = report(made_up).splitlines()
    assert lines[0].startswith("SIMULATED RESPONDENTS")
    assert any("This run is interrupted" in line for line in lines[:4])
    assert "SIMULATED" not in report()


def test_intervals_are_shown_or_said_to_be_missing() -> None:
    assert with_interval(Estimate(mean=0.1234, interval=(-0.1, 0.3), questions=9, topics=9)) == "+0.123 [-0.100, 0.300]"
    assert with_interval(Estimate(mean=0.1, interval=None, questions=2, topics=2)) == "+0.100 [too few topics]"
    assert with_interval(None) == "–"


def test_a_question_that_its_critic_gave_no_interval_is_shown_without_one() -> None:
    score = {
        "divergence": 0.1234,
        "interval": None,
        "p_value": None,
        "q_value": None,
        "stance_agreement": None,
        "shrunken": None,
    }
    out = report(best=({"rank": 1, "id": "q1", "question": "Should it?", "score": score},))
    assert "1. +0.123 bits, p –, q –   (q1)" in out
    assert bits(0.1234, (0.0, 0.2)) == "+0.123 [0.000, 0.200]"


def test_the_next_steps_say_what_more_rounds_do_to_the_cap(
    tmp_path: Path,
    finished_runs: FinishedRuns,
    adaem: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finished_runs.copy(tmp_path / "run", questions=4, budget__calls=1500)
    monkeypatch.chdir(tmp_path)
    said = " ".join(adaem("report", "run")[1].split())
    assert "--rounds 10 search 10 rounds more (raises the cap on calls)" in said
