"""How long a run took: the stretches whose length is known."""

from __future__ import annotations

from typing import Any

import pytest
from adaem.records.folder import Manifest, SessionRecord
from adaem.results.call_statistics import seconds


def manifest(*stretches: tuple[str, str]) -> Manifest:
    sessions = [
        SessionRecord(started_at=f"2026-11-24T{start}+00:00", finished_at=end and f"2026-11-24T{end}+00:00")
        for start, end in stretches
    ]
    given: Any = {"sessions": tuple(sessions)}
    return Manifest.model_construct(**given)


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
