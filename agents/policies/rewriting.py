"""What rewriting a question does to its score, and what share of the moves it deserves (METHOD.md section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from .improvement import expected_excess
from .policy import Floats, Ints, SearchView
from .topic_model import SMALLEST_VARIANCE, TopicModel

PRIOR_REWRITES = 5.0
"""Rewrites that the prior of the effect counts for: its mean 0, its variance half that of a question effect."""
TWO_ERRORS = 2.0
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
    effect_error, effect_variance_error  standard errors of the two
    """

    value: Floats
    variance: Floats
    effect: float
    effect_variance: float
    effect_error: float = 0.0
    effect_variance_error: float = 0.0

    def surely_gained(self, parent: Ints, bar: Floats) -> Floats:
        """What rewrites of the questions ``parent`` exceed ``bar`` by, bits, by what is sure of their effect.

        That is its mean and its variance less two standard errors each: the scores of rewrites that change nothing vary
        around their parents', too.
        """
        sd = np.sqrt(max(self.effect_variance - TWO_ERRORS * self.effect_variance_error, SMALLEST_VARIANCE))
        return expected_excess(
            self.value[parent] + self.effect - TWO_ERRORS * self.effect_error, np.full(len(parent), sd), bar
        )


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
    effect, effect_variance, precision_of_effect, mean_noise = 0.0, prior_variance, 1.0, 0.0
    depth = depths(view.parent)
    # Two passes: a rewrite of a rewrite is compared with a posterior that itself needs the effect.
    for _ in range(2):
        change = view.score[rewrite] - value[parent]
        noise = sampling + variance[parent]
        precision = 1.0 / (effect_variance + noise)
        prior_precision = PRIOR_REWRITES / (prior_variance + sampling)
        precision_of_effect = float(precision.sum() + prior_precision)
        effect = float((precision * change).sum()) / precision_of_effect
        mean_noise = float(noise.mean()) if len(noise) else sampling
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
    variance_error = sqrt(2.0 / (len(rewrite) + PRIOR_REWRITES)) * (effect_variance + mean_noise)
    return QuestionModel(value, variance, effect, effect_variance, 1.0 / sqrt(precision_of_effect), variance_error)


def depths(parent: Ints) -> Ints:
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

    For ``TRIAL`` rewrite moves it is as ``starting_share`` says; then its odds are multiplied by the ratio of gains per
    answer, refused drafts included. A proposal gains what it exceeds its topic's entry threshold by, on average over
    the latest 2M; a rewrite what it would surely exceed its parent by, on average over the M best questions, since one
    question of a lineage counts. Where the ratio is below 1 the share is 0; as the bar rises, that may change. Zero
    before M questions are scored: until then every question is one of the best.
    """
    if len(view.score) < view.target:
        return 0.0
    spent = float(view.draws.sum()) * view.answers_per_move
    start = starting_share(view.refine_share, view.least_refine_share, spent + view.answers_left, view.target)
    rewrite = view.parent >= 0
    made = int(view.rewritten.sum())
    if start <= 0.0 or start >= 1.0 or rewrite.all():
        return min(start, LARGEST_SHARE)
    if made < TRIAL:
        return min(start, LARGEST_SHARE)
    gain = expected_excess(questions.value, np.sqrt(questions.variance), thresholds[view.topic])
    usual = _per_answer(view, gain[~rewrite][-2 * view.target :], int(view.draws.sum()) - made, int((~rewrite).sum()))
    best = np.argsort(-questions.value, kind="stable")[: view.target]
    bar = np.maximum(thresholds[view.topic[best]], questions.value[best])
    sure = _per_answer(view, questions.surely_gained(best, bar), made, int(rewrite.sum()))
    ratio = sure / max(usual, SMALLEST_GAIN)
    if ratio < 1.0:
        return 0.0
    odds = start / (1.0 - start) * ratio
    return float(np.clip(odds / (1.0 + odds), min(view.least_refine_share, view.refine_share), LARGEST_SHARE))


def _per_answer(view: SearchView, gain: Floats, moves: int, scored: int) -> float:
    """Mean ``gain`` of a scored question, bits, per answer of one kind of move: ``moves``, some of which ``scored``."""
    refused = max(moves - scored, 0) / max(scored, 1)
    mean = float(gain.mean()) if scored and len(gain) else 0.0
    return mean / (view.answers_per_move + refused * view.answers_per_draft)
