"""The models as points of a plane: near means that they express values alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from ...results.result_types import ModelMap, Results
from .drawing import GRID, INK, MARKERS, MUTED, SERIES, as_svg, drawing_style, short
from .figure_formats import NOTHING, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Box = tuple[float, float, float, float]


def model_map(results: Results) -> Markup | None:
    """The map; None with fewer than three models on it, where a plane shows nothing."""
    if results.map is None or (figure := map_figure(results)) is None:
        return None
    with drawing_style():
        return as_svg(figure, "map", "Map of the models", _in_words(results.map, results))


def map_figure(results: Results) -> Figure | None:
    """The map as a figure of matplotlib."""
    plane = results.map
    if plane is None or len(plane.points) < 3:
        return None
    with drawing_style():
        from .shown_figure import ShownFigure

        figure = ShownFigure(figsize=(4.8, 4.0))
        axes = figure.add_axes((0.02, 0.02, 0.96, 0.96))
        across = [point[0] for point in plane.points.values()]
        up = [point[1] for point in plane.points.values()]
        # One unit is as long across as up, and names need room: half of the width at each side.
        middle = (min(across) + max(across)) / 2, (min(up) + max(up)) / 2
        reach = 0.72 * max(max(across) - min(across), 1.2 * (max(up) - min(up)), 1e-6)
        axes.set_xlim(middle[0] - reach, middle[0] + reach)
        axes.set_ylim(middle[1] - reach * 4.0 / 4.8, middle[1] + reach * 4.0 / 4.8)
        # In units of the plane: the width of a letter and the height of a line.
        letter, line = reach * 2 / 62, reach * 2 / 26
        boxes = [(x - line / 3, y - line / 3, x + line / 3, y + line / 3) for x, y in plane.points.values()]
        for place, (model, (x, y)) in enumerate(plane.points.items()):
            axes.plot(
                [x],
                [y],
                marker=MARKERS[place % len(MARKERS)],
                color=SERIES[place % len(SERIES)],
                markersize=9,
                markeredgecolor=INK,
                markeredgewidth=0.7,
                linestyle="none",
            )
            label = short(model, 22)
            side, level, (left, bottom) = _free(x, y, letter * len(label), line, boxes)
            axes.text(left, bottom, label, ha=side, va=level, fontsize=9)
        axes.axhline(middle[1], color=GRID, linewidth=0.6)
        axes.axvline(middle[0], color=GRID, linewidth=0.6)
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set_color(GRID)
        bar = _round_length(reach / 2)
        left = middle[0] - 0.95 * reach
        low = middle[1] - 0.93 * reach * 4.0 / 4.8
        axes.plot([left, left + bar], [low, low], color=MUTED, linewidth=2)
        axes.text(left, low + line / 3, f"{bar:g} √bit", fontsize=8, color=MUTED, va="bottom")
        return figure


def _free(x: float, y: float, width: float, height: float, boxes: list[Box]) -> tuple[str, str, tuple[float, float]]:
    """Where a label covers least: right, left, above or below its point; the place is then taken."""
    gap = 0.6 * height
    places: Mapping[tuple[str, str, float, float], Box] = {
        ("left", "center", x + gap, y): (x + gap, y - height / 2, x + gap + width, y + height / 2),
        ("right", "center", x - gap, y): (x - gap - width, y - height / 2, x - gap, y + height / 2),
        ("center", "bottom", x, y + gap): (x - width / 2, y + gap, x + width / 2, y + gap + height),
        ("center", "top", x, y - gap): (x - width / 2, y - gap - height, x + width / 2, y - gap),
    }
    best = min(places, key=lambda place: sum(_overlap(places[place], box) for box in boxes))
    boxes.append(places[best])
    return best[0], best[1], (best[2], best[3])


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)


def _round_length(length: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is no longer."""
    return max(step for step in (base * 10.0**power for power in range(-7, 2) for base in (1, 2, 5)) if step <= length)


def _in_words(plane: ModelMap, results: Results) -> str:
    known = [each for each in results.distances if each.distance is not None]
    order = sorted(known, key=lambda each: each.distance.estimate if each.distance else 0.0)
    share = NOTHING if plane.shown is None else f"{100 * plane.shown:.0f} %"
    description = (
        f"{len(plane.points)} models; the plane shows {share} of the squared distances, misfit {number(plane.misfit)}."
    )
    for which, each in (("Nearest", order[0]), ("Farthest", order[-1])) if order else ():
        apart = number(each.distance.estimate if each.distance else None, 3)
        description += f" {which}: {short(each.first, 40)} and {short(each.second, 40)}, {apart} √bit."
    return description
