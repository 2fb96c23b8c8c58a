"""Rates and differences corrected for a judge's errors: from its labels, its probabilities, and prediction-powered.

    python experiments/judge_error.py [--draws 1000] [--only J]

Eight models answer two questions on each of 60 topics, three times each; the odd ones express a value at the stated
rate, the even ones at 1.5 times its odds. The judge errs alike on all. People labelled 200 or 1,000 texts: of these
2,880 answers, drawn alike from each model, or of another population, half of which express the value. The judge has a
score with normal errors: it labels above a threshold, and gives the probability that fits a population of which three
in ten express the value. Rogan-Gladen corrects its labels, the adjusted count its probabilities.
Prediction-powered inference (Angelopoulos et al. 2023, Science 382; with power tuning: PPI++, arXiv 2311.01453) takes
each model's own labelled answers; of the other population all of them. Its errors are cluster-robust by topic, paired
in differences. Targets are the first model's rate, and its difference from the second, over all topics.

Each cell: coverage of the 95 % interval, % (mean width, points). "measured": how often the lower bound of J reaches
0.5, without which the program corrects nothing; "smaller": how often probabilities are found to err less, so that the
program takes them. The second table has a judge that misses more of the second model's. The last one compares labels
and probabilities of the run's own answers: in per cent, how often a difference is found between the first two models
(power), and between the first and the third, which are alike (false alarms).
"""

from __future__ import annotations

import argparse

import numpy as np
from adaem.domain.judge_accuracy import Figure, ValueAccuracy, smaller_errors
from adaem.evaluation.divergence.expressions import Bools, Ints
from adaem.evaluation.judges.label_accuracy import clustered_accuracies
from adaem.evaluation.judges.rate_correction import (
    Adjustment,
    corrected_differences,
    corrected_rate,
    label_adjustment,
    probability_adjustment,
)
from adaem.evaluation.models.contrasts import PairedDifferences, contrasts
from adaem.evaluation.models.measurements import Measurements, measure, measure_probabilities
from adaem.evaluation.models.profiles import profiles
from scipy.special import expit, logit, ndtri, stdtrit

TOPICS, ANSWERS, MODELS = 60, 6, 8
RATES = (0.05, 0.2, 0.5, 0.8)
JUDGES = {0.5: (0.65, 0.85), 0.7: (0.8, 0.9), 0.9: (0.94, 0.96)}
"""Sensitivity and specificity by J."""
LABELLED = (200, 1000)
SPREAD, ODDS = 6.0, 1.5
"""Of the beta distribution of a topic's rate; and of the second model against the first."""
TRAINED_RATE = 0.3
"""Share of the texts with the value where the judge's probabilities are right."""
OWN, OTHER = "own answers", "other texts"
LABELS, PROBABILITIES, PPI = "Rogan–Gladen", "probabilities", "PPI"
METHODS = tuple(f"{method}, {texts}" for method in (LABELS, PROBABILITIES, PPI) for texts in (OWN, OTHER))

Interval = tuple[float, float]


def judged(
    truth: Bools, judge: tuple[float, float], missed: np.ndarray | float, rng: np.random.Generator
) -> tuple[Bools, np.ndarray]:
    """The judge's labels of ``truth``, bool of any shape, and its probabilities.

    ``missed`` broadcasts to it: by so much the sensitivity is lower than ``judge`` has it, and the judge knows it not.
    """
    threshold = ndtri(judge[1])
    apart = ndtri(judge[0]) + threshold
    score = rng.normal(size=truth.shape) + np.where(truth, ndtri(judge[0] - missed) + threshold, 0.0)
    return score > threshold, expit(apart * (score - apart / 2) + logit(TRAINED_RATE))


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


def corrected(
    measured: Measurements, adjustment: Adjustment | None
) -> tuple[Interval, Interval, PairedDifferences | None]:
    """The intervals of the first model's rate and of its difference from the second; all differences, too."""
    if adjustment is None:
        return (0.0, 1.0), (-1.0, 1.0), None
    observed = profiles(measured).rates
    first = Figure(estimate=observed.mean[0, 0], interval=(observed.low[0, 0], observed.high[0, 0]))
    rate = corrected_rate(first, adjustment)
    pairs = corrected_differences(contrasts(measured).differences, [adjustment.separation])
    assert rate.interval is not None
    return rate.interval, (float(pairs.low[0, 0]), float(pairs.high[0, 0])), pairs


def forced(figures: ValueAccuracy) -> ValueAccuracy:
    """As if the judge could measure the value, as long as J is known to lie above 0."""
    known = figures.youden is not None and figures.youden.interval is not None and figures.youden.interval[0] > 0
    return figures.model_copy(update={"measurable": known})


