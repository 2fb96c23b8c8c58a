"""How fast one member is asked: the number in flight adapts to it, and its rates and pauses are kept."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiolimiter import AsyncLimiter

from ...domain.pool_spec import Member

LONGEST_PAUSE = 120.0
"""Seconds that a Retry-After may hold a member up. Some endpoints ask for hours; a trial every two minutes costs little
and ends the pause as soon as they are well again."""

BURST_SECONDS = 10.0
"""Seconds' worth of a rate that may be sent at once. A leaky bucket that holds b and leaks r a minute lets at most
r + b through in any minute, here 1.17 r; one request may come on top of it, having paid before a pause."""


class Pace:
    """Turns at one member, first come first served. Used from one event loop; ``clock`` in seconds, never going back.

    The number in flight is governed as TCP governs its congestion window (AIMD: Chiu and Jain 1989, RFC 5681). It
    starts at the member's concurrency, the user's word for what the endpoint takes: a first halving costs one round
    trip, while starting low would cost as much in every run (measured: 5 % of a step of ten round trips). Latency is
    not watched: a member that judges and answers has short and long work in turns, and to take the difference for a
    queue costs more than it gains (experiments/pace.py).
    """

    def __init__(self, member: Member, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._window = _Window(member)
        self._requests = _Rate(member.requests_per_minute)
        self._tokens = _Rate(member.tokens_per_minute)
        self._in_flight = 0
        self._paused_until = -math.inf
        self._door = asyncio.Lock()
        self._freed = asyncio.Event()

    @property
    def limit(self) -> int:
        """Requests that may be in flight now, between 1 and the member's concurrency."""
        return self._window.limit

    @property
    def in_flight(self) -> int:
        """Requests in flight. Above ``limit`` for a while after a halving: nothing under way is recalled."""
        return self._in_flight

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncIterator[None]:
        """Holds one place in flight for a request of about ``tokens`` tokens (>= 0), once the member may be asked.

        Waits for a free place, the rates and any pause. A cancelled wait takes no place and lets the next one in; what
        it had already been granted of the rates stays spent.
        """
        # asyncio.Lock is fair and hands itself on when a waiter is cancelled. Whoever holds it waits for all the rest
        # alone, since aiolimiter would let small requests overtake large ones.
        async with self._door:
            await self._room()
            await self._tokens.spend(tokens)
            await self._requests.spend(1)
            await self._room()  # a halving or a pause may have come while the rates were waited for
            self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1
            self._freed.set()

    def observe(
        self, seconds: float, *, ok: bool = True, limited: bool = False, retry_after: float | None = None
    ) -> None:
        """Learn from a request that has just ended, ``seconds`` after it was sent (the wait for its turn not included).

        ``limited``: the endpoint said that it is asked too much (429, or 503 with Retry-After). ``ok=False``: any other
        failure; it changes nothing. ``retry_after``: seconds in which nothing more may be sent, at most LONGEST_PAUSE
        of them. Not for cancelled requests.
        """
        now = self._clock()
        if retry_after is not None:
            self._paused_until = max(self._paused_until, now + min(retry_after, LONGEST_PAUSE))
        self._window.observe(now, seconds, ok=ok, limited=limited)
        self._freed.set()

    async def _room(self) -> None:
        """Return once there is a free place and no pause. Does not yield to the loop when that is so already."""
        while True:
            if (pause := self._paused_until - self._clock()) > 0:
                await asyncio.sleep(pause)
            elif self._in_flight >= self._window.limit:
                self._freed.clear()
                await self._freed.wait()
            else:
                return


class _Window:
    """The number in flight. Requests sent before the last halving are ignored, since they say nothing of the time after
    it: otherwise fifty 429s to one burst would bring it down to 1.
    """

    def __init__(self, member: Member) -> None:
        self._most = member.concurrency
        self.limit = member.concurrency
        self._halved_at = -math.inf
        self._good = 0

    def observe(self, now: float, seconds: float, *, ok: bool, limited: bool) -> None:
        """Halve the limit, or add one to it for every ``limit`` good requests, up to the member's concurrency."""
        if now - seconds < self._halved_at:
            return
        if limited:
            self.limit = max(self.limit // 2, 1)
            self._halved_at = now
            self._good = 0
        elif ok:
            self._good += 1
            if self._good >= self.limit:
                self._good = 0
                self.limit = min(self.limit + 1, self._most)


class _Rate:
    """Units per minute (None: no limit) through a leaky bucket of BURST_SECONDS, but of one unit at least."""

    def __init__(self, per_minute: int | None) -> None:
        self._bucket: AsyncLimiter | None = None
        if per_minute is not None:
            burst = max(per_minute * BURST_SECONDS / 60, 1.0)
            self._bucket = AsyncLimiter(burst, 60 * burst / per_minute)

    async def spend(self, units: int) -> None:
        """Wait until ``units`` may be sent; more than the bucket holds are waited for in instalments."""
        if self._bucket is None:
            return
        left = float(units)
        while left > 0:
            part = min(left, self._bucket.max_rate)
            await self._bucket.acquire(part)
            left -= part
