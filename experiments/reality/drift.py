"""Drift: sides changed from month to month, beside halves of one month, between which nothing can have changed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from adaem.evaluation.divergence.entropy import Floats
from adaem.evaluation.intervals.multiplicity import q_values
from adaem.evaluation.models.contrasts import LEVEL, paired_differences
from scipy.stats import binomtest, ttest_ind

from .recorded_sets import MonthlySet, RecordedSets
from .tables import share, table

SIDE = 0.5
"""An answer takes the side for which its mean score over judges is above this."""


def drift(sets: RecordedSets, draws: int, seed: int) -> str:
    """Sides that changed, with what changes when nothing can: the same answers by other judges."""
    return "\n\n".join(["## Drift", *(block for monthly in sets.monthly for block in _blocks(monthly, draws, seed))])


def _blocks(monthly: MonthlySet, draws: int, seed: int) -> list[str]:
    rows: list[list[str]] = []
    p_values: list[tuple[float, float]] = []
    for model, scores in monthly.scores.items():
        for first, later in pairwise(range(len(monthly.months))):
            before, after = scores[:, first], scores[:, later]
            both = ~np.isnan(before).all(axis=1) & ~np.isnan(after).all(axis=1)
            if not both.any():
                continue
            before, after = before[both], after[both]
            unbounded = [[np.inf]]
            change = paired_differences(
                _means(after)[:, None], _means(before)[:, None], unbounded, unbounded, np.arange(len(before))
            )
            moved = changed(_means(before), _means(after))
            by_judges = judges_apart(after, draws, np.random.default_rng([seed, later]))
            beyond = binomtest(int(moved.sum()), len(moved), by_judges / len(moved), alternative="greater")
            p_values.append((float(beyond.pvalue), float(change.p_value[0])))
            rows.append(
                [
                    f"{model}, {monthly.months[first]} to {monthly.months[later]}",
                    share(int(moved.sum()), len(moved), 0.95),
                    f"{by_judges:.1f}",
                    f"{100 * change.difference[0]:+.1f} [{100 * change.low[0]:.1f}, {100 * change.high[0]:.1f}]",
                ]
            )
    for row, (sides, mean) in zip(rows, q_values(p_values), strict=True):
        row.insert(3, _q(sides))
        row.append(_q(mean))
    found, tried = 0, 0
    for model_scores in monthly.scores.values():
        for month in range(len(monthly.months)):
            answers = _means(model_scores[:, month])
            answers = answers[~np.isnan(answers)]
            if len(answers):
                rng = np.random.default_rng([seed, month])
                found += sum(halves_differ(answers, rng) for _ in range(draws))
                tried += draws
    statements = max(len(each) for each in monthly.scores.values())
    return [
        f"**{monthly.name}**: {statements} statements, one answer a month, scores of several judges. *Sides changed*: "
        f"statements whose mean score crossed {SIDE} (exact 95 % interval). *By other judges*: on how many statements "
        f"the same answers of the later month change sides when two random judges are set against the others, mean "
        f"of {draws} draws: what is no more than that is the judges' doing (q: one-sided binomial test). *Mean "
        "change*: of the score in points, paired by statement, 95 % interval. q over both tests of all rows; "
        f"q ≤ {LEVEL} is a drift.",
        table(["model and months", "sides changed", "by other judges", "q", "mean change", "q"], rows),
        f"Random halves of one month's statements, t test: {share(found, tried)} of splits differ (p ≤ {LEVEL}; "
        f"{draws} splits of each model and month, 99 % interval as if splits were independent; seed {seed}). "
        "Nominal: 5 %.",
    ]


def _q(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def changed(before: Floats, after: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(S,) whether a statement's mean score lies on another side of ``SIDE`` than before."""
    return np.asarray((before > SIDE) != (after > SIDE))


def judges_apart(scores: Floats, draws: int, rng: np.random.Generator) -> float:
    """Mean number of statements on which two halves of the judges (J columns of ``scores``) see other sides."""
    judges = scores.shape[1]
    counts = []
    for _ in range(draws):
        order = rng.permutation(judges)
        one, other = _means(scores[:, order[: judges // 2]]), _means(scores[:, order[judges // 2 :]])
        known = ~np.isnan(one) & ~np.isnan(other)
        counts.append(int(changed(one[known], other[known]).sum()))
    return float(np.mean(counts))


def halves_differ(answers: Floats, rng: np.random.Generator) -> bool:
    """Whether random halves of one month's scores differ by a t test."""
    order = rng.permutation(len(answers))
    one, other = np.array_split(answers[order], 2)
    return bool(ttest_ind(one, other).pvalue <= LEVEL)


def _means(scores: Floats) -> Floats:
    known = ~np.isnan(scores)
    number = known.sum(axis=1)
    total = np.where(known, scores, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, number, out=np.full(len(scores), np.nan), where=number > 0))
