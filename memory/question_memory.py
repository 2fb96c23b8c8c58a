"""What a memory of questions must do; the novelty gate and the graph know nothing else of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from .embedders.embedder import Embedder
from .items import Neighbour, Remembered
from .standings import StandingChange


class QuestionMemory(Protocol):
    """Remembered questions, found by likeness, by equality and by id. Calls may come from several threads."""

    @property
    def embedder(self) -> Embedder:
        """The embedder of all its vectors."""
        ...

    def remember(self, items: Sequence[Remembered]) -> None:
        """Keeps ``items``; one whose id is known replaces it, so doing it twice changes nothing.

        Of several with one id the last counts. Raises ``InputError`` for a text without a word, and then keeps none.
        """
        ...

    def forget(self, ids: Sequence[str]) -> None:
        """Drops the questions with these ids, as if they had never been asked; unknown ids are passed over."""
        ...

    def nearest(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        """For each text at most ``count`` remembered questions, most similar first, ties by id."""
        ...

    def ids_of_text(self, text: str) -> tuple[str, ...]:
        """The ids of the questions whose normalised text equals that of ``text``, sorted."""
        ...

    def contains_text(self, text: str) -> bool:
        """Whether a remembered question's normalised text equals that of ``text``."""
        ...

    def get(self, ids: Sequence[str]) -> list[Remembered]:
        """The questions with these ids, in the order of ``ids``, each once; unknown ids are left out."""
        ...

    def count(self) -> int:
        """How many questions are remembered."""
        ...

    def all_items(self) -> Iterator[Remembered]:
        """Every question once, in no promised order. Do not remember while iterating."""
        ...

    def announce(self, item: Remembered, count: int) -> list[Neighbour]:
        """Tells other runs that ``item`` is about to be asked, until it is remembered or forgotten.

        Returns at most ``count`` of what other runs have announced, most similar first.
        """
        ...

    def retract(self, ids: Sequence[str]) -> None:
        """Takes announcements back; unknown ids are passed over."""
        ...

    def note(self, changes: Sequence[StandingChange]) -> None:
        """Adds to the log of changes, in this order; one that is there already keeps its place.

        Each gets a counter greater than that of every change that the log holds: whatever the writer has read comes
        before what it writes, wherever its clock stands.
        """
        ...

    def changes(self) -> list[StandingChange]:
        """The whole log with its counters, earliest first (``life.in_order``)."""
        ...

    def close(self) -> None:
        """Lets go of the store; a second call does nothing."""
        ...
