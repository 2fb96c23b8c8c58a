"""The calibration's report as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from .suite import Report
from .verdict import Line, Measurement

INTRODUCTION = """# Calibration

{opening}

Planted truth: simulated respondents whose expression probabilities are known (docs/SIMULATOR.md, version {version});
nothing here is evidence about any real model. A line **holds** when its 99 % interval excludes failure at the stated
number of draws, **falls short** when the interval excludes success, and otherwise the calibration **cannot tell**;
lines without a mark are **reported**. Intervals of a worst case hold for all its cases together. Divergences are in
bits, as observed through the judge unless called true.

Totals: {totals}.
"""


def markdown(report: Report, command: str) -> str:
    """The report; ``command`` is what made it."""
    kind = "quick" if report.quick else "full"
    opening = f"The {kind} calibration, made by `{command}` with seed {report.seed}."
    totals = ", ".join(f"{count} {verdict}" for verdict, count in report.counts.items())
    parts = [INTRODUCTION.format(opening=opening, version=report.simulator_version, totals=totals)]
    for section in report.sections:
        parts.append(f"## {section.title}\n")
        parts.append(
            _table(("verdict", "what", "mark", "estimate", "99 % interval", "draws"), map(_row, section.lines))
        )
        parts += [f"### {table.title}\n\n{_table(table.columns, table.rows)}" for table in section.tables]
    return "\n".join(parts)


def _row(line: Line) -> tuple[str, ...]:
    what = f"{line.what} ({line.note})" if line.note else line.what
    measured = line.measured
    return (
        line.verdict.value,
        what,
        line.criterion,
        number(measured.estimate),
        interval(measured),
        f"{measured.draws:,}",
    )


def number(value: float) -> str:
    """A number with as many digits as mean something here."""
    return f"{value:.4f}" if abs(value) < 0.1 else f"{value:.3f}"


def interval(measured: Measurement) -> str:
    """An interval, or why there is none."""
    if measured.interval is None:
        return "too few draws"
    low, high = measured.interval
    return f"{number(low)} to {number(high)}"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
