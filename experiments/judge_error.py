"""Rates and differences corrected for a judge's errors: Rogan-Gladen against prediction-powered inference.

    python experiments/judge_error.py

Eight models answer two questions on each of 60 topics, three times each; the odd ones express a value at the stated
rate, the even ones at 1.5 times its odds. The judge errs alike on all. People labelled 200 or 1,000 texts: of these
2,880 answers, drawn alike from each model, or of another population, half of which express the value.
Prediction-powered inference (Angelopoulos et al. 2023, Science 382; with power tuning: PPI++, arXiv 2311.01453) takes
each model's own labelled answers; of the other population all of them. Its errors are cluster-robust by topic, paired
in differences. Targets are the first model's rate, and its difference from the second, over all topics.

Each cell: coverage of the 95 % interval, % (mean width, points). "measured": how often the lower bound of J reaches
0.5, without which the program corrects nothing. The second table has a judge that misses more of the second model's.
"""

from __future__ import annotations

import argparse

import numpy as np
from adaem.domain.judge_accuracy import Figure
from adaem.evaluation.divergence.expressions import Bools, Ints
from adaem.evaluation.judges.label_accuracy import clustered_accuracies
from adaem.evaluation.judges.rate_correction import corrected_differences, corrected_rate
from adaem.evaluation.models.contrasts import contrasts
from adaem.evaluation.models.measurements import measure
from adaem.evaluation.models.profiles import profiles
from scipy.special import stdtrit

TOPICS, ANSWERS, MODELS = 60, 6, 8
RATES = (0.05, 0.2, 0.5, 0.8)
JUDGES = {0.5: (0.65, 0.85), 0.7: (0.8, 0.9), 0.9: (0.94, 0.96)}
"""Sensitivity and specificity by J."""
LABELLED = (200, 1000)
SPREAD, ODDS = 6.0, 1.5
"""Of the beta distribution of a topic's rate; and of the second model against the first."""
METHODS = ("Rogan–Gladen, own answers", "Rogan–Gladen, other texts", "PPI, own answers", "PPI, other texts")

Interval = tuple[float, float]


def judged(truth: Bools, sensitivity: np.ndarray | float, specificity: float, rng: np.random.Generator) -> Bools:
    """The judge's labels of ``truth``, bool of any shape; ``sensitivity`` broadcasts to it."""
    return np.asarray(np.where(truth, rng.random(truth.shape) < sensitivity, rng.random(truth.shape) >= specificity))


def powered(
    labels: np.ndarray, people: np.ndarray, topic: np.ndarray, other: tuple[np.ndarray, np.ndarray] | None
) -> tuple[float, np.ndarray, float]:
    """PPI++ of one model: the estimate, what each topic adds to its error (T,), and a variance beside that.

    ``labels`` (N,) of the judge, ``people`` (N,) NaN where nobody labelled, ``topic`` (N,). ``other``: truth and labels
    of another population, used in place of the model's own labelled answers.
    """
    own = ~np.isnan(people)
    truth, machine = (people[own], labels[own]) if other is None else other
    best: tuple[float, np.ndarray, float] | None = None
    for weight in np.linspace(0, 1, 5):
        errors = weight * (labels - labels.mean()) / len(labels)
        rest = truth - weight * machine
        beside = 0.0
        if other is None:
            errors[own] += (rest - rest.mean()) / len(rest)
        else:
            beside = rest.var(ddof=1) / len(rest)
        by_topic = np.bincount(topic, weights=errors, minlength=TOPICS) * np.sqrt(TOPICS / (TOPICS - 1))
        found = float(weight * labels.mean() + rest.mean()), by_topic, float(beside)
        if best is None or _variance(*found[1:]) < _variance(*best[1:]):
            best = found
    assert best is not None
    return best


def _variance(by_topic: np.ndarray, beside: float) -> float:
    return float(np.square(by_topic).sum()) + beside


def around(estimate: float, variance: float) -> Interval:
    """The interval of t with a degree of freedom a topic."""
    half = float(stdtrit(TOPICS - 1, 0.975)) * np.sqrt(variance)
    return estimate - half, estimate + half


