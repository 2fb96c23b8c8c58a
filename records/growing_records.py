"""A run's records read piece by piece while they grow: each look brings what was written since the last one.

Nothing of a run is ever deleted, and what replaces a row gets a higher row number, so that a number is all that a
reader has to remember between two looks. No connection stays open in between: the run could not close its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from ..domain.critique import Critique
from ..domain.question import Question
from ..domain.record import Record
from ..domain.texts.hiding import hide
from .run_records import MoveRecord, RunRecords

R = TypeVar("R", bound=Record)


class EndedCall(NamedTuple):
    """What is counted of a call; ``row`` is its number in the records. Tokens and cost are those charged.

    ``uncounted`` of the tokens are the most that requests may have taken of which the provider counted nothing.
    """

    row: int
    id: str
    member: str
    purpose: str
    outcome: str
    detail: str
    attempts: int
    input_tokens: int
    output_tokens: int
    tokens: int
    uncounted: int
    cost: float | None
    seconds: float


class CallInFlight(NamedTuple):
    """A call that is under way, or was when a process ended: who is asked, and what for."""

    member: str
    purpose: str


class GrowingRecords(RunRecords):
    """The records at ``path``, for reading. ``row`` arguments are the highest row number seen before, 0 for none."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, read_only=True)

    def questions_after(self, row: int) -> Iterator[tuple[int, Question]]:
        """Questions written since, each behind its row number."""
        return self._after("questions", row, Question)

    def critiques_after(self, row: int) -> Iterator[tuple[int, Critique]]:
        """Critiques written since, each behind its row number."""
        return self._after("critiques", row, Critique)

    def moves_after(self, row: int) -> Iterator[tuple[int, MoveRecord]]:
        """Moves written since, each behind its row number."""
        return self._after("moves", row, MoveRecord)

    def calls_after(self, row: int) -> Iterator[EndedCall]:
        """Calls stored since, in the order in which they were; a million of them are never in memory at once."""
        rows = self._db.execute(
            "SELECT rowid, id, member, purpose, outcome, detail, attempts, coalesce(input_tokens, 0), "
            "coalesce(output_tokens, 0), tokens, uncounted, cost, seconds FROM calls WHERE rowid > ? ORDER BY rowid",
            (row,),
        )
        for each in rows:
            yield EndedCall._make((*each[:5], hide(each[5], self._keys), *each[6:]))

    def stored_calls(self) -> int:
        """How many calls are stored; fewer than were seen where a call took the place of another."""
        return int(self._db.execute("SELECT count(*) FROM calls").fetchone()[0])

    def calls_in_flight(self) -> list[CallInFlight]:
        """The calls whose requests are noted as under way."""
        if not self._has_notes:
            return []
        return [CallInFlight(*row) for row in self._db.execute("SELECT member, purpose FROM in_flight ORDER BY id")]

    def _after(self, table: str, row: int, model: type[R]) -> Iterator[tuple[int, R]]:
        rows = self._db.execute(f"SELECT rowid, body FROM {table} WHERE rowid > ? ORDER BY rowid", (row,))  # noqa: S608
        for number, body in rows:
            yield number, self._read(model, body)
