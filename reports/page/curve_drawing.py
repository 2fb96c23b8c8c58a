"""The learning curve of a search as a picture."""

from __future__ import annotations

from markupsafe import Markup

from ...results.browsing.learning_curve import CurvePoint, LearningCurve
from ...results.grown_and_seeds import SeedComparison
from .drawing import GRID, MUTED, SERIES, as_svg, drawing_style
from .figure_formats import bits, number

MOST_POINTS = 400
"""Points of a line that are drawn; more of them lie within the line's width."""


def curve_drawing(curve: LearningCurve, panel: SeedComparison | None) -> Markup | None:
    """Search score and divergence against calls; None without two points.

    ``panel`` are the evaluated grown and seed questions.
    """
    if len(curve.best) < 2:
        return None
    with drawing_style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.6, 3.1))
        axes = figure.add_axes((0.12, 0.17, 0.85, 0.66))
        best = _thinned(curve.best)
        calls = [point.calls for point in best]
        means = [point.divergence for point in best]
        axes.plot(calls, means, color=SERIES[0], linewidth=1.8, label="best so far, search score")
        if curve.confirmed:
            axes.plot(
                [point.calls for point in curve.confirmed],
                [point.divergence for point in curve.confirmed],
                color=SERIES[1],
                marker="D",
                markersize=5,
                linewidth=1.2,
                label="confirmed, fresh answers",
            )
        evaluated = (None, None) if panel is None else (panel.grown, panel.seeds)
        styles = (("grown, evaluated", "-."), ("seeds, evaluated", ":"))
        for estimate, (label, style) in zip(evaluated, styles, strict=True):
            if estimate is not None:
                axes.axhline(estimate.mean, color=SERIES[2], linestyle=style, linewidth=1.4, label=label)
        axes.axhline(0, color=MUTED, linewidth=0.8)
        axes.set_xlabel("calls", fontsize=9)
        axes.set_ylabel("mean score, bits", fontsize=9)
        axes.tick_params(labelsize=8)
        axes.grid(color=GRID, linewidth=0.6)
        for spine in axes.spines.values():
            spine.set_color(GRID)
        figure.legend(loc="upper left", bbox_to_anchor=(0.1, 1.0), ncols=2, frameon=False, fontsize=8)
        return as_svg(figure, "curve", "Learning curve", _in_words(curve, panel))


def _thinned(points: tuple[CurvePoint, ...]) -> list[CurvePoint]:
    every = -(-len(points) // MOST_POINTS)
    return [*points[: -1 or None : every], points[-1]]


def _in_words(curve: LearningCurve, panel: SeedComparison | None) -> str:
    last = curve.best[-1]
    mean = number(last.divergence, 3)
    words = f"After {last.calls:,} calls the best {last.questions} have a mean search score of {mean} bits"
    if curve.confirmed:
        fresh = curve.confirmed[-1]
        words += f"; {fresh.questions} confirmed ones come to {number(fresh.divergence, 3)} on fresh answers"
    if panel is not None and panel.grown is not None and panel.seeds is not None:
        words += f"; evaluated: grown {bits(panel.grown)}, seeds {bits(panel.seeds)}"
    return f"{words}."
