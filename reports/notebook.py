"""A run in a notebook: its tables as lists or data frames, its answers as arrays (docs/NOTEBOOKS.md)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ..domain.errors import InputError
from ..evaluation.models.measurements import Measurements, measure
from ..records import Manifest, RunFolder, RunRecords, open_run
from ..results.answer_arrays import AnswerArrays, Which, load_answer_arrays
from .export.columns import TABLES, Kind
from .export.export_rows import Row, Tables

TableName = Literal["questions", "answers", "labels", "scores"]

_FRAME_TYPES = {
    Kind.TEXT: "string",
    Kind.INTEGER: "Int64",
    Kind.NUMBER: "float64",
    Kind.TRUTH: "boolean",
    Kind.JSON: "object",
}
"""Types that know a missing cell: pandas would otherwise make floats of integers, and objects of truths."""


@dataclass(frozen=True)
class Run:
    """What is in one folder: a run, an evaluation or an import. Tables are read when they are first asked for.

    The tables are those of ``adaem export``, with the same columns; a missing cell is None, never 0.
    """

    folder: RunFolder
    manifest: Manifest

    @cached_property
    def questions(self) -> list[Row]:
        """Every question, published or not."""
        return self._rows("questions")

    @cached_property
    def answers(self) -> list[Row]:
        """Every answer, whatever became of it."""
        return self._rows("answers")

    @cached_property
    def labels(self) -> list[Row]:
        """Every value that a key point expresses, with the words that show it."""
        return self._rows("labels")

    @cached_property
    def scores(self) -> list[Row]:
        """Every question's score in each phase, with all terms."""
        return self._rows("scores")

    def frame(self, table: TableName) -> Any:
        """A table as a pandas data frame. Raises ``InputError`` when pandas is not installed."""
        try:
            import pandas as pd
        except ModuleNotFoundError:
            raise InputError("a data frame needs pandas, which is not installed — pip install pandas") from None
        rows: list[Row] = getattr(self, table)
        columns = TABLES[table]
        frame = pd.DataFrame.from_records(rows, columns=[column.name for column in columns])
        return frame.astype({column.name: _FRAME_TYPES[column.kind] for column in columns})

    def evaluated(self, which: Which = "grown") -> AnswerArrays:
        """The evaluation's answers as arrays, NaN where missing; of a run, the ``grown`` questions or the ``seeds``."""
        return load_answer_arrays(self.folder, which=which)

    def measurements(self, which: Which = "grown") -> Measurements:
        """The same as the statistics take them: rates by question, model and value. Primed answers are left out."""
        plain = self.evaluated(which).plain()
        return measure(plain.expressed, plain.answered, plain.topics)

    def _rows(self, table: TableName) -> list[Row]:
        with RunRecords(self.folder.records_path, read_only=True) as records:
            return list(Tables(self.manifest, records).rows(table))


def load(path: str | Path) -> Run:
    """The run, evaluation or import in the folder ``path``. Raises ``FileError`` when there is none."""
    folder = open_run(Path(path))
    return Run(folder, folder.read_manifest())
