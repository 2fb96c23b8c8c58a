"""What the search knows: its topics, what was drawn from them, and every scored question.

It is a view of the run's records, kept in memory so that a round does not read them all again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from ..agents.policies.protocol import SearchView
from ..domain.critique import Critique
from ..domain.question import Question, Topic
from ..domain.settings import Settings
from ..memory.embedder import Embedder
from ..memory.life import Standing
from ..memory.topics import topic_neighbours
from ..records import MoveRecord
from .decisions import saturated


@dataclass(frozen=True)
class Scored:
    """A kept question with its first, unselected score."""

    question: Question
    critique: Critique
    total: float
    variance: float
    divergence: float


def scored(question: Question, critique: Critique) -> Scored:
    """A kept question as the frontier wants it."""
    assert critique.score is not None
    score = critique.score
    return Scored(question, critique, score.total, score.variance or 1e-6, score.divergence)


class Frontier:
    """The search's topics and scored questions."""

    def __init__(self, topics: Sequence[Topic], embedder: Embedder, settings: Settings) -> None:
        self.topics = tuple(topics)
        self._index = {topic.id: number for number, topic in enumerate(self.topics)}
        self._draws = np.zeros(len(self.topics), dtype=np.int64)
        self._look(embedder, settings)
        self._learnt: set[str] = set()
        self._retired: set[str] = set()
        self.scored: dict[str, Scored] = {}

    def _look(self, embedder: Embedder, settings: Settings) -> None:
        self._settings = settings
        self._neighbours, self._similarity = topic_neighbours(
            [topic.text for topic in self.topics], embedder, settings.search.neighbours
        )

    def under(self, embedder: Embedder, settings: Settings) -> Frontier:
        """The same frontier, seen with other settings: what either learns, both know."""
        other = copy(self)
        other._look(embedder, settings)
        return other

    def topic(self, topic_id: str) -> Topic:
        """The topic with this id."""
        return self.topics[self._index[topic_id]]

    def learn(self, moves: Iterable[MoveRecord], kept: Iterable[Scored]) -> None:
        """Takes in finished moves, and the questions that were kept and scored. Doing it twice changes nothing."""
        for move in moves:
            if move.question_id not in self._learnt:
                self._learnt.add(move.question_id)
                self._draws[self._index[move.topic_id]] += 1
        for scored in kept:
            self.scored[scored.question.id] = scored

    def retire(self, topic_ids: Iterable[str]) -> None:
        """Leaves topics out of the search, whatever they promise. Unknown ones are passed over."""
        self._retired.update(topic_ids)

    def worn_out(self) -> dict[str, tuple[Standing, str]]:
        """The topics that this search has exhausted or saturated, and why (METHOD.md section 3, step 6)."""
        search, found = self._settings.search, {}
        scores: dict[str, list[float]] = {}
        for each in self.scored.values():
            scores.setdefault(each.question.topic_id, []).append(each.divergence)
        for number, topic in enumerate(self.topics):
            seen = scores.get(topic.id, [])
            if self._draws[number] >= search.topic_draws:
                found[topic.id] = (Standing.EXHAUSTED, f"{self._draws[number]} moves, as many as a topic is given")
            elif (over := saturated(seen, search.saturated_below)) is not None:
                why = (
                    f"{len(seen)} questions with a divergence of {over[0]:+.3f} bits on average, "
                    f"standard error {over[1]:.3f}"
                )
                found[topic.id] = (Standing.SATURATED, why)
        return found

    def best(self, count: int | None = None, *, topic_id: str | None = None) -> list[Scored]:
        """The best questions by search score, best first."""
        found = (each for each in self.scored.values() if topic_id in (None, each.question.topic_id))
        return sorted(found, key=lambda each: (-each.total, each.question.id))[:count]

    def view(self, answers_left: float, answers_per_move: float) -> SearchView:
        """All of this as arrays for a policy; questions in the order in which they were scored."""
        questions = list(self.scored.values())
        position = {scored.question.id: number for number, scored in enumerate(questions)}
        search, worn = self._settings.search, self.worn_out()
        return SearchView(
            alive=np.array([topic.id not in worn and topic.id not in self._retired for topic in self.topics]),
            draws=self._draws.copy(),
            topic=np.array([self._index[each.question.topic_id] for each in questions], dtype=np.int64),
            parent=np.array([position.get(each.question.parent_id or "", -1) for each in questions], dtype=np.int64),
            score=np.array([each.total for each in questions], dtype=np.float64),
            variance=np.array([each.variance for each in questions], dtype=np.float64),
            neighbours=self._neighbours,
            similarity=self._similarity,
            target=self._settings.questions,
            topic_cap=search.topic_cap,
            refine_share=search.refine_share,
            answers_left=answers_left,
            answers_per_move=answers_per_move,
        )

    def question_at(self, position: int) -> Scored:
        """The question at a position of the view."""
        return list(self.scored.values())[position]
