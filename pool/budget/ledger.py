"""The budget: hard caps on calls, tokens and money. What a request may take at most is set aside before it is sent."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal

from ...domain.errors import BudgetExhausted
from .accounts import Account, Tally, check_count, exact
from .accounts import Spent as Spent


class Reservation:
    """What one request may take at most, set aside. Settle it or release it, exactly once.

    A request that was sent, and of which nobody knows what it took, is settled at ``tokens``, all of them uncounted.
    ``amounts`` are the calls, tokens and money as the ledger counts them.
    """

    __slots__ = ("_ledger", "_open", "amounts", "member", "money", "purpose", "tokens")

    def __init__(self, ledger: Ledger, member: str, purpose: str, tokens: int, money: float | None) -> None:
        self.member = member
        self.purpose = purpose
        self.tokens = tokens
        self.money = money
        self.amounts = Decimal(1), Decimal(tokens), exact(money or 0)
        self._ledger = ledger
        self._open = True

    def settle(self, *, tokens: int, money: float | None, uncounted: int = 0) -> None:
        """Put what was spent in place of the bound, even if it is more.

        ``money`` None charges the bound; with an unknown price there is none, and the call counts as unpriced. Raises
        RuntimeError when it was settled or released before.
        """
        check_count(tokens, uncounted)
        charged = self.money if money is None else money
        tally = Tally(1, tokens, uncounted, exact(charged or 0), int(charged is None))
        self._close()
        self._ledger._settle(self, tally)

    def release(self) -> None:
        """Take all of it back: nothing was sent. Raises RuntimeError when it was settled or released before."""
        self._close()
        self._ledger._take_back(self)

    def _close(self) -> None:
        if not self._open:
            raise RuntimeError("a reservation is settled or released once")
        self._open = False


class Ledger:
    """The books of one run by (member id, purpose), with a hard cap on each unit (None: no cap).

    What is settled and what is set aside stay within every cap together at every moment, whatever the concurrency, as
    long as no request takes more than was set aside for it. ``money`` is in ``currency``. Used from one event loop.

    ``spent`` is what the run had spent up to where this session starts: the books begin with it. ``unknown`` is what
    requests may have taken that were in flight when an earlier session was killed: it weighs on the caps for good and
    stands in no book, since nobody knows what was spent.
    """

    def __init__(
        self,
        *,
        calls: int | None = None,
        tokens: int | None = None,
        money: float | None = None,
        currency: str = "USD",
        spent: Mapping[tuple[str, str], Spent] | None = None,
        unknown: Spent | None = None,
    ) -> None:
        self.unknown = unknown or Spent()
        self._calls = Account("calls", _cap(calls), Decimal(self.unknown.calls))
        self._tokens = Account("tokens", _cap(tokens), Decimal(self.unknown.tokens))
        self._money = Account("money", _cap(money), exact(self.unknown.money), currency)
        self._books: dict[tuple[str, str], Tally] = {}
        self._all = Tally()
        self._waiting: OrderedDict[asyncio.Future[BudgetExhausted | None], Reservation] = OrderedDict()
        for key, had in (spent or {}).items():
            tally = Tally(had.calls, had.tokens, had.uncounted, exact(had.money), had.unpriced_calls)
            self._enter(key, tally)

    async def reserve(self, member: str, purpose: str, *, tokens: int, money: float | None) -> Reservation:
        """Set one call, ``tokens`` and ``money`` (None: the price is unknown) aside for a request about to be sent.

        Returns without suspending when they fit and nobody is waiting. Where they do not fit only because of what
        others have set aside, it waits in turn until enough of that is settled or released; so nobody may wait here
        while holding a reservation. Raises BudgetExhausted, counting nothing, once they cannot fit any more, and for
        an unknown price where money is capped.
        """
        check_count(tokens, 0)
        reservation = Reservation(self, member, purpose, tokens, money)
        if money is None and self._money.cap is not None:
            raise BudgetExhausted(
                "",
                f"the price of member {member!r} is unknown and budget.money cannot be kept without it",
                "give the member a price (0 where it costs nothing)",
            )
        if (refusal := self._refusal(reservation)) is not None:
            raise refusal
        if not self._waiting and self._fits(reservation):
            self._set_aside(reservation)
            return reservation
        turn: asyncio.Future[BudgetExhausted | None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = reservation
        try:
            refusal = await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting.pop(turn, None)
                self._serve()
            elif turn.result() is None:  # let in, and cancelled before it could go on
                reservation.release()
            raise
        if refusal is not None:
            raise refusal
        return reservation

    def count(
        self, member: str, purpose: str, *, calls: int, tokens: int, money: float | None, uncounted: int = 0
    ) -> None:
        """Enter what a recorded call took at its time: never refused."""
        check_count(tokens, uncounted)
        tally = Tally(calls, tokens, uncounted, exact(money or 0), calls if money is None else 0)
        self._enter((member, purpose), tally)
        self._serve()

    @property
    def spent(self) -> Mapping[tuple[str, str], Spent]:
        """What is settled, by (member id, purpose), as of now."""
        # A copy first: a screen reads this from a thread of its own.
        return {key: tally.spent() for key, tally in list(self._books.items())}

    @property
    def settled(self) -> Spent:
        """What is settled, in all."""
        return self._all.spent()

    @property
    def total(self) -> int:
        """Calls (requests) sent or reserved, without those of which nobody knows whether they were."""
        return int(self._calls.used)

    @property
    def total_tokens(self) -> int:
        """Tokens spent or reserved."""
        return int(self._tokens.used)

    @property
    def total_money(self) -> float:
        """Money spent or reserved, that of unpriced calls left out."""
        return float(self._money.used)

    @property
    def calls_left(self) -> int | None:
        """Calls that may still be reserved; None without that cap."""
        return None if (left := self._calls.left) is None else int(left)

    @property
    def tokens_left(self) -> int | None:
        """Tokens that may still be reserved; None without that cap."""
        return None if (left := self._tokens.left) is None else int(left)

    @property
    def money_left(self) -> float | None:
        """Money that may still be reserved; None without that cap."""
        return None if (left := self._money.left) is None else float(left)

    @property
    def mean_tokens(self) -> float | None:
        """Tokens of a settled call; None before the first."""
        return self._all.tokens / self._all.calls if self._all.calls else None

    @property
    def mean_money(self) -> float | None:
        """Money of a settled call that has a price; None before the first."""
        priced = self._all.calls - self._all.unpriced_calls
        return float(self._all.money) / priced if priced else None

    def _fits(self, wanted: Reservation) -> bool:
        calls, tokens, money = wanted.amounts
        return self._calls.fits(calls) and self._tokens.fits(tokens) and self._money.fits(money)

    def _refusal(self, wanted: Reservation) -> BudgetExhausted | None:
        """Why ``wanted`` has no room even once nothing is set aside, nor ever again; None where it may have."""
        calls, tokens, money = wanted.amounts
        return self._calls.refusal(calls) or self._tokens.refusal(tokens) or self._money.refusal(money)

    def _set_aside(self, wanted: Reservation) -> None:
        calls, tokens, money = wanted.amounts
        self._calls.held += calls
        self._tokens.held += tokens
        self._money.held += money

    def _take_back(self, reservation: Reservation) -> None:
        calls, tokens, money = reservation.amounts
        self._calls.held -= calls
        self._tokens.held -= tokens
        self._money.held -= money
        self._serve()

    def _settle(self, reservation: Reservation, tally: Tally) -> None:
        self._enter((reservation.member, reservation.purpose), tally)
        self._take_back(reservation)

    def _enter(self, key: tuple[str, str], tally: Tally) -> None:
        self._books.setdefault(key, Tally()).add(tally)
        self._all.add(tally)
        self._calls.settled += tally.calls
        self._tokens.settled += tally.tokens
        self._money.settled += tally.money

    def _serve(self) -> None:
        """First come, first served: let in who fits by now, and turn away who cannot fit any more."""
        while self._waiting:
            turn, wanted = next(iter(self._waiting.items()))
            if not turn.done():
                if (refusal := self._refusal(wanted)) is None and not self._fits(wanted):
                    return
                if refusal is None:
                    self._set_aside(wanted)
                turn.set_result(refusal)
            del self._waiting[turn]


def _cap(most: float | None) -> Decimal | None:
    return None if most is None else exact(most)
