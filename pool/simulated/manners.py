"""The rules by which the simulator's versions differ, beside their numbers (``version_parameters.py``)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .declined import dressed_refusal, plain_refusal
from .identity import Identity
from .planted import Planted
from .stances import StanceDraw, stance_by_priorities, stance_by_values
from .vocabulary import Vocabulary


@dataclass(frozen=True)
class Manner:
    """How the respondents of one version speak: their stance on a question, and the words of a refusal."""

    stance: Callable[[Identity, Planted, Vocabulary, str], StanceDraw]
    refuse: Callable[[random.Random], str]


_MANNERS = {
    1: Manner(stance_by_priorities, plain_refusal),
    2: Manner(stance_by_values, dressed_refusal),
}


def manner_of(version: int) -> Manner:
    """The version's rules."""
    return _MANNERS[version]
