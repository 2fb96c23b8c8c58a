"""A hierarchical normal model of first scores: what a topic's next question is likely to be worth.

    score = overall mean + topic effect + question effect + sampling error

with variances ``between`` topics, ``within`` topics, and the scores' own sampling variances (METHOD.md section 3.1).
Estimated by expectation-maximisation: which topics were drawn depends on the scores seen so far, and a likelihood may
ignore that where moments (the variance of all scores, say) may not.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .policy import Floats, Ints, SearchView

PRIOR_WEIGHT = 4.0
"""How many topics and questions the prior of the variances counts for."""
PRIOR_SD = 0.05
"""Standard deviation of a topic effect before any score, in bits; a question effect's variance is twice as large."""
NEIGHBOUR_CAUTION = 0.5
"""How many fully reliable neighbours of similarity 1 the prediction "like all topics" counts for."""
CAUTIOUS_ERRORS = 1.0
"""Standard errors taken off the weight of the neighbours, so that it stays zero until they are known to predict."""
ITERATIONS = 20
SMALLEST_VARIANCE = 1e-8


@dataclass(frozen=True)
class TopicModel:
    """The fitted model; T topics. Units are bits and bits squared.

    overall            mean over topics
    between, within    variances of the topic effects and of the question effects
    sampling           mean sampling variance of a first score
    neighbour_weight   weight of the neighbours' prediction, at least 0; 0 until neighbours are known to predict
    prior_mean         (T,) overall mean plus the neighbours' part
    mean, mean_variance  (T,) posterior of the topic's mean true score
    """

    overall: float
    between: float
    within: float
    sampling: float
    neighbour_weight: float
    prior_mean: Floats
    mean: Floats
    mean_variance: Floats


def fit_topics(view: SearchView, *, neighbours: bool = True) -> TopicModel:
    """The model of the proposals' scores in ``view``; rewrites are left out, their parents having been selected."""
    proposal = view.parent < 0
    topic, score = view.topic[proposal], view.score[proposal]
    topics = len(view.alive)
    count = np.bincount(topic, minlength=topics)
    average = np.bincount(topic, weights=score, minlength=topics) / np.maximum(count, 1)
    scatter = float(np.square(score - average[topic]).sum())
    # One sampling variance for all: a variance estimated from a few answers is itself mostly noise, and it can be tiny
    # by accident, which would make that one score count for everything.
    sampling = float(view.variance[proposal].mean()) if len(score) else PRIOR_SD**2

    overall, between, within = _fit_variances(count[count > 0], average[count > 0], scatter, sampling)
    prior_mean = np.full(topics, overall)
    weight = 0.0
    if neighbours and view.neighbours.size:
        prediction = _neighbour_prediction(view, count, average - overall, (within + sampling) / between)
        spread = between + (within + sampling) / np.maximum(count, 1)
        weight = _prediction_weight(prediction, average - overall, spread, count > 0)
        prior_mean = overall + weight * prediction

    mean_variance = 1.0 / (1.0 / between + count / (within + sampling))
    mean = mean_variance * (prior_mean / between + count * average / (within + sampling))
    return TopicModel(overall, between, within, sampling, weight, prior_mean, mean, mean_variance)


def _fit_variances(count: Ints, average: Floats, scatter: float, sampling: float) -> tuple[float, float, float]:
    """``(overall mean, between, within)`` from the drawn topics' counts and averages and the scatter around these."""
    drawn, questions = len(count), int(count.sum())
    between, within = PRIOR_SD**2, 2.0 * PRIOR_SD**2
    overall = float(average.mean()) if drawn else 0.0
    for _ in range(ITERATIONS if drawn else 0):
        noise = within + sampling
        precision = 1.0 / (between + noise / count)
        overall = float((precision * average).sum() / precision.sum())
        effect_variance = 1.0 / (1.0 / between + count / noise)
        effect = effect_variance * count / noise * (average - overall)
        around_effect = scatter + float((count * (np.square(average - overall - effect) + effect_variance)).sum())
        expected_square = float((np.square(effect) + effect_variance).sum())
        between = (expected_square + PRIOR_WEIGHT * PRIOR_SD**2) / (drawn + PRIOR_WEIGHT)
        residual = (around_effect + PRIOR_WEIGHT * (2.0 * PRIOR_SD**2 + sampling)) / (questions + PRIOR_WEIGHT)
        within = max(residual - sampling, SMALLEST_VARIANCE)
    return overall, max(between, SMALLEST_VARIANCE), within


def _neighbour_prediction(view: SearchView, count: Ints, effect: Floats, noise_ratio: float) -> Floats:
    """(T,) what drawn neighbours say of a topic's effect: their mean by similarity and reliability, towards 0 if few.

    Two topics are neighbours when either lists the other: few topics are drawn early, and every tie to one counts.
    """
    topics = len(count)
    known = view.neighbours >= 0
    listing, listed = np.nonzero(known)[0], view.neighbours[known]
    similarity = np.clip(view.similarity[known], 0.0, 1.0)
    reliability = count / (count + noise_ratio)
    heard, trust = np.zeros(topics), np.zeros(topics)
    for topic, other in ((listing, listed), (listed, listing)):
        weight = similarity * reliability[other]
        heard += np.bincount(topic, weights=weight * effect[other], minlength=topics)
        trust += np.bincount(topic, weights=weight, minlength=topics)
    return heard / (NEIGHBOUR_CAUTION + trust)


def _prediction_weight(prediction: Floats, effect: Floats, spread: Floats, drawn: NDArray[np.bool_]) -> float:
    """Slope of the drawn topics' effects on what their neighbours predicted, less its caution, at least 0.

    ``spread`` (T,) is the variance of each topic's average around the overall mean.
    """
    use = drawn & (prediction != 0.0)
    information = float((np.square(prediction[use]) / spread[use]).sum())
    if information <= 0.0:
        return 0.0
    slope = float((prediction[use] * effect[use] / spread[use]).sum()) / information
    return max(slope - CAUTIOUS_ERRORS / sqrt(information), 0.0)
