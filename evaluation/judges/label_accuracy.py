"""How well a judge's labels agree with people's, per value, rows clustered by their source (METHOD.md section 4).

Sensitivity and specificity have Wilson intervals at the effective sample size that the clusters leave (linearised
cluster-robust variance, t quantile); Youden's J combines the two by the method of variance estimates recovery. F1 and
AUC have percentile intervals of a bootstrap over whole clusters, none where no draw differs from another.

Rows may have weights, 1 / the probability with which each was drawn: where the draw looked at the judge's own labels,
as ``label_sample`` does, the plain shares of right labels would be those of another population (verification bias;
Begg and Greenes, "Assessment of diagnostic tests when disease verification is subject to selection bias", 1983).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ...domain.judge_accuracy import Figure, ValueAccuracy
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from ..intervals.topic_bootstrap import percentile_interval
from ..intervals.wilson import wilson_interval
from .probability_accuracy import probability_accuracy

DRAWS = 1000
"""Bootstrap draws of clusters."""

_CHUNK = 4_000_000

LEAST_YOUDEN = 0.5
"""A value whose J has a lower bound under this cannot be measured by the judge."""


def value_accuracies(
    truth: Bools,
    labelled: Bools,
    clusters: Ints,
    rng: np.random.Generator,
    scores: Floats | None = None,
    *,
    labelled_for_f1: Bools | None = None,
    row_weights: Floats | None = None,
    probabilities: Floats | None = None,
) -> tuple[list[ValueAccuracy], Figure | None, Figure | None]:
    """The accuracy for each value, macro F1 and macro AUC (None without scores), over values that some row expresses.

    ``truth``, ``labelled`` (N, d) bool; ``clusters`` (N,) integers; ``scores`` (N, d), higher is likelier;
    ``labelled_for_f1`` (N, d) the labels that F1 is computed from, where the judge has others for it; ``row_weights``
    (N,) above 0, all 1 where None; ``probabilities`` (N, d), where the judge gives them. Raises
    ValueError when shapes do not fit or there is no row.
    """
    if truth.ndim != 2 or truth.shape != labelled.shape or clusters.shape != truth.shape[:1] or len(truth) == 0:
        raise ValueError(
            f"truth {truth.shape} and labelled {labelled.shape} must be (N, d), clusters {clusters.shape} (N,)"
        )
    cluster = np.unique(clusters, return_inverse=True)[1]
    count = int(cluster.max()) + 1
    row_weights = np.ones(len(truth)) if row_weights is None else row_weights
    weights = rng.multinomial(count, np.full(count, 1.0 / count), size=DRAWS if count > 1 else 0).astype(np.float64)
    for_f1 = labelled if labelled_for_f1 is None else labelled_for_f1
    f1, f1_draws = _f1(truth, for_f1, cluster, count, weights, row_weights)
    areas = np.full(truth.shape[1], np.nan)
    area_draws = np.full((len(weights), truth.shape[1]), np.nan)
    if scores is not None:
        for value in range(truth.shape[1]):
            areas[value] = _areas(truth[:, value], scores[:, value], row_weights[None])[0]
            area_draws[:, value] = _area_draws(truth[:, value], scores[:, value], cluster, weights, row_weights)
    each = [
        _value_accuracy(
            truth[:, v],
            labelled[:, v],
            cluster,
            row_weights,
            _figure(f1[v], f1_draws[:, v]),
            _figure(areas[v], area_draws[:, v]),
            None if probabilities is None else probabilities[:, v],
        )
        for v in range(truth.shape[1])
    ]
    present: Bools = np.asarray(truth.any(axis=0))
    return each, _macro(f1, f1_draws, present), _macro(areas, area_draws, present)


def clustered_accuracies(
    truth: Bools, labelled: Bools, clusters: Ints, probabilities: Floats | None = None
) -> list[ValueAccuracy]:
    """The same accuracies without F1 and AUC, which take a bootstrap; arguments as of ``value_accuracies``."""
    cluster, alike = np.unique(clusters, return_inverse=True)[1], np.ones(len(truth))
    of_value = [None] * truth.shape[1] if probabilities is None else list(probabilities.T)
    return [
        _value_accuracy(truth[:, v], labelled[:, v], cluster, alike, None, None, of_value[v])
        for v in range(truth.shape[1])
    ]


def area_under_curve(positive: Bools, scores: Floats) -> float:
    """P(a positive scores above a negative), ties counting half; NaN without both kinds. Both arguments (N,)."""
    return float(_areas(positive, scores, np.ones((1, len(scores))))[0])


def clustered_share(right: Bools, cluster: Ints, weights: Floats | None = None) -> Figure | None:
    """A share with its cluster-robust Wilson interval; None without rows, no interval with a single cluster.

    ``right`` (n,) bool, ``cluster`` (n,) integers, ``weights`` (n,) above 0, all 1 where None.
    """
    if len(right) == 0:
        return None
    weights = np.ones(len(right)) if weights is None else weights / weights.mean()
    total = float(weights.sum())
    share = float(weights[right].sum()) / total  # summed alike, so that all of them are 1 to the last digit
    members = np.unique(cluster, return_inverse=True)[1]
    count = int(members.max()) + 1
    if count < 2:
        return Figure(estimate=share)
    residuals = np.bincount(members, weights=weights * (right - share))
    variance = float(np.square(residuals).sum()) * count / (count - 1) / total**2
    simple = share * (1 - share) / len(right)
    # Where all rows agree nothing is known of the clusters: each then counts once, or less where weights differ (Kish).
    parts = np.bincount(members, weights=weights / np.bincount(members)[members])
    size = (
        float(np.square(parts.sum()) / np.square(parts).sum())
        if simple <= 0
        else len(right) / max(1.0, variance / simple)
    )
    low, high = wilson_interval(share, size, float(stdtrit(count - 1, 0.975)))
    return Figure(estimate=share, interval=(float(low), float(high)))


def youden(sensitivity: Figure, specificity: Figure) -> Figure:
    """J = sensitivity + specificity - 1, its interval recovered from theirs (MOVER)."""
    estimate = sensitivity.estimate + specificity.estimate - 1
    if sensitivity.interval is None or specificity.interval is None:
        return Figure(estimate=estimate)
    low, high = sensitivity.interval
    other_low, other_high = specificity.interval
    down = np.hypot(sensitivity.estimate - low, specificity.estimate - other_low)
    up = np.hypot(high - sensitivity.estimate, other_high - specificity.estimate)
    return Figure(estimate=estimate, interval=(float(estimate - down), float(estimate + up)))


def _value_accuracy(
    truth: Bools,
    labelled: Bools,
    cluster: Ints,
    weights: Floats,
    f1: Figure | None,
    auc: Figure | None,
    probabilities: Floats | None = None,
) -> ValueAccuracy:
    sensitivity = clustered_share(labelled[truth], cluster[truth], weights[truth])
    specificity = clustered_share(~labelled[~truth], cluster[~truth], weights[~truth])
    both = youden(sensitivity, specificity) if sensitivity is not None and specificity is not None else None
    return ValueAccuracy(
        positives=int(truth.sum()),
        negatives=int((~truth).sum()),
        found=int(labelled.sum()),
        sensitivity=sensitivity,
        specificity=specificity,
        variances=_variances(sensitivity, specificity),
        youden=both,
        f1=f1 if truth.any() else None,
        auc=auc,
        measurable=both is not None and both.interval is not None and both.interval[0] >= LEAST_YOUDEN,
        probabilities=None
        if probabilities is None
        else probability_accuracy(truth, labelled, probabilities, cluster, weights),
    )


def _variances(*shares: Figure | None) -> tuple[float, float] | None:
    """The variances that the intervals imply: unlike the plain ones they are not 0 where all rows agree."""
    variances = [
        ((share.interval[1] - share.interval[0]) / (2 * 1.96)) ** 2
        for share in shares
        if share is not None and share.interval is not None
    ]
    return (variances[0], variances[1]) if len(variances) == 2 else None


def _figure(estimate: float, draws: Floats) -> Figure | None:
    if np.isnan(estimate):
        return None
    if not len(draws):
        return Figure(estimate=float(estimate))
    low, high = percentile_interval(draws, estimate)
    return Figure(estimate=float(estimate), interval=None if np.isnan(low) else (float(low), float(high)))


def _macro(estimates: Floats, draws: Floats, present: Bools) -> Figure | None:
    defined = present & ~np.isnan(estimates)
    if not defined.any():
        return None
    return _figure(float(estimates[defined].mean()), draws[:, defined].mean(axis=1))


def _f1(
    truth: Bools, labelled: Bools, cluster: Ints, count: int, weights: Floats, row_weights: Floats
) -> tuple[Floats, Floats]:
    """F1 for each value (d,) and for each draw (B, d); NaN where nothing is expressed and nothing found."""

    def per_cluster(kind: Bools) -> Floats:
        sums = np.zeros((count, truth.shape[1]))
        np.add.at(sums, cluster, kind * row_weights[:, None])
        return sums

    right = per_cluster(truth & labelled)
    wrong = per_cluster(truth ^ labelled)

    def ratio(hits: Floats, misses: Floats) -> Floats:
        total = 2 * hits + misses
        return np.asarray(np.divide(2 * hits, total, out=np.full(total.shape, np.nan), where=total > 0))

    return ratio(right.sum(axis=0), wrong.sum(axis=0)), ratio(weights @ right, weights @ wrong)


def _area_draws(positive: Bools, scores: Floats, cluster: Ints, weights: Floats, row_weights: Floats) -> Floats:
    step = max(1, _CHUNK // len(scores))
    parts: Sequence[NDArray[np.float64]] = [
        _areas(positive, scores, weights[start : start + step][:, cluster] * row_weights)
        for start in range(0, len(weights), step)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _areas(positive: Bools, scores: Floats, weights: Floats) -> Floats:
    """AUC (B,) when row n counts ``weights[b, n]`` times."""
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))  # a difference of two infinities is none
    ordered, kind = weights[:, order], positive[order]
    ups = np.add.reduceat(ordered * kind, starts, axis=1)
    downs = np.add.reduceat(ordered * ~kind, starts, axis=1)
    below = np.cumsum(downs, axis=1) - downs / 2
    pairs = ups.sum(axis=1) * downs.sum(axis=1)
    return np.asarray(np.divide((ups * below).sum(axis=1), pairs, out=np.full(len(pairs), np.nan), where=pairs > 0))
