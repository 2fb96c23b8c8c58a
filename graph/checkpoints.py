"""LangGraph's checkpoints on disk, without those inside moves that are over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from ..records.database import PATIENCE, writing

_OF_MOVES = "thread_id = ? AND checkpoint_ns > ''"


class RoundCheckpoints(AsyncSqliteSaver):
    """A checkpoint for each step of the run; those inside a move last until the moves of its round have all ended.

    They are for going on in the middle of a round. Kept, they would be two thirds of the file, and nothing reads them:
    what the moves brought is in the records, and one goes back to rounds, not into moves.
    """

    path: Path

    @classmethod
    @asynccontextmanager
    async def at(cls, path: Path) -> AsyncIterator[RoundCheckpoints]:
        """The checkpoints in the file at ``path``. A write that finds no room raises ``NotWritten``."""
        async with cls.from_conn_string(str(path)) as saver:
            assert isinstance(saver, RoundCheckpoints)
            saver.path = path
            await saver.conn.execute(f"PRAGMA busy_timeout = {1000 * PATIENCE:.0f}")
            try:
                yield saver
            finally:
                # A run that is stopped may be in the middle of a write, and SQLite keeps a connection that is closed
                # then, with its lock, until the last cursor is forgotten: whoever goes on in this process would wait.
                await saver.conn.rollback()

    async def aput_writes(
        self, config: Any, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Stores what a step of a move has brought."""
        with writing(self.path):
            await super().aput_writes(config, writes, task_id, task_path)

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
