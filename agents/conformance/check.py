"""Whether a class keeps the contract of a role: it is made and called with simulated models, on a small case.

The rules are those of ``protocols``. What the suite does not see: whether an agent is any good.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from ...domain.errors import FileError, InputError
from ...domain.settings import Settings
from ..agent_context import AgentContext
from .answer_rules import check_critic, check_judge, check_prober
from .case_runner import RuleCheck, Suite, TooSlow
from .draft_rules import check_explorer, check_refiner

CHECKS: dict[str, Callable[[Suite, Any], Awaitable[None]]] = {
    "explorer": check_explorer,
    "refiner": check_refiner,
    "prober": check_prober,
    "judge": check_judge,
    "critic": check_critic,
}


async def check_agent(
    role: str, found: Callable[[AgentContext], Any], settings: Settings | None = None
) -> list[RuleCheck]:
    """Every rule of ``role`` with what is wrong; ``found`` is the class (``registry.find_agent``).

    After a call that takes too long no other rule is tried. Of ``settings`` the framework, the prompts and what the
    agent itself reads are used; members and embedder are the suite's. Raises ``InputError`` where the agent says, when
    it is made, that the settings lack something: that breaks no rule.
    """
    suite = Suite(role, found, settings or Settings())
    context, lacking = suite.context(), list[InputError]()

    def make() -> Any:
        try:
            return found(context)
        except InputError as error:
            lacking.append(error)
            raise

    made = await suite.call("__init__", "is made with an AgentContext", make, object)
    if lacking and isinstance(lacking[0], FileError):  # it was given, and cannot be used
        raise lacking[0]
    if lacking:
        raise InputError(f"{lacking[0]}; give it here with -s KEY=VALUE")
    if made is not None:
        suite.note("__init__", "is made with an AgentContext")
        with suppress(TooSlow):  # it has been noted
            await CHECKS[role](suite, made)
    return suite.findings