def one_draw(
    rates: np.ndarray, judge: tuple[float, float], missed: float, labelled: int, rng: np.random.Generator
) -> tuple[dict[str, tuple[Interval, Interval]], list[bool]]:
    """By method: the intervals of the first model's rate and of its difference; and whether J is measured."""
    sensitivity = np.full((1, MODELS, 1), judge[0])
    sensitivity[0, 1::2] -= missed
    chance = rng.beta(SPREAD * rates, SPREAD * (1 - rates), size=(TOPICS, MODELS))
    truth = rng.random((TOPICS, MODELS, ANSWERS)) < chance[..., None]
    labels = judged(truth, sensitivity, judge[1], rng)
    measured = measure(labels[..., None], np.ones_like(labels), np.arange(TOPICS))
    observed = profiles(measured).rates
    pairs = contrasts(measured).differences
    first = Figure(estimate=observed.mean[0, 0], interval=(observed.low[0, 0], observed.high[0, 0]))

    topic = np.broadcast_to(np.arange(TOPICS)[:, None, None], truth.shape)
    drawn = np.zeros((MODELS, TOPICS * ANSWERS), dtype=bool)
    drawn[:, : labelled // MODELS] = True
    drawn = rng.permuted(drawn, axis=1)

    def by_model(each: np.ndarray) -> np.ndarray:
        return each.transpose(1, 0, 2).reshape(MODELS, -1)

    flat_truth: Bools = by_model(truth)
    flat_labels: Bools = by_model(labels)
    flat_topic: Ints = by_model(topic)
    other_truth = rng.random(labelled) < 0.5
    other_labels: Bools = judged(other_truth, judge[0], judge[1], rng)

    found: dict[str, tuple[Interval, Interval]] = {}
    usable = []
    of_its_own: Ints = np.arange(labelled, dtype=np.int64)
    texts = (
        (METHODS[0], flat_truth[drawn], flat_labels[drawn], flat_topic[drawn]),
        (METHODS[1], other_truth, other_labels, of_its_own),
    )
    for name, people, machine, sources in texts:
        figures = clustered_accuracies(people[:, None], machine[:, None], sources)[0]
        usable.append(figures.measurable)
        forced = figures.model_copy(update={"measurable": True})
        if figures.youden is None or figures.youden.interval is None or figures.youden.interval[0] <= 0:
            found[name] = (0.0, 1.0), (-1.0, 1.0)
            continue
        rate = corrected_rate(first, forced)
        difference = corrected_differences(pairs, [forced])
        assert rate is not None
        assert rate.interval is not None
        found[name] = rate.interval, (float(difference.low[0, 0]), float(difference.high[0, 0]))
    known = np.where(drawn, flat_truth.astype(float), np.nan)
    for name, other in ((METHODS[2], None), (METHODS[3], (other_truth.astype(float), other_labels.astype(float)))):
        (one, mine, beside), (two, theirs, besides) = (
            powered(flat_labels[model].astype(float), known[model], flat_topic[model], other) for model in (0, 1)
        )
        found[name] = (
            around(one, _variance(mine, beside)),
            around(one - two, _variance(mine - theirs, beside + besides)),
        )
    return found, usable


def cells(rate: float, judge: tuple[float, float], missed: float, labelled: int, draws: int) -> list[str]:
    """Coverage and width for each method, of the rate and of the difference; and the share measured."""
    second = ODDS * rate / (1 - rate + ODDS * rate)
    rates = np.array([rate, second] * (MODELS // 2))
    rng = np.random.default_rng([round(100 * rate), round(100 * judge[0]), labelled, round(100 * missed)])
    held = {name: np.zeros((draws, 2, 2)) for name in METHODS}
    measured = np.zeros((draws, 2))
    for draw in range(draws):
        found, measured[draw] = one_draw(rates, judge, missed, labelled, rng)
        for name, intervals in found.items():
            held[name][draw] = intervals
    texts = []
    for what, target in ((0, rate), (1, rate - second)):
        for name in METHODS:
            low, high = held[name][:, what].T
            covered = 100 * ((low <= target) & (target <= high)).mean()
            texts.append(f"{covered:.1f} ({100 * (high - low).mean():.0f})")
    return [*texts, *(f"{100 * share:.0f}" for share in measured.mean(axis=0))]


def main() -> None:
    """Prints both tables."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--draws", type=int, default=1000)
    draws = arguments.parse_args().draws
    heads = [f"{what}: {name}" for what in ("rate", "difference") for name in METHODS]
    columns = ["J", "labelled", "rate", *heads, "measured, own", "measured, other"]
    for missed, judges in ((0.0, JUDGES), (0.15, {0.7: JUDGES[0.7]})):
        print(f"\nThe judge misses {100 * missed:.0f} points more of the second model's:\n")
        print("| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
        for youden, judge in judges.items():
            for labelled in LABELLED:
                for rate in RATES:
                    row = cells(rate, judge, missed, labelled, draws)
                    print(f"| {youden} | {labelled} | {rate} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
