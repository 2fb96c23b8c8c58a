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
    from ...jobs.planning.estimate import forecast
    from ...jobs.planning.measured_speeds import read_speeds
    from ...jobs.planning.pilot import read_pilot
    from ...pool.budget.tokens import load_counter
    from ...records import open_run
    from ...records.damage import as_read
    from ...reports.terminal.forecast_table import forecast_tables
    from ..process.console import output

    inputs = check_settings(load_settings(config, dict(map(parse_override, settings)) | dict(flags)))
    pilot = speeds = None
    if earlier is not None and earlier.is_file():
        speeds = read_speeds(earlier, inputs.pool)
    elif earlier is not None:
        with as_read(earlier):
            pilot = read_pilot(open_run(earlier), inputs.framework, inputs.pool, inputs.prompts)
    real = [member for member in inputs.pool.members if not member.simulated]
    counter = asyncio.run(load_counter(real))
    estimated = "tokens are reckoned at four characters each" if real and counter.estimated else ""
    counter_notice = counter.notice or estimated
    expected = forecast(
        inputs.settings,
        inputs.framework,
        inputs.pool,
        inputs.prompts,
        inputs.judging.calls,
        count=counter.about,
        pilot=pilot,
        speeds=speeds,
        notices=[*inputs.notices, *([counter_notice] if counter_notice else [])],
    )
    if as_json:
        print(expected.model_dump_json(indent=2))  # noqa: T201
    else:
        output().print(forecast_tables(expected))
