"""Is everything that a memory holds still found, and nothing twice? Row counts stay right when an index is broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .embedders.embedder import SAME_TEXT
from .equality import normalised
from .items import Remembered
from .question_memory import QuestionMemory

READ_AT_ONCE = 200


@dataclass(frozen=True)
class Inspection:
    """``lost``: remembered, but no search finds their vector. ``doubled``: ids of one text, two or more each."""

    questions: int
    lost: tuple[Remembered, ...]
    doubled: tuple[tuple[str, ...], ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is lost and nothing doubled."""
        return not self.lost and not self.doubled


def inspect(memory: QuestionMemory, on_progress: Callable[[int], None] = lambda _: None) -> Inspection:
    """Searches for every remembered question by its own text; ``on_progress`` hears how many are done."""
    items = list(memory.all_items())
    lost: list[Remembered] = []
    done = 0
    for batch in _batches(items):
        for item, nearest in zip(batch, memory.nearest([item.text for item in batch], 1), strict=True):
            if not nearest or nearest[0].similarity < SAME_TEXT:
                lost.append(item)
        done += len(batch)
        on_progress(done)
    there = {item.id for item in memory.get([item.id for item in lost])}  # others may have taken some out meanwhile
    lost = [item for item in lost if item.id in there]
    by_text: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        by_text[normalised(item.text)].append(item.id)
    doubled = [tuple(sorted(ids)) for ids in by_text.values() if len(ids) > 1]
    return Inspection(len(items), tuple(lost), tuple(sorted(doubled)))


def _batches(items: Sequence[Remembered]) -> Iterator[Sequence[Remembered]]:
    for start in range(0, len(items), READ_AT_ONCE):
        yield items[start : start + READ_AT_ONCE]
