"""What buys power: more answers to a question, or more questions? Even samples beside those that a pilot allocates.

    python experiments/sequential_samples.py [--data DIR] [--only simulated|recorded|pilot] [--draws 12] [--worlds 5]

Simulated: version 2 of the simulator, whose respondents are made near-deterministic (item SD 20), left as they were
fitted, or made to throw dice (item SD 0); six respondents, chances as planted, no judge's errors. Topics are drawn with
replacement, two questions of each. Recorded: the sides that models took in DIR's two files of answers, one value;
questions and answers are drawn with replacement, so that the grid is the population, and seeds stand for worlds.
``by noise`` is the program's own rule (evaluation/questions/sample_allocation.py) on the pilot that an evaluation
takes. Designs of one draw share their questions and answers. ``pilot``: how the numbers scatter with its size.
"""

# ruff: noqa: I001  (the number of threads must be set before numpy is imported)
from __future__ import annotations

import os

if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from adaem.calibration.question_population import Bank
from adaem.calibration.worlds import World
from adaem.evaluation.divergence.d_star import estimate_divergence
from adaem.evaluation.divergence.entropy import binary_entropy
from adaem.evaluation.models.contrasts import DIFFERENT, contrasts
from adaem.evaluation.models.measurements import measure
from adaem.evaluation.questions.sample_allocation import answers_needed, estimate_noise
from adaem.jobs.evaluation.evaluation_inputs import PILOT_QUESTIONS

from real_features import LAST_SAME_NAMES, grid, read_rows, side_by_judges, side_in_words
from reality.tables import mean_interval, share, table

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MEMBERS = 6
PROPOSALS = 4
"""Questions of each topic from which those of a draw are taken."""

KINDS = (("near-deterministic", 20.0), ("as fitted", None), ("dice", 0.0))
SIZES = ((0.05, 0.1), (0.1, 0.2), (0.2, 1.01))
"""True differences, as shares."""

DIVERGENCES = 1
"""Draws of each population on which the questions' divergences are estimated."""


@dataclass(frozen=True)
class Population:
    """Where answers are drawn from.

    ``draw(topics, rng)`` gives expressions (Q, K, L, d), each question's topic (Q,), and the questions' chances
    (Q, K, d) where they are planted; ``truth`` are the rates (K, d) over the whole population.
    """

    truth: Floats
    topics: int
    per_topic: int
    most: int
    draw: Callable[[int, np.random.Generator], tuple[Bools, Ints, Floats | None]]


def simulated(world: int, item_sd: float | None) -> tuple[Population, Population]:
    """The proposals of a world as six respondents take them, and as six copies of one of them do."""
    bank = Bank(World(world, simulator=2))
    members = bank.world.respondents(MEMBERS)
    own = {} if item_sd is None else {"item_sd": item_sd}
    bank.members = tuple(each.model_copy(update={"parameters": {**each.parameters, **own}}) for each in members)
    chances = np.stack([[bank.ungated(topic, number) for number in range(PROPOSALS)] for topic in range(bank.topics)])
    return planted(chances), planted(chances[:, :, [world % MEMBERS] * MEMBERS])


def planted(chances: Floats) -> Population:
    """Questions with ``chances`` (T, P, K, d) of an expression, two of a topic."""

    def draw(topics: int, rng: np.random.Generator) -> tuple[Bools, Ints, Floats | None]:
        cluster = np.repeat(np.arange(topics), 2)
        topic = rng.integers(len(chances), size=topics)[cluster]
        own = chances[topic, rng.integers(PROPOSALS, size=len(cluster))]
        return rng.random((*own.shape[:2], 5, own.shape[2])) < own[:, :, None], cluster, own

    return Population(chances.mean(axis=(0, 1)), topics=25, per_topic=2, most=5, draw=draw)


def recorded(sides: Floats, models: Sequence[int], most: int) -> Population:
    """The ``sides`` (K, Q, R), NaN missing, of ``models`` (one may stand several times), where each of them took one.

    An answer is drawn from those that the model gave to the question, with replacement.
    """
    own = sides[list(models)]
    rows = np.flatnonzero((~np.isnan(own)).any(axis=2).all(axis=0))
    known = [[own[model, row][~np.isnan(own[model, row])] for model in range(len(own))] for row in rows]
    truth = np.array([[given.mean() for given in row] for row in known]).mean(axis=0)

    def draw(topics: int, rng: np.random.Generator) -> tuple[Bools, Ints, Floats | None]:
        asked = rng.integers(len(rows), size=topics)
        drawn = [[rng.choice(given, most) for given in known[row]] for row in asked]
        return np.array(drawn)[..., None] > 0.5, np.arange(topics), None

    return Population(truth[:, None], topics=min(50, len(rows)), per_topic=1, most=most, draw=draw)


