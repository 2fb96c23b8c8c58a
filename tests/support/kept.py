"""A recorder in memory, and words for the pool, for tests that need no run."""

from __future__ import annotations

from typing import Any

from adaem.domain.calls import Call
from adaem.pool.sending.call_store import WithoutNotes


class Kept(WithoutNotes):
    """Keeps finished calls in order; a call recorded anew is found as it was last."""

    def __init__(self) -> None:
        self.calls: list[Call[Any]] = []

    def record(self, call: Call[Any]) -> None:
        self.calls.append(call)

    def recorded(self, call_id: str) -> Call[Any] | None:
        return next((call for call in reversed(self.calls) if call.id == call_id), None)


class PlainWords:
    def schema_words(self, schema: str) -> str:
        return f"SCHEMA {schema}"

    def repair_words(self, problem: str) -> str:
        return f"REPAIR {problem}"
