"""The forecast of a run that is only planned: with what an earlier run, or the doctor, tells."""

from __future__ import annotations

from pathlib import Path

from ...domain.forecast import Forecast
from ...pool.budget.tokens import load_counter
from ...records import open_run
from ...records.damage import as_read
from ..inputs import RunInputs
from .estimate import forecast
from .measured_speeds import MeasuredSpeeds, read_speeds
from .pilot import Pilot, read_pilot


def _measured(inputs: RunInputs, earlier: Path) -> tuple[Pilot | None, MeasuredSpeeds | None]:
    if earlier.is_file():
        return None, read_speeds(earlier, inputs.pool)
    with as_read(earlier):
        return read_pilot(open_run(earlier), inputs.framework, inputs.pool, inputs.prompts), None


async def plan_run(inputs: RunInputs, earlier: Path | None) -> Forecast:
    """What the run would spend. Asks no model. ``earlier`` is a run's folder, or the doctor's JSON."""
    pilot = speeds = None
    if earlier is not None:
        pilot, speeds = _measured(inputs, earlier)
    real = [member for member in inputs.pool.members if not member.simulated]
    counter = await load_counter(real)
    estimated = "tokens are reckoned at four characters each" if real and counter.estimated else ""
    counter_notice = counter.notice or estimated
    return forecast(
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
