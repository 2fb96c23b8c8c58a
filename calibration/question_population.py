"""The questions of one world: what its author proposes and rewrites, with every respondent's planted probabilities.

A question depends on its place alone (topic, number of the proposal, numbers of the rewrites), so that all policies
meet the same world; another ``edition`` holds what the same author would have written another time. Texts are written
on demand and kept.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from ..domain.framework import SeedTopic
from ..domain.streams import TextStream, text_generator
from ..memory.embedders.embedder import Embedder
from ..memory.embedders.named_embedder import make_embedder
from ..memory.novelty import NEAREST, Thresholds, too_similar
from ..memory.topic_neighbours import topic_neighbours
from ..pool.simulated.author import propose, rewrite
from ..pool.simulated.identity import identify
from ..pool.simulated.planted import expression_probabilities
from ..pool.simulated.simulated_judge import label
from ..pool.simulated.value_draws import correlation_root
from ..pool.simulated.vocabulary import vocabulary_of
from .text_simulation import Confusion, confusion_of, read_answers
from .true_divergence import true_divergence
from .worlds import World, framework

Floats = NDArray[np.float64]
Place = tuple[int, ...]
"""(topic, number of a draft for it, number of a draft that rewrites that one, …)."""

SHOWN = 5
"""How many earlier drafts an author is shown, so as not to repeat them."""

READ_SAMPLES = 5
"""Answers of each respondent to each seed from which the judge's errors are measured."""


@dataclass(frozen=True)
class Banked:
    """One drafted question, whether it is ever asked or not."""

    text: str
    fact: str


@lru_cache(maxsize=1)
def _embedder() -> Embedder:
    return make_embedder("hashing")


