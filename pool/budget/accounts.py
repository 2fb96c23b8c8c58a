"""The ledger's books: what is spent by unit and by purpose, in whole numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydantic import Field

from ...domain.record import Record

PARTS = 10**12
"""Money is kept in whole millionths of a millionth: a sum of floats drifts over a cap, or refuses its last call. One
token at 0.01 per million is ten thousand parts, and a million rounded costs are off by half a millionth at most."""


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
    """One unit, in whole numbers: its cap, and what is settled and set aside.

    ``unknown`` is what requests may have taken that were in flight when an earlier session was killed.
    """

    name: str
    cap: int | None
    currency: str = ""
    settled: int = 0
    held: int = 0
    unknown: int = 0

    @property
    def gone(self) -> int:
        """What nothing brings back: all but what is set aside."""
        return self.settled + self.unknown

    @property
    def used(self) -> int:
        """Settled or set aside."""
        return self.settled + self.held

    @property
    def left(self) -> int | None:
        """What may still be set aside; None without a cap."""
        return None if self.cap is None else max(self.cap - self.gone - self.held, 0)

    def fits(self, amount: int) -> bool:
        """Whether ``amount`` may be set aside now."""
        return self.cap is None or self.gone + self.held + amount <= self.cap

    def may_fit(self, amount: int) -> bool:
        """Whether ``amount`` would fit if nothing were set aside. Once False, it stays so."""
        return self.cap is None or self.gone + amount <= self.cap

    def refusal(self, amount: int) -> str:
        """Why a capped account has no room for ``amount``."""
        assert self.cap is not None
        cap, spare = self._shown(self.cap), self.cap - self.gone
        if amount > self.cap:
            return f"one request may take {self._shown(amount)}, more than the whole budget of {cap}"
        if spare <= 0:
            return f"the budget of {cap} is spent"
        rest = f"{self._shown(spare)}, and the next request may take {self._shown(amount)}"
        return f"the budget of {cap} is spent but for {rest}"

    def _shown(self, amount: int) -> str:
        if not self.currency:
            return f"{amount} {self.name[:-1] if amount == 1 else self.name}"
        money = amount / PARTS
        return f"{money:.2f} {self.currency}" if round(money, 2) == money else f"{money:.6g} {self.currency}"


@dataclass(slots=True)
class Tally:
    """Spent, as a running sum in whole parts."""

    calls: int = 0
    tokens: int = 0
    uncounted: int = 0
    parts: int = 0
    unpriced_calls: int = 0

    def add(self, other: Tally) -> None:
        """Add ``other`` to this sum."""
        self.calls += other.calls
        self.tokens += other.tokens
        self.uncounted += other.uncounted
        self.parts += other.parts
        self.unpriced_calls += other.unpriced_calls

    def spent(self) -> Spent:
        """This sum as a record."""
        return Spent(
            calls=self.calls,
            tokens=self.tokens,
            uncounted=self.uncounted,
            money=self.parts / PARTS,
            unpriced_calls=self.unpriced_calls,
        )


def parts_of(money: float | None) -> int | None:
    """``money`` in whole parts. Raises ValueError when it is negative or not finite."""
    if money is None:
        return None
    if not (math.isfinite(money) and money >= 0):
        raise ValueError(f"no amount of money: {money}")
    return round(money * PARTS)


def check_count(tokens: int, uncounted: int) -> None:
    """Raises ValueError unless ``uncounted`` tokens may be some of ``tokens``."""
    if not 0 <= uncounted <= tokens:
        raise ValueError(f"no count of tokens: {tokens}, {uncounted} of them uncounted")
