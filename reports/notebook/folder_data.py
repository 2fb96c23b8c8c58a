"""A folder as a typed object: its tables, its answers as arrays, its figures (docs/PYTHON.md)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast, get_args

from ...domain.errors import InputError
from ...evaluation.models.measurements import Measurements, measure
from ...records import Manifest, RunFolder, RunRecords, open_run
from ...results.answer_arrays import AnswerArrays, Which, load_answer_arrays
from ...results.compute import kind_of
from ...results.folder_report import FolderReport, folder_report
from ...results.result_types import Results
from ..export.columns import TABLES
from ..export.export_rows import Row, Tables
from .as_html import results_html
from .figures import Figures
from .frames import typed_frame, untyped_frame
from .result_tables import RESULT_COLUMNS, ResultTable, result_rows

TableName = Literal["questions", "answers", "labels", "scores"]

_RESULT_TABLES = get_args(ResultTable)


@dataclass(frozen=True, repr=False)
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

    def frame(self, table: TableName | ResultTable) -> Any:
        """A table as a pandas data frame: one of the four, or of what was computed: see ``result_rows``.

        Raises ``InputError`` when pandas is not installed, or for a table that is none.
        """
        if table in _RESULT_TABLES:
            computed = cast("ResultTable", table)
            return untyped_frame(result_rows(self.results, computed), RESULT_COLUMNS[computed])
        if table not in TABLES:
            raise InputError(f"no table is called {table!r} — choose one of {', '.join((*TABLES, *_RESULT_TABLES))}")
        return typed_frame(getattr(self, table), TABLES[table])

    @cached_property
    def report(self) -> FolderReport:
        """All that is reported of the folder; what it takes is computed when it is first asked for."""
        return folder_report(self.folder)

    @property
    def results(self) -> Results:
        """Profiles, contrasts and everything else that a report shows, as data."""
        return self.report.results

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words: only what is significant."""
        return self.results.sentences

    @property
    def figures(self) -> Figures:
        """The report's figures, as those of matplotlib."""
        return Figures(self.report)

    def __repr__(self) -> str:
        simulated = ", simulated" if self.manifest.simulated else ""
        return f"<adaem {kind_of(self.manifest)} in {self.folder.path}: {self.manifest.status}{simulated}>"

    def _repr_html_(self) -> str:
        return results_html(self.results, f"{kind_of(self.manifest).capitalize()} {self.folder.path.name}")

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