def one_draw(
    rates: np.ndarray, judge: tuple[float, float], missed: float, labelled: int, rng: np.random.Generator
) -> tuple[dict[str, tuple[Interval, Interval]], list[bool], list[bool]]:
    """By method: the intervals of the first model's rate and of its difference; whether J is measured and probabilities
    err less, by own and other texts; whether labels, probabilities find the true difference, labels, probabilities one
    that is not there.
    """
    missing = np.zeros((1, MODELS, 1))
    missing[0, 1::2] = missed
    chance = rng.beta(SPREAD * rates, SPREAD * (1 - rates), size=(TOPICS, MODELS))
    truth = rng.random((TOPICS, MODELS, ANSWERS)) < chance[..., None]
    labels, chances = judged(truth, judge, missing, rng)
    first = slice(0, 3)  # of which the figures are; the others' answers are labelled by people, too
    everywhere = np.ones_like(labels[:, first])
    measured = {
        LABELS: measure(labels[:, first, :, None], everywhere, np.arange(TOPICS)),
        PROBABILITIES: measure_probabilities(chances[:, first, :, None], everywhere, np.arange(TOPICS)),
    }
    topic = np.broadcast_to(np.arange(TOPICS)[:, None, None], truth.shape)
    drawn = np.zeros((MODELS, TOPICS * ANSWERS), dtype=bool)
    drawn[:, : labelled // MODELS] = True
    drawn = rng.permuted(drawn, axis=1)

    def by_model(each: np.ndarray) -> np.ndarray:
        return each.transpose(1, 0, 2).reshape(MODELS, -1)

    flat_truth: Bools = by_model(truth)
    flat_labels: Bools = by_model(labels)
    flat_chances, flat_topic = by_model(chances), by_model(topic)
    other_truth = rng.random(labelled) < 0.5
    other_labels, other_chances = judged(other_truth, judge, 0.0, rng)

    found: dict[str, tuple[Interval, Interval]] = {}
    usable: list[bool] = []
    smaller: list[bool] = []
    seen: list[bool] = []
    of_its_own: Ints = np.arange(labelled, dtype=np.int64)
    texts = (
        (OWN, flat_truth[drawn], flat_labels[drawn], flat_chances[drawn], flat_topic[drawn]),
        (OTHER, other_truth, other_labels, other_chances, of_its_own),
    )
    for name, people, machine, sure, sources in texts:
        figures = clustered_accuracies(people[:, None], machine[:, None], sources, sure[:, None])[0]
        usable.append(figures.measurable)
        smaller.append(smaller_errors([figures]) == "probabilities")
        for method, adjustment in ((LABELS, label_adjustment), (PROBABILITIES, probability_adjustment)):
            rate, difference, pairs = corrected(measured[method], adjustment(forced(figures)))
            found[f"{method}, {name}"] = rate, difference
            if name == OWN:
                beyond = [False] * 2 if pairs is None else ((pairs.low > 0) | (pairs.high < 0))[:2, 0].tolist()
                seen += beyond
    known = np.where(drawn, flat_truth.astype(float), np.nan)
    for name, other in ((OWN, None), (OTHER, (other_truth.astype(float), other_labels.astype(float)))):
        (one, mine, beside), (two, theirs, besides) = (
            powered(flat_labels[model].astype(float), known[model], flat_topic[model], other) for model in (0, 1)
        )
        found[f"{PPI}, {name}"] = (
            around(one, _variance(mine, beside)),
            around(one - two, _variance(mine - theirs, beside + besides)),
        )
    return found, [*usable, *smaller], seen


def cells(
    rate: float, judge: tuple[float, float], missed: float, labelled: int, draws: int
) -> tuple[list[str], list[str]]:
    """Coverage and width for each method, of the rate and of the difference; and the shares measured, and smaller.

    Then the shares of differences found, by labels and by probabilities.
    """
    second = ODDS * rate / (1 - rate + ODDS * rate)
    rates = np.array([rate, second] * (MODELS // 2))
    rng = np.random.default_rng([round(100 * rate), round(100 * judge[0]), labelled, round(100 * missed)])
    held = {name: np.zeros((draws, 2, 2)) for name in METHODS}
    measured, seen = np.zeros((draws, 4)), np.zeros((draws, 4))
    for draw in range(draws):
        found, measured[draw], seen[draw] = one_draw(rates, judge, missed, labelled, rng)
        for name, intervals in found.items():
            held[name][draw] = intervals
    texts = []
    for what, target in ((0, rate), (1, rate - second)):
        for name in METHODS:
            low, high = held[name][:, what].T
            covered = 100 * ((low <= target) & (target <= high)).mean()
            texts.append(f"{covered:.1f} ({100 * (high - low).mean():.0f})")
    shares, (power, alarms, soft_power, soft_alarms) = measured.mean(axis=0), 100 * seen.mean(axis=0)
    power_cells = [f"{each:.1f}" for each in (power, soft_power, alarms, soft_alarms)]
    return [*texts, *(f"{100 * share:.0f}" for share in shares)], power_cells


def main() -> None:
    """Prints both tables."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--draws", type=int, default=1000)
    arguments.add_argument("--only", type=float, choices=JUDGES, help="the judge with this J alone")
    given = arguments.parse_args()
    draws, chosen = given.draws, {youden: JUDGES[youden] for youden in JUDGES if given.only in (None, youden)}
    heads = [f"{what}: {name}" for what in ("rate", "difference") for name in METHODS]
    ends = [f"{what}, {texts}" for what in ("measured", "smaller") for texts in ("own", "other")]
    columns = ["J", "labelled", "rate", *heads, *ends]
    powers = []
    for missed, judges in ((0.0, chosen), (0.15, {0.7: JUDGES[0.7]} if 0.7 in chosen else {})):
        print(f"\nThe judge misses {100 * missed:.0f} points more of the second model's:\n")
        print("| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
        for youden, judge in judges.items():
            for labelled in LABELLED:
                for rate in RATES:
                    row, power = cells(rate, judge, missed, labelled, draws)
                    begins = f"| {youden} | {labelled} | {rate} |"
                    print(f"{begins} {' | '.join(row)} |", flush=True)
                    if not missed:
                        powers.append(f"{begins} {' | '.join(power)} |")
    kinds = [f"{what}, {by}" for what in ("power", "false alarms") for by in ("labels", "probabilities")]
    columns = ["J", "labelled", "rate", *kinds]
    print("\n| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|\n" + "\n".join(powers))


if __name__ == "__main__":
    main()
