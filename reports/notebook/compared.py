"""A comparison of folders that shows itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...results.comparison.comparison_types import FolderComparison, RateChange
from ..sheets.comparison_sheets import compare_sheets
from ..terminal.comparison_report import comparison_report
from .as_html import WIDTH, lines_html, printed_text, sheet_html
from .frames import untyped_frame


@dataclass(frozen=True, repr=False)
class Comparison:
    """The later folders beside the first. ``data`` has every figure; units are those of ``Results``."""

    data: FolderComparison

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words: only what is significant."""
        return self.data.sentences

    def frame(self) -> Any:
        """One row a change as a pandas data frame: of a model on a value, in [-1, 1], with its 95 % interval."""
        rows = []
        for each in self.data.changes:
            row = each.model_dump(mode="json", exclude={"change"})
            low, high = (each.change.interval or (None, None)) if each.change is not None else (None, None)
            change = None if each.change is None else each.change.estimate
            rows.append({**row, "change": change, "change_low": low, "change_high": high})
        own = [name for name in RateChange.model_fields if name != "change"]
        return untyped_frame(rows, [*own, "change", "change_low", "change_high"])

    def __repr__(self) -> str:
        return printed_text(comparison_report(self.data, WIDTH))

    def _repr_html_(self) -> str:
        notes = [f"{note}." for note in self.data.notes]
        return lines_html(self.data.sentences) + "".join(map(sheet_html, compare_sheets(self.data))) + lines_html(notes)
