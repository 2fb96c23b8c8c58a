"""What the simulated author learns from the examples in its prompt: questions, their scores, what models answered.

It reads its own prompt and nothing else. How often it follows what it read is planted (``learning``).
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .question_reader import read
from .vocabulary import Vocabulary

_EXAMPLE_FIELDS = ("best", "examples")
_SCORED = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*[\t:|]\s*(\S.*)$")
_FOUND_VALUES = re.compile(r"\bvalues: ([^)]*)\)")


@dataclass(frozen=True)
class Example:
    """One scored question that an author was shown, with the lines under it: what models answered."""

    score: float
    text: str
    answers: str = ""


@dataclass(frozen=True)
class Pattern:
    """What a proposal takes from an example: whether it sets two values against each other, and which."""

    conflict: bool
    context: bool
    pair: tuple[int, int] | None


def examples(fields: Mapping[str, str]) -> list[Example]:
    """The scored questions of a prompt's fields: lines "score<tab>question", each with the lines that follow it."""
    found: list[Example] = []
    for name in _EXAMPLE_FIELDS:
        for line in fields.get(name, "").splitlines():
            if match := _SCORED.match(line):
                found.append(Example(float(match[1]), match[2]))
            elif found:
                last = found[-1]
                found[-1] = Example(last.score, last.text, f"{last.answers}\n{line}")
    return [each for each in found if math.isfinite(each.score)]


def contested(vocabulary: Vocabulary, answers: str, rng: random.Random) -> tuple[int, int] | None:
    """The two values that most evenly split the models' answers; None where fewer than two split them.

    ``answers`` has a line a model with "(stance; values: id, id)", as the refiner's prompt shows it. Ties by lot.
    """
    shown = [{name.strip() for name in match[1].split(",")} for match in _FOUND_VALUES.finditer(answers)]
    if len(shown) < 2:
        return None
    shares = [sum(value in each for each in shown) / len(shown) for value in vocabulary.ids]
    order = sorted(range(len(shares)), key=lambda value: (-shares[value] * (1 - shares[value]), rng.random()))
    first, second = order[:2]
    return (first, second) if 0 < shares[second] < 1 else None


def pattern(vocabulary: Vocabulary, fields: Mapping[str, str], rng: random.Random, learning: float) -> Pattern | None:
    """What the next proposal takes over, in a share ``learning`` of proposals; None otherwise, or without examples.

    The higher an example's score among those shown (in their standard deviations), the likelier it is followed.
    """
    shown = examples(fields) if learning else []
    if not shown or rng.random() >= learning:
        return None
    mean = sum(each.score for each in shown) / len(shown)
    deviation = math.sqrt(sum((each.score - mean) ** 2 for each in shown) / len(shown)) or 1.0
    weights = [math.exp((each.score - mean) / deviation) for each in shown]
    chosen = rng.choices(shown, weights)[0]
    reading = read(vocabulary, chosen.text, "")
    pair = contested(vocabulary, chosen.answers, rng) or (reading.sides if reading.conflict else None)
    return Pattern(conflict=pair is not None, context=bool(reading.places or reading.years), pair=pair)
