"""Takes a member that keeps failing out of the run for a while, so that nothing more is spent on it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from .scrubbing import one_line

FAILURES = 5
"""Failed calls in a row that open the breaker. Each has had its retries, so chance alone hardly makes five."""

FIRST_REST = 60.0
"""Seconds until the first trial: a restart or a full minute's quota is over by then."""

LONGEST_REST = 600.0
"""Seconds to which the rest doubles: ten minutes lose little of a run of hours, and a trial costs a call."""


class Breaker:
    """A circuit breaker (Nygard, "Release It!") for one member: closed, open, or half-open with one trial under way.

    Whoever is admitted ends with exactly one ``note`` or ``forget``. Used from one event loop; ``clock`` in seconds,
    never going back. No library: those for Python (pybreaker, aiobreaker, purgatory) wrap a function and decide on the
    exceptions that leave it; here every failure is an outcome, and nothing raises.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._in_a_row = 0
        self._reason = ""
        self._rest = FIRST_REST
        self._rested_at = -math.inf
        self._on_trial = False

    @property
    def open(self) -> bool:
        """Whether the member is out; a trial under way does not change that until it succeeds."""
        return bool(self._reason)

    @property
    def reason(self) -> str:
        """Why the member is out, on one line; empty while it is not."""
        return self._reason

    def admits(self) -> bool:
        """Whether a call may be made now. After a rest this says yes once: that call is the trial."""
        if not self.open:
            return True
        if self._on_trial or self._clock() < self._rested_at:
            return False
        self._on_trial = True
        return True

    def note(self, ok: bool, detail: str = "", *, hopeless: bool = False) -> None:
        """Learn how a call ended, its retries included. ``hopeless``: it would fail again whatever one does (401, 403,
        an unknown model). ``detail`` is a scrubbed line about the failure.

        A call that was sent before the breaker opened may end later: its success closes the breaker, its failure adds
        nothing, unless a trial is under way, from which it cannot be told.
        """
        if ok:
            self._in_a_row = 0
            self._reason = ""
            self._rest = FIRST_REST
            self._on_trial = False
            return
        self._in_a_row += 1
        if self._on_trial:
            self._on_trial = False
            self._rest = min(2 * self._rest, LONGEST_REST)
        elif self.open or not (hopeless or self._in_a_row >= FAILURES):
            return
        self._rested_at = self._clock() + self._rest
        self._reason = self._say(detail, hopeless)

    def forget(self) -> None:
        """The admitted call was given up before it ended (cancelled): if it was the trial, the next call is it."""
        self._on_trial = False

    def _say(self, detail: str, hopeless: bool) -> str:
        if hopeless:
            return one_line(f"no retry can help: {detail}" if detail else "no retry can help")
        plural = "call" if self._in_a_row == 1 else "calls"
        counted = f"{self._in_a_row} failed {plural} in a row"
        return one_line(f"{counted}, the last: {detail}" if detail else counted)
