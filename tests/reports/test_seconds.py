"""How long a run took: the stretches whose length is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from adaem.domain.settings import Settings
from adaem.jobs.folder.manifests import resumed
from adaem.records import Trace, TraceEvent
from adaem.records.folder import Manifest, SessionRecord
from adaem.results.call_statistics import seconds


def manifest(*stretches: tuple[str, str]) -> Manifest:
    sessions = [
        SessionRecord(started_at=f"2026-11-24T{start}+00:00", finished_at=end and f"2026-11-24T{end}+00:00")
        for start, end in stretches
    ]
    given: Any = {"sessions": tuple(sessions)}
    return Manifest.model_construct(**given)


def event(started_at: str, seconds: float) -> TraceEvent:
    return TraceEvent(
        id="1.explore",
        position=(1, 0, 0, 0),
        node="explore",
        agent="policy",
        topic_id="",
        question_id="",
        summary="",
        data={},
        update={},
        call_ids=(),
        started_at=started_at,
        seconds=seconds,
    )


@pytest.mark.parametrize(
    ("stretches", "expected"),
    [
        ([("10:00:00", "10:00:30")], 30),
        ([("10:00:00", ""), ("11:00:00", "11:01:00")], 60),
        ([("10:00:00", "10:00:30"), ("12:00:00", "11:00:05")], 30),
    ],
    ids=["one", "the first was killed", "the clock was set back"],
)
def test_stretches_of_known_length_are_added(stretches: list[tuple[str, str]], expected: float) -> None:
    assert seconds(manifest(*stretches)) == expected


def test_a_killed_stretch_counts_up_to_its_last_step_once_the_run_goes_on(tmp_path: Path) -> None:
    trace = Trace(path := tmp_path / "trace.jsonl")
    trace.write(event("2026-11-24T10:06:26.000+00:00", 2.0))
    trace.close()
    with path.open("a", encoding="utf-8") as file:
        file.write('{"cut off')
    gone_on = resumed(manifest(("10:00:00", "")), Settings(), path)
    assert gone_on.sessions[0].last_seen_at == "2026-11-24T10:06:28+00:00"
    assert seconds(gone_on) == 388
