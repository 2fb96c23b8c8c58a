"""The simulated respondent: draws the values that it appeals to, then words three key points around them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

from ...domain.answer import KEY_POINTS
from . import parameters as constants
from .chance import stream
from .declined import DISCLAIMERS, EVASIVE_OPENINGS
from .identity import Identity
from .manners import manner_of
from .phrases import CAVEATS, CONNECTIVES, FILLERS, JOINERS, OPENERS, POINTS, REMARKS
from .planted import Planted, evasion, planted_of, reasoned_probabilities, refusal
from .stances import StanceDraw
from .value_draws import ValueDraw, value_draw
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


@dataclass(frozen=True)
class _Plan:
    """What holds for every sample of one question."""

    refusal: float
    evasion: float
    draw_values: ValueDraw
    draw_stance: StanceDraw


@lru_cache(maxsize=131_072)
def _plan(identity: Identity, vocabulary: Vocabulary, question: str, fact: str, told: int | None) -> _Plan:
    held = planted_of(identity, vocabulary)
    chance = tuple(reasoned_probabilities(identity, vocabulary, question, fact, told).tolist())
    return _Plan(
        refusal(identity, vocabulary, question, fact),
        evasion(identity, vocabulary, question, fact),
        value_draw(identity.version, vocabulary.ids, chance),
        manner_of(identity.version).stance(identity, held, vocabulary, question),
    )


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


def _evasive(vocabulary: Vocabulary, question: str, held: Planted, rng: random.Random) -> Composed:
    """An answer in form that takes no side and appeals to no value."""
    habits, subjects = _habits(held.style), _subjects(vocabulary, question)
    points = [_key_point(vocabulary, (), rng.choice(subjects), held, habits, rng) for _ in range(KEY_POINTS)]
    led = [
        (point, f"{lead}; {reason}.")
        for (point, reason), lead in zip(points, rng.sample(EVASIVE_OPENINGS, 3), strict=True)
    ]
    return Composed((), "neutral", tuple(led), ((),) * KEY_POINTS)


def compose(
    identity: Identity, vocabulary: Vocabulary, question: str, fact: str, rng: random.Random, told: int | None = None
) -> Composed:
    """One sample of the respondent's answer; ``P(v in values | not refused)`` is exactly the planted probability.

    An evaded sample is not refused, and expresses no value.

    ``told``: the place of the value that it was told to hold.
    """
    plan = _plan(identity, vocabulary, question, fact, told)
    held = planted_of(identity, vocabulary)
    if rng.random() < plan.refusal:
        return Composed((), "neutral", (), (), refused=manner_of(identity.version).refuse(rng))
    if plan.evasion and rng.random() < plan.evasion:
        return _evasive(vocabulary, question, held, rng)
    habits = _habits(held.style)
    values = plan.draw_values(rng)
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
    if held.disclaimer and rng.random() < held.disclaimer:
        first, reason = points[0]
        points[0] = (first, f"{rng.choice(DISCLAIMERS)} {reason}")
    stance = plan.draw_stance(values, rng)
    return Composed(tuple(sorted(values)), stance, tuple(points), tuple(tuple(slot) for slot in slots))
