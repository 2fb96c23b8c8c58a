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
"""Rewrites that the prior "a rewrite gains as much as a proposal" counts for."""
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


def starting_share(refine_share: float, answers: float, target: int) -> float:
    """The share of rewrites before any was measured: less where ``answers``, the search's own, are few for M."""
    return refine_share * min(answers / (ANSWERS_FOR_REWRITING * target), 1.0)


def rewrite_share(view: SearchView, questions: QuestionModel, thresholds: Floats) -> float:
    """The share of moves that should be rewrites, in [0, 0.8].

    It starts at ``refine_share``, in proportion less below 1,000 answers per published question, and its odds are
    multiplied by the ratio of gains: a move's gain is what its question is now expected to exceed its topic's entry
    threshold by, on average over the latest 2M rewrites against the latest 2M proposals (what earlier moves gained,
    against a lower bar and from worse-known topics, says little of the next). Zero before M questions are scored:
    until then every question is one of the best. The prior leaves a trickle, so that a change can be noticed.
    """
    if len(view.score) < view.target:
        return 0.0
    spent = float(view.draws.sum()) * view.answers_per_move
    start = starting_share(view.refine_share, spent + view.answers_left, view.target)
    rewrite = view.parent >= 0
    if not rewrite.any() or rewrite.all() or start >= 1.0:
        return min(start, LARGEST_SHARE)
    gain = expected_excess(questions.value, np.sqrt(questions.variance), thresholds[view.topic])
    latest = 2 * view.target
    rewrites = gain[rewrite][-latest:]
    usual = float(gain[~rewrite][-latest:].mean())
    measured = (float(rewrites.sum()) + PRIOR_GAINS * usual) / (len(rewrites) + PRIOR_GAINS)
    odds = start / (1.0 - start) * measured / max(usual, SMALLEST_GAIN)
    return min(odds / (1.0 + odds), LARGEST_SHARE)
