"""The planted truth: what each simulated respondent holds, and exactly how likely it is to express each value.

Read by the respondents themselves, and by the calibration alone (METHOD.md section 6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ...domain.framework import Framework
from ...domain.pool_spec import Member
from . import parameters as constants
from .chance import Floats, normal, normals, number, stream
from .identity import Identity, identify
from .places import FIRST_YEAR, LAST_YEAR, REGIONS
from .question_reader import Reading, read
from .vocabulary import Vocabulary, vocabulary_of


@dataclass(frozen=True)
class Planted:
    """What one respondent of one world holds; ``d`` values in the framework's order.

    priorities      (d,) standard normal: the value priorities that the instrument is to recover
    obedience       added to the priority of a value that it is told to hold, >= 0
    base            (d,) logit rates on a generic question; all respondents of a world share them
    echo            logit added to a value that the question names
    regions, years  what it knows (years inclusive)
    refusal         logit of its refusal rate; refusal_stakes: (d,) added per value at stake
    words           median words of a key point; bold, numbering: chance per answer; style: seed of its vocabulary
    """

    priorities: tuple[float, ...]
    obedience: float
    base: tuple[float, ...]
    echo: float
    regions: frozenset[str]
    years: tuple[int, int]
    refusal: float
    refusal_stakes: tuple[float, ...]
    words: float
    bold: float
    numbering: float
    style: int


def _base(world: int, value: str) -> float:
    known = constants.BASE_LOGITS.get(value)
    if known is not None:
        return known
    return constants.BASE_LOGIT_MEAN + constants.BASE_LOGIT_SD * normal("base", world, value)


def _mixed(near: tuple[float, ...], own: tuple[float, ...]) -> tuple[float, ...]:
    share = constants.NEARNESS
    return tuple(share * a + math.sqrt(1 - share**2) * b for a, b in zip(near, own, strict=True))


@lru_cache(maxsize=1_024)
def _drawn(world: int, respondent: int, values: tuple[str, ...]) -> Planted:
    rng = stream("respondent", world, respondent)
    words = constants.KEY_POINT_WORDS * math.exp(rng.gauss(0, constants.LENGTH_SD_BETWEEN))
    first_year = rng.randint(FIRST_YEAR, LAST_YEAR - 10)
    largest = math.log(constants.LARGEST_REFUSAL_RATE / (1 - constants.LARGEST_REFUSAL_RATE))
    return Planted(
        # By the value's id, so that a framework with more values plants the same numbers for those it shares.
        priorities=tuple(normal("priority", world, respondent, value) for value in values),
        obedience=max(0.0, constants.OBEDIENCE_MEAN + constants.OBEDIENCE_SD * normal("obedience", world, respondent)),
        base=tuple(_base(world, value) for value in values),
        echo=max(0.0, rng.gauss(constants.ECHO_MEAN, constants.ECHO_SD)),
        regions=frozenset(rng.sample(sorted(REGIONS), 4)),
        years=(first_year, first_year + 10),
        refusal=min(largest, rng.gauss(constants.REFUSAL_LOGIT_MEAN, constants.REFUSAL_LOGIT_SD)),
        refusal_stakes=tuple(constants.REFUSAL_STAKE_SD * normal("refusal", world, respondent, v) for v in values),
        words=words,
        bold=constants.BOLD_RATE if rng.random() < constants.BOLD_RESPONDENTS else 0.0,
        numbering=min(1.0, rng.expovariate(1 / constants.NUMBERING_RATE)),
        style=number("style", world, respondent),
    )


def _source(identity: Identity) -> tuple[int, int]:
    """The respondent whose numbers are planted, and the one it is near (0 for none)."""
    if identity.variant == "null":
        return 1, 0
    return identity.planted, identity.near


@lru_cache(maxsize=1_024)
def _planted(identity: Identity, values: tuple[str, ...]) -> Planted:
    source, near = _source(identity)
    held = _drawn(identity.world, source, values)
    if near:
        other = _drawn(identity.world, near, values)
        held = replace(
            held,
            priorities=_mixed(other.priorities, held.priorities),
            refusal_stakes=_mixed(other.refusal_stakes, held.refusal_stakes),
            echo=other.echo,
            regions=other.regions,
            years=other.years,
        )
    if identity.variant == "flat":
        held = replace(held, echo=0.0)
    elif identity.variant == "echo":
        held = replace(held, echo=held.echo * constants.ECHO_WORLD_FACTOR)
    style = number("reworded", held.style) if identity.rewording else held.style
    return replace(held, words=held.words * identity.verbosity, style=style)


def planted_of(identity: Identity, vocabulary: Vocabulary) -> Planted:
    """The planted parameters of a respondent."""
    return _planted(identity, vocabulary.ids)


@lru_cache(maxsize=65_536)
def _spread(world: int, variant: str, reading: Reading) -> float:
    """How far the question drives respondents apart: the SD of their logit rates. The same for all respondents."""
    if variant == "flat":
        return constants.GENERIC_SPREAD
    context = max(reading.conflict, reading.specificity)
    about = sum(normal("topic", world, one) for one in reading.topical) / math.sqrt(max(1, len(reading.topical)))
    signature = " ".join(sorted(reading.topical))
    own = (
        normal("question", world, signature, reading.sides if reading.conflict else "")
        + normal("question", world, signature, reading.places, reading.years)
    ) / math.sqrt(2)
    share = constants.GENERIC_SHARE + (1 - constants.GENERIC_SHARE) * min(1.0, context)
    chance = share * (constants.TOPIC_SD * about + constants.QUESTION_SD * own)
    gain = constants.CONFLICT_GAIN * reading.conflict + constants.SPECIFICITY_GAIN * reading.specificity
    start = constants.GENERIC_SPREAD
    if variant == "generic":
        start, gain = constants.GENERIC_WORLD_SPREAD, -2 * gain
    elif variant == "echo":
        start *= constants.ECHO_WORLD_SPREAD
    return min(constants.LARGEST_SPREAD, start * math.exp(gain + chance))


def _leanings(identity: Identity, held: Planted, reading: Reading, size: int) -> Floats:
    """(d,) how far this respondent lies from the others on this question, in units of the spread (SD about 1)."""
    held_priorities = np.array(held.priorities)
    source, near = _source(identity)
    words = np.zeros(size)
    if identity.variant != "flat":
        for one in reading.topical:
            own = normals(size, "affinity", identity.world, source, one)
            if near:
                other = normals(size, "affinity", identity.world, near, one)
                own = constants.NEARNESS * other + math.sqrt(1 - constants.NEARNESS**2) * own
            words += own
        words /= math.sqrt(max(1, len(reading.topical)))
    share = constants.PRIORITY_SHARE
    leaning: Floats = math.sqrt(share) * held_priorities + math.sqrt(1 - share) * words
    if reading.conflict and identity.variant != "flat":
        a, b = reading.sides
        side = constants.CONFLICT_LOADING * reading.conflict * (held_priorities[a] - held_priorities[b]) / math.sqrt(2)
        fade = 1 - reading.conflict / 2
        leaning[a] = fade * leaning[a] + side
        leaning[b] = fade * leaning[b] - side
    return leaning


def _engagement(held: Planted, reading: Reading) -> float:
    engagement = 1.0
    if reading.regions:
        known = bool(reading.regions & held.regions)
        engagement += constants.REGION_ENGAGEMENT * (1.0 if known else -0.5)
    if reading.years:
        known = any(held.years[0] <= year <= held.years[1] for year in reading.years)
        engagement += constants.YEAR_ENGAGEMENT * (1.0 if known else -0.5)
    return engagement


@lru_cache(maxsize=131_072)
def probabilities(
    identity: Identity, vocabulary: Vocabulary, question: str, fact: str, told: int | None = None
) -> Floats:
    """(d,) the exact P(Y[v] = 1) of an answered sample; ``told``: the value that it was told to hold, by its place.

    Shared: do not write to it.
    """
    held = planted_of(identity, vocabulary)
    if told is not None:
        raised = [priority + held.obedience * (place == told) for place, priority in enumerate(held.priorities)]
        held = replace(held, priorities=tuple(raised))
    reading = read(vocabulary, question, fact)
    logits = np.array(held.base)
    engagement = 1.0
    if identity.variant != "flat":
        logits += constants.STAKE_LOGIT * np.array(reading.stakes) + held.echo * np.array(reading.named)
        engagement = _engagement(held, reading)
    spread = _spread(identity.world, identity.variant, reading)
    logits += spread * engagement * _leanings(identity, held, reading, len(logits))
    chance: Floats = 1 / (1 + np.exp(-logits))
    chance = np.clip(chance, constants.LEAST_PROBABILITY, 1 - constants.LEAST_PROBABILITY)
    chance.flags.writeable = False
    return chance


@lru_cache(maxsize=131_072)
def refusal(identity: Identity, vocabulary: Vocabulary, question: str, fact: str) -> float:
    """The exact chance that one call to the respondent is refused, in [0, 1]."""
    if identity.refusals >= 0:
        return identity.refusals
    held = planted_of(identity, vocabulary)
    logit = held.refusal
    if identity.variant != "flat":
        stakes = read(vocabulary, question, fact).stakes
        logit += sum(weight * stake for weight, stake in zip(held.refusal_stakes, stakes, strict=True))
    return 1 / (1 + math.exp(-logit))


def planted(member: Member, framework: Framework) -> Planted:
    """The planted parameters of a simulated respondent. Raises InputError for another member."""
    return planted_of(identify(member), vocabulary_of(framework))


def expression_probabilities(
    member: Member, framework: Framework, question: str, fact: str = "", told: int | None = None
) -> Floats:
    """(d,) the exact P(Y[v] = 1) of an answered sample; see ``probabilities``. Shared: copy before writing to it."""
    return probabilities(identify(member), vocabulary_of(framework), question, fact, told)


def refusal_probability(member: Member, framework: Framework, question: str, fact: str = "") -> float:
    """The exact chance that one call is refused, in [0, 1]."""
    return refusal(identify(member), vocabulary_of(framework), question, fact)
