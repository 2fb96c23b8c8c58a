"""A trace that grows is read on; a line that is cut off waits for its end; another file is read from its beginning."""

from __future__ import annotations

from pathlib import Path

import pytest
from adaem.domain.errors import FileError
from adaem.records import TraceEvent
from adaem.records.trace_follower import TraceFollower


def line(event_id: str) -> str:
    return TraceEvent(id=event_id, position=(1, 0, 0, 0), node="explore").model_dump_json() + "\n"


def ids(follower: TraceFollower) -> list[str]:
    return [event.id for event, _ in follower.read()]


def test_each_look_brings_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    follower = TraceFollower(path)
    assert ids(follower) == []
    path.write_text(line("a") + line("b")[:20], encoding="utf-8")
    assert ids(follower) == ["a"]
    path.write_text(line("a") + line("b"), encoding="utf-8")
    places = {event.id: place for event, place in follower.read()}
    assert list(places) == ["b"]
    assert follower.event_at(places["b"]).id == "b"
    assert ids(follower) == []
    path.write_text(line("c"), encoding="utf-8")  # a run that ends puts a sorted file in its place
    assert follower.is_new_file()
    assert ids(follower) == ["c"]
    with pytest.raises(FileError, match="has changed"):
        follower.event_at(places["b"])


def test_damaged_lines_are_counted_and_newer_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text("{}\n" + line("a") + "nonsense\n\n", encoding="utf-8")
    follower = TraceFollower(path)
    assert ids(follower) == ["a"]
    assert follower.damaged == 2
    with path.open("a", encoding="utf-8") as file:
        file.write(line("b").replace('"version":2', '"version":99'))
        file.write(line("c"))
    for _ in range(2):  # what was read before an error is not shown as the whole
        with pytest.raises(FileError, match="newer version"):
            ids(follower)
    path.write_text(path.read_text(encoding="utf-8").replace("99", "2"), encoding="utf-8")
    assert follower.is_new_file()
    assert ids(follower) == ["a", "b", "c"]


def test_a_line_without_end_is_an_error_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adaem.records.trace_follower.LONGEST_LINE", 2000)
    path = tmp_path / "trace.jsonl"
    path.write_text(line("a") + "x" * 2001 + "\n" + line("b"), encoding="utf-8")
    follower = TraceFollower(path)
    for _ in range(2):
        with pytest.raises(FileError, match="a line of more than 2,000 bytes"):
            ids(follower)
