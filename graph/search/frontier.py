"""What the search knows: its topics, what was drawn from them, and every scored question.

It is a view of the run's records, kept in memory so that a round does not read them all again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...agents.policies.policy import Floats, Ints, SearchView
from ...domain.critique import Critique
from ...domain.question import Question, Topic
from ...domain.settings import Settings
from ...memory.embedders.embedder import Embedder
from ...memory.standings import Standing
from ...memory.topic_neighbours import topic_neighbours
from ...records import MoveRecord
from .course_rules import topic_end


@dataclass(frozen=True)
class ScoredQuestion:
    """A kept question with its first, unselected score."""

    question: Question
    critique: Critique
    total: float
    variance: float
    divergence: float


def scored_question(question: Question, critique: Critique) -> ScoredQuestion:
    """A kept question as the frontier wants it."""
    assert critique.score is not None
    score = critique.score
    return ScoredQuestion(question, critique, score.total, score.variance or 1e-6, score.divergence)


@dataclass
class _Known:
    """What a search has learnt; ``learnt`` are the moves that were taken in, ``index`` the places of the topics."""

    topics: list[Topic] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    draws: list[int] = field(default_factory=list)
    rewritten: Counter[str] = field(default_factory=Counter)
    learnt: set[str] = field(default_factory=set)
    retired: set[str] = field(default_factory=set)
    scored: dict[str, ScoredQuestion] = field(default_factory=dict)


class Frontier:
    """The search's topics and scored questions."""

    def __init__(self, topics: Sequence[Topic], embedder: Embedder, settings: Settings) -> None:
        self._known = _Known()
        self._embedder = embedder
        self._settings = settings
        self._neighbours: tuple[Ints, Floats] | None = None
        self.extend(topics)

    def under(self, embedder: Embedder, settings: Settings) -> Frontier:
        """The same frontier, seen with other settings: what either learns, both know."""
        other = Frontier([], embedder, settings)
        other._known = self._known
        return other

    @property
    def topics(self) -> tuple[Topic, ...]:
        """All topics: the framework's in its order, then those that were found since."""
        return tuple(self._known.topics)

    @property
    def scored(self) -> Mapping[str, ScoredQuestion]:
        """The kept questions by id, in the order in which they were scored."""
        return self._known.scored

    def extend(self, topics: Iterable[Topic]) -> None:
        """Takes in topics. Those that are there already stay as they are."""
        for topic in topics:
            if topic.id not in self._known.index:
                self._known.index[topic.id] = len(self._known.topics)
                self._known.topics.append(topic)
                self._known.draws.append(0)

    def most_drawn(self, count: int) -> list[str]:
        """The texts of the topics with most moves, most first."""
        draws = np.array(self._known.draws)
        return [self._known.topics[place].text for place in np.argsort(-draws, kind="stable")[:count]]

    def topic(self, topic_id: str) -> Topic:
        """The topic with this id."""
        return self._known.topics[self._known.index[topic_id]]

    def learn(self, moves: Iterable[MoveRecord], scored: Iterable[ScoredQuestion]) -> None:
        """Takes in finished moves, and the questions that were kept and scored. Doing it twice changes nothing."""
        for move in moves:
            if move.question_id not in self._known.learnt:
                self._known.learnt.add(move.question_id)
                self._known.draws[self._known.index[move.topic_id]] += 1
                if move.parent_id is not None:
                    self._known.rewritten[move.parent_id] += 1
        for each in scored:
            self._known.scored[each.question.id] = each

    def retire(self, topic_ids: Iterable[str]) -> None:
        """Leaves topics out of the search, whatever they promise. Unknown ones are passed over."""
        self._known.retired.update(topic_ids)

    def exhausted_topics(self) -> dict[str, tuple[Standing, str]]:
        """The topics that this search has exhausted or saturated, and why (METHOD.md section 3, step 6)."""
        divergences: dict[str, list[float]] = {}
        for each in self.scored.values():
            divergences.setdefault(each.question.topic_id, []).append(each.divergence)
        ends = {
            topic.id: topic_end(draws, divergences.get(topic.id, []), self._settings.search)
            for topic, draws in zip(self._known.topics, self._known.draws, strict=True)
        }
        return {topic_id: end for topic_id, end in ends.items() if end is not None}

    def best(self, count: int | None = None, *, topic_id: str | None = None) -> list[ScoredQuestion]:
        """The best questions by search score, best first."""
        # A copy first: a screen reads this from a thread of its own.
        candidates = (each for each in list(self.scored.values()) if topic_id in (None, each.question.topic_id))
        return sorted(candidates, key=lambda each: (-each.total, each.question.id))[:count]

    def view(
        self,
        answers_left: float,
        answers_per_move: float,
        answers_per_draft: float = 1.0,
        *,
        rewrites: bool = True,
        one_each: bool = False,
    ) -> SearchView:
        """All of this as arrays for a policy; questions in the order in which they were scored.

        Without ``rewrites`` no refine moves are wanted; ``one_each``: no topic gives a second question.
        """
        questions = list(self.scored.values())
        position = {each.question.id: number for number, each in enumerate(questions)}
        search, neighbours = self._settings.search, self._near()
        over = self.exhausted_topics().keys() | self._known.retired
        alive = np.array([topic.id not in over for topic in self._known.topics], dtype=bool)
        draws = np.array(self._known.draws, dtype=np.int64)
        return SearchView(
            alive=alive,
            open=alive & (draws == 0) if one_each else alive,
            draws=draws,
            topic=np.array([self._known.index[each.question.topic_id] for each in questions], dtype=np.int64),
            parent=np.array([position.get(each.question.parent_id or "", -1) for each in questions], dtype=np.int64),
            score=np.array([each.total for each in questions], dtype=np.float64),
            variance=np.array([each.variance for each in questions], dtype=np.float64),
            neighbours=neighbours[0],
            similarity=neighbours[1],
            target=self._settings.questions,
            topic_cap=search.topic_cap,
            refine_share=search.refine_share if rewrites else 0.0,
            least_refine_share=search.least_refine_share,
            answers_left=answers_left,
            answers_per_move=answers_per_move,
            answers_per_draft=answers_per_draft,
            rewritten=np.array([self._known.rewritten[each.question.id] for each in questions], dtype=np.int64),
        )

    def lineage(self, question_id: str) -> str:
        """The id of the proposal that a question was rewritten from, over however many rewrites; its own for one."""
        question = self.scored[question_id].question
        while question.parent_id is not None and question.parent_id in self.scored:
            question = self.scored[question.parent_id].question
        return question.id

    def question_at(self, position: int) -> ScoredQuestion:
        """The question at a position of the view."""
        return list(self.scored.values())[position]

    def _near(self) -> tuple[Ints, Floats]:
        """Each topic's neighbours, looked for anew when topics have come."""
        if self._neighbours is None or len(self._neighbours[0]) != len(self._known.topics):
            texts = [topic.text for topic in self._known.topics]
            self._neighbours = topic_neighbours(texts, self._embedder, self._settings.search.neighbours)
        return self._neighbours
