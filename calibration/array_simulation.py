"""The search without text and graph: the same policies, estimator, budget and confirmation rules, on drawn answers.

Answers are draws of the planted probabilities as they appear through the world's judge. What the graph has
and this lane has not: refusals and failed calls, an author that is shown the best questions so far, and a
novelty gate across topics. That both lanes agree where they overlap is a line of the report.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..agents.judges.judge_requirements import JudgingCalls
from ..agents.policies import Move, SearchView, make_policy
from ..agents.surrogates.draft_choice import order_of_drafts, questions_to_learn
from ..agents.surrogates.shipped_surrogates import make_surrogate
from ..agents.surrogates.surrogate import Foresight, ScoredTexts
from ..domain.settings import Settings
from ..domain.streams import Stream, generator
from ..evaluation.divergence.d_star import DivergenceEstimates, estimate_divergences
from ..evaluation.divergence.paper_score import paper_score
from ..evaluation.questions.shrinkage import shrunken_scores
from ..graph.search.budget_plan import BudgetPlan, plan_budget
from ..graph.search.confirmation_rules import batches_due, confirmation_quota, next_to_confirm, ranking
from ..graph.search.course_rules import SearchEnd, end_in_words, moves_of_round, search_end, topic_end
from .answer_draws import draw_answers
from .question_population import Bank, Place
from .true_divergence import true_divergence

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ATTEMPTS = 2
"""An author is asked once more where all its drafts are duplicates, as in the graph."""

ONE_JUDGE = JudgingCalls(per_answer=1, per_question=1)


@dataclass(frozen=True)
class SearchResult:
    """What a search came to; arrays over the published questions, best first, in bits.

    true, observed  divergence of the planted probabilities, and of these as they appear through the judge
    fresh           the published score: D* of the confirmation's answers, shrunken by what the search's lead to expect
    searched        the score that the search selected on
    topic           index of each question's topic
    p_value         of all *confirmed* questions, in no order; None unless asked for
    first_scores    of every question that was asked: its first score
    calls           model calls, all told
    """

    true: Floats
    observed: Floats
    fresh: Floats
    searched: Floats
    topic: NDArray[np.int64]
    p_value: Floats | None
    first_scores: Floats
    places: tuple[Place, ...]
    moves: int
    rewrites: int
    confirmed: int
    calls: int
    stop_reason: str


class FastSearch:
    """One search under way. ``critic`` is "divergence" or "paper", what the search maximises."""

    def __init__(self, bank: Bank, settings: Settings, *, critic: str = "divergence", tests: bool = False) -> None:
        self._bank = bank
        self._settings = settings
        self._critic = critic
        self._tests = tests
        self.plan: BudgetPlan = plan_budget(settings, bank.world.pool(), ONE_JUDGE)
        self._policy = make_policy(settings.search.policy)
        self._neighbours, self._similarity = bank.neighbours(settings.search.neighbours)
        self._rng = generator(settings.seed, Stream.FAST_LANE_ANSWERS, bank.world.number)
        self.calls, self._confirm_calls, self._moves, self._rewrites = 0, 0, 0, 0
        self._draws = np.zeros(bank.topics, dtype=np.int64)
        self._surrogate = make_surrogate(settings.search.surrogate, bank.framework, bank.embedder)
        self._foresight: tuple[int, Foresight] = (0, self._surrogate.fit(ScoredTexts((), (), np.zeros(0))))
        self._drafted: defaultdict[Place, int] = defaultdict(int)
        self._asked: defaultdict[Place, list[Place]] = defaultdict(list)
        self._places: list[Place] = []
        self._parents: list[int] = []
        self._rewritten: list[int] = []
        self._scores: list[float] = []
        self._variances: list[float] = []
        self._first_divergences: list[float] = []
        self._answers: list[Bools] = []
        self._divergences: defaultdict[int, list[float]] = defaultdict(list)
        self._fresh: dict[str, Bools] = {}
        self._estimates: dict[str, tuple[float, float, float]] = {}
        self._p_values: dict[str, float] = {}
        self._pooled: dict[str, float] = {}

    def run(self) -> SearchResult:
        """Searches until the budget is spent or every topic is exhausted, then confirms and publishes."""
        batch, rounds, early = 0, 0, self._settings.search.early_confirmations
        while True:
            left = self.plan.search - (self.calls - self._confirm_calls)
            if (end := search_end(self._settings, self.plan, rounds, left)) is not None:
                break
            rounds += 1
            rng = generator(self._settings.seed, Stream.FAST_LANE_POLICY, rounds)
            moves = self._policy(self._view(left), moves_of_round(self._settings, self.plan, left), rng)
            if not moves:
                end = SearchEnd.TOPICS
                break
            self._make(moves)
            if batches_due(self.calls - self._confirm_calls, self.plan.search, early) > batch:
                batch += 1
                self._confirm(batch, final=False)
        self._confirm(batch + 1, final=True)
        return self._publish(end_in_words(end, self._settings))

    def _view(self, left: int) -> SearchView:
        search = self._settings.search
        alive = np.array(
            [topic_end(int(draws), self._divergences[topic], search) is None for topic, draws in enumerate(self._draws)]
        )
        return SearchView(
            alive=alive,
            open=alive,
            draws=self._draws.copy(),
            topic=np.array([place[0] for place in self._places], dtype=np.int64),
            parent=np.array(self._parents, dtype=np.int64),
            score=np.array(self._scores),
            variance=np.array(self._variances),
            neighbours=self._neighbours,
            similarity=self._similarity,
            target=self._settings.questions,
            topic_cap=search.topic_cap,
            refine_share=search.refine_share,
            least_refine_share=search.least_refine_share,
            answers_left=left / self.plan.per_answer,
            answers_per_move=self.plan.per_move / self.plan.per_answer,
            answers_per_draft=1.0 / self.plan.per_answer,
            rewritten=np.array(self._rewritten, dtype=np.int64),
        )

    def _make(self, moves: list[Move]) -> None:
        """Drafts each move's question; those that are no duplicates are asked and scored."""
        asked: list[tuple[Place, int]] = []
        foresight = self._learnt()
        for move in moves:
            self._draws[move.topic] += 1
            above: Place = (move.topic,) if move.parent is None else self._places[move.parent]
            if move.parent is not None:
                self._rewrites += 1
                self._rewritten[move.parent] += 1
            place = self._new_draft(above, foresight)
            if place is not None:
                self._asked[above].append(place)
                asked.append((place, -1 if move.parent is None else move.parent))
        self._moves += len(moves)
        if not asked:
            return
        answers = self._draw([place for place, _ in asked], self._settings.samples.search)
        self.calls += len(asked) * (self.plan.per_move - 1)
        estimates = self._estimate(answers)
        for row, (place, parent) in enumerate(asked):
            self._places.append(place)
            self._parents.append(parent)
            self._rewritten.append(0)
            self._scores.append(self._score(place, answers[row], float(estimates.divergence[row])))
            self._first_divergences.append(float(estimates.divergence[row]))
            self._variances.append(float(estimates.variance[row]))
            self._divergences[place[0]].append(float(estimates.divergence[row]))
            self._answers.append(answers[row])

    def _learnt(self) -> Foresight:
        """What the surrogate knows in this round; nothing where, as in the graph, there is nothing to choose."""
        count = questions_to_learn(len(self._places)) if self._settings.search.drafts > 1 else 0
        if count != self._foresight[0]:
            places = self._places[:count]
            texts = ScoredTexts(
                tuple(self._bank.draft(place).text for place in places),
                tuple(self._bank.framework.topics[place[0]].id for place in places),
                np.array(self._scores[:count]),
            )
            self._foresight = (count, self._surrogate.fit(texts))
        return self._foresight[1]

    def _new_draft(self, above: Place, foresight: Foresight) -> Place | None:
        """The draft of a move for the topic or the parent ``above`` that is asked; None where all are duplicates."""
        for _ in range(ATTEMPTS):
            self.calls += 1
            count = self._settings.search.drafts
            places = [(*above, self._drafted[above] + number) for number in range(count)]
            self._drafted[above] += count
            texts = [self._bank.draft(place).text for place in places]
            order, _ = order_of_drafts(foresight, texts, self._bank.framework.topics[above[0]].id)
            for choice in order:
                if not self._bank.duplicate(places[choice], self._asked[above]):
                    return places[choice]
        return None

    def _draw(self, places: list[Place], samples: int) -> Bools:
        """(Q, K, L, d) judged answers."""
        rates = np.stack([self._bank.rates(place) for place in places])
        return draw_answers(rates, self._bank.confusion, samples, self._bank.correlation_root, self._rng)

    def _estimate(self, answers: Bools, permutations: int | None = None) -> DivergenceEstimates:
        floor = self._settings.search.noise_floor
        return estimate_divergences(answers, permutations=permutations, rng=self._rng, noise_floor=floor)

    def _score(self, place: Place, answers: Bools, divergence: float) -> float:
        if self._critic == "divergence":
            return divergence
        named = self._bank.values_named(place)
        # A respondent spreads its values over the three key points, so that none is in all of them.
        return paper_score(answers, np.zeros_like(answers), np.ones(answers.shape[:2], dtype=bool), named).total

    def _confirm(self, batch: int, *, final: bool) -> None:
        """Fresh answers for the best candidates, then a ranking on all samples pooled."""
        best = sorted(range(len(self._scores)), key=lambda one: (-self._scores[one], one))
        chosen = next_to_confirm(
            [_name(number) for number in best],
            self._fresh.keys(),
            lambda name: self._places[int(name)][0],
            lambda name: self._places[int(name)][:2],
            cap=self._settings.search.topic_cap,
            quota=confirmation_quota(
                self.plan.candidates, batch, self._settings.search.early_confirmations, final=final
            ),
            affordable=self.plan.affordable_confirmations(self.plan.total - self.calls),
        )
        if not chosen:
            return
        places = [self._places[int(name)] for name in chosen]
        fresh = self._draw(places, self._settings.samples.confirm)
        cost = len(chosen) * self.plan.per_confirmation
        self.calls = self.calls + cost
        self._confirm_calls = self._confirm_calls + cost
        permutations = self._settings.search.permutations if self._tests else None
        estimates = self._estimate(fresh, permutations)
        first = np.stack([self._answers[int(name)] for name in chosen])
        pooled = np.concatenate([first, fresh], axis=2)
        divergences = self._estimate(pooled).divergence
        for row, name in enumerate(chosen):
            self._fresh[name] = fresh[row]
            figures = (estimates.divergence, estimates.permuted_floor, estimates.noise_variance)
            self._estimates[name] = float(figures[0][row]), float(figures[1][row]), float(figures[2][row])
            self._pooled[name] = self._score(places[row], pooled[row], float(divergences[row]))
            if estimates.p_value is not None:
                self._p_values[name] = float(estimates.p_value[row])

    def _publish(self, stop: str) -> SearchResult:
        scores = self._published_scores()
        by_divergence = self._critic == "divergence"
        published = ranking(self._pooled, scores if by_divergence else None)[: self._settings.questions]
        places = tuple(self._places[int(name)] for name in published)
        size = (self._bank.topics and len(self._bank.members), len(self._bank.framework.value_ids))
        rates = np.stack([self._bank.rates(place) for place in places]) if places else np.zeros((0, *size))
        return SearchResult(
            true=true_divergence(rates),
            observed=true_divergence(self._bank.confusion.observed(rates)),
            fresh=np.array([scores[name] for name in published]),
            searched=np.array([self._scores[int(name)] for name in published]),
            topic=np.array([place[0] for place in places], dtype=np.int64),
            p_value=np.array(list(self._p_values.values())) if self._tests else None,
            first_scores=np.array(self._scores),
            places=places,
            moves=self._moves,
            rewrites=self._rewrites,
            confirmed=len(self._fresh),
            calls=self.calls,
            stop_reason=stop,
        )

    def _published_scores(self) -> dict[str, float]:
        names = list(self._estimates)
        figures = np.array([self._estimates[name] for name in names]).reshape(-1, 3)
        searched = [self._first_divergences[int(name)] for name in names]
        shrunken = shrunken_scores(figures[:, 0], searched, figures[:, 1], figures[:, 2])
        chosen = figures[:, 0] if shrunken is None else shrunken.score
        return dict(zip(names, chosen.tolist(), strict=True))


def _name(number: int) -> str:
    """A question's id: equal scores rank in the order in which they were asked."""
    return f"{number:06d}"


def search(bank: Bank, settings: Settings, *, critic: str = "divergence", tests: bool = False) -> SearchResult:
    """One search of ``bank``'s world under ``settings``; ``tests`` adds permutation tests of the confirmed."""
    return FastSearch(bank, settings, critic=critic, tests=tests).run()
