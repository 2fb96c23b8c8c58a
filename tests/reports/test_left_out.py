"""The lines about degenerate answers and dropped labels: there where there is something to tell, and only there."""

from __future__ import annotations

from adaem.reports.sheets.left_out import degenerate_line, dropped_labels_line
from adaem.results.result_types import Design, ModelCounts


def design(degenerate: int, labels: int, dropped: int) -> Design:
    missing = {"degenerate": degenerate, "refused": 1} if degenerate else {"refused": 1}
    models = (
        ModelCounts(id="okapi", seen=True, answers=5, missing=missing, questions=3, unanswered=0),
        ModelCounts(id="zebra", seen=True, answers=4, missing={}, questions=3, unanswered=0),
    )
    return Design(
        kind="import",
        source="answers.csv",
        status="finished",
        simulated=False,
        simulator_version=None,
        framework="",
        judge="scale",
        values={},
        circle=(),
        models=models,
        questions=3,
        topics=3,
        samples=4,
        wordings=("",),
        primed=(),
        answers=9,
        missing=missing,
        labels=labels,
        labels_dropped=dropped,
    )


def test_what_says_nothing_is_counted_by_model_and_dropped_labels_in_all() -> None:
    asked = design(degenerate=2, labels=30, dropped=3)
    assert degenerate_line(asked).startswith("2 of 12 answers are degenerate")
    assert degenerate_line(asked).endswith("left out: okapi 2.")
    assert dropped_labels_line(asked).endswith(": 3 of 33.")
    assert degenerate_line(design(degenerate=0, labels=1, dropped=0)) == ""
    assert dropped_labels_line(design(degenerate=0, labels=1, dropped=0)) == ""
