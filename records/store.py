"""``run.sqlite``: every call, question, answer, judgement and score of a run. Each write is idempotent."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from ..domain.answer import Answer, Phase
from ..domain.calls import Call, Prompt, Usage
from ..domain.critique import Critique
from ..domain.errors import FileError
from ..domain.judgement import Judgement
from ..domain.pool import Role
from ..domain.question import Question
from ..domain.record import Record

_TABLES = """
CREATE TABLE IF NOT EXISTS texts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY, member TEXT NOT NULL, purpose TEXT NOT NULL, sample INTEGER NOT NULL,
    prompt TEXT NOT NULL, fingerprint TEXT NOT NULL, system_sha256 TEXT NOT NULL, user TEXT NOT NULL,
    outcome TEXT NOT NULL, text TEXT NOT NULL, detail TEXT NOT NULL, model_name TEXT NOT NULL,
    finish_reason TEXT NOT NULL, input_tokens INTEGER, output_tokens INTEGER, attempts INTEGER NOT NULL,
    seconds REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS moves (
    round INTEGER, dispatch INTEGER, status TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (round, dispatch));
CREATE TABLE IF NOT EXISTS questions (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    question_id TEXT, phase TEXT, member TEXT, wording TEXT, sample INTEGER, body TEXT NOT NULL, judgement TEXT,
    PRIMARY KEY (question_id, phase, member, wording, sample)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS question_judgements (question_id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS critiques (
    question_id TEXT, phase TEXT, "group" TEXT, body TEXT NOT NULL, PRIMARY KEY (question_id, phase, "group"));
CREATE TABLE IF NOT EXISTS lists (name TEXT PRIMARY KEY, body TEXT NOT NULL);
"""

R = TypeVar("R", bound=Record)


class MoveRecord(Record):
    """One move of the search and what came of it.

    ``status``: ``kept`` (scored and remembered), ``unscored`` (too few answers), ``duplicate``, ``failed`` (no draft)
    or ``budget`` (a hard cap was reached). ``question_id`` names the candidate, whatever became of it.
    """

    round: int
    dispatch: int
    kind: str
    topic_id: str
    question_id: str
    parent_id: str | None = None
    status: str
    detail: str = ""


class RunRecords:
    """The records of one run. Writes commit at once, so that a killed process loses nothing that was paid for."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        try:
            if read_only:
                self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
                self._db.execute("SELECT count(*) FROM questions")
            else:
                self._db = sqlite3.connect(path, isolation_level=None)
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.executescript(_TABLES)
        except sqlite3.Error as error:
            raise FileError(path, f"cannot be read as a run's records ({error})", remedy="copy the run again") from None
        self._known_texts: set[str] = set()

    def close(self) -> None:
        """Closes the file with its log folded in, so that a copy can be read where nothing may be written."""
        with suppress(sqlite3.OperationalError):  # another process is reading; the log stays beside the file
            self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    def __enter__(self) -> RunRecords:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._db.execute("BEGIN")
        try:
            self._db.executemany(statement, rows)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _read(self, model: type[R], body: str) -> R:
        try:
            return model.model_validate_json(body)
        except ValidationError as error:
            raise FileError(
                self._path,
                f"holds a {model.__name__.lower()} that this version cannot read ({error.errors()[0]['msg']})",
                remedy="open the run with the version of adaem that made it",
            ) from None

    # Calls

    def record(self, call: Call[Any]) -> None:
        """Stores a finished call. System texts repeat, so each is stored once."""
        system = sha256(call.prompt.system.encode()).hexdigest()
        if system not in self._known_texts:
            self._write("INSERT OR IGNORE INTO texts VALUES (?, ?)", [(system, call.prompt.system)])
            self._known_texts.add(system)
        self._db.execute(
            "INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(call.id, call.member, call.purpose, call.sample, call.prompt.name, call.prompt.fingerprint, system),
                *(call.prompt.user, call.outcome.value, call.text, call.detail, call.model_name, call.finish_reason),
                *(call.usage.input_tokens, call.usage.output_tokens, call.attempts, call.seconds),
            ),
        )

    def calls(self, ids: Sequence[str]) -> list[Call[Any]]:
        """The calls with these ids, in this order; unknown ids are left out. Their ``reply`` is not restored."""
        rows = self._db.execute(
            "SELECT calls.*, texts.text FROM calls LEFT JOIN texts ON texts.sha256 = calls.system_sha256 "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(ids),),
        )
        found = {row[0]: _call(row) for row in rows}
        return [found[call_id] for call_id in ids if call_id in found]

    def calls_spent(self) -> int:
        """How many requests were sent so far, repairs included."""
        return int(self._db.execute("SELECT coalesce(sum(attempts), 0) FROM calls").fetchone()[0])

    def spending(self) -> list[tuple[str, str, int, int, int, int]]:
        """(member, prompt, calls, requests sent, input tokens, output tokens), by member and prompt."""
        return self._db.execute(
            "SELECT member, prompt, count(*), sum(attempts), coalesce(sum(input_tokens), 0), "
            "coalesce(sum(output_tokens), 0) FROM calls GROUP BY member, prompt ORDER BY member, prompt"
        ).fetchall()

    def call_outcomes(self) -> dict[tuple[str, str], int]:
        """How many calls had each (prompt, outcome)."""
        rows = self._db.execute("SELECT prompt, outcome, count(*) FROM calls GROUP BY prompt, outcome")
        return {(prompt, outcome): count for prompt, outcome, count in rows}

    # Questions and what is known of them

    def put_questions(self, questions: Iterable[Question]) -> None:
        """Stores questions."""
        self._write(
            "INSERT OR REPLACE INTO questions VALUES (?, ?)", [(each.id, each.model_dump_json()) for each in questions]
        )

    def questions(self, ids: Sequence[str] | None = None) -> dict[str, Question]:
        """The questions with these ids, or all, in the order of their ids."""
        rows = self._db.execute(
            "SELECT id, body FROM questions WHERE ?1 IS NULL OR id IN (SELECT value FROM json_each(?1)) ORDER BY id",
            (None if ids is None else json.dumps(ids),),
        )
        return {question_id: self._read(Question, body) for question_id, body in rows}

    def put_answers(self, answers: Sequence[Answer], judgements: Sequence[Judgement | None]) -> None:
        """Stores answers with their judgements (None where an answer was not judged)."""
        self._write(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(answer.question_id, answer.phase.value, answer.member, answer.wording, answer.sample),
                    answer.model_dump_json(),
                    None if judgement is None else judgement.model_dump_json(),
                )
                for answer, judgement in zip(answers, judgements, strict=True)
            ],
        )

    def answers(
        self, question_id: str, phases: Sequence[Phase] = tuple(Phase)
    ) -> tuple[list[Answer], list[Judgement | None]]:
        """A question's answers in ``phases`` by phase, member, wording and sample, and the judgement of each."""
        rows = self._db.execute(
            "SELECT body, judgement FROM answers WHERE question_id = ? "
            "AND phase IN (SELECT value FROM json_each(?)) ORDER BY phase, member, wording, sample",
            (question_id, json.dumps([phase.value for phase in phases])),
        ).fetchall()
        return (
            [self._read(Answer, body) for body, _ in rows],
            [None if judgement is None else self._read(Judgement, judgement) for _, judgement in rows],
        )

    def put_question_judgement(self, question_id: str, judgement: Judgement) -> None:
        """Stores what the judge found in a question's own wording."""
        self._write(
            "INSERT OR REPLACE INTO question_judgements VALUES (?, ?)", [(question_id, judgement.model_dump_json())]
        )

    def question_judgement(self, question_id: str) -> Judgement | None:
        """What the judge found in a question's own wording, if it was asked."""
        row = self._db.execute("SELECT body FROM question_judgements WHERE question_id = ?", (question_id,)).fetchone()
        return None if row is None else self._read(Judgement, row[0])

    def put_critiques(self, critiques: Iterable[Critique]) -> None:
        """Stores critiques."""
        self._write(
            "INSERT OR REPLACE INTO critiques VALUES (?, ?, ?, ?)",
            [(each.question_id, each.phase.value, each.group.value, each.model_dump_json()) for each in critiques],
        )

    def critiques(self, phase: Phase, group: Role, ids: Sequence[str] | None = None) -> dict[str, Critique]:
        """The critiques of one phase and role by question id (these ids, or all), in the order of the ids."""
        rows = self._db.execute(
            'SELECT question_id, body FROM critiques WHERE phase = ?1 AND "group" = ?2 '
            "AND (?3 IS NULL OR question_id IN (SELECT value FROM json_each(?3))) ORDER BY question_id",
            (phase.value, group.value, None if ids is None else json.dumps(ids)),
        )
        return {question_id: self._read(Critique, body) for question_id, body in rows}

    # The search

    def put_moves(self, moves: Iterable[MoveRecord]) -> None:
        """Stores finished moves."""
        self._write(
            "INSERT OR REPLACE INTO moves VALUES (?, ?, ?, ?)",
            [(move.round, move.dispatch, move.status, move.model_dump_json()) for move in moves],
        )

    def moves(self) -> Iterator[MoveRecord]:
        """All moves in order."""
        for (body,) in self._db.execute("SELECT body FROM moves ORDER BY round, dispatch").fetchall():
            yield self._read(MoveRecord, body)

    def put_ids(self, name: str, ids: Sequence[str]) -> None:
        """Stores an ordered list of ids, such as the published questions by rank."""
        self._write("INSERT OR REPLACE INTO lists VALUES (?, ?)", [(name, "\n".join(ids))])

    def ids(self, name: str) -> tuple[str, ...]:
        """A stored list of ids; empty when there is none."""
        row = self._db.execute("SELECT body FROM lists WHERE name = ?", (name,)).fetchone()
        return tuple(row[0].split("\n")) if row and row[0] else ()


def _call(row: tuple[Any, ...]) -> Call[Any]:
    (call_id, member, purpose, sample, name, fingerprint, _, user, outcome, text, detail, model_name) = row[:12]
    (finish_reason, input_tokens, output_tokens, attempts, seconds, system) = row[12:]
    return Call(
        id=call_id,
        member=member,
        purpose=purpose,
        sample=sample,
        prompt=Prompt(name=name, fingerprint=fingerprint, system=system or "", user=user),
        outcome=outcome,
        text=text,
        detail=detail,
        model_name=model_name,
        finish_reason=finish_reason,
        usage=Usage(input_tokens=input_tokens, output_tokens=output_tokens),
        attempts=attempts,
        seconds=seconds,
    )
