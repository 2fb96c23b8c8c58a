"""``adaem doctor``: is everything there that a run needs?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer


def doctor_verb(
    config: Path | None, settings: Sequence[str], flags: Mapping[str, Any], as_json: bool, probes: int = 0
) -> None:
    """Prints the table, or one JSON object. Exits with 1 when there is a problem."""
    from rich.console import Console

    from ...domain.checkup import CheckVerdict
    from ...jobs.doctor.checks import examine
    from ...pool.no_tracing import disable_tracing
    from ...reports.terminal.doctor_table import checkup_table
    from ..process.console import output

    disable_tracing()
    with Console(stderr=True).status("looking …"):
        checkup = asyncio.run(examine(config, settings, flags, probes=probes))
    if as_json:
        print(checkup.model_dump_json(indent=2))  # noqa: T201
    else:
        output().print(checkup_table(checkup))
    if checkup.verdict is CheckVerdict.PROBLEM:
        raise typer.Exit(1)
