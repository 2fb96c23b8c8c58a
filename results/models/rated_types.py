"""The results of imported ratings as data: what the terminal, Markdown and ``--json`` show.

Scores are shares of the rating scale in [0, 1], turned round where an item is keyed against its value: 1 is the most
that the scale has of the value. Intervals are 95 % with topics as the unit. Ids and names are hostile text.
"""

from __future__ import annotations

from typing import Literal

from ...domain.record import Record
from ...records.recorded_ratings import RatingsSource
from ..result_types import ContrastTable, ModelProfile


class RatedModel(Record):
    """One model. ``rated`` rows enter the figures; ``missing`` counts the rest by what became of them."""

    id: str
    rated: int
    missing: dict[str, int]


class RatedValue(Record):
    """One value: how many items measure it, how many of them are keyed against it, and their topics."""

    id: str
    name: str
    items: int
    reversed: int
    topics: int


class RatedDesign(Record):
    """Whose ratings of what. ``untagged`` items measure no value and enter nothing; ``repetitions``: the most rows of
    one model on one item."""

    source: RatingsSource
    models: tuple[RatedModel, ...]
    values: tuple[RatedValue, ...]
    items: int
    untagged: int
    topics: int
    repetitions: int


class RatedResults(Record):
    """Everything that is said of imported ratings; there is no randomness in it, and no judge.

    ``profiles`` have no centred rates and no refusals. ``contrasts`` are tested where a pair has topics enough for a
    verdict.
    """

    kind: Literal["ratings"] = "ratings"
    run_id: str
    folder: str
    asked: RatedDesign
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    profiles: tuple[ModelProfile, ...]
    contrasts: ContrastTable
