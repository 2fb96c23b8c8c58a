"""Choosing the questions of a short form from the search's own answers (METHOD.md section 5, ``evaluate --short N``).

A question is worth asking when the models differ on it (``difference``) and in the direction in which they differ on
the other questions (``agreement``): the first alone picks questions with profiles of their own, the second alone those
where little happens. Fitting the short form's profile to the long one's directly did worse in simulation: with few
models it fits the noise. So did taking many questions of one topic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints


@dataclass(frozen=True)
class ShortForm:
    """The questions of a short form.

    chosen       (N,) indices, best first; all questions, by worth, when no more than N were given
    agreement    (Q,) mean product of the question's double-centred rates and those of all the other questions; NaN, and
                 chosen last, where fewer than two models have two answers
    difference   (Q,) mean square of the question's double-centred rates less what sampling alone gives; may be negative
    topics       distinct topics among the chosen
    """

    chosen: Ints
    agreement: Floats
    difference: Floats
    topics: int


def choose_short_form(rates: ArrayLike, answers: ArrayLike, topics: ArrayLike, number: int) -> ShortForm:
    """The ``number`` questions with the highest sum of standardised agreement and difference.

    ``rates`` (Q, K, d) from the search alone, NaN missing, ``answers`` (Q, K) behind them, ``topics`` (Q,) labels.
    Every topic gives its best question before any gives a second. Ties fall to the earlier question. Raises
    ValueError when shapes do not fit or ``number`` is less than 1.
    """
    shares = np.asarray(rates, dtype=np.float64)
    given = np.asarray(answers)
    labels = np.asarray(topics)
    if shares.ndim != 3 or given.shape != shares.shape[:2] or labels.shape != shares.shape[:1]:
        raise ValueError(f"rates {shares.shape}, answers {given.shape}, topics {labels.shape}: (Q, K, d), (Q, K), (Q,)")
    if number < 1:
        raise ValueError(f"a short form needs at least one question, not {number}")
    counted = (given >= 2) & ~np.isnan(shares).any(axis=2)
    counted &= counted.sum(axis=1, keepdims=True) >= 2
    measured: Bools = np.asarray(counted.any(axis=1))
    agreement, difference = _terms(shares, given, counted)
    worth = _standardised(agreement) + _standardised(difference)
    worth = np.where(measured, worth, -np.inf)
    order = np.argsort(-worth, kind="stable")
    chosen = order[np.argsort(_turn(labels[order], measured[order]), kind="stable")][:number]
    return ShortForm(
        chosen=chosen,
        agreement=np.where(measured, agreement, np.nan),
        difference=np.where(measured, difference, np.nan),
        topics=len(np.unique(labels[chosen])),
    )


def _terms(shares: Floats, given: Ints, counted: Bools) -> tuple[Floats, Floats]:
    """Agreement and difference (Q,), NaN without counted models."""
    weight = counted[..., None].astype(np.float64)
    models = counted.sum(axis=1)
    values = shares.shape[2]
    rates = np.where(weight > 0, shares, 0.0)
    centred = _centred(rates, weight)
    number = weight.sum(axis=0)
    others = np.divide(
        centred.sum(axis=0) - centred, number - weight, out=np.zeros_like(centred), where=number > weight
    )
    cells = (models * values).astype(np.float64)
    cells[models == 0] = np.nan
    agreement = (centred * _centred(others * weight, weight)).sum(axis=(1, 2)) / cells
    sampling = (rates * (1.0 - rates) * weight).sum(axis=2) / np.maximum(given - 1, 1)
    noise = sampling.sum(axis=1) * (1.0 - 1.0 / np.maximum(models, 1)) * (1.0 - 1.0 / values)
    return agreement, (np.square(centred).sum(axis=(1, 2)) - noise) / cells


def _centred(rates: Floats, weight: Floats) -> Floats:
    """Each question's rates (Q, K, d) less the means of its counted models and of its values; 0 elsewhere."""
    models = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    of_value = (rates * weight).sum(axis=1, keepdims=True) / models
    rest = (rates - of_value) * weight
    return np.asarray((rest - rest.mean(axis=2, keepdims=True)) * weight)


def _standardised(term: Floats) -> Floats:
    known = term[~np.isnan(term)]
    spread = known.std() if len(known) else 0.0
    return (term - known.mean()) / spread if spread > 0 else np.where(np.isnan(term), np.nan, 0.0)


def _turn(labels: NDArray[np.generic], measured: Bools) -> Ints:
    """(Q,) how many questions of its topic come before each question; the unmeasured after all others."""
    topic = np.unique(labels, return_inverse=True)[1]
    by_topic = np.argsort(topic, kind="stable")
    turn = np.empty(len(labels), dtype=np.int64)
    turn[by_topic] = np.arange(len(labels)) - np.searchsorted(topic[by_topic], topic[by_topic])
    turn[~measured] = len(labels)
    return turn
