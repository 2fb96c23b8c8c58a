"""Are the planted priorities found again, and are twins told apart that should not be? (METHOD.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from ..domain.framework import Framework
from ..domain.pool_spec import Member, Role
from ..domain.streams import Stream, generator
from ..evaluation.intervals.multiplicity import q_values
from ..evaluation.reliability.rank_agreement import profile_agreement
from ..pool.simulated.planted import planted
from .extent import Extent, Task
from .paired_differences import contrast_p_values
from .question_population import Bank
from .text_simulation import Read, read_answers
from .true_divergence import true_divergence
from .verdict import Section, line, mean_of, share_of
from .worlds import OPEN, RESERVED, SIMULATOR, World

Floats = NDArray[np.float64]

PROFILES_TITLE = "Profiles and the judge"
PROPOSALS_EACH = 4
SAMPLES = 5
TWIN_QUESTIONS = 60
PENALTY = 0.3
"""Additional miss rate of the uneven judge in key points with markup."""
NOTICED_AT = 0.01


def recovery(rates: Floats, planted_rates: Floats) -> float:
    """Spearman correlation of expression rates (K, d) with the planted ones, each value's mean over models removed."""
    return float(profile_agreement(rates, planted_rates))


def priorities(members: Sequence[Member], framework: Framework) -> Floats:
    """(K, d) the planted value priorities."""
    return np.array([planted(member, framework).priorities for member in members])


@dataclass(frozen=True)
class Recovered:
    """Correlation of a measured profile with the planted rates on the same questions, and with the priorities."""

    rates: float
    priorities: float


def world_recovery(number: int, seed: int, simulator: int = SIMULATOR) -> Recovered:
    """Recovery in one world from many answers: every topic's seed and proposals, through the judge."""
    bank = Bank(World(number, simulator=simulator))
    proposals = np.stack([[bank.ungated(t, n) for n in range(PROPOSALS_EACH)] for t in range(bank.topics)])
    planted_rates = np.concatenate([proposals, bank.seed_rates[:, None]], axis=1)
    chance = bank.confusion.observed(planted_rates)
    counts = generator(seed, Stream.CALIBRATION_RECOVERY, number).binomial(SAMPLES, chance)
    measured = counts.mean(axis=(0, 1)) / SAMPLES
    held = priorities(bank.members, bank.framework)
    return Recovered(recovery(measured, planted_rates.mean(axis=(0, 1))), recovery(measured, held))


@dataclass(frozen=True)
class Twins:
    """Value contrasts of each twin with its original that survive, and whether the refusing one's refusals do."""

    wordier: int
    reworded: int
    refusing: int
    refusals_noticed: bool


def twins(number: int, seed: int, simulator: int = SIMULATOR) -> Twins:
    """Three twins of respondent 1, and respondent 1 itself, answer 60 proposals in text; the judge reads all."""
    world = World(number, simulator=simulator)
    bank = Bank(world)
    changes: tuple[dict[str, Any], ...] = ({}, {"verbosity": 1.5}, {"rewording": True}, {"refusals": 0.3})
    members = [
        world.member(f"twin{n}", "respondent", Role.SCOUT, twin_of=1, **change) for n, change in enumerate(changes)
    ]
    topics = generator(seed, Stream.CALIBRATION_TWINS, number).permutation(bank.topics)[:TWIN_QUESTIONS]
    drafts = [bank.draft((int(topic), 0)) for topic in topics]
    questions = [(draft.text, draft.fact) for draft in drafts]
    read = read_answers(bank.framework, members, world.judge(), questions, SAMPLES, seed)
    given = read.answered.sum(axis=2)[..., None]
    rates = np.divide(
        read.found.sum(axis=2), given, out=np.full((*given.shape[:2], read.found.shape[3]), np.nan), where=given > 0
    )
    p = np.stack([contrast_p_values(rates[:, twin], rates[:, 0], topics) for twin in (1, 2, 3)])
    survive = (q_values(p) <= 0.05).sum(axis=1)
    refused = 1.0 - read.answered.mean(axis=2)
    refusal_p = contrast_p_values(refused[:, [3]], refused[:, [0]], topics)[0]
    return Twins(int(survive[0]), int(survive[1]), int(survive[2]), bool(refusal_p <= 0.05))


def unevenness(read: Read) -> float:
    """p-value of "the judge misses as much in every model's answers", value by value; chi-squared, K - 1 degrees."""
    cases = read.meant & read.answered[..., None]
    number = cases.sum(axis=(0, 2)).astype(np.float64)
    hits = (read.found & cases).sum(axis=(0, 2))
    rate = hits.sum(axis=0) / np.maximum(number.sum(axis=0), 1)
    expected = (number * rate).sum(axis=1)
    variance = (number * rate * (1 - rate)).sum(axis=1)
    statistic = np.square(hits.sum(axis=1) - expected) / np.maximum(variance, 1e-12)
    return float(chdtrc(len(statistic) - 1, statistic.sum()))


