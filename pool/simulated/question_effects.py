"""What a question calls up: how far it drives respondents apart, where each leans, and what the question alone adds.

All of it is a function of the question's reading, so that a paraphrase calls up exactly the same.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from . import parameters as constants
from .chance import Floats, normal, normals
from .identity import Identity
from .question_reader import Reading
from .version_parameters import parameters_of

_LOGISTIC_TO_NORMAL = 16 * math.sqrt(3) / (15 * math.pi)
"""A logistic variable is nearly a normal one of this scale's inverse (Johnson, Kotz and Balakrishnan 1995, ch. 23)."""


def sources(identity: Identity) -> tuple[int, int, int]:
    """The respondent whose numbers are planted, the one it is near and its family (0 for none)."""
    if identity.variant == "null":
        return 1, 0, 0
    return identity.planted, identity.near, identity.family


def mixed(shared: Floats, own: Floats, correlation: float) -> Floats:
    """Standard normals whose correlation with ``shared`` is ``correlation``."""
    return np.asarray(correlation * shared + math.sqrt(1 - correlation**2) * own)


def with_family(identity: Identity, own: Floats, family: Floats) -> Floats:
    """A respondent's normals as its family has them; two of one family correlate by the version's family share."""
    return mixed(family, own, math.sqrt(parameters_of(identity.version).family_share))


def own_normals(identity: Identity, size: int, kind: str, what: str) -> Floats:
    """(size,) standard normals of this respondent alone, but for what it shares with its family or a near one."""
    source, near, family = sources(identity)
    own = normals(size, kind, identity.world, source, what)
    if family:
        own = with_family(identity, own, normals(size, kind, identity.world, f"family {family}", what))
    if near:
        own = mixed(normals(size, kind, identity.world, near, what), own, constants.NEARNESS)
    return own


@lru_cache(maxsize=65_536)
def spread(world: int, variant: str, reading: Reading) -> float:
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


def leanings(identity: Identity, held_priorities: Floats, reading: Reading) -> Floats:
    """(d,) how far this respondent lies from the others on this question, in units of the spread (SD about 1)."""
    size = len(held_priorities)
    words = np.zeros(size)
    if identity.variant != "flat":
        for one in reading.topical:
            words += own_normals(identity, size, "affinity", one)
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


def own_share(version: int, how_far: float) -> float:
    """The share of the item effects' variance that is a respondent's own, for a question of this spread; in [0, 1]."""
    parameters = parameters_of(version)
    grown = parameters.own_item_share * (how_far / constants.GENERIC_SPREAD) ** 2
    return min(parameters.largest_own_item_share, grown)


def item_effects(identity: Identity, reading: Reading, size: int) -> Floats:
    """(size,) what this one question adds to this respondent's logits, in units of its item SD (standard normal)."""
    world, variant = identity.world, identity.variant
    # In the flat world every question is the same item.
    topical = () if variant == "flat" else reading.topical
    signature = ""
    if variant != "flat":
        sides = reading.sides if reading.conflict else ""
        signature = f"{sorted(topical)} {sides} {reading.places} {reading.years}"
    topic_share = parameters_of(identity.version).item_topic_share if topical else 0.0
    own = own_share(identity.version, spread(world, variant, reading))
    called, mine = np.zeros(size), np.zeros(size)
    for word in topical:
        called += normals(size, "topic item", world, word)
        mine += own_normals(identity, size, "own topic item", word)
    of_words, of_question = math.sqrt(topic_share / max(1, len(topical))), math.sqrt(1 - topic_share)
    called = of_words * called + of_question * normals(size, "item", world, signature)
    mine = of_words * mine + of_question * own_normals(identity, size, "own item", signature)
    return np.asarray(math.sqrt(1 - own) * called + math.sqrt(own) * mine)


def decided(logits: Floats, item_sd: float, effects: Floats) -> Floats:
    """Logits on one question, from those of the mean rate over questions: ``sqrt(1 + c² s²) logit + s effect``.

    The mean over questions of the resulting rates stays what it was, by the usual approximation of a logistic by a
    normal integral; the larger the item SD ``s``, the nearer each rate to 0 or 1.
    """
    return np.asarray(math.sqrt(1 + (_LOGISTIC_TO_NORMAL * item_sd) ** 2) * logits + item_sd * effects)
