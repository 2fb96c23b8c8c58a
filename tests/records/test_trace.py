"""The trace: in order, whole after a crash, and honest about lines that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from adaem.domain.errors import FileError
from adaem.records import Trace, TraceEvent, read_trace
from adaem.records.trace_file import TRACE_VERSION
from hypothesis import given
from hypothesis import strategies as st
from small_world import HOSTILE

text = st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(sorted(HOSTILE.values())))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.jsonl"


def event(number: int, summary: str = "") -> TraceEvent:
    return TraceEvent(id=f"0.{number}.probe", position=(0, 1, number, 0), node="probe", summary=summary)


def test_events_are_in_the_file_at_once_and_sorted_on_closing(path: Path) -> None:
    trace = Trace(path)
    heard: list[TraceEvent] = []
    trace.listen(heard.append)
    for number in (2, 0, 1):
        trace.write(event(number))
        assert len(path.read_text().splitlines()) == len(heard)
    assert heard == [event(2), event(0), event(1)]
    trace.close()
    trace.close()
    assert [json.loads(line)["position"][2] for line in path.read_text().splitlines()] == [0, 1, 2]
    assert read_trace(path) == ([event(0), event(1), event(2)], 0)


def test_the_last_event_of_an_id_wins(path: Path) -> None:
    trace = Trace(path)
    trace.write(event(0, "before the crash"))
    trace.write(event(0, "after it"))
    trace.close()
    assert read_trace(path) == ([event(0, "after it")], 0)


@given(st.lists(st.tuples(text, st.dictionaries(text, st.none() | st.booleans() | st.integers() | text, max_size=3))))
def test_any_text_in_an_event_comes_back(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[tuple[str, dict[str, object]]]
) -> None:
    events = [
        event(number).model_copy(update={"summary": summary, "data": data})
        for number, (summary, data) in enumerate(bodies)
    ]
    path = tmp_path_factory.getbasetemp() / "any_text.jsonl"
    path.unlink(missing_ok=True)
    trace = Trace(path)
    for each in events:
        trace.write(each)
    assert read_trace(path) == (events, 0)
    trace.close()
    assert read_trace(path) == (events, 0)


@pytest.mark.parametrize(
    "damaged",
    [
        b'{"version": 1, "id": "0.1.pro',
        b"no json",
        b"[1, 2]",
        b"null",
        b'{"version": 1, "id": "x", "node": "n"}',
        b'{"version": 1, "id": "x", "position": [0, 0, 0, 0], "node": "n", "novel": 1}',
        b'{"version": "9", "id": 3}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_damaged_lines_are_counted_and_the_others_read(path: Path, damaged: bytes) -> None:
    line = event(0).model_dump_json().encode()
    path.write_bytes(line + b"\n" + damaged + b"\n" + event(1).model_dump_json().encode() + b"\n")
    assert read_trace(path) == ([event(0), event(1)], 1)


def test_every_cut_of_a_file_keeps_the_events_before_it(path: Path) -> None:
    whole = "".join(event(number).model_dump_json() + "\n" for number in range(3))
    first = len(whole) // 3
    for cut in range(len(whole) + 1):
        path.write_text(whole[:cut])
        events, damaged = read_trace(path)
        complete, rest = divmod(cut + 1, first)  # a line is whole without its newline too
        assert len(events) == min(complete, 3), cut
        assert damaged == (1 if rest > 1 else 0), cut


def test_what_is_written_after_a_crash_does_not_join_the_line_that_was_cut_off(path: Path) -> None:
    path.write_text(event(0).model_dump_json() + "\n" + event(1).model_dump_json()[:30])
    trace = Trace(path)
    trace.write(event(2))
    assert read_trace(path) == ([event(0), event(2)], 1)
    trace.close()
    assert read_trace(path) == ([event(0), event(2)], 0)


@pytest.mark.parametrize("more", [{}, {"a_field_of_the_future": 1}])
def test_a_newer_trace_is_refused(path: Path, more: dict[str, int]) -> None:
    newer = {**event(0).model_dump(mode="json"), "version": TRACE_VERSION + 1, **more}
    path.write_text(event(1).model_dump_json() + "\n" + json.dumps(newer) + "\n")
    with pytest.raises(FileError, match="newer version of adaem — update adaem"):
        read_trace(path)


def test_a_trace_that_is_missing_or_empty(path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        read_trace(path)
    path.touch()
    assert read_trace(path) == ([], 0)
