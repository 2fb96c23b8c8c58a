"""How a run's calls are shared out between search, confirmation and evaluation (METHOD.md section 3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...agents.capabilities import drafting_of
from ...agents.guards.model_look import looks_planned
from ...agents.judges.judge_requirements import JudgingCalls
from ...domain.errors import InputError
from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ...domain.forecast import Forecast
from ...domain.pool_spec import PoolSpec, Role
from ...domain.settings import Settings

CONFIRM_FACTOR = 1.5
"""The best 1.5 M questions are confirmed."""

SPARE = 0.05
"""The share of a cap in tokens or money that no calls are planned for: replies may be longer than forecast, and what a
request may take at most is set aside while it is under way."""


COMPARED_FOR_VERDICTS = 36
"""So many compared questions came from 20 to 24 topics in four runs of the default pool, 30 from 18 to 21."""


@dataclass(frozen=True)
class BudgetPlan:
    """Calls set aside for each phase, and what one item of each costs, without repairs.

    ``per_answer`` is an answer and its judgement. ``evaluated`` is the number of grown questions (and as many seeds)
    that the evaluation compares.
    """

    total: int
    search: int
    confirm: int
    evaluate: int
    per_answer: int
    per_move: int
    per_confirmation: int
    per_evaluation: int
    candidates: int
    evaluated: int

    def affordable_confirmations(self, calls_left: float) -> int:
        """How many questions ``calls_left`` can confirm beside the evaluation; below 0 where they do not reach it."""
        return int(calls_left - self.evaluate) // self.per_confirmation

    def affordable_evaluations(self, calls_left: int) -> int:
        """How many grown questions, and as many seeds, ``calls_left`` pays for: a fiftieth is kept back for repairs."""
        return max(0, calls_left - calls_left // 50) // self.per_evaluation if self.evaluated else 0


def plan_budget(settings: Settings, pool: PoolSpec, judging: JudgingCalls, calls: int | None = None) -> BudgetPlan:
    """Shares out the budget's calls: confirmation and evaluation take at most their share, the search the rest.

    ``judging`` says how many calls a judgement takes: none of a local judge, one of a single model, more of a jury.
    ``calls`` are those that the smallest cap pays for (``affordable_calls``); by default ``settings.budget.calls``.
    """
    total = settings.budget.calls if calls is None else calls
    samples = settings.samples
    scouts = len(pool.with_role(Role.SCOUT))
    panel = len(pool.with_role(Role.PANEL))
    examinees = len(pool.with_role(Role.EXAMINEE))
    per_answer = 1 + judging.per_answer
    # The draft, looks at similar questions, the judgement of its wording, and the answers.
    per_draft = int(drafting_of(settings).asks_models) + looks_planned(settings)
    per_move = per_draft + judging.per_question + per_answer * scouts * samples.search
    per_confirmation = per_answer * panel * samples.confirm
    # A grown question and a seed, whose own wording is judged too.
    per_evaluation = 2 * per_answer * (panel + examinees) * samples.evaluate + judging.per_question
    candidates = min(
        math.ceil(CONFIRM_FACTOR * settings.questions), int(settings.budget.confirm_share * total) // per_confirmation
    )
    evaluated = min(settings.questions, candidates, int(settings.budget.evaluate_share * total) // per_evaluation)
    confirm = candidates * per_confirmation
    evaluate = evaluated * per_evaluation
    return BudgetPlan(
        total=total,
        search=total - confirm - evaluate,
        confirm=confirm,
        evaluate=evaluate,
        per_answer=per_answer,
        per_move=per_move,
        per_confirmation=per_confirmation,
        per_evaluation=per_evaluation,
        candidates=candidates,
        evaluated=evaluated,
    )


def check_plan(plan: BudgetPlan, settings: Settings) -> None:
    """Raises ``InputError`` when the budget does not reach for one move of the search and one confirmed question."""
    if plan.candidates > 0 and plan.search >= plan.per_move:
        return
    least = int(plan.per_confirmation / settings.budget.confirm_share) + plan.per_move
    raised = "--calls" if plan.total == settings.budget.calls else "budget.tokens or budget.money"
    raise InputError(
        f"a budget of {plan.total} calls is too small for this pool: confirming one question costs "
        f"{plan.per_confirmation} calls — allow at least {least} ({raised})"
    )


def too_few_to_settle(plan: BudgetPlan, settings: Settings) -> str:
    """What to tell when the plan compares too few questions for any verdict on two models; empty when it does not."""
    share = settings.budget.evaluate_share
    if share == 0 or plan.evaluated >= COMPARED_FOR_VERDICTS:
        return ""
    per_question = max(plan.per_evaluation / share, plan.per_confirmation / settings.budget.confirm_share)
    needed = math.ceil(COMPARED_FOR_VERDICTS * per_question / 100) * 100
    wanted = "" if settings.questions >= COMPARED_FOR_VERDICTS else f" and --questions {COMPARED_FOR_VERDICTS}"
    return (
        f"{plan.evaluated} grown questions are to be compared: too few to say that two models differ on a value, which "
        f"takes questions from {FEWEST_TOPICS_FOR_A_VERDICT} topics — --calls {needed}{wanted} would be enough"
    )


def affordable_calls(settings: Settings, forecast: Forecast) -> int:
    """How many calls the smallest cap pays for, at the forecast's mean tokens and mean cost of a call."""
    return min(calls_by_cap(settings, forecast).values())


def calls_by_cap(settings: Settings, forecast: Forecast) -> dict[str, int]:
    """The same for each cap that is set: "calls", "tokens", "money"."""
    budget, affordable = settings.budget, {"calls": settings.budget.calls}
    for name, cap, spent in (
        ("tokens", budget.tokens, forecast.tokens.expected),
        ("money", budget.money, forecast.cost.expected),
    ):
        if cap is not None and spent > 0:
            affordable[name] = int((1 - SPARE) * cap * forecast.calls / spent)
    return affordable
