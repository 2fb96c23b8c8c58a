"""Power: what a design finds, and what a difference needs."""

import numpy as np
import pytest
from adaem.evaluation.questions.power import detectable_difference, questions_needed
from scipy.special import nctdtr, stdtrit


def test_many_topics_give_the_textbook_normal_formula() -> None:
    assert detectable_difference(0.01, 1e9) == pytest.approx(0.01 * (1.959964 + 0.841621), rel=1e-5)
    # (1.959964 + 0.841621)^2 x (0.01 / 0.05)^2 x 10,000 = 3,139.6
    assert questions_needed(0.05, 0.01, 1e9, 10_000).item() == 3140


@pytest.mark.parametrize("degrees", [1, 1.3, 8, 19.5, 45, 200])
@pytest.mark.parametrize("level", [0.05, 0.0005, 0.00004])
def test_the_detectable_difference_is_found_in_four_fifths(degrees: float, level: float) -> None:
    shift = float(detectable_difference(1.0, degrees, level=level))
    assert 1 - nctdtr(degrees, shift, stdtrit(degrees, 1 - level / 2)) == pytest.approx(0.8, abs=2e-3)


@pytest.mark.parametrize("degrees", [1.5, 5.0, 30.0])
@pytest.mark.parametrize("level", [0.05, 0.00004])
@pytest.mark.parametrize("difference", [0.01, 0.05, 0.2])
def test_with_the_questions_needed_the_difference_is_detectable(
    degrees: float, level: float, difference: float
) -> None:
    needed = float(questions_needed(difference, 0.04, degrees, 1000, level=level))
    growth = needed / 1000
    then = detectable_difference(0.04 / np.sqrt(growth), max(1.0, degrees * growth), level=level)
    assert then <= difference * (1 + 1e-6)
    fewer = 0.99 * growth
    assert detectable_difference(0.04 / np.sqrt(fewer), max(1.0, degrees * fewer), level=level) > difference


def test_shapes_gaps_and_refusals() -> None:
    found = questions_needed(0.05, np.array([[0.01, np.nan, 0.02]]), 20.0, 100)
    assert found.shape == (1, 3)
    assert np.isnan(found[0, 1])
    assert found[0, 2] > found[0, 0]
    assert np.isnan(detectable_difference(np.nan, 3.0))
    with pytest.raises(ValueError, match="above 0"):
        questions_needed(0.0, 0.1, 10, 10)
    with pytest.raises(ValueError, match=r"in \(0, 1\)"):
        detectable_difference(0.1, 10, level=1.0)
