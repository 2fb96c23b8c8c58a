"""The simulated respondent: draws the values that it appeals to, then words three key points around them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

from ...domain.answer import KEY_POINTS
from . import parameters as constants
from .chance import normal, stream
from .identity import Identity
from .phrases import CAVEATS, CONNECTIVES, FILLERS, JOINERS, OPENERS, POINTS, REFUSALS, REMARKS
from .planted import Planted, planted_of, probabilities, refusal
from .question_reader import read
from .vocabulary import TOKEN, Vocabulary, stem

_HABIT = 0.6
_ECHOED_WORDS = 8


@dataclass(frozen=True)
class Composed:
    """An answer before it is written as JSON, with the drawn truth: ``values`` are indices of what it appeals to.

    ``key_points`` are (point, justification) pairs, and ``key_point_values`` the values in each; ``refused`` holds the
    words of a refusal, else "".
    """

    values: tuple[int, ...]
    stance: str
    key_points: tuple[tuple[str, str], ...]
    key_point_values: tuple[tuple[int, ...], ...]
    refused: str = ""


@dataclass(frozen=True)
class _Habits:
    openers: tuple[str, ...]
    connectives: tuple[str, ...]
    remarks: tuple[str, ...]
    points: tuple[str, ...]
    fillers: tuple[str, ...]


@lru_cache(maxsize=1_024)
def _habits(style: int) -> _Habits:
    """The part of each word list that a respondent uses."""
    rng = stream("habits", style)

    def part(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(rng.sample(words, max(2, round(_HABIT * len(words)))))

    return _Habits(part(OPENERS), part(CONNECTIVES), part(REMARKS), part(POINTS), part(FILLERS))


@lru_cache(maxsize=65_536)
def _subjects(vocabulary: Vocabulary, question: str) -> tuple[str, ...]:
    """Words of the question by which an answer refers to it: none that speaks for a value."""
    subjects = [word for word in TOKEN.findall(question) if (one := stem(word)) and one not in vocabulary.reading]
    return tuple(dict.fromkeys(subjects[:_ECHOED_WORDS])) or ("this question",)


def _yes_rate(identity: Identity, held: Planted, vocabulary: Vocabulary, question: str) -> float:
    topical = read(vocabulary, question, "").topical[:1]
    leaning = sum(
        priority * normal("stance", identity.world, value, topical)
        for priority, value in zip(held.priorities, vocabulary.ids, strict=True)
    )
    return 0.5 + 0.45 * leaning / (1 + abs(leaning))


@lru_cache(maxsize=131_072)
def _plan(
    identity: Identity, vocabulary: Vocabulary, question: str, fact: str, told: int | None
) -> tuple[tuple[float, ...], float, float]:
    """Expression probabilities, refusal rate and yes rate of one question: the same for every sample."""
    held = planted_of(identity, vocabulary)
    chance = tuple(probabilities(identity, vocabulary, question, fact, told).tolist())
    return chance, refusal(identity, vocabulary, question, fact), _yes_rate(identity, held, vocabulary, question)


def _lengthen(text: str, wanted: int, habits: _Habits, rng: random.Random) -> str:
    while (missing := wanted - len(text.split())) > 3:
        extra = rng.choice(habits.fillers if missing < 12 else habits.remarks)
        text = f"{text}, {extra}" if missing < 12 else f"{text}; {extra}"
    return text


def _key_point(
    vocabulary: Vocabulary, values: tuple[int, ...], subject: str, held: Planted, habits: _Habits, rng: random.Random
) -> tuple[str, str]:
    """One (point, justification) that appeals to ``values``, or to none."""
    wanted = round(held.words * rng.lognormvariate(0.0, constants.LENGTH_SD_WITHIN))
    point = rng.choice(habits.points).format(subject)
    opener = rng.choice(habits.openers)
    if not values:
        return point, _lengthen(f"{opener}, {rng.choice(habits.remarks)}", wanted, habits, rng)
    reasons = [rng.choice(vocabulary.phrases[value]) for value in values]
    justification = f"{opener}, {rng.choice(habits.connectives)} {reasons[0]}"
    for reason in reasons[1:]:
        justification += f" {rng.choice(JOINERS)} {reason}"
    if rng.random() < 0.5:
        justification = f"{opener}, {reasons[0]}" + justification[justification.index(reasons[0]) + len(reasons[0]) :]
    second = rng.choice(vocabulary.phrases[values[0]])
    if len(justification.split()) + len(second.split()) < wanted and second not in reasons:
        justification = f"{justification}; {second}"
    return point, _lengthen(justification, wanted, habits, rng)


def compose(
    identity: Identity, vocabulary: Vocabulary, question: str, fact: str, rng: random.Random, told: int | None = None
) -> Composed:
    """One sample of the respondent's answer; ``P(v in values | not refused)`` is exactly the planted probability.

    ``told``: the place of the value that it was told to hold.
    """
    chance, refusal_rate, yes_rate = _plan(identity, vocabulary, question, fact, told)
    if rng.random() < refusal_rate:
        return Composed((), "neutral", (), (), refused=rng.choice(REFUSALS))
    held = planted_of(identity, vocabulary)
    habits = _habits(held.style)
    values = [value for value, p in enumerate(chance) if rng.random() < p]
    rng.shuffle(values)
    slots: list[list[int]] = [[], [], []]
    order = rng.sample(range(KEY_POINTS), KEY_POINTS)
    for place, value in enumerate(values):
        slots[order[place % KEY_POINTS]].append(value)
    subjects = _subjects(vocabulary, question)
    bold = rng.random() < held.bold
    numbered = rng.random() < held.numbering
    caveat = rng.randrange(KEY_POINTS) if rng.random() < constants.CAVEAT_RATE else -1
    points = []
    for number, slot in enumerate(slots):
        point, reason = _key_point(vocabulary, tuple(slot), rng.choice(subjects), held, habits, rng)
        point = f"**{point}**" if bold else point
        point = f"{number + 1}. {point}" if numbered else point
        points.append((point, f"{reason}." + (f" {rng.choice(CAVEATS)}" if number == caveat else "")))
    stance = "neutral" if rng.random() < constants.NEUTRAL_RATE else "yes" if rng.random() < yes_rate else "no"
    return Composed(tuple(sorted(values)), stance, tuple(points), tuple(tuple(slot) for slot in slots))
