"""Whether one endpoint can be reached: a server that restarts is waited for, and nothing is spent on it meanwhile."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from ...domain.errors import EndpointUnreachable
from ...domain.pool_spec import Member
from ..endpoints.endpoint import is_loopback

LEAST_BETWEEN_TRIES, MOST_BETWEEN_TRIES = 0.5, 5.0
"""Seconds between two tries of one call, doubling: a server that is back is noticed within five seconds."""

WORTH_TELLING = 3.0
"""Seconds after which an endpoint that is out is told of. A shorter break is over before anyone has read the line."""

_LONGEST_LOOK = 2.0
"""Seconds that a look whether anyone listens may take; on this machine it takes none."""


class Reachability:
    """What is known of one address, shared by the members behind it. Used from one event loop.

    ``patience``: seconds that it is waited for, 0 for not at all. ``tell`` gets a line when a wait has begun, and one
    when it is over. ``clock`` in seconds, never going back.
    """

    def __init__(
        self,
        address: str,
        patience: float,
        *,
        tell: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address
        self.reason = ""
        self._patience = patience
        self._tell = tell
        self._clock = clock
        self._lost_at: float | None = None
        self._answered_at = -math.inf
        self._told = False
        self._outages: list[tuple[float, float]] = []
        self._given_up = asyncio.Event()

    @property
    def waits(self) -> bool:
        """Whether an endpoint that cannot be reached is waited for at all."""
        return self._patience > 0

    @property
    def seconds_out(self) -> float | None:
        """Seconds since nobody could reach it; None while it answers."""
        return None if self._lost_at is None else self._clock() - self._lost_at

    def seconds_out_since(self, moment: float) -> float:
        """Seconds that it was out of reach after ``moment``, a reading of the clock."""
        present = [] if self._lost_at is None else [(self._lost_at, self._clock())]
        return sum(max(0.0, end - max(begin, moment)) for begin, end in [*self._outages, *present])

    def answered(self) -> None:
        """Learn that something came back, be it an error: whoever answers is there."""
        self._answered_at = now = self._clock()
        if self._lost_at is None:
            return
        self._outages.append((self._lost_at, now))
        if self._told:
            self._tell(f"{self.address} answers again after {now - self._lost_at:.0f} s")
        self._lost_at, self._told, self.reason = None, False, ""

    async def wait(self, tries: int, began: float, reason: str) -> bool:
        """Wait before the next try of a call that has failed to reach it ``tries`` times (from 1) since ``began``.

        False: others were answered meanwhile, and for this call it has been waited long enough. Raises
        ``EndpointUnreachable`` once nobody has been answered for as long as one waits.
        """
        now = self._clock()
        if self._lost_at is None:
            self._lost_at = now
        self.reason = reason
        if self._given_up.is_set() or now - self._lost_at >= self._patience:
            self._given_up.set()  # whoever else waits is woken, so that nothing goes on behind a run that has ended
            raise self._unreachable(reason)
        if now - began >= self._patience and self._answered_at > began:
            return False
        if not self._told and now - self._lost_at >= WORTH_TELLING:
            self._told = True
            self._tell(f"waiting for {self.address}, which cannot be reached ({reason}): {self._patience:g} s at most")
        with suppress(TimeoutError):
            async with asyncio.timeout(min(_pause(tries), max(self._lost_at + self._patience - now, 0.0))):
                await self._given_up.wait()
        if self._given_up.is_set():
            raise self._unreachable(reason)
        return True

    def _unreachable(self, reason: str) -> EndpointUnreachable:
        problem = f"{self.address} could not be reached for {self._patience:g} s ({reason})"
        return EndpointUnreachable(f"{problem} — see whether that server is running")

    def now(self) -> float:
        """A reading of the clock."""
        return self._clock()


def address_of(member: Member) -> str:
    """What a member's requests go to, in words: its address, or its provider's name."""
    return member.base_url or (f"the model {member.id}" if member.given else f"the provider {member.provider}")


async def has_died(member: Member) -> bool:
    """Whether a server on this machine, which has just broken off, is gone: nobody listens there any more.

    Then nobody can charge for what it was asked. Of a server elsewhere this is never said: what stands behind its
    address may go on, and send a bill.
    """
    parts = urlsplit(member.base_url or "")
    host = parts.hostname or ""
    if not is_loopback(host):
        return False
    try:
        async with asyncio.timeout(_LONGEST_LOOK):
            _, writer = await asyncio.open_connection(host, parts.port or (443 if parts.scheme == "https" else 80))
    except OSError:
        return True
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return False


def _pause(tries: int) -> float:
    """With jitter, so that the calls which wait do not come back as one."""
    doubled: float = LEAST_BETWEEN_TRIES * 2 ** min(tries - 1, 16)
    return min(doubled, MOST_BETWEEN_TRIES) * random.uniform(0.75, 1.0)
