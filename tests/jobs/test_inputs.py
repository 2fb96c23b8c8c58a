"""The inputs of a run: loaded once, and a forecast only where the plan rests on one or it is written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from adaem.domain.errors import InputError
from adaem.domain.reading.yaml_records import load_settings
from adaem.jobs.inputs import RunInputs, check_settings
from growing import SMALL, simulated_pool, write_pool


def checked(**settings: Any) -> RunInputs:
    return check_settings(load_settings(None, SMALL | settings))


def test_without_caps_the_plan_needs_no_forecast_and_is_that_of_the_forecast(tmp_path: Path) -> None:
    inputs = checked(pool=simulated_pool(tmp_path / "pool.yaml"))
    assert inputs.weighed is None
    assert inputs.plan.total == inputs.forecast.planned_calls == SMALL["budget.calls"]
    assert inputs.forecast is inputs.forecast


def test_a_cap_in_tokens_is_weighed_by_one_forecast(tmp_path: Path) -> None:
    inputs = checked(pool=simulated_pool(tmp_path / "pool.yaml"), **{"budget.tokens": 300_000})
    assert inputs.forecast is inputs.weighed
    assert inputs.plan.total == inputs.forecast.planned_calls < SMALL["budget.calls"]


def test_a_budget_that_cannot_be_planned_with_is_refused_with_and_without_a_forecast(tmp_path: Path) -> None:
    pool = simulated_pool(tmp_path / "pool.yaml")
    for small in ({"budget.calls": 60}, {"budget.tokens": 5_000}):
        with pytest.raises(InputError, match="is too small for this pool: confirming one question costs"):
            checked(pool=pool, **small)
    members: list[dict[str, Any]] = [
        {"id": name, "model": f"ollama:{name}", "roles": ["scout", "panel", "judge"]} for name in ("one", "two")
    ]
    with pytest.raises(InputError, match=r"budget\.money is set, but member 'one' has no price"):
        checked(pool=write_pool(tmp_path / "unpriced.yaml", members), **{"budget.money": 5})


def test_the_classes_that_were_found_are_those_that_are_made(tmp_path: Path) -> None:
    inputs = checked(pool=simulated_pool(tmp_path / "pool.yaml"))
    assert set(inputs.agents) == {"explorer", "refiner", "prober", "judge", "critic"}
    assert inputs.judging.calls.members == inputs.pool.members[-1:]
