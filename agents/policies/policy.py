"""What a policy sees and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class MoveKind(StrEnum):
    """Propose a new question for a topic, or refine one of the best questions."""

    PROPOSE = "propose"
    REFINE = "refine"


@dataclass(frozen=True)
class SearchView:
    """All that a policy may know, as arrays: T topics, Q scored questions (each with its first, unselected score).

    alive          (T,) bool: topics still in the search
    open           (T,) bool: living topics that a new question may be proposed for
    draws          (T,) moves already spent on the topic (proposals and rewrites, duplicates included)
    topic          (Q,) index of the topic of each question
    parent         (Q,) index of the parent question, -1 for a proposal
    score          (Q,) search score, bits, higher is better
    variance       (Q,) sampling variance of the score, bits squared, > 0
    neighbours     (T, N) indices of the N nearest other topics, -1 where there is none
    similarity     (T, N) their cosine similarity
    target         M, how many questions will be published
    topic_cap      questions of one topic that count towards M
    refine_share   share of refine moves at the start, in [0, 1]
    least_refine_share  the same at the least, unless rewriting is known not to pay
    answers_left   answers that the search may still ask for
    answers_per_move  answers that one move costs on average
    answers_per_draft  answers that a move costs whose drafts were all refused as duplicates
    rewritten      (Q,) rewrite moves already made of each question, duplicates included
    """

    alive: NDArray[np.bool_]
    open: NDArray[np.bool_]
    draws: Ints
    topic: Ints
    parent: Ints
    score: Floats
    variance: Floats
    neighbours: Ints
    similarity: Floats
    target: int
    topic_cap: int
    refine_share: float
    answers_left: float
    answers_per_move: float
    answers_per_draft: float = 1.0
    least_refine_share: float = 0.0
    rewritten: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Where nobody has counted rewrite moves, those whose question was scored are all that is known."""
        if len(self.rewritten) != len(self.parent):
            made = np.bincount(self.parent[self.parent >= 0], minlength=len(self.parent)).astype(np.int64)
            object.__setattr__(self, "rewritten", made)


@dataclass(frozen=True)
class Move:
    """One chosen move. ``topic`` indexes the topics; ``parent`` the question to refine, or None to propose.

    ``worth`` is the number that the policy ranked by, higher is better; ``reason`` names its terms for the trace.
    """

    kind: MoveKind
    topic: int
    parent: int | None
    worth: float
    reason: dict[str, float] = field(default_factory=dict)


class Policy(Protocol):
    """Chooses the moves of one round. Pure: the same view and generator state give the same moves."""

    def __call__(self, view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
        """At most ``moves`` moves, best first, no topic twice in a round; empty when no topic is left alive."""
        ...
