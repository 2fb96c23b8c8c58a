"""The novelty gate: is a candidate a question that was asked before? (METHOD.md section 3, step 2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..domain.record import Record
from ..domain.settings import Novelty
from .embedders.embedder import Embedder
from .equality import normalised
from .items import Neighbour, Remembered
from .question_memory import QuestionMemory

NEAREST = 3
"""How many neighbours the gate looks at."""

Reason = Literal["", "empty", "equal", "nearest", "mean_of_three"]


class NoveltyVerdict(Record):
    """What the gate says. ``reason`` is "" for a novel text, else the first rule that refused it.

    ``empty``          the text has no word in it
    ``equal``          its normalised text was asked before; the equal questions come first in ``neighbours``
    ``nearest``        its nearest neighbour is too similar
    ``mean_of_three``  its three nearest are, on average

    ``neighbours`` are at most three, most similar first, its own lineage left out: what to show
    an author who is asked again.
    """

    novel: bool
    reason: Reason
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True)
class Thresholds:
    """Cosine similarities above which a candidate is a duplicate; at the threshold it is still novel."""

    nearest: float
    mean_of_three: float

    @classmethod
    def of(cls, embedder: Embedder, settings: Novelty | None = None) -> Thresholds:
        """The settings' thresholds, and the embedder's own where they name none."""
        chosen = settings or Novelty()
        return cls(
            nearest=embedder.nearest if chosen.nearest is None else chosen.nearest,
            mean_of_three=embedder.mean_of_three if chosen.mean_of_three is None else chosen.mean_of_three,
        )


def too_similar(similarities: Sequence[float], thresholds: Thresholds) -> Reason:
    """The rule by which neighbours at ``similarities`` (any order) make a duplicate, "" if none does.

    The mean is taken of exactly three: with fewer neighbours only the nearest counts.
    """
    ordered = sorted(similarities, reverse=True)
    if ordered and ordered[0] > thresholds.nearest:
        return "nearest"
    if len(ordered) >= NEAREST and sum(ordered[:NEAREST]) / NEAREST > thresholds.mean_of_three:
        return "mean_of_three"
    return ""


class NoveltyGate:
    """Checks candidates against a memory, and candidates of one round against each other."""

    def __init__(self, memory: QuestionMemory, thresholds: Thresholds) -> None:
        self._memory = memory
        self._thresholds = thresholds

    @property
    def nearest(self) -> float:
        """The similarity above which a text is no new one."""
        return self._thresholds.nearest

    def check(self, text: str, *, ignore: Collection[str] = ()) -> NoveltyVerdict:
        """Whether ``text`` is new to the memory.

        ``ignore`` are the ids of its own lineage: a rewrite may be near to them, but not the same words again.
        """
        if not normalised(text):
            return NoveltyVerdict(novel=False, reason="empty")
        ignored = frozenset(ignore)
        nearest = self._memory.nearest([text], NEAREST + len(ignored))[0]
        neighbours = [neighbour for neighbour in nearest if neighbour.id not in ignored][:NEAREST]
        equal = self._memory.ids_of_text(text)
        return _verdict(neighbours, self._equal_neighbours(equal[:NEAREST], neighbours), self._thresholds)

    def claim(self, item: Remembered, *, ignore: Collection[str] = ()) -> NoveltyVerdict:
        """``check`` for a candidate that is asked next if it is new, beside other runs on the same memory.

        It is announced before anything is looked at: whoever remembers or announces the same later sees it. Of two runs
        at the same moment both may give way, so that nothing is asked twice.
        """
        verdict = self._against_others(item)
        if verdict.novel:
            verdict = self.check(item.text, ignore=ignore)
        if not verdict.novel:
            self._memory.retract([item.id])
        return verdict

    def claim_words(self, item: Remembered) -> bool:
        """``claim`` for a question that only its own words make a duplicate, as a seed's: may it be asked?"""
        free = self._against_others(item).reason != "equal" and not self._memory.contains_text(item.text)
        if not free:
            self._memory.retract([item.id])
        return free

    def _against_others(self, item: Remembered) -> NoveltyVerdict:
        others = self._memory.announce(item, NEAREST)
        equal = [other for other in others if normalised(other.text) == normalised(item.text)]
        return _verdict(others, equal, self._thresholds)

    def _equal_neighbours(self, ids: Sequence[str], neighbours: Sequence[Neighbour]) -> list[Neighbour]:
        """The neighbours with these ids; one that the index did not find among the nearest is fetched."""
        known = {neighbour.id: neighbour for neighbour in neighbours}
        missing = self._memory.get([identifier for identifier in ids if identifier not in known])
        fetched = {item.id: Neighbour(**item.model_dump(), similarity=1.0) for item in missing}
        return [(known | fetched)[identifier] for identifier in ids if identifier in known or identifier in fetched]

    def first_of_each(self, candidates: Sequence[Remembered]) -> list[NoveltyVerdict]:
        """A verdict per candidate, in order: each against the earlier candidates that were novel.

        The memory is not asked: these candidates have passed ``check`` already.
        """
        vectors = self._memory.embedder.embed([candidate.text for candidate in candidates])
        cosines = np.clip(vectors @ vectors.T, -1.0, 1.0)
        texts = [normalised(candidate.text) for candidate in candidates]
        firsts: list[int] = []
        verdicts: list[NoveltyVerdict] = []
        for this, text in enumerate(texts):
            if not text:
                verdicts.append(NoveltyVerdict(novel=False, reason="empty"))
                continue
            near = sorted(firsts, key=lambda other: (-cosines[this, other], other))[:NEAREST]
            neighbours = {
                other: Neighbour(**candidates[other].model_dump(), similarity=float(cosines[this, other]))
                for other in {*near, *(other for other in firsts if texts[other] == text)}
            }
            equal = [neighbours[other] for other in firsts if texts[other] == text]
            verdict = _verdict([neighbours[other] for other in near], equal, self._thresholds)
            verdicts.append(verdict)
            if verdict.novel:
                firsts.append(this)
        return verdicts


def _verdict(neighbours: Sequence[Neighbour], equal: Sequence[Neighbour], thresholds: Thresholds) -> NoveltyVerdict:
    if equal:
        rest = [neighbour for neighbour in neighbours if neighbour not in equal]
        return NoveltyVerdict(novel=False, reason="equal", neighbours=(*equal, *rest)[:NEAREST])
    reason = too_similar([neighbour.similarity for neighbour in neighbours], thresholds)
    return NoveltyVerdict(novel=not reason, reason=reason, neighbours=tuple(neighbours))
