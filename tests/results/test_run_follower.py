"""How far a run is, from look to look: the counts agree with the records, whatever was seen before."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from adaem.domain.answer import Phase
from adaem.domain.pool_spec import Role
from adaem.records import RunRecords, read_trace
from adaem.results.browsing.learning_curve import CurveStep, learning_curve
from adaem.results.browsing.run_follower import RunFollower
from finished_runs import FinishedRuns

SEARCHED = (Phase.SEARCH, Role.SCOUT)


def test_a_curve_by_hand() -> None:
    steps = [
        CurveStep(ended=3.0, calls=5, score=0.1, confirmed=()),
        CurveStep(ended=1.0, calls=10, score=0.3, confirmed=()),
        CurveStep(ended=2.0, calls=10, score=None, confirmed=()),
        CurveStep(ended=4.0, calls=5, score=0.5, confirmed=()),
        CurveStep(ended=5.0, calls=20, score=None, confirmed=("a", "unscored")),
        CurveStep(ended=6.0, calls=20, score=None, confirmed=("b",)),
    ]
    curve = learning_curve(steps, 2, {"a": 0.2, "b": 0.0})
    best = [(point.calls, point.divergence, point.questions) for point in curve.best]
    assert best == [(10, 0.3, 1), (25, pytest.approx(0.2), 2), (30, pytest.approx(0.4), 2)]
    fresh = [(point.calls, point.divergence, point.questions) for point in curve.confirmed]
    assert fresh == [(50, 0.2, 1), (70, pytest.approx(0.1), 2)]


def test_two_looks_count_what_the_records_count(tmp_path: Path, finished_runs: FinishedRuns) -> None:
    run = finished_runs.copy(tmp_path / "run", questions=4, budget__calls=1500)
    follower, manifest = RunFollower(run), run.read_manifest()
    first = follower.look(manifest, 0.0)
    with RunRecords(run.records_path, read_only=True) as records:
        assert first.requests == records.calls_spent()
        assert {each.member: each.outcomes for each in first.members} == records.outcomes_by_member()
        assert first.best[0].score == max(
            critique.score.total for critique in records.critiques(*SEARCHED).values() if critique.score is not None
        )
    assert first.curve.best[-1].questions == 4
    with closing(sqlite3.connect(run.records_path)) as records_file:  # a call that is made once more takes its place
        columns = "member, purpose, sample, prompt, fingerprint, system_sha256, user, 'failed', text, thinking, detail"
        (names,) = [[row[1] for row in records_file.execute("PRAGMA table_info(calls)")]]
        rest = ", ".join(names[12:])
        records_file.execute(f"INSERT OR REPLACE INTO calls SELECT id, {columns}, {rest} FROM calls LIMIT 3")
        records_file.commit()
    second = follower.look(manifest, 1.0)
    assert second.requests == first.requests
    assert sum(each.calls for each in second.members) == sum(each.calls for each in first.members)
    assert sum(each.outcomes.get("failed", 0) for each in second.members) == 3
    assert second.rate is None  # nobody is at work on it
    assert second.unanswered == sum(each.calls - each.outcomes.get("answered", 0) for each in second.members)
    with closing(sqlite3.connect(run.records_path)) as records_file:  # refused before a request was sent
        records_file.execute("UPDATE calls SET attempts = 0 WHERE outcome = 'failed'")
        records_file.commit()
    later = RunFollower(run).look(manifest, 2.0)
    assert later.unanswered == second.unanswered
    assert sum(each.calls for each in later.members) == sum(each.calls for each in second.members) - 3


def test_a_step_that_stands_twice_counts_once_as_it_was_last(tmp_path: Path, finished_runs: FinishedRuns) -> None:
    run = finished_runs.copy(tmp_path / "run", questions=4, budget__calls=1500)
    follower, manifest = RunFollower(run), run.read_manifest()
    first = follower.look(manifest, 0.0)
    events, _ = read_trace(run.trace_path)
    again = next(event for event in events if event.node == "critique")
    with run.trace_path.open("a", encoding="utf-8") as trace:
        for calls in (again.call_ids, again.call_ids[:1]):
            trace.write(again.model_copy(update={"call_ids": calls}).model_dump_json() + "\n")
    second = follower.look(manifest, 1.0)
    assert second.number_of_steps == first.number_of_steps == len(events)
    assert second.steps[0].call_ids == again.call_ids[:1]
    assert [step.id for step in second.steps].count(again.id) == 1
    assert first.curve.best[-1].calls - second.curve.best[-1].calls == len(again.call_ids) - 1
