"""What rewriting a question does to its score, and what share of the moves it deserves (METHOD.md section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .improvement import expected_excess
from .policy import Floats, Ints, SearchView
from .topic_model import SMALLEST_VARIANCE, TopicModel

PRIOR_REWRITES = 5.0
"""Rewrites that the prior of the effect counts for: its mean 0, its variance half that of a question effect."""
PRIOR_GAINS = 10.0
"""Moves that the prior "a rewrite gains as much as a proposal" counts for."""
TRIAL = 12
"""Rewrite moves before their share may fall to 0: fewer say little."""
LARGEST_SHARE = 0.8
"""However well rewrites do, proposals feed them."""
SMALLEST_GAIN = 1e-12
"""Bits; where no proposal can gain any more, any gain of a rewrite is large beside it."""
ANSWERS_FOR_REWRITING = 1_000.0
"""Answers per published question from which the share of rewrites starts as the settings say; below, in proportion."""


@dataclass(frozen=True)
class QuestionModel:
    """Posterior of every question's true score and the effect of rewriting, in bits and bits squared.

    value, variance  (Q,) posterior mean and variance: a proposal's prior is its topic, a rewrite's its parent
    effect           mean of child minus parent
    effect_variance  variance of child minus parent, sampling error removed
    """

    value: Floats
    variance: Floats
    effect: float
    effect_variance: float


def fit_questions(view: SearchView, topics: TopicModel) -> QuestionModel:
    """Shrinks every score to what was expected of it, and estimates the effect of rewriting.

    A child is compared with its parent's *posterior* mean: the parent was chosen for its high score, which would have
    fallen back on a second measurement whatever the rewrite did.
    """
    sampling = topics.sampling
    trust = topics.within / (topics.within + sampling)
    value = topics.mean[view.topic] + trust * (view.score - topics.mean[view.topic])
    variance = np.full(len(value), trust * sampling)

    rewrite = np.flatnonzero(view.parent >= 0)
    parent = view.parent[rewrite]
    prior_variance = 0.5 * topics.within
    effect, effect_variance = 0.0, prior_variance
    depth = _depths(view.parent)
    # Two passes: a rewrite of a rewrite is compared with a posterior that itself needs the effect.
    for _ in range(2):
        change = view.score[rewrite] - value[parent]
        noise = sampling + variance[parent]
        precision = 1.0 / (effect_variance + noise)
        prior_precision = PRIOR_REWRITES / (prior_variance + sampling)
        effect = float((precision * change).sum() / (precision.sum() + prior_precision))
        excess = float((np.square(change - effect) - noise).sum())
        effect_variance = (excess + PRIOR_REWRITES * prior_variance) / (len(rewrite) + PRIOR_REWRITES)
        effect_variance = max(effect_variance, SMALLEST_VARIANCE)
        for level in range(1, int(depth.max(initial=0)) + 1):
            child = np.flatnonzero(depth == level)
            expected = value[view.parent[child]] + effect
            spread = variance[view.parent[child]] + effect_variance
            trust_child = spread / (spread + sampling)
            value[child] = expected + trust_child * (view.score[child] - expected)
            variance[child] = trust_child * sampling
    return QuestionModel(value, variance, effect, effect_variance)


def _depths(parent: Ints) -> Ints:
    """(Q,) how many rewrites lie above each question."""
    depth = np.zeros(len(parent), dtype=np.int64)
    above = parent
    while (more := above >= 0).any():
        depth[more] += 1
        above = np.where(more, parent[above], -1)
    return depth


def starting_share(refine_share: float, least: float, answers: float, target: int) -> float:
    """The share of rewrites before any was measured: less where ``answers``, the search's own, are few for M.

    It is at ``least`` so large, so that a search learns whether rewrites pay, unless ``refine_share`` itself is less.
    """
    share = refine_share * min(answers / (ANSWERS_FOR_REWRITING * target), 1.0)
    return max(share, min(least, refine_share))


def rewrite_share(view: SearchView, questions: QuestionModel, thresholds: Floats) -> float:
    """The share of moves that should be rewrites: in [0, 0.8].

    It starts as ``starting_share`` says, and its odds are multiplied by the ratio of gains per answer. A question gains
    what it is now expected to exceed its topic's entry threshold by or, for a rewrite, its parent where that is better,
    since one question of a lineage counts. Gains are those of the latest 2M questions of each kind (what earlier ones
    gained, against a lower bar, says little of the next); answers are those of all moves that brought them, duplicates
    included. After ``TRIAL`` rewrite moves the share is 0 where they gain less than proposals do; as the bar rises,
    either may change. Zero before M questions are scored: until then every question is one of the best.
    """
    if len(view.score) < view.target:
        return 0.0
    spent = float(view.draws.sum()) * view.answers_per_move
    start = starting_share(view.refine_share, view.least_refine_share, spent + view.answers_left, view.target)
    rewrite = view.parent >= 0
    made = int(view.rewritten.sum())
    if start <= 0.0 or start >= 1.0 or rewrite.all():
        return min(start, LARGEST_SHARE)
    bar = thresholds[view.topic]
    bar[rewrite] = np.maximum(bar[rewrite], questions.value[view.parent[rewrite]])
    gain = expected_excess(questions.value, np.sqrt(questions.variance), bar)
    usual = _per_answer(view, gain[~rewrite], int(view.draws.sum()) - made, 0.0)
    ratio = _per_answer(view, gain[rewrite], made, usual) / max(usual, SMALLEST_GAIN)
    if made >= TRIAL and ratio < 1.0:
        return 0.0
    odds = start / (1.0 - start) * ratio
    return float(np.clip(odds / (1.0 + odds), min(view.least_refine_share, view.refine_share), LARGEST_SHARE))


def _per_answer(view: SearchView, gain: Floats, moves: int, prior: float) -> float:
    """Gain per answer of one kind of move, in bits: ``moves`` were made, and ``gain`` is what the scored ones brought.

    ``PRIOR_GAINS`` moves are taken to have gained ``prior`` per answer; none where it is 0.
    """
    latest = gain[-2 * view.target :]
    refused = max(moves - len(gain), 0) * len(latest) / max(len(gain), 1)
    answers = len(latest) * view.answers_per_move + refused * view.answers_per_draft
    weight = PRIOR_GAINS * view.answers_per_move if prior > 0.0 else 0.0
    if not len(gain):  # all that was tried was refused
        answers = moves * view.answers_per_draft
    return (float(latest.sum()) + weight * prior) / max(answers + weight, SMALLEST_GAIN)
