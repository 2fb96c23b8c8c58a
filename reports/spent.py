"""After a run: what was forecast against what was spent."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.console import RenderableType
from rich.table import Table

from ..domain.forecast import Forecast
from ..domain.record import Record
from ..records.calls import Spending
from .forecast import count, money
from .plain import plain

PURPOSES = {
    "propose": "propose",
    "new_topics": "new topics",
    "refine": "refine",
    "paraphrase": "paraphrase",
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
    shown = sorted(set(names), key=order.index)
    return tuple(_compared(name, forecast, spending) for name in (*shown, TOTAL))


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


def spent_table(forecast: Forecast, rows: Sequence[SpentRow]) -> RenderableType:
    """Forecast and spent side by side, in 80 columns."""
    with_cost = any(row.cost is not None for row in rows)
    table = Table(title="Forecast → spent", title_justify="left", box=SIMPLE, pad_edge=False)
    table.add_column("")
    names = ["calls", "tokens", *([forecast.currency] if with_cost else [])]
    for name in names:
        table.add_column(plain(name), justify="right", no_wrap=True)
    for row in rows:
        cells = [
            f"{row.forecast_calls:,} → {row.calls:,}",
            f"{count(row.forecast_tokens)} → {count(row.tokens)}",
        ]
        if with_cost:
            cells.append("–" if row.cost is None else f"{money(row.forecast_cost or 0.0)} → {money(row.cost)}")
        table.add_row(plain(row.what), *cells)
    shares = ["–" if ratio is None else f"{100 * ratio:.0f} %" for ratio in rows[-1].ratios]
    table.add_row(plain("of the forecast"), *shares[: len(names)])
    return table
