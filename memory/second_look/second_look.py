"""What a second look is, and which one a memory's novelty gate takes."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ...domain.settings import Novelty
from ..embedders.embedder import Embedder
from .word_rule import WordRule


class SecondLook(Protocol):
    """Decides about two questions that the embedder finds alike."""

    def same_question(self, one: str, other: str, similarity: float) -> bool:
        """Whether both ask the same, in whatever words; ``similarity`` is the cosine of the whole texts.

        The same pair, the same word; the order of the two does not matter.
        """
        ...


@runtime_checkable
class MeasuredEmbedder(Protocol):
    """What an embedder offers besides when its thresholds for a second look were measured; None: they were not."""

    candidates: float | None
    """Questions more similar than this (a cosine) are looked at a second time."""

    unshared: float | None
    """Above this cosine the words that two questions do not share mean the same."""


def makes_second_look(embedder: Embedder, settings: Novelty) -> bool:
    """Whether a second look is taken: as the settings say, by default with an embedder that was measured for it."""
    if settings.second_look is None:
        return _measured(embedder).candidates is not None
    return settings.second_look != "none"


def candidate_threshold(embedder: Embedder, settings: Novelty) -> float:
    """The cosine above which a question is looked at a second time: the settings' ``nearest`` where they name one."""
    candidates = _measured(embedder).candidates
    if settings.nearest is not None:
        return settings.nearest
    return embedder.nearest if candidates is None else candidates


def make_word_rule(embedder: Embedder) -> WordRule:
    """The rule with the thresholds of ``embedder``."""
    return WordRule(embedder, unshared=_measured(embedder).unshared, whole=embedder.nearest)


class _Unmeasured:
    candidates: float | None = None
    unshared: float | None = None


def _measured(embedder: Embedder) -> MeasuredEmbedder:
    return embedder if isinstance(embedder, MeasuredEmbedder) else _Unmeasured()
