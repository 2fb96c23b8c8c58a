"""The budget of calls: a hard cap, counted before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ..domain.errors import BudgetExhausted


class Ledger:
    """Counts requests by (member id, purpose) and refuses the one that would exceed ``calls`` (None: no cap).

    Used from one event loop only, and never awaits: a reservation is one step that nothing can come between.
    ``spent`` are the calls of an earlier session of the same run.
    """

    def __init__(self, calls: int | None, *, spent: Mapping[tuple[str, str], int] | None = None) -> None:
        self.calls = calls
        self.counts: Counter[tuple[str, str]] = Counter(spent)
        self._total = self.counts.total()

    @property
    def total(self) -> int:
        """Requests sent or reserved."""
        return self._total

    @property
    def left(self) -> int | None:
        """Requests that may still be made; None without a cap."""
        return None if self.calls is None else max(self.calls - self._total, 0)

    def reserve(self, member: str, purpose: str) -> None:
        """Count one request that is about to be sent. Raises BudgetExhausted, counting nothing, when none is left."""
        if self.calls is not None and self._total >= self.calls:
            raise BudgetExhausted(f"the budget of {self.calls} calls is spent; raise budget.calls to go on")
        self.counts[member, purpose] += 1
        self._total += 1

    def release(self, member: str, purpose: str) -> None:
        """Take back one reservation whose request was never sent."""
        self.counts[member, purpose] -= 1
        self._total -= 1
