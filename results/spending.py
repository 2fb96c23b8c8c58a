"""After a run: what was forecast against what was spent."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.forecast import Forecast
from ..domain.record import Record
from ..records.call_records import Spending

PURPOSES = {
    "propose": "propose",
    "new_topics": "new topics",
    "refine": "refine",
    "paraphrase": "paraphrase",
    "same_question": "second looks",
    "judge_question": "judge questions",
    "search": "answers in search",
    "confirm": "answers to confirm",
    "evaluate": "answers to evaluate",
    "judge": "judgements",
    "judge_value": "judgements",
}
"""What calls are recorded for, in words. A judgement's record does not say which phase it belongs to."""

TOTAL = "together"


class SpentRow(Record):
    """Forecast and spent for one purpose. ``cost`` is that of calls with a price, None where no member has one."""

    what: str
    forecast_calls: int
    calls: int
    forecast_tokens: int
    tokens: int
    forecast_cost: float | None
    cost: float | None

    @property
    def ratios(self) -> tuple[float | None, float | None, float | None]:
        """Spent over forecast, in calls, tokens and cost; None where nothing was forecast."""
        return (
            _ratio(self.calls, self.forecast_calls),
            _ratio(self.tokens, self.forecast_tokens),
            _ratio(self.cost, self.forecast_cost),
        )


def compare(forecast: Forecast, spending: Sequence[Spending]) -> tuple[SpentRow, ...]:
    """One row for each purpose in the order of a run, and the last for all.

    ``spending`` is by member and purpose (``RunRecords.spending_by_purpose``). Tokens are what was charged: the
    provider's counts, and the most that requests may have taken of which it counted nothing.
    """
    names = [PURPOSES.get(row.purpose, row.purpose) for row in forecast.rows]
    names += [PURPOSES.get(each.prompt, each.prompt) for each in spending]
    order = [*PURPOSES.values(), *names]
    rows = sorted(set(names), key=order.index)
    return tuple(_compared(name, forecast, spending) for name in (*rows, TOTAL))


def _compared(name: str, forecast: Forecast, spending: Sequence[Spending]) -> SpentRow:
    foreseen = [row for row in forecast.rows if name in (TOTAL, PURPOSES.get(row.purpose, row.purpose))]
    spent = [each for each in spending if name in (TOTAL, PURPOSES.get(each.prompt, each.prompt))]
    priced = {row.member for row in forecast.rows if row.cost is not None}
    paid = bool(priced & {row.member for row in foreseen} or priced & {each.member for each in spent})
    return SpentRow(
        what=name,
        forecast_calls=sum(row.calls for row in foreseen),
        calls=sum(each.requests for each in spent),
        forecast_tokens=sum(row.tokens for row in foreseen),
        tokens=sum(each.input_tokens + each.output_tokens + each.uncounted for each in spent),
        forecast_cost=sum(row.cost or 0.0 for row in foreseen) if paid else None,
        cost=sum(each.cost for each in spent) if paid else None,
    )


def _ratio(spent: float | None, foreseen: float | None) -> float | None:
    return spent / foreseen if spent is not None and foreseen else None
