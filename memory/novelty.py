"""The novelty gate: is a candidate a question that was asked before? (METHOD.md section 3, step 2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from ..domain.record import Record
from ..domain.settings import Novelty
from .embedders.embedder import Embedder
from .equality import normalised
from .items import Neighbour, Remembered
from .question_memory import QuestionMemory
from .second_look.second_look import SecondLook, candidate_threshold, make_word_rule, makes_second_look

NEAREST = 3
"""How many neighbours the gate looks at."""

LOOKED_AT = 10
"""How many it looks at where a second look decides: merely similar questions may be nearer than a paraphrase."""

Reason = Literal["", "empty", "equal", "nearest", "mean_of_three", "same_question"]


_NO_OPINIONS: Mapping[str, bool] = MappingProxyType({})


class NoveltyVerdict(Record):
    """What the gate says. ``reason`` is "" for a novel text, else the first rule that refused it.

    ``empty``          the text has no word in it
    ``equal``          its normalised text was asked before; the equal questions come first in ``neighbours``
    ``nearest``        its nearest neighbour is too similar
    ``mean_of_three``  its three nearest are, on average
    ``same_question``  by a second look it asks the same as a similar one, in other words

    ``neighbours`` are at most three, its own lineage left out: what to show an author who is asked again. The most
    similar come first, but for those that the text was refused for.
    """

    novel: bool
    reason: Reason
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True)
class Thresholds:
    """Cosine similarities above which a candidate is a duplicate; at the threshold it is still novel.

    Where a second look decides, only those above ``candidates`` are looked at, and the other two play no part.
    """

    nearest: float
    mean_of_three: float
    candidates: float = 1.0

    @classmethod
    def of(cls, embedder: Embedder, settings: Novelty | None = None) -> Thresholds:
        """The settings' thresholds, and the embedder's own where they name none."""
        chosen = settings or Novelty()
        return cls(
            nearest=embedder.nearest if chosen.nearest is None else chosen.nearest,
            mean_of_three=embedder.mean_of_three if chosen.mean_of_three is None else chosen.mean_of_three,
            candidates=candidate_threshold(embedder, chosen) if makes_second_look(embedder, chosen) else 1.0,
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
    """Checks candidates against a memory, and candidates of one round against each other.

    ``second_look`` decides about similar ones; without it the thresholds alone do.
    """

    def __init__(self, memory: QuestionMemory, thresholds: Thresholds, second_look: SecondLook | None = None) -> None:
        self._memory = memory
        self._thresholds = thresholds
        self._second_look = second_look

    @classmethod
    def of(cls, memory: QuestionMemory, settings: Novelty | None = None) -> NoveltyGate:
        """The gate that the settings ask for, with the thresholds of the memory's embedder where they name none."""
        embedder, chosen = memory.embedder, settings or Novelty()
        look = make_word_rule(embedder) if makes_second_look(embedder, chosen) else None
        return cls(memory, Thresholds.of(embedder, chosen), look)

    @property
    def nearest(self) -> float:
        """The similarity above which a text is no new one, where no second look is taken."""
        return self._thresholds.nearest

    @property
    def rule(self) -> str:
        """What makes a duplicate, in one sentence for the user."""
        if self._second_look is not None:
            return (
                f"A duplicate is nearer than {self._thresholds.candidates:g}, and by a second look at the words that "
                "differ asks the same"
            )
        return (
            f"A duplicate is nearer than {self._thresholds.nearest:g}, or its three nearest are nearer than "
            f"{self._thresholds.mean_of_three:g} on average"
        )

    def check(
        self, text: str, *, ignore: Collection[str] = (), opinions: Mapping[str, bool] = _NO_OPINIONS
    ) -> NoveltyVerdict:
        """Whether ``text`` is new to the memory.

        ``ignore`` are the ids of its own lineage: a rewrite may be near to them, but not the same words again.
        ``opinions`` say of questions by id whether they ask the same; they go before the second look's.
        """
        if not normalised(text):
            return NoveltyVerdict(novel=False, reason="empty")
        neighbours = self._neighbours(text, ignore)
        equal = self._memory.ids_of_text(text)
        return self._verdict(text, neighbours, self._equal_neighbours(equal[:NEAREST], neighbours), opinions)

    def candidates(self, text: str, *, ignore: Collection[str] = ()) -> list[Neighbour]:
        """The remembered questions that a second look is taken at, most similar first; none where words are equal."""
        if not normalised(text) or self._memory.contains_text(text):
            return []
        return [each for each in self._neighbours(text, ignore) if each.similarity > self._thresholds.candidates]

    def claim(
        self, item: Remembered, *, ignore: Collection[str] = (), opinions: Mapping[str, bool] = _NO_OPINIONS
    ) -> NoveltyVerdict:
        """``check`` for a candidate that is asked next if it is new, beside other runs on the same memory.

        It is announced before anything is looked at: whoever remembers or announces the same later sees it. Of two runs
        at the same moment both may give way, so that nothing is asked twice.
        """
        verdict = self._against_others(item)
        if verdict.novel:
            verdict = self.check(item.text, ignore=ignore, opinions=opinions)
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
        others = self._memory.announce(item, self._width)
        equal = [other for other in others if normalised(other.text) == normalised(item.text)]
        return self._verdict(item.text, others, equal)

    @property
    def _width(self) -> int:
        return NEAREST if self._second_look is None else LOOKED_AT

    def _neighbours(self, text: str, ignore: Collection[str]) -> list[Neighbour]:
        ignored = frozenset(ignore)
        nearest = self._memory.nearest([text], self._width + len(ignored))[0]
        return [neighbour for neighbour in nearest if neighbour.id not in ignored][: self._width]

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
            near = sorted(firsts, key=lambda other: (-cosines[this, other], other))[: self._width]
            neighbours = {
                other: Neighbour(**candidates[other].model_dump(), similarity=float(cosines[this, other]))
                for other in {*near, *(other for other in firsts if texts[other] == text)}
            }
            equal = [neighbours[other] for other in firsts if texts[other] == text]
            verdict = self._verdict(candidates[this].text, [neighbours[other] for other in near], equal)
            verdicts.append(verdict)
            if verdict.novel:
                firsts.append(this)
        return verdicts

    def _verdict(
        self,
        text: str,
        neighbours: Sequence[Neighbour],
        equal: Sequence[Neighbour],
        opinions: Mapping[str, bool] = _NO_OPINIONS,
    ) -> NoveltyVerdict:
        if equal:
            return _refused("equal", equal, neighbours)
        look = self._second_look
        if look is None:
            reason = too_similar([neighbour.similarity for neighbour in neighbours], self._thresholds)
            return NoveltyVerdict(novel=not reason, reason=reason, neighbours=tuple(neighbours))
        for near in neighbours:
            if near.similarity <= self._thresholds.candidates:
                break
            same = opinions.get(near.id)
            if look.same_question(text, near.text, near.similarity) if same is None else same:
                return _refused("same_question", [near], neighbours)
        return NoveltyVerdict(novel=True, reason="", neighbours=tuple(neighbours[:NEAREST]))


def _refused(reason: Reason, because: Sequence[Neighbour], neighbours: Sequence[Neighbour]) -> NoveltyVerdict:
    rest = [neighbour for neighbour in neighbours if neighbour not in because]
    return NoveltyVerdict(novel=False, reason=reason, neighbours=(*because, *rest)[:NEAREST])
