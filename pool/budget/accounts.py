"""The ledger's books: what is spent by unit and by purpose, in exact numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from ...domain.errors import BudgetExhausted
from ...domain.record import Record

MONEY_DECIMALS = 12
"""Of an amount of money: a sum of floats drifts over a cap, or refuses its last call. One token at 0.01 per million is
1e-8, and a million rounded costs are off by half a millionth at most."""


class Spent(Record):
    """What some calls (requests sent) took. ``uncounted`` of the ``tokens`` are an upper bound, for want of a count.

    ``money`` leaves out the ``unpriced_calls``, whose price nobody knows.
    """

    calls: int = Field(default=0, ge=0)
    tokens: int = Field(default=0, ge=0)
    uncounted: int = Field(default=0, ge=0)
    money: float = Field(default=0.0, ge=0)
    unpriced_calls: int = Field(default=0, ge=0)


@dataclass(slots=True)
class Account:
    """One unit: its cap, and what is settled and set aside.

    ``unknown`` is what requests may have taken that were in flight when an earlier session was killed.
    """

    name: str
    cap: Decimal | None
    unknown: Decimal
    currency: str = ""
    settled: Decimal = Decimal(0)
    held: Decimal = Decimal(0)

    @property
    def gone(self) -> Decimal:
        """What nothing brings back: all but what is set aside."""
        return self.settled + self.unknown

    @property
    def used(self) -> Decimal:
        """Settled or set aside."""
        return self.settled + self.held

    @property
    def left(self) -> Decimal | None:
        """What may still be set aside; None without a cap."""
        return None if self.cap is None else max(self.cap - self.gone - self.held, Decimal(0))

    def fits(self, amount: Decimal) -> bool:
        """Whether ``amount`` may be set aside now."""
        return self.cap is None or self.gone + self.held + amount <= self.cap

    def refusal(self, amount: Decimal) -> BudgetExhausted | None:
        """Why ``amount`` would not fit if nothing were set aside; None where it would. A reason stays one."""
        if self.cap is None or self.gone + amount <= self.cap:
            return None
        cap, spare = self._format(self.cap), self.cap - self.gone
        if amount > self.cap:
            what = f"one request may take {self._format(amount)}, more than the whole budget of {cap}"
        elif spare <= 0:
            what = f"the budget of {cap} is spent"
        else:
            rest = f"{self._format(spare)}, and the next request may take {self._format(amount)}"
            what = f"the budget of {cap} is spent but for {rest}"
        return BudgetExhausted(self.name, what, f"raise budget.{self.name} to go on")

    def _format(self, amount: Decimal) -> str:
        if not self.currency:
            return f"{amount} {self.name[:-1] if amount == 1 else self.name}"
        money = float(amount)
        return f"{money:.2f} {self.currency}" if round(money, 2) == money else f"{money:.6g} {self.currency}"


@dataclass(slots=True)
class Tally:
    """Spent, as a running sum."""

    calls: int = 0
    tokens: int = 0
    uncounted: int = 0
    money: Decimal = Decimal(0)
    unpriced_calls: int = 0

    def add(self, other: Tally) -> None:
        """Add ``other`` to this sum."""
        self.calls += other.calls
        self.tokens += other.tokens
        self.uncounted += other.uncounted
        self.money += other.money
        self.unpriced_calls += other.unpriced_calls

    def spent(self) -> Spent:
        """This sum as a record."""
        return Spent(
            calls=self.calls,
            tokens=self.tokens,
            uncounted=self.uncounted,
            money=float(self.money),
            unpriced_calls=self.unpriced_calls,
        )


def exact(money: float) -> Decimal:
    """``money`` to ``MONEY_DECIMALS`` places. Raises ValueError when it is negative or not finite."""
    if not (math.isfinite(money) and money >= 0):
        raise ValueError(f"no amount of money: {money}")
    return Decimal(str(round(money, MONEY_DECIMALS)))


def check_count(tokens: int, uncounted: int) -> None:
    """Raises ValueError unless ``uncounted`` tokens may be some of ``tokens``."""
    if not 0 <= uncounted <= tokens:
        raise ValueError(f"no count of tokens: {tokens}, {uncounted} of them uncounted")
