"""A memory without a folder: exact, unsaved, and quick to make. For tests and for trials that leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .embedder import Embedder
from .equality import text_digest
from .items import Neighbour, Remembered
from .life import Change, in_order
from .upsert import distinct_by_id


class InMemory:
    """Keeps the contract of ``QuestionMemory`` with a matrix of vectors."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._items: list[Remembered] = []
        self._row: dict[str, int] = {}
        self._vectors = np.zeros((0, embedder.dimension), dtype=np.float32)
        self._digests: dict[str, str] = {}
        self._changes: dict[str, Change] = {}

    def remember(self, items: Sequence[Remembered]) -> None:
        """See ``QuestionMemory.remember``."""
        kept = distinct_by_id(items)
        vectors = self.embedder.embed([item.text for item in kept])
        self._digests.update((item.id, text_digest(item.text)) for item in kept)
        for item, vector in zip(kept, vectors, strict=True):
            if item.id in self._row:
                self._items[self._row[item.id]] = item
                self._vectors[self._row[item.id]] = vector
            else:
                self._row[item.id] = len(self._items)
                self._items.append(item)
                self._vectors = np.vstack([self._vectors, vector])

    def forget(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.forget``."""
        kept = [number for number, item in enumerate(self._items) if item.id not in set(ids)]
        self._items = [self._items[number] for number in kept]
        self._vectors = self._vectors[kept]
        self._row = {item.id: number for number, item in enumerate(self._items)}
        for identifier in ids:
            self._digests.pop(identifier, None)

    def nearest(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        """See ``QuestionMemory.nearest``."""
        cosines = np.clip(self.embedder.embed(texts) @ self._vectors.T, -1.0, 1.0)
        return [
            sorted(
                (
                    Neighbour(**item.model_dump(), similarity=float(cosine))
                    for item, cosine in zip(self._items, row, strict=True)
                ),
                key=lambda neighbour: (-neighbour.similarity, neighbour.id),
            )[: max(count, 0)]
            for row in cosines
        ]

    def ids_of_text(self, text: str) -> tuple[str, ...]:
        """See ``QuestionMemory.ids_of_text``."""
        wanted = text_digest(text)
        return tuple(sorted(identifier for identifier, digest in self._digests.items() if digest == wanted))

    def contains_text(self, text: str) -> bool:
        """See ``QuestionMemory.contains_text``."""
        return bool(self.ids_of_text(text))

    def get(self, ids: Sequence[str]) -> list[Remembered]:
        """See ``QuestionMemory.get``."""
        return [self._items[self._row[identifier]] for identifier in dict.fromkeys(ids) if identifier in self._row]

    def count(self) -> int:
        """See ``QuestionMemory.count``."""
        return len(self._items)

    def all_items(self) -> Iterator[Remembered]:
        """See ``QuestionMemory.all_items``."""
        return iter(tuple(self._items))

    def announce(self, item: Remembered, count: int) -> list[Neighbour]:
        """See ``QuestionMemory.announce``: nobody else is here."""
        return []

    def retract(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.retract``: nothing was announced."""

    def note(self, changes: Sequence[Change]) -> None:
        """See ``QuestionMemory.note``."""
        self._changes.update((change.id, change) for change in changes)

    def changes(self) -> list[Change]:
        """See ``QuestionMemory.changes``."""
        return in_order(self._changes.values())

    def close(self) -> None:
        """Nothing to let go of."""
