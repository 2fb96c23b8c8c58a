"""A forecast in the terminal: what a run will spend, by step and by member, in 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table

from ...domain.forecast import Amount, Forecast, ForecastRow
from ..plain_text import plain

_ENDS = {
    "rounds": "The search ends with its last round (budget.rounds)",
    "calls": "The search ends when its share of the calls is spent (budget.calls)",
    "tokens": "The search ends when its share of the tokens is spent (budget.tokens)",
    "money": "The search ends when its share of the money is spent (budget.money)",
    "topics": "The search ends when every topic is exhausted",
}


def forecast_tables(forecast: Forecast) -> RenderableType:
    """A summary, the tables by step and by member, and what must be known of them."""
    parts: list[RenderableType] = [plain(_summary(forecast), style="bold"), plain(_course(forecast))]
    if forecast.simulated:
        members = len({row.member for row in forecast.rows})
        who = "All members are" if len(forecast.simulated) == members else f"{len(forecast.simulated)} members are"
        parts.append(plain(f"{who} simulated: no real model, and nothing leaves this machine for them."))
    parts += [
        plain(""),
        _table("by step", forecast, lambda row: row.step.value, total=False),
        _table("by member", forecast, lambda row: row.member, total=True),
        plain(
            "Calls count repairs and retries. Times are rough, and say how long a member is at work; members work side "
            "by side, those on one server of this machine in turn."
        ),
    ]
    if forecast.pilot:
        parts.append(plain(f"Lengths and times of the run {forecast.pilot}."))
    if forecast.timed:
        parts.append(plain(f"Times as the doctor measured them: {', '.join(forecast.timed)}."))
    parts += [plain(f"Note: {notice}") for notice in forecast.notices]
    return Group(*parts)


def count(number: float) -> str:
    """A count in at most seven characters: "1,234", "1,234 k", "12.3 M"."""
    if number < 9_999.5:
        return f"{number:,.0f}"
    if number < 9_999_500:
        return f"{number / 1e3:,.0f} k"
    return f"{number / 1e6:,.1f} M" if number < 999_950_000 else f"{number / 1e6:,.0f} M"


def money(amount: float) -> str:
    """An amount of a currency with three digits that matter, and at least cents."""
    if amount == 0 or amount >= 0.995:
        return f"{amount:,.2f}"
    return f"{amount:.3f}" if amount >= 0.0995 else f"{amount:.4f}"


def duration(seconds: float) -> str:
    """ "35 s", "12 min", "3.4 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:,.1f} h"


def _summary(forecast: Forecast) -> str:
    cost = _total_cost(forecast)
    tokens = _range(forecast.tokens, count)
    real = {row.member for row in forecast.rows} - set(forecast.simulated)
    guess = " (a guess: no model's speed was measured; --from takes it from a run, or from 'adaem doctor --json')"
    time = f"{duration(forecast.seconds)}{guess if real and not (forecast.pilot or forecast.timed) else ''}"
    return f"About {forecast.calls:,} calls, {tokens} tokens, {cost}, {time}."


def _range(amount: Amount, show: Callable[[float], str]) -> str:
    return f"{show(amount.expected)} ({show(amount.low)} to {show(amount.high)})"


def _total_cost(forecast: Forecast) -> str:
    priced = {row.member for row in forecast.rows if row.cost is not None}
    asked = {row.member for row in forecast.rows} - set(forecast.simulated) | priced
    if not asked:
        return "no cost"
    if not priced:
        return f"cost unknown (no price for {', '.join(forecast.unpriced)})"
    cost = f"{_range(forecast.cost, money)} {forecast.currency}"
    if not forecast.unpriced:
        return cost
    return f"{cost} for {len(priced)} of {len(asked)} members (no price for {', '.join(forecast.unpriced)})"


def _course(forecast: Forecast) -> str:
    return (
        f"{_ENDS[forecast.ends_by]}: {_of(forecast.rounds, 'round')}, {_of(forecast.questions, 'question')}. "
        f"Confirmed: {forecast.confirmed:,}; published: {forecast.published:,}; compared with as many seeds: "
        f"{forecast.evaluated:,}."
    )


def _of(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _table(title: str, forecast: Forecast, key: Callable[[ForecastRow], str], *, total: bool) -> RenderableType:
    table = Table(box=SIMPLE, pad_edge=False, show_footer=total)
    rows = forecast.rows
    with_cost = any(row.cost is not None for row in rows) or bool(forecast.unpriced)
    table.add_column(title, footer="together", overflow="fold")
    for name, footer in (
        ("calls", f"{forecast.calls:,}"),
        ("input", count(sum(row.input_tokens for row in rows))),
        ("output", count(sum(row.output_tokens for row in rows))),
    ):
        table.add_column(name, footer=footer, justify="right", no_wrap=True)
    if with_cost:
        footer = money(forecast.cost.expected) + ("*" if forecast.unpriced else "")
        table.add_column(plain(forecast.currency), footer=footer, justify="right", no_wrap=True)
    table.add_column("time", footer=duration(forecast.seconds), justify="right", no_wrap=True)
    for name in dict.fromkeys(key(row) for row in rows):
        own = [row for row in rows if key(row) == name]
        cells = [
            f"{sum(row.calls for row in own):,}",
            count(sum(row.input_tokens for row in own)),
            count(sum(row.output_tokens for row in own)),
        ]
        if with_cost:
            cells.append(_cost(own, forecast))
        cells.append(duration(_busy(own, forecast)))
        table.add_row(plain(name), *cells)
    return table


def _cost(rows: Sequence[ForecastRow], forecast: Forecast) -> str:
    """The sum, marked where a real member of it has no price; simulated members without a price cost nothing."""
    known = [row.cost for row in rows if row.cost is not None]
    lacking = any(row.member in forecast.unpriced for row in rows)
    if not known:
        return "no price" if lacking else "–"
    return money(sum(known)) + ("*" if lacking else "")


def _busy(rows: Sequence[ForecastRow], forecast: Forecast) -> float:
    """Real members wait side by side; simulated ones share this machine."""
    real: dict[str, float] = {}
    for row in rows:
        if row.member not in forecast.simulated:
            real[row.member] = real.get(row.member, 0.0) + row.seconds
    return max([*real.values(), sum(row.seconds for row in rows if row.member in forecast.simulated)])
