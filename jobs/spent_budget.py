"""The budget's caps with what a folder's records have spent of them: what a ledger is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..domain.pool_spec import PoolSpec
from ..domain.settings import Settings
from ..pool.budget.ledger import Spent
from ..records import RunRecords


def caps(settings: Settings, pool: PoolSpec, records: RunRecords) -> Mapping[str, Any]:
    """The arguments of ``Ledger``."""
    budget = settings.budget
    spent = {
        (each.member, each.prompt): Spent(
            calls=each.requests,
            tokens=each.tokens,
            uncounted=each.uncounted,
            money=each.cost,
            unpriced_calls=each.unpriced,
        )
        for each in records.spending_by_purpose()
    }
    lost = records.unknown()
    return {
        "calls": budget.calls,
        "tokens": budget.tokens,
        "money": budget.money,
        "currency": pool.currency,
        "spent": spent,
        "unknown": Spent(calls=lost.requests, tokens=lost.tokens, uncounted=lost.tokens, money=lost.cost),
    }
