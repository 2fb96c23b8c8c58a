"""A memory without a folder, in this process alone, for what is over when the process is. It is searched exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from .chroma_rows import neighbours_of
from .embedders.embedder import Embedder
from .equality import text_digest
from .exact_search import ExactIndex
from .items import Neighbour, Remembered
from .standings import StandingChange, in_order, numbered
from .upsert_checks import distinct_by_id


class InMemory:
    """Keeps the contract of ``QuestionMemory`` in this process alone."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._items: dict[str, Remembered] = {}
        self._index = ExactIndex(embedder.dimension)
        self._digests: dict[str, str] = {}
        self._ids: defaultdict[str, set[str]] = defaultdict(set)
        self._changes: dict[str, StandingChange] = {}

    def remember(self, items: Sequence[Remembered]) -> None:
        """See ``QuestionMemory.remember``."""
        distinct = distinct_by_id(items)
        self.forget([item.id for item in distinct])
        self._items.update((item.id, item) for item in distinct)
        for item in distinct:
            self._digests[item.id] = text_digest(item.text)
            self._ids[self._digests[item.id]].add(item.id)
        self._index.put([item.id for item in distinct], self.embedder.embed([item.text for item in distinct]))

    def forget(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.forget``."""
        self._index.drop(ids)
        for identifier in ids:
            self._items.pop(identifier, None)
            if (digest := self._digests.pop(identifier, None)) is not None:
                self._ids[digest].discard(identifier)

    def nearest(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        """See ``QuestionMemory.nearest``."""
        nearest = self._index.nearest(self.embedder.embed(texts), count)
        return [neighbours_of(row, self._items) for row in nearest]

    def ids_of_text(self, text: str) -> tuple[str, ...]:
        """See ``QuestionMemory.ids_of_text``."""
        return tuple(sorted(self._ids.get(text_digest(text), ())))

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
