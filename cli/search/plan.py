"""``adaem plan``: what a run would spend, before anything is spent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def plan_verb(
    config: Path | None, settings: Sequence[str], flags: Mapping[str, Any], earlier: Path | None, as_json: bool
) -> None:
    """Prints the forecast as tables, or as one JSON object. Asks no model and writes nothing."""
    from ...domain.reading.yaml_records import load_settings, parse_override
    from ...jobs.inputs import check_settings
    from ...jobs.planning.plan_run import plan_run
    from ...reports.terminal.forecast_table import forecast_tables
    from ..process.console import output

    inputs = check_settings(load_settings(config, dict(map(parse_override, settings)) | dict(flags)))
    expected = asyncio.run(plan_run(inputs, earlier))
    if as_json:
        print(expected.model_dump_json(indent=2))  # noqa: T201
    else:
        output().print(forecast_tables(expected))
