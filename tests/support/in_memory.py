"""A memory without a folder, in this process alone: it keeps the contract that the one on Chroma keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adaem.memory.chroma_rows import neighbours_of
from adaem.memory.embedders.embedder import Embedder
from adaem.memory.equality import text_digest
from adaem.memory.exact_search import ExactIndex
from adaem.memory.items import Neighbour, Remembered
from adaem.memory.standings import StandingChange, in_order, numbered
from adaem.memory.upsert_checks import distinct_by_id


class InMemory:
    """Keeps the contract of ``QuestionMemory`` in this process alone."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._items: dict[str, Remembered] = {}
        self._index = ExactIndex(embedder.dimension)
        self._digests: dict[str, str] = {}
        self._changes: dict[str, StandingChange] = {}

    def remember(self, items: Sequence[Remembered]) -> None:
        """See ``QuestionMemory.remember``."""
        kept = distinct_by_id(items)
        self._items.update((item.id, item) for item in kept)
        self._digests.update((item.id, text_digest(item.text)) for item in kept)
        self._index.put([item.id for item in kept], self.embedder.embed([item.text for item in kept]))

    def forget(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.forget``."""
        self._index.drop(ids)
        for identifier in ids:
            self._items.pop(identifier, None)
            self._digests.pop(identifier, None)

    def nearest(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        """See ``QuestionMemory.nearest``."""
        found = self._index.nearest(self.embedder.embed(texts), count)
        return [neighbours_of(row, self._items) for row in found]

    def ids_of_text(self, text: str) -> tuple[str, ...]:
        """See ``QuestionMemory.ids_of_text``."""
        wanted = text_digest(text)
        return tuple(sorted(identifier for identifier, digest in self._digests.items() if digest == wanted))

    def contains_text(self, text: str) -> bool:
        """See ``QuestionMemory.contains_text``."""
        return bool(self.ids_of_text(text))

    def get(self, ids: Sequence[str]) -> list[Remembered]:
        """See ``QuestionMemory.get``."""
        return [self._items[identifier] for identifier in dict.fromkeys(ids) if identifier in self._items]

    def count(self) -> int:
        """See ``QuestionMemory.count``."""
        return len(self._items)

    def all_items(self) -> Iterator[Remembered]:
        """See ``QuestionMemory.all_items``."""
        return iter(tuple(self._items.values()))

    def announce(self, item: Remembered, count: int) -> list[Neighbour]:
        """See ``QuestionMemory.announce``: nobody else is here."""
        return []

    def retract(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.retract``: nothing was announced."""

    def note(self, changes: Sequence[StandingChange]) -> None:
        """See ``QuestionMemory.note``."""
        new = {change.id: change for change in changes if change.id not in self._changes}
        self._changes.update((change.id, change) for change in numbered(list(new.values()), len(self._changes)))

    def changes(self) -> list[StandingChange]:
        """See ``QuestionMemory.changes``."""
        return in_order(self._changes.values())

    def close(self) -> None:
        """Nothing to let go of."""
