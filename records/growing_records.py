"""A run's records read piece by piece while they grow: each look brings what was written since the last one.

Nothing of a run is ever deleted, and what replaces a row gets a higher row number, so that a number is all that a
reader has to remember between two looks. No connection stays open in between: the run could not close its file.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..domain.critique import Critique
from ..domain.question import Question
from ..domain.texts.hiding import hide
from .run_records import MoveRecord, RunRecords


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

    def questions_after(self, row: int) -> tuple[list[Question], int]:
        """Questions written since, and the highest row number now."""
        rows = self._db.execute("SELECT rowid, body FROM questions WHERE rowid > ? ORDER BY rowid", (row,)).fetchall()
        return [self._read(Question, body) for _, body in rows], rows[-1][0] if rows else row

    def critiques_after(self, row: int) -> tuple[list[Critique], int]:
        """Critiques written since, and the highest row number now."""
        rows = self._db.execute("SELECT rowid, body FROM critiques WHERE rowid > ? ORDER BY rowid", (row,)).fetchall()
        return [self._read(Critique, body) for _, body in rows], rows[-1][0] if rows else row

    def moves_after(self, row: int) -> tuple[list[MoveRecord], int]:
        """Moves written since, and the highest row number now."""
        rows = self._db.execute("SELECT rowid, body FROM moves WHERE rowid > ? ORDER BY rowid", (row,)).fetchall()
        return [self._read(MoveRecord, body) for _, body in rows], rows[-1][0] if rows else row

    def calls_after(self, row: int) -> list[EndedCall]:
        """Calls stored since, in the order in which they were."""
        rows = self._db.execute(
            "SELECT rowid, id, member, purpose, outcome, detail, attempts, coalesce(input_tokens, 0), "
            "coalesce(output_tokens, 0), tokens, uncounted, cost, seconds FROM calls WHERE rowid > ? ORDER BY rowid",
            (row,),
        )
        return [EndedCall._make((*each[:5], hide(each[5], self._keys), *each[6:])) for each in rows]

    def stored_calls(self) -> int:
        """How many calls are stored; fewer than were seen where a call took the place of another."""
        return int(self._db.execute("SELECT count(*) FROM calls").fetchone()[0])

    def calls_in_flight(self) -> list[CallInFlight]:
        """The calls whose requests are noted as under way."""
        if not self._has_notes:
            return []
        return [CallInFlight(*row) for row in self._db.execute("SELECT member, purpose FROM in_flight ORDER BY id")]