def judges(number: int, seed: int, simulator: int = SIMULATOR) -> tuple[float, float, float, float]:
    """One world with its usual judge and with an uneven one.

    ``(p even, p uneven, D observed through the uneven judge over D through the even one, least sensitivity)``, or NaN
    where no respondent uses markup, or all do.
    """
    world, uneven = World(number, simulator=simulator), World(number, style_penalty=PENALTY, simulator=simulator)
    bank = Bank(world)
    bold = [planted(member, bank.framework).bold > 0 for member in bank.members]
    if not any(bold) or all(bold):
        return float("nan"), float("nan"), float("nan"), float("nan")
    questions = [(topic.text, "") for topic in bank.framework.topics]
    p = []
    for each in (world, uneven):
        p.append(unevenness(read_answers(bank.framework, bank.members, each.judge(), questions, 2, seed)))
    other = Bank(uneven)
    seen = [float(true_divergence(b.confusion.observed(bank.seed_rates)).mean()) for b in (bank, other)]
    return p[0], p[1], seen[1] / seen[0], float(other.confusion.sensitivity.mean(axis=1).min())


def tasks(extent: Extent) -> list[Task]:
    """Recovery, then twins, then judges; reserved worlds in the full calibration."""
    first = (OPEN if extent.quick else RESERVED)[0]
    recoveries = [Task(world_recovery, (first + n, extent.seed, extent.simulator)) for n in range(extent.pick(4, 24))]
    pairs = [Task(twins, (first + n, extent.seed, extent.simulator)) for n in range(extent.pick(8, 120))]
    readers = [Task(judges, (first + n, extent.seed, extent.simulator)) for n in range(extent.pick(2, 40))]
    return recoveries + pairs + readers


def conclude(results: list[object]) -> Section:
    """The section from the tasks' results, in their order."""
    recovered = [each for each in results if isinstance(each, Recovered)]
    pairs = [each for each in results if isinstance(each, Twins)]
    readers = [each for each in results if isinstance(each, tuple) and not np.isnan(each[0])]
    count = 117 * (PROPOSALS_EACH + 1)
    lines = [
        line(
            PROFILES_TITLE,
            f"planted profiles recovered, {count} questions, {SAMPLES} answers each",
            mean_of([each.rates for each in recovered]),
            "Spearman at least 0.95",
            within=(0.95, 1.0),
            note="against the planted rates on these questions, each value's mean over models removed",
        ),
        line(
            PROFILES_TITLE,
            "the same against the planted priorities themselves",
            mean_of([each.priorities for each in recovered]),
            note="what questions call up beside priorities limits it, however many answers there are",
        ),
    ]
    for name, hits in (
        ("wordier", [each.wordier > 0 for each in pairs]),
        ("reworded", [each.reworded > 0 for each in pairs]),
        ("refusing", [each.refusing > 0 for each in pairs]),
    ):
        measured = share_of(sum(hits), len(hits))
        what = f"a {name} twin's values are called different"
        lines.append(line(PROFILES_TITLE, what, measured, "in at most 10 % of worlds", within=(0.0, 0.1)))
    noticed = share_of(sum(each.refusals_noticed for each in pairs), len(pairs))
    lines.append(
        line(PROFILES_TITLE, "a refusing twin's refusals are noticed", noticed, "in at least 90 %", within=(0.9, 1.0))
    )
    if readers:
        uneven = [each[1] < NOTICED_AT for each in readers]
        what = "a judge that reads markup worse is noticed in labelled answers"
        note = f"P(p < {NOTICED_AT}) of equal sensitivity; {PENALTY:.0%} more misses in marked-up key points"
        measured = share_of(sum(uneven), len(uneven))
        lines.append(line(PROFILES_TITLE, what, measured, "in at least 80 % of worlds", within=(0.8, 1.0), note=note))
        even = [each[0] < NOTICED_AT for each in readers]
        note = "its errors depend on length and markup a little, so that this is no false alarm rate"
        lines.append(
            line(PROFILES_TITLE, "the usual judge is called uneven", share_of(sum(even), len(even)), note=note)
        )
        ratio = mean_of([each[2] for each in readers])
        lines.append(line(PROFILES_TITLE, "D through the uneven judge over D through the usual one, seeds", ratio))
    return Section(title=PROFILES_TITLE, lines=tuple(lines))
