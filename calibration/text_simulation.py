"""Answers in text, read by the simulated judge without prompts or graph: what the judge gets wrong, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain.framework import Framework
from ..domain.pool_spec import Member
from ..domain.streams import TextStream, text_generator
from ..pool.simulated.identity import identify
from ..pool.simulated.respondent import compose
from ..pool.simulated.simulated_judge import label
from ..pool.simulated.vocabulary import vocabulary_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Read:
    """Answers of K members to Q questions, L each: what was meant and what the judge found, both (Q, K, L, d).

    answered   (Q, K, L) whether it was not refused; elsewhere ``meant`` and ``found`` are False
    """

    meant: Bools
    found: Bools
    answered: Bools


def read_answers(
    framework: Framework,
    members: Sequence[Member],
    judge: Member,
    questions: Sequence[tuple[str, str]],
    samples: int,
    seed: int,
) -> Read:
    """Lets the members answer (question, fact) pairs ``samples`` times, and the judge label every answer."""
    vocabulary, reader = vocabulary_of(framework), identify(judge)
    offered = "\n".join(f"{value.id}: {value.name}" for value in framework.values)
    position = {value: number for number, value in enumerate(framework.value_ids)}
    shape = (len(questions), len(members), samples)
    meant = np.zeros((*shape, len(position)), dtype=bool)
    found, answered = meant.copy(), np.zeros(shape, dtype=bool)
    for row, (question, fact) in enumerate(questions):
        for column, member in enumerate(members):
            identity = identify(member)
            rng = text_generator(TextStream.TEXT_LANE, seed, row, member.id)
            for sample in range(samples):
                answer = compose(identity, vocabulary, question, fact, rng)
                if answer.refused:
                    continue
                place = row, column, sample
                answered[place] = True
                meant[place][list(answer.values)] = True
                texts = [f"{point}: {reason}" for point, reason in answer.key_points]
                numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
                for one in label(reader, vocabulary, {"values": offered, "texts": numbered}, rng):
                    # A quote that is not in its text is dropped by the program.
                    if str(one["quote"]).strip("\"'“”‘’… ") in texts[int(str(one["text"])) - 1]:
                        found[place][position[str(one["value"])]] = True
    return Read(meant, found, answered)


@dataclass(frozen=True)
class Confusion:
    """The judge's errors at the unit of Y, both (K, d): P(found | meant) and P(found | not meant)."""

    sensitivity: Floats
    false_alarm: Floats

    def observed(self, rates: Floats) -> Floats:
        """(…, K, d) expression probabilities as they appear through the judge."""
        return self.false_alarm + (self.sensitivity - self.false_alarm) * rates


CELL_CASES = 300.0
"""How many cases the main effects count for beside a single cell's own (member, value) cases."""


def confusion_of(read: Read, *, alike: bool = False) -> Confusion:
    """Errors by value and member: each cell shrunk towards its value's rate times its member's factor.

    ``alike`` pools the members: where all are the same, cells would differ by noise alone.
    """
    given = read.answered[..., None]

    def rates(truth: Bools) -> Floats:
        cases = (truth & given).sum(axis=(0, 2)).astype(np.float64)
        hits = (read.found & truth & given).sum(axis=(0, 2)).astype(np.float64)
        by_value = (hits.sum(axis=0) + 0.5) / (cases.sum(axis=0) + 1.0)
        if alike:
            return np.broadcast_to(by_value, cases.shape).copy()
        by_member = (hits.sum(axis=1) + 0.5) / ((cases * by_value).sum(axis=1) + 0.5)
        main = by_member[:, None] * by_value
        return np.asarray(np.clip((hits + CELL_CASES * main) / (cases + CELL_CASES), 0.0, 0.999))

    return Confusion(rates(read.meant), rates(~read.meant))
