"""The recorded calls of a run: each is stored once, as soon as it is finished, and is what a rerun reads again.

Before a request is sent it is noted what its call may have cost by then, and the note goes when the call is stored. So
what a killed process leaves behind are the notes of what was in flight: paid for perhaps, and never answered to anyone.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from ..domain.calls import Call, InFlight, Prompt, Usage
from ..domain.errors import NotWritten
from ..domain.texts.counting import count
from .database import LOCK_PATIENCE, Database

CALL_TABLES = """
CREATE TABLE IF NOT EXISTS texts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY, member TEXT NOT NULL, purpose TEXT NOT NULL, sample INTEGER NOT NULL,
    prompt TEXT NOT NULL, fingerprint TEXT NOT NULL, system_sha256 TEXT NOT NULL, user TEXT NOT NULL,
    outcome TEXT NOT NULL, text TEXT NOT NULL, thinking TEXT NOT NULL, detail TEXT NOT NULL,
    model_name TEXT NOT NULL, system_fingerprint TEXT NOT NULL, route TEXT NOT NULL, finish_reason TEXT NOT NULL,
    input_tokens INTEGER, output_tokens INTEGER, tokens INTEGER NOT NULL, uncounted INTEGER NOT NULL, cost REAL,
    attempts INTEGER NOT NULL, faults TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS yes_probabilities (call_id TEXT PRIMARY KEY, probability REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS in_flight (
    id INTEGER PRIMARY KEY, call_id TEXT NOT NULL, member TEXT NOT NULL, purpose TEXT NOT NULL, prompt TEXT NOT NULL,
    requests INTEGER NOT NULL, tokens INTEGER NOT NULL, cost REAL);
"""

_SELECT = "SELECT calls.*, texts.text FROM calls LEFT JOIN texts ON texts.sha256 = calls.system_sha256"
_PLACES = ", ".join("?" * 24)


class Spending(NamedTuple):
    """What one member was asked with one prompt.

    ``calls`` were sent at least once, in ``requests`` altogether; ``input_tokens`` and ``output_tokens`` are the
    provider's counts. ``tokens`` and ``cost`` were charged to the budget; ``uncounted`` of the tokens are the most
    that requests may have taken of which the provider counted nothing, and ``unpriced`` calls have no cost at all.
    """

    member: str
    prompt: str
    calls: int
    requests: int
    input_tokens: int
    output_tokens: int
    tokens: int
    uncounted: int
    cost: float
    unpriced: int
    seconds: float


class Unknown(NamedTuple):
    """What was in flight when a process ended, and may have been paid for: nobody knows.

    ``tokens`` and ``cost`` are the most that the ``requests`` may have taken; ``unpriced`` of them have no price.
    """

    requests: int
    tokens: int
    cost: float
    unpriced: int


_LOOK_AGAIN = 0.25
"""Seconds after which a file that was locked is tried again. No request is sent before it could be noted."""


class CallRecords(Database):
    """The tables of calls. A call whose id is known replaces the one before, which it has taken over."""

    def __init__(self, path: Path, schema: str, *, read_only: bool = False) -> None:
        super().__init__(path, schema, read_only=read_only)
        self._stored_texts: set[str] = set()
        self._notes: dict[str, int] = {}
        self._unwritten: dict[str, Call[Any]] = {}
        self._try_again = 0.0

    def record(self, call: Call[Any]) -> None:
        """Stores a finished call and drops its note. System texts repeat, so each is stored once.

        Never raises, and never waits: what finds the file locked or full is kept in memory, and written with a later
        call or by ``flush``.
        """
        self._unwritten[call.id] = call
        if time.monotonic() < self._try_again:
            return
        try:
            with self._impatient():
                self._write_calls()
        except NotWritten:
            self._try_again = time.monotonic() + _LOOK_AGAIN

    async def note(self, request: InFlight) -> None:
        """Stores what a call may have cost once its next request is sent, in the place of its last note.

        Waits up to ``LOCK_PATIENCE`` seconds for a locked file, while others may go on. Raises ``NotWritten``.
        """
        give_up = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                with self._impatient():
                    self._write_note(request)
            except NotWritten as error:
                if not error.locked or time.monotonic() > give_up:
                    raise
                await asyncio.sleep(_LOOK_AGAIN)
            else:
                return

    def abandon(self, request: InFlight) -> None:
        """Leaves what a call has cost that will not be finished. Never raises: its last note says as much or more."""
        try:
            with self._impatient():
                self._write_note(request)
        except NotWritten:
            pass
        self._notes.pop(request.call_id, None)

    def withdraw(self, call_id: str) -> None:
        """Takes back the note of a call of which nothing was sent. Never raises: a note that stays counts as spent."""
        if (note := self._notes.pop(call_id, None)) is None:
            return
        with suppress(NotWritten), self._impatient():
            self._write("DELETE FROM in_flight WHERE id = ?", [(note,)])

    def flush(self) -> None:
        """Writes what could not be written when it came. Raises ``NotWritten``, which says what is lost."""
        try:
            if self._unwritten:
                self._write_calls()
        except NotWritten as error:
            raise self._with_losses(error) from None

    def unknown(self) -> Unknown:
        """What was in flight when a process ended that worked on this run; of one that is at work, what is in flight.

        Where a ledger is about to be made, no request is under way and all of it is spent, unknown.
        """
        if not self._has_notes:
            return Unknown(0, 0, 0.0, 0)
        row = self._db.execute(
            "SELECT coalesce(sum(requests), 0), coalesce(sum(tokens), 0), coalesce(sum(cost), 0.0), "
            "coalesce(sum(requests * (cost IS NULL)), 0) FROM in_flight"
        ).fetchone()
        return Unknown(*row)

    def close(self) -> None:
        """Writes what is left, and closes the file. Raises ``NotWritten``, which says what is lost."""
        try:
            self.flush()
        finally:
            super().close()

    def recorded(self, call_id: str) -> Call[Any] | None:
        """The call with this id, None when it was never made. Its ``reply`` is not restored."""
        if call_id in self._unwritten:
            return self._unwritten[call_id]
        row = self._db.execute(_SELECT + " WHERE id = ?", (call_id,)).fetchone()
        return None if row is None else self._call(row)

    @cached_property
    def _has_notes(self) -> bool:
        """Runs of earlier versions have none."""
        return self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'in_flight'").fetchone() is not None

    @cached_property
    def _has_probabilities(self) -> bool:
        """Runs of earlier versions have no such table."""
        return self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'yes_probabilities'").fetchone() is not None

    def _call(self, row: tuple[Any, ...]) -> Call[Any]:
        call = _call(self._without_keys(row))
        if not self._has_probabilities:
            return call
        row = self._db.execute("SELECT probability FROM yes_probabilities WHERE call_id = ?", (call.id,)).fetchone()
        return call if row is None else call.model_copy(update={"yes_probability": row[0]})

    def _write_note(self, request: InFlight) -> None:
        about = (request.call_id, request.member, request.purpose, request.prompt)
        spent = (request.requests, request.tokens, request.cost)
        if (known := self._notes.get(request.call_id)) is None:
            self._write("INSERT INTO in_flight VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", [(*about, *spent)])
            self._notes[request.call_id] = int(self._db.execute("SELECT last_insert_rowid()").fetchone()[0])
        else:
            self._write("UPDATE in_flight SET requests = ?, tokens = ?, cost = ? WHERE id = ?", [(*spent, known)])

    def _write_calls(self) -> None:
        calls = list(self._unwritten.values())
        systems = {call.id: sha256(call.prompt.system.encode()).hexdigest() for call in calls}
        texts = {systems[call.id]: call.prompt.system for call in calls if systems[call.id] not in self._stored_texts}
        notes = [(note,) for call in calls if (note := self._notes.get(call.id)) is not None]
        statements: list[tuple[str, list[tuple[Any, ...]]]] = [
            ("INSERT OR IGNORE INTO texts VALUES (?, ?)", list(texts.items())),
            (f"INSERT OR REPLACE INTO calls VALUES ({_PLACES})", [_row(call, systems[call.id]) for call in calls]),  # noqa: S608 - question marks only
            (
                "INSERT OR REPLACE INTO yes_probabilities VALUES (?, ?)",
                [(call.id, call.yes_probability) for call in calls if call.yes_probability is not None],
            ),
            ("DELETE FROM in_flight WHERE id = ?", notes),
        ]
        self._write_all([statement for statement in statements if statement[1]])
        self._stored_texts.update(texts)
        for call in calls:
            self._notes.pop(call.id, None)
        self._unwritten.clear()

    def _with_losses(self, error: NotWritten) -> NotWritten:
        lost = list(self._unwritten.values())
        priced = [call.cost for call in lost if call.cost is not None]
        loss = f"{count(len(lost), 'call')} that {'was' if len(lost) == 1 else 'were'} paid for could not be recorded: "
        loss += f"{count(sum(call.attempts for call in lost), 'request')}, {sum(call.tokens for call in lost)} tokens, "
        loss += f"{sum(priced):.6g} in money" if len(priced) == len(lost) else "money unknown"
        return NotWritten(error.path, error.why, remedy=error.remedy, lost=loss, locked=error.locked)

    def calls(self, ids: Sequence[str]) -> list[Call[Any]]:
        """The calls with these ids, in this order; unknown ids are left out. Their ``reply`` is not restored."""
        rows = self._db.execute(_SELECT + " WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))  # noqa: S608
        by_id = {row[0]: self._call(row) for row in rows}
        return [by_id[call_id] for call_id in ids if call_id in by_id]

    def costs(self) -> dict[str, float]:
        """What calls were charged, by id, of those that have a price."""
        return dict(self._db.execute("SELECT id, cost FROM calls WHERE cost IS NOT NULL"))

    def total_cost(self) -> tuple[float | None, int]:
        """What all calls were charged, None where none has a price; and how many calls were sent that have none."""
        select = "SELECT sum(cost), coalesce(sum(cost IS NULL AND attempts > 0), 0) FROM calls"
        cost, unpriced = self._db.execute(select).fetchone()
        return cost, int(unpriced)

    def calls_with_outcome(self, outcome: str) -> Iterator[Call[Any]]:
        """All calls that ended so, by member, prompt and id."""
        rows = self._db.execute(_SELECT + " WHERE outcome = ? ORDER BY member, prompt, id", (outcome,))
        return map(self._call, rows)

    def calls_spent(self) -> int:
        """How many requests were sent so far, repairs and retries included."""
        return int(self._db.execute("SELECT coalesce(sum(attempts), 0) FROM calls").fetchone()[0])

    def spending(self) -> list[Spending]:
        """What was spent, by member and prompt."""
        return self._spending("prompt")

    def spending_by_purpose(self) -> list[Spending]:
        """What was spent, by member and purpose, in the field ``prompt``: what a budget goes on from."""
        return self._spending("purpose")

    def _spending(self, by: str) -> list[Spending]:
        rows = self._db.execute(
            f"SELECT member, {by}, sum(attempts > 0), sum(attempts), "  # noqa: S608 - a column's name
            "coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), sum(tokens), sum(uncounted), "
            "coalesce(sum(cost), 0.0), sum(cost IS NULL AND attempts > 0), sum(seconds) "
            f"FROM calls GROUP BY member, {by} HAVING sum(attempts) > 0 ORDER BY member, {by}"
        )
        return [Spending(*row) for row in rows]

    def call_outcomes(self) -> dict[tuple[str, str], int]:
        """How many calls had each (prompt, outcome)."""
        rows = self._db.execute("SELECT prompt, outcome, count(*) FROM calls GROUP BY prompt, outcome")
        return {(prompt, outcome): count for prompt, outcome, count in rows}

    def outcomes_by_member(self) -> dict[str, dict[str, int]]:
        """How many calls of each member had each outcome, without those that were not sent."""
        rows = self._db.execute(
            "SELECT member, outcome, count(*) FROM calls WHERE attempts > 0 GROUP BY member, outcome ORDER BY 1, 2"
        )
        counts: dict[str, dict[str, int]] = {}
        for member, outcome, number in rows:
            counts.setdefault(member, {})[outcome] = number
        return counts

    def faults(self) -> Counter[tuple[str, str]]:
        """How many requests failed, by (member, what went wrong); most of them were sent again."""
        counts: Counter[tuple[str, str]] = Counter()
        for member, faults in self._db.execute("SELECT member, faults FROM calls WHERE faults != ''"):
            counts.update((member, fault) for fault in faults.split("\n"))
        return counts


def _row(call: Call[Any], system: str) -> tuple[Any, ...]:
    return (
        *(call.id, call.member, call.purpose, call.sample, call.prompt.name, call.prompt.fingerprint, system),
        *(call.prompt.user, call.outcome.value, call.text, call.thinking, call.detail, call.model_name),
        *(call.system_fingerprint, call.route, call.finish_reason),
        *(call.usage.input_tokens, call.usage.output_tokens, call.tokens, call.uncounted, call.cost),
        *(call.attempts, "\n".join(call.faults), call.seconds),
    )


def _call(row: tuple[Any, ...]) -> Call[Any]:
    (call_id, member, purpose, sample, name, fingerprint, _, user, outcome, text, thinking, detail) = row[:12]
    (model_name, system_fingerprint, route, finish_reason, input_tokens, output_tokens) = row[12:18]
    (tokens, uncounted, cost, attempts, faults, seconds, system) = row[18:]
    return Call(
        id=call_id,
        member=member,
        purpose=purpose,
        sample=sample,
        prompt=Prompt(name=name, fingerprint=fingerprint, system=system or "", user=user),
        outcome=outcome,
        text=text,
        thinking=thinking,
        detail=detail,
        model_name=model_name,
        system_fingerprint=system_fingerprint,
        route=route,
        finish_reason=finish_reason,
        usage=Usage(input_tokens=input_tokens, output_tokens=output_tokens),
        tokens=tokens,
        uncounted=uncounted,
        cost=cost,
        attempts=attempts,
        faults=tuple(faults.split("\n")) if faults else (),
        seconds=seconds,
    )
