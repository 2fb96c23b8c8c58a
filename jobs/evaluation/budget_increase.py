"""What of a spent budget must be raised, and to what, for an evaluation to be asked to its end."""

from __future__ import annotations

import math

from ...domain.settings import Budget
from ...pool.budget.ledger import Ledger

ROOM = 1.1
"""Of tokens and money a tenth more than expected: replies vary, and a request sets aside what it may take at most."""


def suggest_budget_increase(budget: Budget, ledger: Ledger, calls: int, refused: str) -> tuple[str, ...]:
    """The settings, such as "budget.calls=530", with which ``calls`` more calls can be paid for.

    Every cap that does not reach for them is named: raising one of two would only lead to the other. ``refused``
    is the cap that a call met, if any; where the means say that all caps reach, that one is doubled.
    """
    increases = {}
    lost = ledger.unknown  # it weighs on the caps, too
    if ledger.total + lost.calls + calls > budget.calls:
        increases["calls"] = f"{ledger.total + lost.calls + calls}"
    for name, cap, spent, mean in (
        ("tokens", budget.tokens, ledger.total_tokens + lost.tokens, ledger.mean_tokens),
        ("money", budget.money, ledger.total_money + lost.money, ledger.mean_money),
    ):
        needed = ROOM * (spent + (mean or 0.0) * calls)
        if cap is not None and needed > cap:
            increases[name] = _up(needed)
        elif cap is not None and refused == name:
            increases[name] = _up(2 * cap)
    if not increases and refused == "calls":
        # Only answers that had to be asked for again can have taken more than was planned.
        increases["calls"] = f"{2 * budget.calls}"
    return tuple(f"budget.{name}={value}" for name, value in increases.items())


def _up(amount: float) -> str:
    """Rounded up to two digits."""
    unit = 10.0 ** (math.floor(math.log10(amount)) - 1)
    return f"{math.ceil(amount / unit) * unit:.12g}"
