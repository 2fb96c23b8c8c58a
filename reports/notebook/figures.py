"""The figures of a report, as figures of matplotlib: the same that the page shows."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...domain.errors import InputError
from ...domain.texts.safe_text import one_line
from ...results.folder_report import FolderReport

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES_NEED = "a figure needs {}, which is not installed — pip install 'adaem[page]'"


@dataclass(frozen=True)
class Figures:
    """Draws what a report says. Each method returns a figure of its own: save it, or change it, as any other.

    No figure is entered in pyplot's list. Every method raises ``InputError`` where nothing can be drawn, and says why,
    and without the extra ``page`` (matplotlib).
    """

    report: FolderReport

    def profile(self, *models: str) -> Figure:
        """How often ``models`` express each value of the theory's circle, in per cent; all models without a name.

        The dashed line is the mean of all models. Raises ``InputError`` for a theory without a circle, or a model that
        lacks a rate.
        """
        self.check_installed()
        from ..page.radar import circle_rates

        drawable = circle_rates(self.report.results)
        if drawable is None:
            raise InputError(
                "no profile can be drawn: the theory has no circle of values, or no model has a rate on each — "
                "figures.heat_map() shows the rates of any theory"
            )
        chosen = models or tuple(drawable.rates)
        if unknown := [model for model in chosen if model not in drawable.rates]:
            raise InputError(
                f"no profile of {one_line(unknown[0])!r}: no such model, or it lacks a rate — choose of "
                f"{', '.join(map(one_line, drawable.rates))}"
            )
        from .drawn_figures import circles

        return circles(chosen, drawable)

    def contrasts(self) -> Figure:
        """The strongest differences between two models on a value, in percentage points with 95 % intervals.

        Filled: different at a false discovery rate of 5 %.
        """
        self.check_installed()
        from ..page.forest_plot import contrast_rows, forest_figure

        if not (rows := contrast_rows(self.report.results)):
            raise InputError("no differences can be drawn: none could be estimated")
        return forest_figure(rows, "difference, percentage points", 100)

    def grown_and_seeds(self) -> Figure:
        """Mean divergence on the questions that a run has grown, and on generic ones: bits with 95 % intervals."""
        self.check_installed()
        from ..page.forest_plot import forest_figure, seed_rows

        if not (rows := seed_rows(self.report.comparisons)):
            raise InputError("nothing can be drawn: only a run that was evaluated compares grown questions with seeds")
        return forest_figure(rows, "mean divergence, bits", 1)

    def heat_map(self) -> Figure:
        """Models down, values across: how often each is expressed, in per cent of judged answers; – is missing."""
        self.check_installed()
        from .drawn_figures import shaded_rates

        if (figure := shaded_rates(self.report.results)) is None:
            raise InputError("no heat map can be drawn: no model has a rate")
        return figure

    def map(self) -> Figure:
        """The models as points of a plane: near means that they express values alike; the bar is in √bit."""
        self.check_installed()
        from ..page.model_map import map_figure

        if (figure := map_figure(self.report.results)) is None:
            raise InputError("no map can be drawn: it takes three models whose distances are known")
        return figure

    @staticmethod
    def check_installed() -> None:
        """Raises ``InputError`` without the extra ``page``."""
        for package in ("markupsafe", "matplotlib"):
            if find_spec(package) is None:
                raise InputError(FIGURES_NEED.format(package))
