"""The log of changes in Chroma: a collection beside the questions, so that a memory is one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from .chroma_access import Access
from .standings import StandingChange, in_order, numbered

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from chromadb.base_types import Where

CHANGES = "changes"
COUNTER = "counter"
BATCH, CHANGES_A_PAGE = 1_000, 5_000
"""Changes written, and read, at a time."""


class ChangeLog:
    """The changes of one memory, append-only, each with its counter (``life.Change``).

    In a folder, which one process owns, no two changes have one counter. A server has no transactions: two that write
    at the same moment may take the same, since neither has seen the other's. Whoever has seen one writes a greater one.
    """

    def __init__(self, access: Access, client: Client) -> None:
        self._access = access
        self._client = client
        self._highest = 0

    def note(self, changes: Sequence[StandingChange]) -> None:
        """See ``QuestionMemory.note``."""
        by_id = {change.id: change for change in changes}
        for start in range(0, len(by_id), BATCH):
            ids = list(by_id)[start : start + BATCH]
            log = self._collection()
            there = set(self._access(log.get, ids=ids, include=[])["ids"])
            self._look_for_higher(log)
            # Those that are there keep their counters: a run that goes on notes its changes again.
            new = numbered([by_id[identifier] for identifier in ids if identifier not in there], self._highest)
            if new:
                self._access(
                    log.upsert,
                    ids=[change.id for change in new],
                    embeddings=np.ones((len(new), 1), dtype=np.float32),
                    documents=[change.why for change in new],
                    metadatas=[change.model_dump(mode="json", exclude={"why"}) for change in new],
                )
                self._highest += len(new)

    def read(self) -> list[StandingChange]:
        """See ``QuestionMemory.changes``."""
        return in_order(self._pages(self._collection(), None))

    def _look_for_higher(self, log: Collection) -> None:
        """Raises the highest counter that is known to the highest of the log; others may have written since."""
        higher = self._pages(log, cast("Where", {COUNTER: {"$gt": self._highest}}))
        self._highest = max([self._highest, *(change.counter or 0 for change in higher)])

    def _pages(self, log: Collection, where: Where | None) -> list[StandingChange]:
        changes: list[StandingChange] = []
        while True:
            page = self._access(
                log.get, where=where, limit=CHANGES_A_PAGE, offset=len(changes), include=["documents", "metadatas"]
            )
            rows = list(zip(page["documents"] or [], page["metadatas"] or [], strict=True))
            changes += self._access(_changes, rows)
            if len(rows) < CHANGES_A_PAGE:
                return changes

    def _collection(self) -> Collection:
        # Chroma keeps nothing without a vector: every change has the same one, and none is ever searched for.
        return self._access(self._client.get_or_create_collection, CHANGES, embedding_function=None)


def _changes(rows: Sequence[tuple[str, Mapping[str, object]]]) -> list[StandingChange]:
    return [StandingChange.model_validate({**metadata, "why": why}) for why, metadata in rows]
