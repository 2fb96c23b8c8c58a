"""How a search goes on and why it stops, as pure functions that the nodes, the forecast and the calibration share."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from ...domain.settings import Search, Settings
from ...domain.texts.counting import count
from ...memory.standings import Standing
from .budget_plan import BudgetPlan
from .confirmation_rules import saturation

MOST_UNSCORED_MOVES = 20
"""The search stops when this many moves in a row, over whole rounds, brought no question that could be scored."""

MOST_ROUNDS_WITHOUT_NEW_QUESTION = 20
"""And when this many rounds in a row brought no question that was kept: duplicates alone would go on for thousands."""


class SearchEnd(StrEnum):
    """What a search usually ends by."""

    ROUNDS = "rounds"
    CALLS = "calls"
    TOPICS = "topics"


def search_end(settings: Settings, plan: BudgetPlan, rounds: int, calls_left: float) -> SearchEnd | None:
    """Whether the search is over after ``rounds`` rounds with ``calls_left`` of its calls; None while it goes on.

    That no topic is left shows only when moves are chosen.
    """
    if settings.budget.rounds is not None and rounds >= settings.budget.rounds:
        return SearchEnd.ROUNDS
    return SearchEnd.CALLS if calls_left < plan.per_move else None


def end_in_words(end: SearchEnd, settings: Settings, *, one_each: bool = False) -> str:
    """The reason that a run gives for its end. ``one_each``: no topic gives a second question."""
    if end is SearchEnd.ROUNDS:
        return f"{count(settings.budget.rounds or 0, 'round')} done"
    if end is SearchEnd.CALLS:
        return "the search has spent its calls"
    return "every topic was asked" if one_each else "all topics are exhausted"


def moves_of_round(settings: Settings, plan: BudgetPlan, calls_left: float) -> int:
    """How many moves the next round may make."""
    return min(settings.search.moves_per_round, int(calls_left // plan.per_move))


def reason_to_give_up(unscored_moves: int, rounds_without_new_question: int, detail: str) -> str:
    """Why a search that brings nothing stops, with the latest move's ``detail``; empty while it goes on.

    Both counts are of moves and rounds in a row.
    """
    if unscored_moves >= MOST_UNSCORED_MOVES:
        return f"{unscored_moves} moves in a row brought no question that could be scored ({detail})"
    if rounds_without_new_question >= MOST_ROUNDS_WITHOUT_NEW_QUESTION:
        return f"{rounds_without_new_question} rounds in a row brought no new question ({detail})"
    return ""


def most_moves(settings: Settings, topics: int, *, one_each: bool) -> int:
    """How many moves ``topics`` topics allow before all are exhausted."""
    return topics * (1 if one_each else settings.search.topic_draws)


def topic_end(moves: int, divergences: Sequence[float], search: Search) -> tuple[Standing, str] | None:
    """Why a topic is left out after ``moves`` moves whose questions have these divergences; None while it stays."""
    if moves >= search.topic_draws:
        return Standing.EXHAUSTED, f"{count(search.topic_draws, 'move')}, as many as a topic is given"
    if (low := saturation(divergences, search.saturated_below)) is not None:
        return Standing.SATURATED, (
            f"{count(len(divergences), 'question')} with a divergence of {low[0]:+z.3f} bits on average, "
            f"standard error {low[1]:.3f}"
        )
    return None
