"""How a run is expected to go, by the rules that its rounds follow: moves, confirmed and evaluated questions."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

from ...agents.capabilities import drafting_of
from ...agents.policies.rewriting import ANSWERS_FOR_REWRITING
from ...domain.pool_spec import PoolSpec, Role
from ...domain.settings import Settings
from ...graph.search.budget_plan import BudgetPlan


@dataclass(frozen=True)
class Costs:
    """Expected requests: of a draft, of judging a question's wording, and of an answer and its judgement by member.

    ``drafts`` is how many drafts a move takes, those that are sent back included.
    """

    drafts: float
    draft: float
    question: float
    answer: dict[str, float]


@dataclass(frozen=True)
class Course:
    """The expected course of a run. ``moves`` are ``refined`` or proposed; each asks one new question."""

    rounds: int
    moves: int
    refined: float
    confirmed: int
    published: int
    evaluated: int
    ends_by: Literal["rounds", "budget", "topics"]


def expected_course(settings: Settings, plan: BudgetPlan, pool: PoolSpec, topics: int, costs: Costs) -> Course:
    """Follows ``rounds.explore``, ``confirm`` and ``evaluate`` with every quantity at its expectation.

    Assumes that every draft but a duplicate becomes a question that can be scored.
    """
    drafting = drafting_of(settings)
    most_moves = topics * (1 if drafting.one_each else settings.search.topic_draws)
    if not drafting.one_each and settings.search.new_topics and drafting.finds_topics:
        most_moves = sys.maxsize
    samples, moves_per_round = settings.samples, min(settings.search.moves_per_round, topics)
    scouts = [member.id for member in pool.with_role(Role.SCOUT)]
    panel = [member.id for member in pool.with_role(Role.PANEL)]
    evaluated_members = [*panel, *(member.id for member in pool.with_role(Role.EXAMINEE))]
    per_move = costs.drafts * costs.draft + costs.question + samples.search * sum(costs.answer[each] for each in scouts)
    per_confirmation = samples.confirm * sum(costs.answer[each] for each in panel)

    rounds, moves, left = 0, 0, float(plan.search)
    ends_by: Literal["rounds", "budget", "topics"] = "budget"
    while left >= plan.per_move:
        if rounds == settings.budget.rounds:
            ends_by = "rounds"
            break
        if moves >= most_moves:
            ends_by = "topics"
            break
        chosen = int(min(moves_per_round, left // plan.per_move, most_moves - moves))
        rounds, moves, left = rounds + 1, moves + chosen, left - chosen * per_move

    spent = plan.search - left
    within_cap = min(moves, topics * settings.search.topic_cap)
    affordable = int(plan.total - spent - plan.evaluate) // plan.per_confirmation
    confirmed = max(0, min(plan.candidates, within_cap, affordable))
    spent += confirmed * per_confirmation
    published = min(settings.questions, confirmed)
    remaining = int(plan.total - spent)
    per_evaluation = 2 * samples.evaluate * sum(costs.answer[each] for each in evaluated_members) + costs.question
    # The run plans without repairs and retries; where they are many, the last answers are not paid for.
    affordable = min((remaining - remaining // 50) // plan.per_evaluation, int(remaining / per_evaluation))
    # A bank's question that was asked is no seed to compare with any more.
    seeds = topics - moves if drafting.one_each else topics
    evaluated = max(0, min(published, seeds, affordable)) if plan.evaluated else 0
    refined = _refined(settings, plan, moves) if drafting.rewrites else 0.0
    return Course(rounds, moves, refined, confirmed, published, evaluated, ends_by)


def _refined(settings: Settings, plan: BudgetPlan, moves: int) -> float:
    """How many moves are rewrites: none before M questions are scored, then the share that the policies start with."""
    plenty = plan.search / plan.per_answer / (ANSWERS_FOR_REWRITING * settings.questions)
    return settings.search.refine_share * min(plenty, 1.0) * max(0, moves - settings.questions)
