"""Models down, values across: how often each is expressed, as a table whose cells are shaded."""

from __future__ import annotations

from dataclasses import dataclass

from ...results.result_types import ModelProfile, Results
from ..sheets.result_sheets import value_names
from .figure_formats import NOTHING, percent, points, share


@dataclass(frozen=True)
class Cell:
    """``shade`` in [0, 1] within the table's range; ``told`` is the whole figure in words."""

    text: str
    shade: float
    told: str


@dataclass(frozen=True)
class HeatRow:
    """One model's cells, in the order of the values."""

    model: str
    seen: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class HeatMap:
    """``highest`` is the rate of the darkest shade."""

    values: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    highest: float


def heat_map(results: Results) -> HeatMap | None:
    """The table; None without a single rate."""
    ids = tuple(results.asked.values)
    seen = {model.id: model.seen for model in results.asked.models}
    rates = [each.best.estimate for profile in results.profiles for each in profile.values.values() if each.best]
    if not rates:
        return None
    highest = max(*rates, 0.1)
    rows = tuple(
        HeatRow(
            model=profile.model,
            seen=seen[profile.model],
            cells=tuple(_cell(profile, value, results.asked.values[value], highest) for value in ids),
        )
        for profile in results.profiles
    )
    return HeatMap(tuple(value_names(results).values()), rows, highest)


def _cell(profile: ModelProfile, value: str, name: str, highest: float) -> Cell:
    rate = profile.values.get(value)
    if rate is None or rate.best is None:
        return Cell(NOTHING, 0.0, f"{profile.model}, {name}: no answers")
    description = f"{profile.model}, {name}: {percent(rate.best)}; against its own mean {points(rate.centred)} points"
    if rate.worst_case is not None:
        least, most = rate.worst_case.least, rate.worst_case.most
        description += f"; between {share(least)} and {share(most)} whatever the refused answers would have said"
    return Cell(f"{100 * rate.best.estimate:.0f}", rate.best.estimate / highest, description)
