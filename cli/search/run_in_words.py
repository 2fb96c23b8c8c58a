"""What is said of a run under way, the same in a terminal and in a pipe."""

from __future__ import annotations

from collections.abc import Mapping

from ...graph.run_context import RunContext, StepStarted
from ...pool.sending.reachability import WORTH_TELLING
from ...records import TraceEvent


def banner(context: RunContext) -> str:
    """Who is asked, in one line; simulated members are called so."""
    members = context.pool.spec.members
    what = "simulated respondents, no real model is asked" if context.pool.spec.simulated else "models"
    plan = context.plan
    return (
        f"{len(members)} members ({what}); {context.framework.name}; at most {plan.total} calls: "
        f"search {plan.search}, confirmation {plan.confirm}, evaluation {plan.evaluate}"
    )


def outages_in_words(waiting_for: Mapping[str, tuple[float, str]]) -> list[str]:
    """A line for each address that is waited for; see ``Pool.waiting_for``."""
    return [
        f"waiting for {address} since {seconds:.0f} s: {reason}"
        for address, (seconds, reason) in waiting_for.items()
        if seconds >= WORTH_TELLING
    ]


def without(working: Mapping[str, StepStarted], event: TraceEvent) -> dict[str, StepStarted]:
    """The steps at work once ``event`` has come; one that failed has no event of its own, its move's failure has."""
    move = event.id.removesuffix("failure")
    if event.node == "failure":
        return {name: step for name, step in working.items() if not name.startswith(move)}
    return {name: step for name, step in working.items() if name != event.id}
