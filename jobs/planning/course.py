"""How a run is expected to go, by the rules that its rounds follow: moves, confirmed and evaluated questions."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from ...agents.capabilities import drafting_of
from ...agents.policies.paper_bandit import USUAL_REWRITES
from ...agents.policies.rewriting import starting_share
from ...domain.pool_spec import PoolSpec, Role
from ...domain.settings import Settings
from ...graph.search.budget_plan import BudgetPlan
from ...graph.search.course_rules import SearchEnd, most_moves, moves_of_round, search_end


@dataclass(frozen=True)
class Costs:
    """Expected requests: of a draft, of judging a question's wording, and of an answer and its judgement by member.

    ``drafts`` is how many drafts a move takes, those that are sent back included.
    """

    drafts: float
    draft: float
    looks: float
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
    ends_by: SearchEnd


def expected_course(settings: Settings, plan: BudgetPlan, pool: PoolSpec, topics: int, costs: Costs) -> Course:
    """The course by the rules of ``course_rules`` and ``budget_plan``, with every quantity at its expectation.

    Assumes that every draft but a duplicate becomes a question that can be scored.
    """
    drafting, samples = drafting_of(settings), settings.samples
    scouts = [member.id for member in pool.with_role(Role.SCOUT)]
    panel = [member.id for member in pool.with_role(Role.PANEL)]
    evaluated_members = [*panel, *(member.id for member in pool.with_role(Role.EXAMINEE))]
    per_draft = costs.draft + costs.looks
    per_move = costs.drafts * per_draft + costs.question + samples.search * sum(costs.answer[each] for each in scouts)
    per_confirmation = samples.confirm * sum(costs.answer[each] for each in panel)
    limit = most_moves(settings, topics, one_each=drafting.one_each)
    if not drafting.one_each and settings.search.new_topics and drafting.finds_topics:
        limit = sys.maxsize
    rounds, moves, ends_by = _rounds(settings, plan, per_move, topics, limit)

    spent = moves * per_move
    within_cap = min(moves, topics * settings.search.topic_cap)
    confirmed = max(0, min(plan.candidates, within_cap, plan.affordable_confirmations(plan.total - spent)))
    spent += confirmed * per_confirmation
    published = min(settings.questions, confirmed)
    remaining = int(plan.total - spent)
    per_evaluation = 2 * samples.evaluate * sum(costs.answer[each] for each in evaluated_members) + costs.question
    # The run plans without repairs and retries; where they are many, the last answers are not paid for.
    affordable = min(plan.affordable_evaluations(remaining), int(remaining / per_evaluation))
    # A bank's question that was asked is no seed to compare with any more.
    seeds = topics - moves if drafting.one_each else topics
    evaluated = max(0, min(published, seeds, affordable))
    refined = _expected_rewrites(settings, plan, moves) if drafting.rewrites else 0.0
    return Course(rounds, moves, refined, confirmed, published, evaluated, ends_by)


def _rounds(
    settings: Settings, plan: BudgetPlan, per_move: float, topics: int, limit: int
) -> tuple[int, int, SearchEnd]:
    """How many rounds and moves a search makes at ``per_move`` calls a move, and what ends it.

    No topic is drawn twice in a round; ``limit`` moves exhaust all topics.
    """
    width = min(settings.search.moves_per_round, topics)
    # Whole rounds are all alike: only the last few, for which the calls do not quite reach, are followed one by one.
    reach = int((plan.search - width * plan.per_move) // (width * per_move)) + 1
    most_rounds = sys.maxsize if settings.budget.rounds is None else settings.budget.rounds
    rounds = max(0, min(reach, limit // width, most_rounds))
    moves = rounds * width
    while True:
        left = plan.search - moves * per_move
        if (end := search_end(settings, plan, rounds, left)) is not None:
            return rounds, moves, end
        if moves >= limit:
            return rounds, moves, SearchEnd.TOPICS
        moves += min(moves_of_round(settings, plan, left), width, limit - moves)
        rounds += 1


def _expected_rewrites(settings: Settings, plan: BudgetPlan, moves: int) -> float:
    """How many moves are rewrites: none before M questions are scored, then the share that the policies start with.

    The paper's bandit follows a rule of its own from the first question on.
    """
    search = settings.search
    if search.policy == "paper":
        return USUAL_REWRITES * moves if search.refine_share > 0 else 0.0
    share = starting_share(
        search.refine_share, search.least_refine_share, plan.search / plan.per_answer, settings.questions
    )
    return share * max(0, moves - settings.questions)
