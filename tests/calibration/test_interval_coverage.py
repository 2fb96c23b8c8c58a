"""The calibration's coverage lines: their truths by hand, and that an interval that does not cover falls short."""

import numpy as np
import pytest
from adaem.calibration import interval_coverage
from adaem.calibration.extent import Extent
from adaem.calibration.interval_coverage import Case, cases, conclude, covered, tasks, truth_of
from adaem.calibration.verdict import Verdict


def test_truths_of_models_that_are_alike_and_of_models_that_differ() -> None:
    alike = truth_of(Case(0.05, 20, 1, 1, alike=True))
    assert alike.rate == pytest.approx([0.05] * 4, abs=1e-3)
    assert alike.strength == pytest.approx([0] * 4, abs=1e-6)
    assert alike.win_rate == pytest.approx([0.5] * 4)
    rng = np.random.default_rng(0)
    case = Case(0.2, 20, 1, 1, alike=False)
    apart = truth_of(case)
    level = interval_coverage._base(0.2, case.spread) + case.leans
    odds = level + rng.normal(0, case.spread, size=(200_000, 1)) + rng.normal(0, 0.4, size=(200_000, 4))
    assert apart.rate == pytest.approx((1 / (1 + np.exp(-odds))).mean(axis=0), abs=3e-3)
    assert (np.diff(apart.strength) > 0).all()


def test_a_figure_without_its_interval_is_missing_and_the_draws_are_fixed_by_the_seed() -> None:
    case = Case(0.01, 20, 1, 1, alike=True)
    found = covered(case, 20, 0)
    assert found.shape == (4, 20)
    assert np.isnan(found[2]).mean() > 0.5  # hardly anything is decided
    assert np.array_equal(found, covered(case, 20, 0), equal_nan=True)


def test_lines_hold_fall_short_and_leave_out_what_has_no_interval() -> None:
    assert len(tasks(Extent(quick=True, worlds=8, seed=0))) == len(cases())
    rng = np.random.default_rng(1)
    results = [(rng.random((4, 4_000)) < 0.96).astype(float) for _ in cases()]
    results[0][2] = np.nan
    good = conclude(results)
    assert {line.verdict for line in good.lines if line.criterion} == {Verdict.HOLDS}
    assert good.tables[0].rows[0][5] == "–"
    results[3][2] = rng.random(4_000) < 0.8
    strength = [line for line in conclude(results).lines if "strength" in line.what]
    assert [line.verdict for line in strength] == [Verdict.FALLS_SHORT, Verdict.FALLS_SHORT, Verdict.REPORTED]
