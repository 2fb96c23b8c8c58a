"""``adaem calibrate``: the instrument's own test, with a verdict a line."""

from __future__ import annotations

from pathlib import Path

import typer


def calibrate_verb(
    quick: bool, worlds: int | None, seed: int, simulator: int | None, as_json: bool, out: Path | None
) -> None:
    """Calibrates, shows the lines, and exits with 1 when one falls short."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn

    from ...calibration.calibration_report import markdown
    from ...calibration.extent import Extent
    from ...calibration.suite import FULL_WORLDS, QUICK_WORLDS, calibrate
    from ...calibration.verdict import Verdict
    from ...calibration.worlds import SIMULATOR
    from ...pool.simulated.version_parameters import parameters_of
    from ...records.whole_file import write_whole, written
    from ..output_paths import MARKDOWN, check_output
    from ..progress_bar import Bar

    check_output(out, MARKDOWN)
    parameters_of(simulator or SIMULATOR)  # is there such a version?
    extent = Extent(quick, worlds or (QUICK_WORLDS if quick else FULL_WORLDS), seed, simulator or SIMULATOR)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("calibrating")
        report = calibrate(extent, lambda done, total: bar.update(task, completed=done, total=total))
    if out is not None:
        command = "adaem calibrate" + (" --quick" if quick else "") + (f" --worlds {worlds}" if worlds else "")
        command += f" --simulator {simulator}" if simulator else ""
        with written(out):
            write_whole(out, markdown(report, f"{command} --seed {seed}"))
    if as_json:
        print(report.model_dump_json(indent=2))  # noqa: T201
    else:
        _show(report)
    if report.verdict is Verdict.FALLS_SHORT:
        raise typer.Exit(1)


def _show(report: object) -> None:
    from rich.table import Table
    from rich.text import Text

    from ...calibration.calibration_report import interval, number
    from ...calibration.suite import Report
    from ...calibration.verdict import Verdict
    from ..process.console import output

    assert isinstance(report, Report)
    colours = {Verdict.HOLDS: "green", Verdict.FALLS_SHORT: "bold red", Verdict.CANNOT_TELL: "yellow"}
    console = output()
    for section in report.sections:
        table = Table(title=section.title, title_justify="left", title_style="bold", box=None, pad_edge=False)
        for column in ("verdict", "what", "mark", "estimate", "99 % interval", "draws"):
            table.add_column(column, justify="right" if column == "draws" else "left", no_wrap=column == "verdict")
        for line in section.lines:
            table.add_row(
                Text(line.verdict.value, style=colours.get(line.verdict, "")),
                Text(line.what),
                Text(line.criterion),
                number(line.measured.estimate),
                interval(line.measured),
                f"{line.measured.draws:,}",
            )
        console.print(table)
        console.print()
    console.print("; ".join(f"{count} {verdict}" for verdict, count in report.counts.items()))
