"""Every stream of random numbers by its name. Two places that drew from one would be tied to each other unseen.

A stream is fixed by a seed, its name, and whatever numbers tell its draws apart (a round, a world). Names stand here
and nowhere else, so that none can be taken twice; tests/structure/test_streams.py holds that each is used in one place
and that nothing else makes a generator.
"""

from __future__ import annotations

import random
from enum import Enum, StrEnum, unique
from hashlib import sha256

import numpy as np


@unique
class Stream(Enum):
    """What numpy's generators are seeded with after the seed. No value is the beginning of another's.

    A value that was given up is not given again: the draws of recorded runs hang on it.
    """

    SEARCH_POLICY = (1,)
    COMPARED_QUESTIONS = (2,)
    GROWN_AGAINST_SEEDS = (3,)
    PRIMED_QUESTIONS = (4,)
    FAST_LANE_ANSWERS = (5,)
    FAST_LANE_POLICY = (6,)
    RESULT_STRENGTHS = (7, 0)
    RESULT_DISTANCES = (7, 1)
    RESULT_RELIABILITY = (7, 2)
    RESULT_STRUCTURE = (7, 3)
    RESULT_TEXT = (7, 4)
    RESULT_QUESTION_TESTS = (7, 5)
    RESULT_MEAN_DIVERGENCE = (7, 6)
    RESULT_SPLIT_HALVES = (7, 7)
    REFRESHED_QUESTIONS = (8,)
    JUDGE_CHECK = (9,)
    ASKING_ORDER = (10,)
    CALIBRATION_GRID = (11,)
    CALIBRATION_WORLDS = (12,)
    COMPARED_FOLDERS = (13,)
    CONFIRMED_MEANS = (15,)
    LABEL_SAMPLE = (16,)
    SETTLED_CONTRASTS = (19,)
    LABEL_AGREEMENT = (17,)
    JUDGE_TRAINING = (18,)
    CALIBRATION_ALARMS = (21,)
    CALIBRATION_POWER = (22,)
    CALIBRATION_COVERAGE = (23,)
    RETESTED_PROFILES = (24,)
    CALIBRATION_CLAIMS = (31,)
    CALIBRATION_RECOVERY = (41,)
    CALIBRATION_TWINS = (42,)
    CALIBRATION_RETEST = (43,)


@unique
class TextStream(StrEnum):
    """What the standard library's generators, which write the calibration's texts, are seeded with first."""

    FRAMEWORK_QUESTIONS = "told-apart"
    TEXT_LANE = "text-lane"
    BANK = "bank"


@unique
class Purpose(StrEnum):
    """What a derived seed is for. The empty name is that of a question's tests, whose parts name phase and group."""

    QUESTION_TESTS = ""
    SAME_ANSWERS = "same answers"
    EVALUATION = "evaluate"


def generator(seed: int, stream: Stream, *parts: int) -> np.random.Generator:
    """The generator of ``stream`` under ``seed``; a stream has always as many ``parts``. Neither may be negative."""
    return np.random.default_rng([seed, *stream.value, *parts])


def text_generator(stream: TextStream, *parts: object) -> random.Random:
    """The generator of ``stream`` that the words of ``parts`` fix, a seed among them."""
    return random.Random("/".join(map(str, (stream.value, *parts))))


def derived_seed(seed: int, *parts: object, purpose: Purpose) -> int:
    """A seed for one purpose, 64 bits, the same in every process."""
    words = [str(each) for each in (seed, *parts)] + ([purpose.value] if purpose.value else [])
    return int.from_bytes(sha256("/".join(words).encode()).digest()[:8])


def generator_of(derived: int) -> np.random.Generator:
    """The generator of a seed that ``derived_seed`` made, which is nobody else's."""
    return np.random.default_rng(derived)
