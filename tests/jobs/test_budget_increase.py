"""What is told to be raised when a budget is spent: every cap that does not reach, to what would do."""

from __future__ import annotations

import pytest
from adaem.domain.settings import Budget
from adaem.jobs.evaluation.budget_increase import suggest_budget_increase
from adaem.pool.budget.ledger import Ledger, Spent


def ledger(calls: int, tokens: int, money: float) -> Ledger:
    return Ledger(spent={("m", "answer"): Spent(calls=calls, tokens=tokens, money=money)})


@pytest.mark.parametrize(
    ("budget", "refused", "told"),
    [
        (Budget(calls=10), "", ("budget.calls=50",)),
        (Budget(calls=60), "", ()),
        # 10 calls took 1000 tokens: 50 take 5000, and a tenth more.
        (Budget(calls=60, tokens=1200), "", ("budget.tokens=5500",)),
        (Budget(calls=10, tokens=1200, money=0.25), "", ("budget.calls=50", "budget.tokens=5500", "budget.money=1.1")),
        (Budget(tokens=6000), "tokens", ("budget.tokens=12000",)),
        (Budget(calls=60), "calls", ("budget.calls=120",)),
    ],
)
def test_every_cap_that_does_not_reach_is_named(budget: Budget, refused: str, told: tuple[str, ...]) -> None:
    assert suggest_budget_increase(budget, ledger(10, 1000, 0.2), 40, refused) == told


def test_before_the_first_call_the_cap_that_refused_it_is_doubled() -> None:
    assert suggest_budget_increase(Budget(tokens=50), Ledger(), 40, "tokens") == ("budget.tokens=100",)
