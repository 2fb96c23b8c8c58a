"""Worlds in which there is nothing to gain: the program must then report no gain (METHOD.md section 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain.streams import Stream, generator
from ..evaluation.divergence.d_star import estimate_divergences
from ..evaluation.intervals.averages import average, average_difference
from ..evaluation.intervals.multiplicity import q_values
from ..evaluation.models.measurements import Measurements
from ..evaluation.models.settled import settled_contrasts
from ..evaluation.questions.gain import gain_is_shown
from .answer_draws import draw_answers
from .array_simulation import SearchResult, search
from .extent import Extent, Task
from .paired_differences import differing
from .question_population import Bank
from .verdict import Line, Section, line, share_of
from .worlds import OPEN, RESERVED, SIMULATOR, World, search_settings

NOTHING_TO_FIND_TITLE = "Where there is nothing to find"
RUN_ANSWERS = 3_000
SEPARATE_WORLDS = 4
CRITERION = "not in more than 5 % of runs; holds when the interval ends below 7.5 %"


@dataclass(frozen=True)
class Claims:
    """What one run would have claimed: a gain over the seeds, separating questions, profile contrasts.

    ``settled`` counts significant contrasts on as many topics, one question each, of the published questions and of the
    seeds; None where those are too few for a verdict.
    """

    gain: bool
    separating: int
    contrasts: int
    settled: tuple[int, int] | None = None


def claims_of(bank: Bank, found: SearchResult, samples: int, seed: int) -> Claims:
    """Fresh answers to the published questions and to as many seeds, compared as the program compares them."""
    rng = generator(seed, Stream.CALIBRATION_CLAIMS, bank.world.number)
    seeds = rng.permutation(bank.topics)[: len(found.places)]
    grown = np.stack([bank.rates(place) for place in found.places])
    planted = np.concatenate([grown, bank.seed_rates[seeds]])
    answers = draw_answers(planted, bank.confusion, samples, bank.correlation_root, rng)
    scores = estimate_divergences(answers, permutations=None, rng=rng).divergence
    count = len(found.places)
    difference = average_difference(scores[:count], found.topic, scores[count:], seeds)
    rates = answers.mean(axis=2)
    topics = np.concatenate([found.topic, seeds])
    least = min(len(np.unique(found.topic)), count)
    given = np.full(rates.shape[:2], samples)
    sides = [
        settled_contrasts(Measurements(rates[part], given[part], topics[part]), least, rng)
        for part in (slice(count), slice(count, None))
    ]
    separating = 0 if found.p_value is None else int((q_values(found.p_value) <= 0.05).sum())
    return Claims(
        gain=gain_is_shown(average(scores[:count], found.topic, rng), difference),
        separating=separating,
        contrasts=differing(rates, topics),
        settled=None if sides[0] is None or sides[1] is None else (sides[0].different, sides[1].different),
    )


def claims(variant: str, number: int, draws: int, seed: int, simulator: int = SIMULATOR) -> list[Claims]:
    """What ``draws`` runs in one world claim."""
    bank = Bank(World(number, variant, simulator=simulator))
    made = []
    for draw in range(draws):
        settings = search_settings(RUN_ANSWERS, seed=seed + draw)
        found = search(bank, settings, tests=variant == "null")
        made.append(claims_of(bank, found, settings.samples.evaluate, seed + draw))
    return made


def tasks(extent: Extent) -> list[Task]:
    """Null worlds first, then flat ones."""
    draws = extent.pick(40, 600) // SEPARATE_WORLDS
    first = (OPEN if extent.quick else RESERVED)[0]
    numbers = range(first, first + SEPARATE_WORLDS)
    kinds = [(variant, number) for variant in ("null", "flat") for number in numbers]
    return [Task(claims, (*kind, draws, extent.seed, extent.simulator)) for kind in kinds]


def conclude(results: list[list[Claims]]) -> Section:
    """The section from the tasks' results, in their order."""
    null = [claim for each in results[:SEPARATE_WORLDS] for claim in each]
    flat = [claim for each in results[SEPARATE_WORLDS:] for claim in each]
    return Section(
        title=NOTHING_TO_FIND_TITLE,
        lines=(
            _share("null world: a gain over the seeds is claimed", [claim.gain for claim in null]),
            _share("null world: a question is called separating (q ≤ .05)", [claim.separating > 0 for claim in null]),
            _share("null world: a profile contrast is claimed", [claim.contrasts > 0 for claim in null]),
            _share("flat world (no question beats the seeds): a gain is claimed", [claim.gain for claim in flat]),
        ),
    )


def _share(what: str, hits: list[bool]) -> Line:
    return line(
        NOTHING_TO_FIND_TITLE, what, share_of(sum(hits), len(hits)), CRITERION, within=(0.0, 0.075), beyond=(0.0, 0.05)
    )
