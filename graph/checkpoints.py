"""LangGraph's checkpoints on disk, without those inside moves that are over."""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

_OF_MOVES = "thread_id = ? AND checkpoint_ns > ''"


class RoundCheckpoints(AsyncSqliteSaver):
    """A checkpoint for each step of the run; those inside a move last until the moves of its round have all ended.

    They are for going on in the middle of a round. Kept, they would be two thirds of the file, and nothing reads them:
    what the moves brought is in the records, and one goes back to rounds, not into moves.
    """

    async def aput(
        self,
        config: Any,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> Any:
        """Stores a checkpoint; one of the run itself comes when no move is under way, and replaces the moves' own."""
        stored = await super().aput(config, checkpoint, metadata, new_versions)
        if not config["configurable"]["checkpoint_ns"]:
            thread = (str(config["configurable"]["thread_id"]),)
            async with self.lock:
                await self.conn.execute(f"DELETE FROM checkpoints WHERE {_OF_MOVES}", thread)  # noqa: S608
                await self.conn.execute(f"DELETE FROM writes WHERE {_OF_MOVES}", thread)  # noqa: S608
                await self.conn.commit()
        return stored
