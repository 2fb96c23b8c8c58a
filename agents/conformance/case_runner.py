"""Calls an agent under test and notes what comes of it: whatever its code does, the next rule is tried."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ...domain.settings import Settings
from ...domain.stop import StopRequested
from ...domain.texts.safe_text import one_line
from ..agent_context import AgentContext
from .cases import PLENTY, make_context

TIME_LIMIT = 60.0
"""Seconds that one call may take: simulated models answer in far less."""


@dataclass(frozen=True)
class RuleCheck:
    """One rule of a role, and what is wrong: empty where it is kept."""

    method: str
    rule: str
    problem: str = ""


class TooSlow(Exception):
    """A call did not return in time: the check ends, since the others may well wait as long."""


@dataclass
class Suite:
    """A class under test, and what was found so far."""

    role: str
    found: Callable[[AgentContext], Any]
    settings: Settings
    findings: list[RuleCheck] = field(default_factory=list)

    def context(self, calls: int = PLENTY) -> AgentContext:
        """A new context with a budget of so many calls."""
        return make_context(self.settings, calls)

    def note(self, method: str, rule: str, problem: str = "") -> None:
        """Keeps a verdict; without a ``problem`` the rule is kept."""
        self.findings.append(RuleCheck(method, rule, problem))

    async def call(
        self, method: str, rule: str, work: Callable[[], Any], expected: type, *, apart: bool = False
    ) -> Any:
        """What ``work`` returns, None after noting what went wrong. ``apart``: in a thread, for a plain function.

        Raises ``TooSlow``, after noting it, when it did not return within ``TIME_LIMIT``.
        """
        given, problem = None, ""
        try:
            async with asyncio.timeout(TIME_LIMIT) as limit:
                given = await _in_thread(work) if apart else work()
                given = await given if inspect.isawaitable(given) else given
        except asyncio.CancelledError:
            # Somebody's Ctrl-C cancels this task; an agent that raises the same has only broken a rule.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            problem = "raised CancelledError"
        except StopRequested:
            raise
        except SystemExit as error:  # a library's way out of a script must not end the check without a verdict
            problem = f"raised SystemExit: {one_line(str(error))}"
        except Exception as error:  # noqa: BLE001 - whatever the user's code does is told, and the next rule tried
            reason = one_line(str(error))
            problem = f"raised {type(error).__name__}{': ' if reason else ''}{reason}"
            if limit.expired():
                self.note(method, rule, f"did not return within {TIME_LIMIT:g} s")
                raise TooSlow from None
        if not problem and not isinstance(given, expected):
            problem = f"returned {type(given).__name__}, not {expected.__name__}"
        if problem:
            self.note(method, rule, problem)
            return None
        return given

    async def without_budget(self, method: str, work: Callable[[Any], Any], expected: type) -> None:
        """That the method of an agent which can pay for no call raises nothing."""
        rule = "raises nothing when the budget is spent"
        given = await self.call(method, rule, lambda: work(self.found(self.context(0))), expected)
        if given is not None:
            self.note(method, rule)


async def _in_thread(work: Callable[[], Any]) -> Any:
    """The result of ``work``. A thread that never ends is left behind and does not keep the program from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(given: Any, error: BaseException | None) -> None:
        if future.done():  # nobody waits any more
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(given)

    def run() -> None:
        given, raised = None, None
        try:
            given = work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is waited for
            raised = error
        with suppress(RuntimeError):  # the loop has been closed: it came too late
            loop.call_soon_threadsafe(settle, given, raised)

    threading.Thread(target=run, daemon=True).start()
    return await future