class Bank:
    """A world's questions. Rewrites are as many as are asked for; no answer is drawn here."""

    def __init__(self, world: World, topics: Sequence[SeedTopic] | None = None, *, edition: int = 0) -> None:
        """``topics`` take the place of the framework's own; ``edition``, from 0, tells apart the author's draws."""
        self.world = world
        self._edition = (f"edition {edition}",) if edition else ()
        self.framework = framework() if topics is None else framework().model_copy(update={"topics": tuple(topics)})
        self.members = world.respondents()
        self._vocabulary = vocabulary_of(self.framework)
        self._drafts: dict[Place, Banked] = {}
        self._rates: dict[Place, Floats] = {}
        self._vectors: dict[Place, NDArray[np.float32]] = {}
        self._thresholds = Thresholds.of(_embedder())

    @property
    def topics(self) -> int:
        """T, the number of topics."""
        return len(self.framework.topics)

    @property
    def embedder(self) -> Embedder:
        """What tells how alike two questions are."""
        return _embedder()

    def neighbours(self, count: int) -> tuple[NDArray[np.int64], Floats]:
        """The topics' nearest others and their similarity, as the frontier has them; both (T, count)."""
        return topic_neighbours([topic.text for topic in self.framework.topics], _embedder(), count)

    @cached_property
    def confusion(self) -> Confusion:
        """The judge's errors, measured on answers in text to all seeds."""
        seeds = [(topic.text, "") for topic in self.framework.topics]
        read = read_answers(self.framework, self.members, self.world.judge(), seeds, READ_SAMPLES, self.world.number)
        return confusion_of(read, alike=self.world.variant == "null")

    @cached_property
    def correlation_root(self) -> Floats | None:
        """(d, d) Cholesky factor of the values' correlations within an answer; None where there are none."""
        return correlation_root(self.world.simulator, self.framework.value_ids)

    @cached_property
    def seed_rates(self) -> Floats:
        """(T, K, d) planted probabilities on the seed questions themselves."""
        return np.stack([self._probabilities(topic.text, "") for topic in self.framework.topics])

    def draft(self, place: Place) -> Banked:
        """The question at ``place``; the author has the drafts just before it in view."""
        if place not in self._drafts:
            for number in range(place[-1]):  # in order: each looks at those before it
                if (*place[:-1], number) not in self._drafts:
                    self.draft((*place[:-1], number))
            self._drafts[place] = self._write(place)
        return self._drafts[place]

    def duplicate(self, place: Place, asked: Sequence[Place]) -> bool:
        """Whether the novelty gate refuses ``place`` beside the places ``asked`` of its topic, or of its parent.

        Equal texts are the nearest of all, so they need no rule of their own here. Other topics' questions are not
        looked at: they share too few words to be near copies. A rewrite in its parent's own words is one, too.
        """
        if len(place) > 2 and self.draft(place).text == self.draft(place[:-1]).text:
            return True
        if not asked:
            return False
        similarity = np.stack([self._vector(other) for other in asked]) @ self._vector(place)
        return bool(too_similar(np.sort(similarity)[::-1][:NEAREST].tolist(), self._thresholds))

    def _vector(self, place: Place) -> NDArray[np.float32]:
        if place not in self._vectors:
            self._vectors[place] = _embedder().embed([self.draft(place).text])[0]
        return self._vectors[place]

    def rates(self, place: Place) -> Floats:
        """(K, d) planted probabilities of the question at ``place``."""
        if place not in self._rates:
            found = self.draft(place)
            self._rates[place] = self._probabilities(found.text, found.fact)
        return self._rates[place]

    def ungated(self, topic: int, number: int) -> Floats:
        """(K, d) planted probabilities of a proposal that passed no novelty gate: for the ceiling."""
        fact, text = self._propose(topic, f"ceiling/{number}", [])
        return self._probabilities(text, fact)

    def values_named(self, place: Place) -> NDArray[np.bool_]:
        """(d,) the values that the judge finds in the question's own wording."""
        found = self.draft(place)
        offered = "\n".join(f"{value.id}:" for value in self.framework.values)
        fields = {"values": offered, "texts": f"1. {found.text}\n2. {found.fact}"}
        labels = label(identify(self.world.judge()), self._vocabulary, fields, self._random("named", place))
        named = {str(one["value"]) for one in labels}
        return np.array([value in named for value in self.framework.value_ids])

    def _probabilities(self, text: str, fact: str) -> Floats:
        return np.stack([expression_probabilities(member, self.framework, text, fact) for member in self.members])

    def _random(self, *parts: object) -> random.Random:
        return text_generator(TextStream.BANK, self.world.number, self.world.variant, *self._edition, *parts)

    def _propose(self, topic: int, key: str, avoid: list[str]) -> tuple[str, str]:
        fields = {"topic": self.framework.topics[topic].text, "avoid": "\n".join(avoid)}
        reply = propose(self._vocabulary, fields, self._random("propose", topic, key))
        return str(reply["fact"]), str(reply["question"])

    def _write(self, place: Place) -> Banked:
        avoid = [self._drafts[(*place[:-1], number)].text for number in range(max(0, place[-1] - SHOWN), place[-1])]
        if len(place) == 2:
            fact, text = self._propose(place[0], f"{place[1]}", avoid)
            return Banked(text, fact)
        parent = self.draft(place[:-1])
        fields = {"question": parent.text, "avoid": "\n".join(avoid)}
        rng = self._random("rewrite", *place)
        return Banked(str(rewrite(self._vocabulary, fields, rng, variant=self.world.variant)["question"]), parent.fact)


def ceilings(bank: Bank, proposals: int, count: int, caps: tuple[int | None, ...]) -> list[float]:
    """Mean true divergence of the best ``count`` of ``proposals`` proposals, the topics in equal shares, in bits.

    One number for each of ``caps``, which limit how many of one topic count; None for no limit.
    """
    topic = np.arange(proposals) % bank.topics
    value = np.array(
        [float(true_divergence(bank.ungated(int(t), number // bank.topics))) for number, t in enumerate(topic)]
    )
    order = np.argsort(-value, kind="stable")
    found = []
    for cap in caps:
        taken = np.zeros(bank.topics, dtype=np.int64)
        best: list[float] = []
        for index in order:
            if cap is None or taken[topic[index]] < cap:
                taken[topic[index]] += 1
                best.append(float(value[index]))
            if len(best) == count:
                break
        found.append(float(np.mean(best)))
    return found
