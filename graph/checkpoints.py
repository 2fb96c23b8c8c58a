"""LangGraph's checkpoints on disk, without those inside moves that are over."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiosqlite
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.types import Send

from ..domain.errors import FileError
from ..domain.reading.sqlite_schema import working_part
from ..records.database import LOCK_PATIENCE, writing
from .plain_checkpoints import ForeignObject, PlainSerializer, check_state

_OF_MOVES = "thread_id = ? AND checkpoint_ns > ''"

_DAMAGE = (ValueError, TypeError, LookupError, AttributeError, RecursionError, NotImplementedError, sqlite3.Error)
"""What comes of a checkpoint that is not as it was written; ormsgpack and json raise kinds of ``ValueError``."""


def check_file(path: Path) -> None:
    """Raises ``FileError`` where the checkpoints' file is damaged, or holds more than plain tables."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            part = working_part(database)
            problem = f"it holds {part}" if part else str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        problem = str(error)
    if problem != "ok":
        complaint = f"cannot be read as a run's checkpoints ({problem:.100})"
        raise FileError(path, complaint, remedy="copy the run again, or fork it from its start")


class RoundCheckpoints(AsyncSqliteSaver):
    """A checkpoint for each step of the run; those inside a move last until the moves of its round have all ended.

    They are for going on in the middle of a round. Kept, they would be two thirds of the file, and nothing reads them:
    what the moves brought is in the records, and one goes back to rounds, not into moves.
    """

    path: Path

    def __init__(self, connection: aiosqlite.Connection) -> None:
        """A saver of plain data alone."""
        super().__init__(connection, serde=PlainSerializer())

    @classmethod
    @asynccontextmanager
    async def at(cls, path: Path) -> AsyncIterator[RoundCheckpoints]:
        """The checkpoints in the file at ``path``. A write that finds no room raises ``NotWritten``."""
        async with cls.from_conn_string(str(path)) as saver:
            assert isinstance(saver, RoundCheckpoints)
            saver.path = path
            await saver.conn.execute(f"PRAGMA busy_timeout = {1000 * LOCK_PATIENCE:.0f}")
            try:
                yield saver
            finally:
                # A run that is stopped may be in the middle of a write, and SQLite keeps a connection that is closed
                # then, with its lock, until the last cursor is forgotten: whoever goes on in this process would wait.
                # LangGraph's writes in the background come one at a time: none begins between the two.
                async with saver.lock:
                    await saver.conn.rollback()
                    await saver.conn.close()

    async def aput_writes(
        self, config: Any, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Stores what a step of a move has brought."""
        with writing(self.path):
            await super().aput_writes(config, writes, task_id, task_path)

    async def aget_tuple(self, config: Any) -> CheckpointTuple | None:
        """The latest checkpoint. Raises ``FileError`` where it is damaged, or names an object that is to be made."""
        try:
            checkpoint = await super().aget_tuple(config)
            if checkpoint is not None:
                _check(checkpoint)
        except ForeignObject as error:
            raise await self._refused(str(error), "do not open this folder, and ask whoever sent it") from None
        except _DAMAGE as error:
            problem = f"cannot be read as a run's checkpoints ({type(error).__name__}: {error!s:.100})"
            raise await self._refused(problem, "copy the run again, or fork it from its start") from None
        return checkpoint

    async def _refused(self, problem: str, remedy: str) -> FileError:
        (row,) = await self.conn.execute_fetchall("PRAGMA database_list")
        return FileError(Path(row[2]), problem, remedy=remedy)

    async def aput(
        self,
        config: Any,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> Any:
        """Stores a checkpoint; one of the run itself comes when no move is under way, and replaces the moves' own."""
        with writing(self.path):
            return await self._put(config, checkpoint, metadata, new_versions)

    async def _put(self, config: Any, *new: Any) -> Any:
        stored = await super().aput(config, *new)
        if not config["configurable"]["checkpoint_ns"]:
            thread = (str(config["configurable"]["thread_id"]),)
            async with self.lock:
                await self.conn.execute(f"DELETE FROM checkpoints WHERE {_OF_MOVES}", thread)  # noqa: S608
                await self.conn.execute(f"DELETE FROM writes WHERE {_OF_MOVES}", thread)  # noqa: S608
                await self.conn.commit()
        return stored


def _check(checkpoint: CheckpointTuple) -> None:
    """Raises one of ``_DAMAGE`` for a state, or a write that is still to enter it, that the nodes could not read."""
    values = checkpoint.checkpoint["channel_values"]
    check_state(values)
    for task in values.get("__pregel_tasks") or []:
        _check_task(task)
    for _, channel, value in checkpoint.pending_writes or []:
        if channel == "__pregel_tasks":
            _check_task(value)
        else:
            check_state({channel: [] if channel == "results" and value is None else value})


def _check_task(task: Any) -> None:
    if not isinstance(task, Send) or task.node != "interrogate":
        raise ValueError(f"a branch leads to {getattr(task, 'node', task)!s:.40}")
    check_state(task.arg)
