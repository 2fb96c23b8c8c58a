"""The recorded calls of a run: each is stored once, as soon as it is finished, and is what a rerun reads again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from ..domain.calls import Call, Prompt, Usage
from .database import Database

CALL_TABLES = """
CREATE TABLE IF NOT EXISTS texts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY, member TEXT NOT NULL, purpose TEXT NOT NULL, sample INTEGER NOT NULL,
    prompt TEXT NOT NULL, fingerprint TEXT NOT NULL, system_sha256 TEXT NOT NULL, user TEXT NOT NULL,
    outcome TEXT NOT NULL, text TEXT NOT NULL, thinking TEXT NOT NULL, detail TEXT NOT NULL,
    model_name TEXT NOT NULL, system_fingerprint TEXT NOT NULL, route TEXT NOT NULL, finish_reason TEXT NOT NULL,
    input_tokens INTEGER, output_tokens INTEGER, tokens INTEGER NOT NULL, uncounted INTEGER NOT NULL, cost REAL,
    attempts INTEGER NOT NULL, faults TEXT NOT NULL, seconds REAL NOT NULL);
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


class CallRecords(Database):
    """The table of calls. A call whose id is known replaces the one before, which it has taken over."""

    def __init__(self, path: Path, schema: str, *, read_only: bool = False) -> None:
        super().__init__(path, schema, read_only=read_only)
        self._stored_texts: set[str] = set()

    def record(self, call: Call[Any]) -> None:
        """Stores a finished call. System texts repeat, so each is stored once."""
        system = sha256(call.prompt.system.encode()).hexdigest()
        if system not in self._stored_texts:
            self._write("INSERT OR IGNORE INTO texts VALUES (?, ?)", [(system, call.prompt.system)])
            self._stored_texts.add(system)
        self._db.execute(
            f"INSERT OR REPLACE INTO calls VALUES ({_PLACES})",  # noqa: S608 - question marks only
            (
                *(call.id, call.member, call.purpose, call.sample, call.prompt.name, call.prompt.fingerprint, system),
                *(call.prompt.user, call.outcome.value, call.text, call.thinking, call.detail, call.model_name),
                *(call.system_fingerprint, call.route, call.finish_reason),
                *(call.usage.input_tokens, call.usage.output_tokens, call.tokens, call.uncounted, call.cost),
                *(call.attempts, "\n".join(call.faults), call.seconds),
            ),
        )

    def recorded(self, call_id: str) -> Call[Any] | None:
        """The call with this id, None when it was never made. Its ``reply`` is not restored."""
        row = self._db.execute(_SELECT + " WHERE id = ?", (call_id,)).fetchone()
        return None if row is None else _call(row)

    def calls(self, ids: Sequence[str]) -> list[Call[Any]]:
        """The calls with these ids, in this order; unknown ids are left out. Their ``reply`` is not restored."""
        rows = self._db.execute(_SELECT + " WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))  # noqa: S608
        found = {row[0]: _call(row) for row in rows}
        return [found[call_id] for call_id in ids if call_id in found]

    def costs(self) -> dict[str, float]:
        """What calls were charged, by id, of those that have a price."""
        return dict(self._db.execute("SELECT id, cost FROM calls WHERE cost IS NOT NULL"))

    def calls_with_outcome(self, outcome: str) -> Iterator[Call[Any]]:
        """All calls that ended so, by member, prompt and id."""
        rows = self._db.execute(_SELECT + " WHERE outcome = ? ORDER BY member, prompt, id", (outcome,))
        return map(_call, rows)

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

    def faults(self) -> Counter[tuple[str, str]]:
        """How many requests failed, by (member, what went wrong); most of them were sent again."""
        counts: Counter[tuple[str, str]] = Counter()
        for member, faults in self._db.execute("SELECT member, faults FROM calls WHERE faults != ''"):
            counts.update((member, fault) for fault in faults.split("\n"))
        return counts


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
