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
from .chance import Floats, normal, number, stream
from .identity import Identity, identify
from .places import FIRST_YEAR, LAST_YEAR, REGIONS
from .question_effects import decided, item_effects, leanings, mixed, sources, spread, with_family
from .question_reader import Reading, read
from .version_parameters import parameters_of
from .vocabulary import Vocabulary, vocabulary_of


@dataclass(frozen=True)
class Planted:
    """What one respondent of one world holds; ``d`` values in the framework's order.

    priorities      (d,) standard normal: the value priorities that the instrument is to recover
    obedience       added to the priority of a value that it is told to hold, >= 0
    base            (d,) logit rates on a generic question; all respondents of a world share them
    echo            logit added to a value that the question names
    item_sd         SD over questions of what a single one adds to its logits, >= 0: the larger, the less its samples
                    of one question differ
    regions, years  what it knows (years inclusive)
    refusal         logit of its rate of answers refused or evaded; refusal_stakes: (d,) added per value at stake
    disclaimer      chance that an answer opens by declining and then answers
    words           median words of a key point; bold, numbering: chance per answer; style: seed of its vocabulary
    """

    priorities: tuple[float, ...]
    obedience: float
    base: tuple[float, ...]
    echo: float
    item_sd: float
    regions: frozenset[str]
    years: tuple[int, int]
    refusal: float
    refusal_stakes: tuple[float, ...]
    disclaimer: float
    words: float
    bold: float
    numbering: float
    style: int


def _base(world: int, value: str) -> float:
    known = constants.BASE_LOGITS.get(value)
    if known is not None:
        return known
    return constants.BASE_LOGIT_MEAN + constants.BASE_LOGIT_SD * normal("base", world, value)


@lru_cache(maxsize=1_024)
def _drawn(version: int, world: int, respondent: int, values: tuple[str, ...]) -> Planted:
    parameters = parameters_of(version)
    rng = stream("respondent", world, respondent)
    words = constants.KEY_POINT_WORDS * math.exp(rng.gauss(0, parameters.length_sd_between))
    item_sd = parameters.item_sd_median * math.exp(parameters.item_sd_log_sd * normal("item SD", world, respondent))
    first_year = rng.randint(FIRST_YEAR, LAST_YEAR - 10)
    largest = math.log(constants.LARGEST_REFUSAL_RATE / (1 - constants.LARGEST_REFUSAL_RATE))
    return Planted(
        # By the value's id, so that a framework with more values plants the same numbers for those it shares.
        priorities=tuple(normal("priority", world, respondent, value) for value in values),
        obedience=max(0.0, constants.OBEDIENCE_MEAN + constants.OBEDIENCE_SD * normal("obedience", world, respondent)),
        base=tuple(_base(world, value) for value in values),
        echo=max(0.0, rng.gauss(constants.ECHO_MEAN, constants.ECHO_SD)),
        item_sd=min(parameters.largest_item_sd, item_sd),
        regions=frozenset(rng.sample(sorted(REGIONS), 4)),
        years=(first_year, first_year + 10),
        refusal=min(largest, rng.gauss(parameters.refusal_logit_mean, parameters.refusal_logit_sd)),
        refusal_stakes=tuple(constants.REFUSAL_STAKE_SD * normal("refusal", world, respondent, v) for v in values),
        # Exponential over respondents, like the habit of numbering.
        disclaimer=min(0.5, -parameters.disclaimer_rate * math.log(stream("disclaimer", world, respondent).random())),
        words=words,
        bold=constants.BOLD_RATE if rng.random() < constants.BOLD_RESPONDENTS else 0.0,
        numbering=min(1.0, rng.expovariate(1 / constants.NUMBERING_RATE)),
        style=number("style", world, respondent),
    )