def recorded_sides(folder: Path) -> list[tuple[str, Floats, int]]:
    """The sides that models took on yes/no items, by the rules of experiments/real_features.py, and the answers at most
    to a question: of ten wordings, and of the same names in three months.
    """
    wordings = read_rows(folder / "recorded_answers_pct.jsonl.gz")
    months = read_rows(folder / "political_monthly.jsonl.gz")
    months = [row for row in months if row["month"] <= LAST_SAME_NAMES]
    return [
        ("recorded_answers_pct", grid(wordings, "wording", side_in_words)[1], 5),
        ("political_monthly", grid(months, "month", side_by_judges)[1], 3),
    ]


@dataclass(frozen=True)
class Design:
    """Answers (Q, K) of each model to each question of a draw, from the first question on."""

    name: str
    numbers: Ints


def designs(expressions: Bools, population: Population) -> list[Design]:
    """Even samples, and those by noise, on the same questions and at the same number of answers."""
    models, most = expressions.shape[1], population.most
    questions = population.topics * population.per_topic
    whole = questions * models * most
    pilot = pilot_rows(questions, population.per_topic)
    numbers = np.array(answers_needed(estimate_noise(expressions[pilot], np.ones(expressions[pilot].shape[:3])), most))
    more = len(pilot) + (whole - len(pilot) * models * most) // int(numbers.sum())
    return [
        Design(f"even {most}", even(questions, models, most)),
        Design("even 2, same questions", even(questions, models, 2)),
        Design("by noise, same questions", by_noise(questions, pilot, numbers, most)),
        Design("even 1, same answers", even(questions * most, models, 1)),
        Design("even 2, same answers", even(questions * most // 2, models, 2)),
        Design("by noise, same answers", by_noise(more, pilot, numbers, most)),
    ]


def pilot_rows(questions: int, per_topic: int) -> Ints:
    """The first questions, one a topic before any topic gives a second."""
    return np.sort(np.argsort(np.arange(questions) % per_topic, kind="stable")[:PILOT_QUESTIONS])


def even(questions: int, models: int, answers: int) -> Ints:
    """Equally many answers."""
    return np.full((questions, models), answers)


def by_noise(questions: int, pilot: Ints, numbers: Ints, most: int) -> Ints:
    """The pilot in full, the others by ``numbers`` (K,)."""
    given = np.tile(numbers, (questions, 1))
    given[pilot] = most
    return given


def answered(design: Design, expressions: Bools) -> tuple[Bools, Bools]:
    """The expressions of a design's questions, and which of them it asks for."""
    part = expressions[: len(design.numbers)]
    return part, np.arange(part.shape[2]) < design.numbers[..., None]


@dataclass
class Tally:
    """What a design brought over the draws of one population."""

    answers: list[float]
    questions: list[float]
    power: list[Floats]
    covered: list[float]
    claims: list[bool]
    d_star: list[float]
    quadratic: list[float]


def tally(population: Population, alike: Population, draws: int, seed: Sequence[int]) -> dict[str, Tally]:
    """Every design on ``draws`` draws; false alarms on the population of models that are ``alike``."""
    found: dict[str, Tally] = {}
    pairs = np.triu_indices(len(population.truth), 1)
    gap = population.truth[pairs[0]] - population.truth[pairs[1]]
    sizes = [(low <= np.abs(gap)) & (np.abs(gap) < high) for low, high in SIZES]
    for number in range(draws):
        rng = np.random.default_rng([*seed, number])
        topics = population.topics * population.most
        expressions, cluster, chances = population.draw(topics, rng)
        same, same_cluster, _ = alike.draw(topics, rng)
        for design, null in zip(designs(expressions, population), designs(same, population), strict=True):
            one = found.setdefault(design.name, Tally([], [], [], [], [], [], []))
            part, mask = answered(design, expressions)
            claimed = contrasts(measure(part, mask, cluster[: len(part)]))
            called, differences = claimed.verdict == DIFFERENT, claimed.differences
            one.answers.append(float(mask.sum()))
            one.questions.append(float(len(part)))
            one.power.append(np.array([called[size].mean() if size.any() else np.nan for size in sizes]))
            one.covered.append(float(((differences.low <= gap) & (gap <= differences.high)).mean()))
            other, others_mask = answered(null, same)
            verdicts = contrasts(measure(other, others_mask, same_cluster[: len(other)])).verdict
            one.claims.append(bool((verdicts == DIFFERENT).any()))
            if chances is not None and number < DIVERGENCES and "1" not in design.name:
                _add_divergences(one, part, mask, chances, rng)
    return found


def _add_divergences(one: Tally, part: Bools, mask: Bools, chances: Floats, rng: np.random.Generator) -> None:
    own = chances[: population_questions(part)]
    true_d = (binary_entropy(own.mean(axis=1)) - binary_entropy(own).mean(axis=1)).mean(axis=1)
    true_g = 4 * own.var(axis=1).mean(axis=1)
    for row in range(len(own)):
        estimate = estimate_divergence(part[row], mask[row], permutations=None, rng=rng)
        one.d_star.append(estimate.divergence - float(true_d[row]))
        one.quadratic.append(estimate.quadratic - float(true_g[row]))


def population_questions(part: Bools) -> int:
    """As many questions as are looked at for a bias: the first fifty, the pilot's among them."""
    return min(50, len(part))


def rows_of(kind: str, tallies: Sequence[dict[str, Tally]]) -> list[list[str]]:
    """A line for each design: means over populations, intervals from their spread, power beside the first design's."""
    lines = []
    names = list(tallies[0])
    base = np.array([np.mean(each[names[0]].power, axis=0) for each in tallies])
    for name in names:
        mine = [each[name] for each in tallies]
        power = np.array([np.mean(each.power, axis=0) for each in mine])
        claims = [claim for each in mine for claim in each.claims]
        biases = [[float(np.mean(getattr(each, of))) for each in mine if getattr(each, of)] for of in BIASES]
        lines.append(
            [
                f"{kind}: {name}",
                f"{np.mean([each.questions for each in mine]):.0f}",
                f"{np.mean([each.answers for each in mine]):.0f}",
                *(_per_cent(power[:, place]) for place in range(len(SIZES))),
                ratio(power[:, GAIN], base[:, GAIN]),
                _per_cent(np.array([np.mean(each.covered) for each in mine])),
                share(sum(claims), len(claims), 0.95).partition(": ")[2],
                *(mean_interval(bias, "+.3f") for bias in biases),
            ]
        )
    return lines


BIASES = ("d_star", "quadratic")

GAIN = 1
"""The size of differences on which designs are set against each other: 10 to 20 points."""


def ratio(powers: Floats, others: Floats) -> str:
    """The ratio of two means over populations, with a 95 % interval by the jackknife of its logarithm."""
    known = ~np.isnan(powers) & ~np.isnan(others)
    mine, theirs = powers[known], others[known]
    number = len(mine)
    if number < 2 or min(mine.sum(), theirs.sum()) <= 0:
        return "–"
    value = np.log(mine.sum() / theirs.sum())
    left = np.array([np.log(np.delete(mine, n).sum() / np.delete(theirs, n).sum()) for n in range(number)])
    half = student.ppf(0.975, number - 1) * np.sqrt((number - 1) / number * np.square(left - left.mean()).sum())
    return f"{np.exp(value):.2f} [{np.exp(value - half):.2f}, {np.exp(value + half):.2f}]"


def _per_cent(shares: Floats) -> str:
    return mean_interval([100 * float(each) for each in shares], ".1f")


def pilot_sizes() -> str:
    """Mean and SD of the numbers of six models, by the pilot's size: rates are beta(a, a) on questions, ten values."""
    rng, steady = np.random.default_rng(0), np.array([0.05, 0.1, 0.3, 1, 3, 10])

    def numbers(questions: int) -> tuple[int, ...]:
        rates = rng.beta(steady[:, None], steady[:, None], (questions, MEMBERS, 10))
        expressions = rng.random((questions, MEMBERS, 5, 10)) < rates[:, :, None]
        return answers_needed(estimate_noise(expressions, np.ones(expressions.shape[:3], dtype=bool)), 5)

    lines = []
    for questions, draws in ((5, 300), (10, 300), (20, 300), (500, 20)):
        found = np.array([numbers(questions) for _ in range(draws)])
        cells = (f"{mean:.2f} ± {sd:.2f}" for mean, sd in zip(found.mean(axis=0), found.std(axis=0), strict=True))
        lines.append([str(questions), *cells])
    return table(["pilot's questions", *(f"a = {each:g}" for each in steady)], lines)


COLUMNS = (
    "members: design",
    "questions",
    "answers",
    *(f"found, {100 * low:.0f}–{100 * min(high, 1):.0f} points, %" for low, high in SIZES),
    "ratio at 10–20 points",
    "intervals of differences that hold, %",
    "models alike: any difference",
    "bias of D*, bits",
    "bias of G",
)


def main() -> None:
    """Prints the table, one kind of members after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", choices=("simulated", "recorded", "pilot"))
    parser.add_argument("--draws", type=int, default=12)
    parser.add_argument("--worlds", type=int, default=5)
    arguments = parser.parse_args()
    worlds = range(11, 11 + arguments.worlds)
    if arguments.only in (None, "pilot"):
        print(pilot_sizes(), end="\n\n", flush=True)
    for kind, item_sd in KINDS if arguments.only in (None, "simulated") else ():
        tallies = [tally(*simulated(world, item_sd), arguments.draws, [world]) for world in worlds]
        print(table(COLUMNS, rows_of(kind, tallies)), flush=True)
    if arguments.data is not None and arguments.only in (None, "recorded"):
        for name, sides, most in recorded_sides(arguments.data):
            models = range(len(sides))
            # Models that are alike are copies of one, each in turn.
            tallies = [
                tally(
                    recorded(sides, models, most),
                    recorded(sides, [seed % len(models)] * len(models), most),
                    arguments.draws,
                    [seed],
                )
                for seed in range(arguments.worlds)
            ]
            print(table(COLUMNS, rows_of(name, tallies)), flush=True)


if __name__ == "__main__":
    main()
