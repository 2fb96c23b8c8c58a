"""What a run was forecast to spend beside what it spent, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.console import RenderableType
from rich.table import Table

from ...domain.forecast import Forecast
from ...results.spending import SpentRow
from ..plain_text import plain
from .forecast_table import count, money


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
