"""Which values of a framework can be told apart, tried on planted values: its own examples are what respondents say.

Simulated respondents answer the framework's seed topics and specific proposals in text, and the simulated judge, who
knows the other half of the examples, reads them. A value is told apart when the judge finds it far more often where it
was meant than where any single other value was meant in its place (Youden's J of at least 0.5, METHOD.md section 4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain.checkup import Check, CheckVerdict
from ..domain.framework import Framework
from ..domain.streams import TextStream, text_generator
from ..pool.simulated.author import propose
from ..pool.simulated.declined import DISCLAIMERS, EVASIVE_OPENINGS
from ..pool.simulated.parameters import JUDGE_CUT
from ..pool.simulated.phrases import CAVEATS, FILLERS, OPENERS, REMARKS
from ..pool.simulated.planted import expression_probabilities
from ..pool.simulated.vocabulary import TOKEN, check_simulated, stem, stems, vocabulary_of
from .profile_recovery import recovery
from .text_simulation import read_answers
from .verdict import Measurement, Verdict, judge, mean_of
from .worlds import World

Floats = NDArray[np.float64]

WORLDS = 8
WORLD_RESPONDENTS = 6
WORLD_QUESTIONS = 120
SAMPLES = 5
LEAST_J = 0.5
LEAST_RECOVERY = 0.8
LEAST_FOUND = 0.6
"""No value that ships is found less often where it is meant."""

FEWEST_CASES = 30
"""A pair of values that was met less often in all worlds together is not looked at."""


@dataclass(frozen=True)
class WorldCounts:
    """One world's counts; d values.

    meant, found     (d,) answers that meant the value, and those of them in which it was found
    instead, misread (d, d) at [a, b]: answers that meant a and not b, and those of them in which b was found
    recovered        Spearman correlation of measured and planted rates, value means removed
    """

    meant: Floats
    found: Floats
    instead: Floats
    misread: Floats
    recovered: float


@dataclass(frozen=True)
class ValueDiscriminability:
    """How well one value is told apart: P(found | meant), from which neighbour least, and J against that neighbour."""

    value: str
    sensitivity: float
    neighbour: str
    separation: Measurement
    verdict: Verdict


@dataclass(frozen=True)
class Misread:
    """A phrase that simulated respondents say for no value, the value that the judge finds in it, by which words."""

    phrase: str
    value: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Discriminability:
    """The calibration of one framework; ``answers`` in all worlds."""

    misread: tuple[Misread, ...]
    values: tuple[ValueDiscriminability, ...]
    recovered: Measurement
    verdict: Verdict
    answers: int


def measure_discriminability(
    framework: Framework,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    worlds: int = WORLDS,
    seed: int = 0,
) -> Discriminability:
    """Tries the framework in some worlds; depends on the framework, their number and ``seed`` alone."""
    check_simulated(framework)
    counted = []
    for number in range(1, worlds + 1):
        counted.append(count(framework, number, seed))
        on_progress(number, worlds)
    recovered = mean_of([world.recovered for world in counted])
    return Discriminability(
        misread=misread_phrases(framework),
        values=tuple(_of_value(framework, counted, place) for place in range(len(framework.values))),
        recovered=recovered,
        verdict=judge(recovered, within=(LEAST_RECOVERY, 1.0), beyond=(LEAST_RECOVERY, np.inf)),
        answers=worlds * WORLD_QUESTIONS * WORLD_RESPONDENTS * SAMPLES,
    )


def count(framework: Framework, number: int, seed: int) -> WorldCounts:
    """One world: half of its questions are seed topics, half proposals of the simulated author."""
    world = World(number)
    members = world.respondents(WORLD_RESPONDENTS)
    rng = text_generator(TextStream.FRAMEWORK_QUESTIONS, seed, number)
    questions = []
    for place in range(WORLD_QUESTIONS):
        topic = rng.choice(framework.topics).text
        proposal = propose(vocabulary_of(framework), {"topic": topic}, rng) if place % 2 else {}
        questions.append((str(proposal.get("question", topic)), str(proposal.get("fact", ""))))
    read = read_answers(framework, members, world.judge(), questions, SAMPLES, seed)
    given = read.answered
    meant = read.meant[given].astype(np.float64)
    found = read.found[given].astype(np.float64)
    held = [[expression_probabilities(member, framework, *each) for member in members] for each in questions]
    answers = np.maximum(given.sum(axis=(0, 2)), 1)[:, None]
    return WorldCounts(
        meant=meant.sum(axis=0),
        found=(meant * found).sum(axis=0),
        instead=meant.T @ (1 - meant),
        misread=meant.T @ ((1 - meant) * found),
        recovered=recovery(read.found.sum(axis=(0, 2)) / answers, np.array(held).mean(axis=0)),
    )


def misread_phrases(framework: Framework) -> tuple[Misread, ...]:
    """Phrases of no value in which the judge finds one, because an example or definition happens to share their words.

    Some respondents use such a phrase often and others never, which the judge then takes for a difference in values.
    """
    vocabulary = vocabulary_of(framework)
    found = []
    for phrase in (*OPENERS, *REMARKS, *FILLERS, *CAVEATS, *EVASIVE_OPENINGS, *DISCLAIMERS):
        scores = vocabulary.scores(stems(phrase), vocabulary.recognition)
        for place, score in enumerate(scores):
            if score >= JUDGE_CUT:
                speaking = {one for one, weights in vocabulary.recognition.items() if place in dict(weights)}
                words = tuple(word for word in TOKEN.findall(phrase) if stem(word) in speaking)
                found.append(Misread(phrase, vocabulary.ids[place], words))
    return tuple(found)


def _of_value(framework: Framework, worlds: list[WorldCounts], place: int) -> ValueDiscriminability:
    ids = framework.value_ids
    met = sum(world.instead[:, place] for world in worlds)
    misread = sum(world.misread[:, place] for world in worlds)
    rates = np.where(met >= FEWEST_CASES, misread / np.maximum(met, 1), -1.0)
    rates[place] = -2.0
    worst = int(np.argmax(rates))
    separations = [
        world.found[place] / world.meant[place] - world.misread[worst, place] / world.instead[worst, place]
        for world in worlds
        if world.meant[place] and world.instead[worst, place]
    ]
    meant = sum(world.meant[place] for world in worlds)
    separation = mean_of(separations) if separations else Measurement(estimate=0.0, interval=None, draws=0)
    return ValueDiscriminability(
        value=ids[place],
        sensitivity=float(sum(world.found[place] for world in worlds) / max(meant, 1)),
        neighbour=ids[worst],
        separation=separation,
        verdict=judge(separation, within=(LEAST_J, 1.0), beyond=(LEAST_J, np.inf)),
    )


_OUTCOMES = {
    Verdict.HOLDS: (CheckVerdict.OK, "told apart"),
    Verdict.CANNOT_TELL: (CheckVerdict.WARNING, "cannot tell"),
    Verdict.FALLS_SHORT: (CheckVerdict.PROBLEM, "not told apart"),
}


def checks(measured: Discriminability) -> tuple[Check, ...]:
    """One row a value, then phrases and profiles: what ``adaem framework check --calibrate`` adds."""
    rows: list[Check] = []
    for each in measured.values:
        outcome, words = _OUTCOMES[each.verdict]
        detail = (
            f"{words}: found in {100 * each.sensitivity:.0f} % of the answers that meant it; "
            f"J {_shown(each.separation)} against {each.neighbour}, its nearest"
        )
        remedy = "" if outcome is CheckVerdict.OK else _remedy(each)
        rows.append(Check(what=each.value, verdict=outcome, detail=detail, remedy=remedy))
    if measured.misread:
        phrases = "\n".join(
            f"{each.phrase!r} is read as {each.value} for {' and '.join(map(repr, each.words))}"
            for each in measured.misread
        )
        remedy = (
            "the simulated models say this for no value: in that value's name, definition, second, fourth, sixth … "
            "examples put another word for one of these"
        )
        rows.append(Check(what="neutral phrases", verdict=CheckVerdict.WARNING, detail=phrases, remedy=remedy))
    else:
        rows.append(Check(what="neutral phrases", verdict=CheckVerdict.OK, detail="none is read as a value"))
    outcome, _ = _OUTCOMES[measured.verdict]
    detail = f"Spearman {_shown(measured.recovered)} with the planted ones, value means removed; at least .8 wanted"
    remedy = "" if outcome is CheckVerdict.OK else "fix the values above first; then more examples, alike in number"
    rows.append(Check(what="planted profiles", verdict=outcome, detail=detail, remedy=remedy))
    return tuple(rows)


def _remedy(value: ValueDiscriminability) -> str:
    """A value that is rarely found where it is meant lacks words of its own; otherwise it is its neighbour's rival."""
    if value.sensitivity < LEAST_FOUND:
        return "let its characteristic words recur, each in an odd and in an even example, and in no other value"
    return f"set its examples apart from those of {value.neighbour}"


def _shown(measured: Measurement) -> str:
    if measured.interval is None:
        return "unknown (met in too few answers)"
    return f"{measured.estimate:.2f} [{measured.interval[0]:.2f}, {measured.interval[1]:.2f}]"
