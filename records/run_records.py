"""``run.sqlite``: every call, question, answer, judgement and score of a run. Each write is idempotent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ..domain.answer import Answer, Phase
from ..domain.critique import Critique
from ..domain.judgement import Judgement
from ..domain.pool_spec import Role
from ..domain.question import Question
from ..domain.record import Record
from .call_records import CALL_TABLES, CallRecords

_TABLES = (
    CALL_TABLES
    + """
CREATE TABLE IF NOT EXISTS moves (
    round INTEGER, dispatch INTEGER, status TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (round, dispatch));
CREATE TABLE IF NOT EXISTS questions (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    question_id TEXT, phase TEXT, member TEXT, wording TEXT, sample INTEGER, body TEXT NOT NULL, judgement TEXT,
    PRIMARY KEY (question_id, phase, member, wording, sample));
CREATE TABLE IF NOT EXISTS question_judgements (question_id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS critiques (
    question_id TEXT, phase TEXT, "group" TEXT, body TEXT NOT NULL, PRIMARY KEY (question_id, phase, "group"));
CREATE TABLE IF NOT EXISTS lists (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS readings (key TEXT PRIMARY KEY, body TEXT NOT NULL);
"""
)

_PLACE_MARK = "/"
"""Between a list's name and the place of an id that was added to it: one row for each."""


class MoveRecord(Record):
    """One move of the search and what came of it.

    ``status``: ``kept`` (scored and remembered), ``unscored`` (too few answers), ``duplicate``, ``failed`` (no draft),
    ``skipped`` (by the user) or ``budget`` (a hard cap was reached). ``question_id`` names the candidate, whatever
    became of it.
    """

    round: int
    dispatch: int
    kind: str
    topic_id: str
    question_id: str
    parent_id: str | None = None
    status: str
    detail: str = ""


class RunRecords(CallRecords):
    """The records of one run. Writes commit at once, so that a killed process loses nothing that was paid for."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        super().__init__(path, _TABLES, read_only=read_only)

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

    def put_judgements(self, answers: Sequence[Answer], judgements: Sequence[Judgement | None]) -> None:
        """Stores the judgements of answers that are stored already; the answers themselves are not written again."""
        self._write(
            "UPDATE answers SET judgement = ? WHERE question_id = ? AND phase = ? AND member = ? AND wording = ? "
            "AND sample = ?",
            [
                (
                    None if judgement is None else judgement.model_dump_json(),
                    *(answer.question_id, answer.phase.value, answer.member, answer.wording, answer.sample),
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

    def add_ids(self, name: str, ids: Mapping[int, str]) -> None:
        """Adds ids to an ordered list at their places, from 0; what else it holds is not written again."""
        self._write(
            "INSERT OR REPLACE INTO lists VALUES (?, ?)",
            [(f"{name}{_PLACE_MARK}{place:09d}", identifier) for place, identifier in ids.items()],
        )

    def ids(self, name: str) -> tuple[str, ...]:
        """A stored list of ids; empty when there is none. Those that were added come by their places, and first."""
        row = self._db.execute("SELECT body FROM lists WHERE name = ?", (name,)).fetchone()
        # No name between the two bounds belongs to another list.
        bounds = (f"{name}{_PLACE_MARK}", f"{name}{chr(ord(_PLACE_MARK) + 1)}")
        rows = self._db.execute("SELECT body FROM lists WHERE name >= ? AND name < ? ORDER BY name", bounds)
        added = {str(body): None for (body,) in rows}
        whole = row[0].split("\n") if row and row[0] else []
        return (*added, *(each for each in whole if each not in added))

    def put_links(self, links: Mapping[str, str]) -> None:
        """Stores which questions get all but equal answers as a better ranked one: question → that one."""
        self.put_ids("links", [each for link in links.items() for each in link])

    def links(self) -> dict[str, str]:
        """The stored links; empty when there is none."""
        flat = self.ids("links")
        return dict(zip(flat[::2], flat[1::2], strict=True))

    # What a step read of the world outside, so that the step reads the same when it is run again

    def put_reading(self, key: str, body: str) -> None:
        """Stores what a step read, unless it is known: the first reading counts."""
        self._write("INSERT OR IGNORE INTO readings VALUES (?, ?)", [(key, body)])

    def reading(self, key: str) -> str | None:
        """What a step read, None when it has not come to that."""
        row = self._db.execute("SELECT body FROM readings WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def readings(self, prefix: str) -> list[str]:
        """What steps read under the keys that begin with ``prefix``, in no promised order."""
        rows = self._db.execute("SELECT body FROM readings WHERE substr(key, 1, ?) = ?", (len(prefix), prefix))
        return [str(row[0]) for row in rows]
