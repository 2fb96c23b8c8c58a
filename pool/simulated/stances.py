"""Whether a simulated respondent says yes, no or neither: one rule a version."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from . import parameters as constants
from .chance import normal
from .identity import Identity
from .planted import Planted
from .question_effects import own_normals, own_share, spread
from .question_reader import read
from .vocabulary import Vocabulary

StanceDraw = Callable[[Sequence[int], random.Random], str]
"""The stance of one answer that expresses these values: "yes", "no" or "neutral"."""

_NEUTRAL_QUANTILE = 0.151
"""The normal quantile within which, on either side, ``NEUTRAL_RATE`` of answers lie."""


def _towards_yes(identity: Identity, vocabulary: Vocabulary, topical: tuple[str, ...]) -> list[float]:
    """(d,) standard normal: how far each value speaks for yes on questions about this."""
    return [normal("stance", identity.world, value, topical) for value in vocabulary.ids]


def stance_by_priorities(identity: Identity, held: Planted, vocabulary: Vocabulary, question: str) -> StanceDraw:
    """Yes at a rate that the respondent's priorities give, whatever the answer expresses."""
    towards_yes = _towards_yes(identity, vocabulary, read(vocabulary, question, "").topical[:1])
    leaning = sum(priority * way for priority, way in zip(held.priorities, towards_yes, strict=True))
    yes_rate = 0.5 + 0.45 * leaning / (1 + abs(leaning))

    def draw(values: Sequence[int], rng: random.Random) -> str:
        return "neutral" if rng.random() < constants.NEUTRAL_RATE else "yes" if rng.random() < yes_rate else "no"

    return draw


def stance_by_values(identity: Identity, held: Planted, vocabulary: Vocabulary, question: str) -> StanceDraw:
    """An ordered logit on what the expressed values speak for, and on what the question suggests beside them.

    As of a value's item effect, a share of that suggestion is the respondent's own, the larger the farther the question
    drives respondents apart.

    The logit's SD over questions is the respondent's item SD, as it is for its values: a respondent whose reasons
    hardly change hardly changes its side.
    """
    reading = read(vocabulary, question, "")
    towards_yes = _towards_yes(identity, vocabulary, reading.topical)
    own = own_share(identity.version, spread(identity.world, identity.variant, reading))
    mine = float(own_normals(identity, 1, "own side", " ".join(reading.topical))[0])
    suggested = math.sqrt(1 - own) * normal("suggested side", identity.world, reading.topical) + math.sqrt(own) * mine
    # The least: a respondent that throws dice over its values still argues from those it has drawn.
    size = max(1.0, held.item_sd)
    neutral = _NEUTRAL_QUANTILE * math.sqrt(size**2 + math.pi**2 / 3)
    weight = math.sqrt(constants.STANCE_BY_VALUES)

    def draw(values: Sequence[int], rng: random.Random) -> str:
        reasons = sum(towards_yes[value] for value in values) / math.sqrt(max(1, len(values)))
        side = weight * reasons + math.sqrt(1 - weight**2) * suggested
        u = 1.0 - rng.random()  # in (0, 1]
        latent = size * side - math.log(1 / u - 1) if u < 1 else math.inf
        return "yes" if latent > neutral else "no" if latent < -neutral else "neutral"

    return draw
