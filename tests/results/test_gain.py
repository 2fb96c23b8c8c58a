"""When grown questions are said to separate the models better than the seeds do."""

import numpy as np
import pytest
from adaem.evaluation.intervals.averages import average, average_difference
from adaem.evaluation.questions.gain import gain_is_shown
from adaem.results.grown_and_seeds import seed_verdict


@pytest.mark.parametrize(
    ("grown", "seeds", "shown", "verdict"),
    [
        (0.2, 0.02, True, "the grown questions separate these models more than the seeds do"),
        # a server of random text: the difference is clear, but only since the seeds came out below 0
        (0.0, -0.1, False, "no gain: the seeds' divergence is lower, but that of the grown questions is not above 0"),
        (-0.05, -0.2, False, "no gain"),
        (0.05, 0.05, False, "no significant difference between grown and seed questions"),
        (0.05, 0.2, False, "the grown questions separate these models less than the seeds do"),
    ],
)
def test_a_gain_needs_grown_questions_that_separate_the_models_themselves(
    grown: float, seeds: float, shown: bool, verdict: str
) -> None:
    spread = 0.02 * np.tile([-1.0, 1.0], 15)
    topics = np.arange(30)
    own = average(grown + spread, topics, np.random.default_rng(0))
    difference = average_difference(grown + spread, topics, seeds + spread[::-1], topics + 30)
    assert gain_is_shown(own, difference) is shown
    assert seed_verdict(own, difference).startswith(verdict)


def test_without_an_interval_no_gain_is_shown() -> None:
    few = average([0.5, 0.6], [0, 1], np.random.default_rng(0))
    assert not gain_is_shown(few, average_difference([0.5, 0.6], [0, 1], [0.0, 0.1], [2, 3]))