@lru_cache(maxsize=1_024)
def _planted(identity: Identity, values: tuple[str, ...]) -> Planted:
    source, near, family = sources(identity)
    held = _drawn(identity.version, identity.world, source, values)
    if family:
        of_family = np.array([normal("priority", identity.world, f"family {family}", value) for value in values])
        own = with_family(identity, np.array(held.priorities), of_family)
        held = replace(held, priorities=tuple(own.tolist()))
    if near:
        other = _drawn(identity.version, identity.world, near, values)
        held = replace(
            held,
            priorities=_near(other.priorities, held.priorities),
            refusal_stakes=_near(other.refusal_stakes, held.refusal_stakes),
            echo=other.echo,
            item_sd=other.item_sd,
            regions=other.regions,
            years=other.years,
        )
    if identity.item_sd >= 0:
        held = replace(held, item_sd=identity.item_sd)
    if identity.variant == "flat":
        held = replace(held, echo=0.0)
    elif identity.variant == "echo":
        held = replace(held, echo=held.echo * constants.ECHO_WORLD_FACTOR)
    style = number("reworded", held.style) if identity.rewording else held.style
    return replace(held, words=held.words * identity.verbosity, style=style)


def _near(other: tuple[float, ...], own: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(mixed(np.array(other), np.array(own), constants.NEARNESS).tolist())


def planted_of(identity: Identity, vocabulary: Vocabulary) -> Planted:
    """The planted parameters of a respondent."""
    return _planted(identity, vocabulary.ids)


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
def reasoned_probabilities(
    identity: Identity, vocabulary: Vocabulary, question: str, fact: str, told: int | None = None
) -> Floats:
    """(d,) the exact P(Y[v] = 1) of a sample that is neither refused nor evaded; see ``probabilities``."""
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
    how_far = spread(identity.world, identity.variant, reading)
    logits += how_far * engagement * leanings(identity, np.array(held.priorities), reading)
    if held.item_sd:
        logits = decided(logits, held.item_sd, item_effects(identity, reading, len(logits)))
    chance: Floats = 1 / (1 + np.exp(np.minimum(-logits, 700.0)))  # beyond, exp overflows
    least = parameters_of(identity.version).least_probability
    chance = np.clip(chance, least, 1 - least)
    chance.flags.writeable = False
    return chance


def probabilities(
    identity: Identity, vocabulary: Vocabulary, question: str, fact: str, told: int | None = None
) -> Floats:
    """(d,) the exact P(Y[v] = 1) of an answered sample; ``told``: the value that it was told to hold, by its place.

    A sample that evades is answered and expresses no value. Shared: do not write to it.
    """
    chance = reasoned_probabilities(identity, vocabulary, question, fact, told)
    evaded = evasion(identity, vocabulary, question, fact)
    return np.asarray((1 - evaded) * chance) if evaded else chance


def _unanswered(identity: Identity, vocabulary: Vocabulary, question: str, fact: str) -> float:
    """The chance that one call is refused or evaded, in [0, 1]."""
    held = planted_of(identity, vocabulary)
    logit = held.refusal
    if identity.variant != "flat":
        stakes = read(vocabulary, question, fact).stakes
        logit += sum(weight * stake for weight, stake in zip(held.refusal_stakes, stakes, strict=True))
    return 1 / (1 + math.exp(-logit))


@lru_cache(maxsize=131_072)
def refusal(identity: Identity, vocabulary: Vocabulary, question: str, fact: str) -> float:
    """The exact chance that one call to the respondent is refused, in [0, 1]."""
    if identity.refusals >= 0:
        return identity.refusals
    declined = 1 - parameters_of(identity.version).evasion_share
    return declined * _unanswered(identity, vocabulary, question, fact)


@lru_cache(maxsize=131_072)
def evasion(identity: Identity, vocabulary: Vocabulary, question: str, fact: str) -> float:
    """The exact chance that a sample which is not refused is evaded, in [0, 1)."""
    share = parameters_of(identity.version).evasion_share
    if not share:
        return 0.0
    unanswered = _unanswered(identity, vocabulary, question, fact)
    return share * unanswered / (1 - (1 - share) * unanswered)


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
