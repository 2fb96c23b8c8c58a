"""Whether and how far a run can go on: the members that still answer, and the calls that the budget still pays."""

from __future__ import annotations

from ...domain.answer import Phase
from ...domain.errors import RunFailed
from ...domain.pool_spec import Member, Role
from ..run_context import RunContext


def check_members(context: RunContext) -> None:
    """Raises RunFailed when so many members have been taken out that nothing can be measured any more."""
    out = context.pool.out
    for role, members, needed in _needed_members(context) if out else ():
        if sum(member.id not in out for member in members) < needed:
            reasons = "; ".join(f"{member_id}: {reason}" for member_id, reason in out.items())
            raise RunFailed(f"too few members with the role {role.value!r} are left ({reasons})")


def _needed_members(context: RunContext) -> list[tuple[Role, tuple[Member, ...], int]]:
    """How many of which members it takes. A judge is not replaced in mid-run, and a jury's verdict needs all of it."""
    return [
        (Role.AUTHOR, context.members(Role.AUTHOR), 1),
        (Role.SCOUT, context.members(Role.SCOUT), 2),
        (Role.PANEL, context.members(Role.PANEL), 2),
        (Role.JUDGE, context.judging_members, len(context.judging_members)),
    ]


def calls_left(context: RunContext) -> int:
    """What the budget still allows, in calls: caps in tokens and money count at the mean price of a call so far."""
    hard = context.ledger.calls_left
    left = context.plan.total - context.ledger.total
    return min(left if hard is None else min(left, hard), *_calls_within_other_caps(context))


def search_calls_left(context: RunContext, spent: int) -> int:
    """What the search, which has spent ``spent`` calls, may still spend: its share, and what the confirmations and the
    evaluation to come leave of the caps in tokens and money.
    """
    confirmed = len(context.records.critiques(Phase.CONFIRM, Role.PANEL))
    to_confirm = max(0, context.plan.candidates - confirmed) * context.plan.per_confirmation
    others = (calls - to_confirm - context.plan.evaluate for calls in _calls_within_other_caps(context))
    return min(context.plan.search - spent, *others)


def _calls_within_other_caps(context: RunContext) -> list[int]:
    ledger = context.ledger
    means = ((ledger.tokens_left, ledger.mean_tokens), (ledger.money_left, ledger.mean_money))
    affordable = [int(left / mean) for left, mean in means if left is not None and mean]
    return affordable or [context.plan.total]
