"""All that is reported of one folder, each figure computed once: what terminal, page and ``--json`` share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..records import Manifest, RunFolder, RunRecords
from ..records.status import current_manifest
from .call_statistics import CallStatistics, call_statistics
from .compute import folder_results
from .grown_and_seeds import SeedComparison
from .import_summary import summarise_imported
from .result_types import Results
from .run_summary import summarise
from .summary_types import ImportSummary, RunSummary


@dataclass(frozen=True)
class FolderReport:
    """A run, an evaluation or an import: its ``results``, and what only its kind has. Read when first asked for."""

    folder: RunFolder
    results: Results

    @cached_property
    def manifest(self) -> Manifest:
        """As it is now: the status is that of the process."""
        return current_manifest(self.folder)

    @cached_property
    def calls(self) -> CallStatistics:
        """What the calls brought and cost."""
        if self.run is not None:
            return self.run
        with RunRecords(self.folder.records_path, read_only=True) as records:
            return call_statistics(self.manifest, records)

    @cached_property
    def run(self) -> RunSummary | None:
        """What only a run has; None of an evaluation or an import."""
        return summarise(self.folder, self.results) if self.results.asked.kind == "run" else None

    @cached_property
    def imported(self) -> ImportSummary | None:
        """What only an import has; None of a run or an evaluation."""
        return summarise_imported(self.folder, self.results) if self.results.asked.kind == "import" else None

    @property
    def comparisons(self) -> tuple[SeedComparison, ...]:
        """Grown questions against seeds; only a run has any."""
        return () if self.run is None else self.run.comparisons

    def as_json(self) -> dict[str, Any]:
        """Plain data: the summary of a run or an import with the results beside it; of an evaluation the results."""
        results = self.results.model_dump(mode="json")
        summary = self.run or self.imported
        return results if summary is None else {**summary.model_dump(mode="json"), "results": results}


def folder_report(folder: RunFolder) -> FolderReport:
    """The report of what is in ``folder``. Raises ``FileError`` when there is none."""
    return FolderReport(folder, folder_results(folder))
