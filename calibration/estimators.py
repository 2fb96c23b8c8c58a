"""Line by line: are D* and G right on average, and do their intervals cover? (METHOD.md section 2).

Everything is held against D as observed through the judge: the answers are drawn from observed probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain.streams import Stream, generator
from ..evaluation.divergence.d_star import estimate_divergences
from ..evaluation.divergence.noise_floor import SCALED_PART, exact_scaled_floor
from ..evaluation.divergence.plug_in import plug_in_divergence
from ..evaluation.intervals.averages import average
from .answer_draws import draw_answers, draw_counts
from .extent import Extent, Task
from .question_population import Bank
from .text_simulation import Confusion
from .true_divergence import true_divergence, true_quadratic
from .verdict import Line, Section, Table, line, mean_of, several, share_of, worst_line
from .worlds import RESPONDENTS, SIMULATOR, World

Floats = NDArray[np.float64]

ESTIMATORS_TITLE = "Estimators"
SAMPLE_SIZES = (3, 5, 8)
LEVELS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.46)
"""The synthetic grid, in bits."""
HIGHEST = 0.1
"""Grid levels up to here are judged: 95 of 100 questions of the worlds lie below. Beyond, the bias is reported."""
VALUES = 10
LARGEST_BIAS = {3: 0.03, 5: 0.01, 8: 0.01}
AVERAGED_TOPICS, AVERAGED_EACH = 50, 3
QUESTION_BLOCK = 2_000


@dataclass(frozen=True)
class Errors:
    """Estimates minus truths of many questions, (Q,) each; ``covered`` says whether the interval held the truth."""

    divergence: Floats
    quadratic: Floats
    covered: NDArray[np.bool_]


PERFECT = Confusion(np.ones((RESPONDENTS, VALUES)), np.zeros((RESPONDENTS, VALUES)))
"""A judge without errors."""


def draw_errors(
    planted: Floats,
    samples: int,
    rng: np.random.Generator,
    confusion: Confusion = PERFECT,
    root: Floats | None = None,
) -> Errors:
    """Draws ``samples`` answers of each model to each question with ``planted`` rates (Q, K, d), and estimates.

    Truths are those of the rates as they appear through the judge; ``root`` as in ``draw_answers``.
    """
    parts = []
    for start in range(0, len(planted), QUESTION_BLOCK):
        block = planted[start : start + QUESTION_BLOCK]
        rates = confusion.observed(block)
        found = estimate_divergences(draw_answers(block, confusion, samples, root, rng), permutations=None, rng=rng)
        truth = true_divergence(rates)
        low, high = found.interval[:, 0], found.interval[:, 1]
        covered = (low <= truth + 1e-12) & (truth <= high + 1e-12)
        quadratic = found.quadratic - true_quadratic(rates)
        parts.append(Errors(found.divergence - truth, quadratic, covered))
    return Errors(
        np.concatenate([part.divergence for part in parts]),
        np.concatenate([part.quadratic for part in parts]),
        np.concatenate([part.covered for part in parts]),
    )


def rates_at(divergence: float, questions: int, rng: np.random.Generator) -> Floats:
    """(Q, K, d) probabilities whose D is ``divergence`` on every question; bases and leanings are drawn."""
    base = rng.normal(-1.0, 1.2, size=(questions, 1, VALUES))
    lean = rng.standard_normal((questions, RESPONDENTS, VALUES))
    low, high = np.zeros(questions), np.full(questions, 50.0)
    for _ in range(50):
        middle = (low + high) / 2
        above = true_divergence(_logistic(base + middle[:, None, None] * lean)) > divergence
        low = np.where(above, low, middle)
        high = np.where(above, middle, high)
    return _logistic(base + low[:, None, None] * lean)


def _logistic(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -40, 40))))


def grid_errors(level: float, questions: int, seed: int) -> dict[int, Errors]:
    """Errors at one level of the grid, by number of samples."""
    rng = generator(seed, Stream.CALIBRATION_GRID, round(1000 * level))
    rates = rates_at(level, questions, rng)
    return {samples: draw_errors(rates, samples, rng) for samples in SAMPLE_SIZES}


@dataclass(frozen=True)
class WorldErrors:
    """One world's questions: observed and true D (Q,), errors of each draw by samples, and coverage of averages."""

    observed: Floats
    true: Floats
    errors: dict[int, list[Errors]]
    averages_covered: NDArray[np.bool_]


def world_errors(
    number: int, each: int, repeats: int, averages: int, seed: int, simulator: int = SIMULATOR
) -> WorldErrors:
    """``each`` proposals of every topic of an open world, answered ``repeats`` times over."""
    bank = Bank(World(number, simulator=simulator))
    planted = np.stack([[bank.ungated(topic, n) for n in range(each)] for topic in range(bank.topics)])
    observed = bank.confusion.observed(planted)
    rng = generator(seed, Stream.CALIBRATION_WORLDS, number)
    flat = planted.reshape(-1, *planted.shape[2:])
    errors = {
        samples: [draw_errors(flat, samples, rng, bank.confusion, bank.correlation_root) for _ in range(repeats)]
        for samples in SAMPLE_SIZES
    }
    covered = averages_covered(planted, averages, rng, bank.confusion, bank.correlation_root)
    return WorldErrors(true_divergence(observed).ravel(), true_divergence(planted).ravel(), errors, covered)


def averages_covered(
    planted: Floats, draws: int, rng: np.random.Generator, confusion: Confusion, root: Floats | None
) -> NDArray[np.bool_]:
    """Whether each average over 150 questions of 50 topics covers the mean of all; ``planted`` rates (T, n, K, d).

    Topics are drawn with replacement from the world's, so that the mean over its topics is what is estimated.
    """
    truth = float(true_divergence(confusion.observed(planted)).mean())
    topics, each = planted.shape[:2]
    hits = np.zeros(draws, dtype=bool)
    labels = np.repeat(np.arange(AVERAGED_TOPICS), AVERAGED_EACH)
    samples = 5
    for draw in range(draws):
        topic = rng.integers(topics, size=AVERAGED_TOPICS)
        number = rng.permuted(np.tile(np.arange(each), (AVERAGED_TOPICS, 1)), axis=1)[:, :AVERAGED_EACH]
        asked = planted[topic[:, None], number].reshape(-1, *planted.shape[2:])
        counts = draw_counts(asked, confusion, samples, root, rng)
        floor = exact_scaled_floor(counts, samples, SCALED_PART["scaled"])
        scores = plug_in_divergence(counts, np.full(planted.shape[2], samples)) - floor
        interval = average(scores, labels, rng).interval
        hits[draw] = interval is not None and interval[0] <= truth <= interval[1]
    return hits


def tasks(extent: Extent) -> list[Task]:
    """The grid, level by level, then the open worlds."""
    questions = extent.pick(2_500, 20_000)
    grid = [Task(grid_errors, (level, questions, extent.seed)) for level in LEVELS]
    worlds = range(1, 1 + extent.pick(2, 8))
    each = extent.pick(4, 12)
    repeats = extent.pick(4, 4)
    averages = extent.pick(50, 600)
    return grid + [
        Task(world_errors, (number, each, repeats, averages, extent.seed, extent.simulator)) for number in worlds
    ]


def conclude(results: list[object]) -> Section:
    """The section from the tasks' results, in their order."""
    grid = dict(zip(LEVELS, [each for each in results if isinstance(each, dict)], strict=True))
    worlds = [each for each in results if isinstance(each, WorldErrors)]
    return Section(
        title=ESTIMATORS_TITLE,
        lines=(*_grid_lines(grid), *_world_lines(worlds)),
        tables=(_grid_table(grid), _quintile_table(worlds)),
    )


def _grid_lines(grid: dict[float, dict[int, Errors]]) -> list[Line]:
    judged = [level for level in LEVELS if level <= HIGHEST]
    level = several(len(judged))
    lines = []
    for samples in SAMPLE_SIZES:
        bound = LARGEST_BIAS[samples]
        found = [(f"D = {at}", mean_of(grid[at][samples].divergence, level=level)) for at in judged]
        lines.append(
            worst_line(
                ESTIMATORS_TITLE,
                f"bias of D*, L = {samples}, grid up to D = {HIGHEST}",
                found,
                f"within ±{bound} bits at every level",
                within=(-bound, bound),
                unit="bits",
            )
        )
        note = "beyond most questions"
        for at in (0.2, 0.46):
            what = f"bias of D*, L = {samples}, at D = {at}"
            lines.append(line(ESTIMATORS_TITLE, what, mean_of(grid[at][samples].divergence), unit="bits", note=note))
    every = [(at, samples) for at in LEVELS for samples in SAMPLE_SIZES]
    level = several(len(every))
    found = [(f"D = {at}, L = {n}", mean_of(grid[at][n].quadratic, level=level)) for at, n in every]
    criterion = "within ±0.01 everywhere on the grid"
    lines.append(worst_line(ESTIMATORS_TITLE, "bias of G", found, criterion, within=(-0.01, 0.01)))
    return lines


def _quintiles(worlds: list[WorldErrors]) -> list[NDArray[np.bool_]]:
    observed = np.concatenate([world.observed for world in worlds])
    edges = np.quantile(observed, [0.2, 0.4, 0.6, 0.8])
    place = np.searchsorted(edges, observed)
    return [place == quintile for quintile in range(5)]


def _of_quintile(worlds: list[WorldErrors], samples: int, chosen: NDArray[np.bool_]) -> Errors:
    """Errors of one quintile, all repeats."""
    by_world = [world.errors[samples] for world in worlds]
    repeats = [[errors[repeat] for errors in by_world] for repeat in range(len(by_world[0]))]
    return Errors(
        np.concatenate([np.concatenate([e.divergence for e in row])[chosen] for row in repeats]),
        np.concatenate([np.concatenate([e.quadratic for e in row])[chosen] for row in repeats]),
        np.concatenate([np.concatenate([e.covered for e in row])[chosen] for row in repeats]),
    )


def _world_lines(worlds: list[WorldErrors]) -> list[Line]:
    quintiles, level = _quintiles(worlds), several(5)
    everything = np.ones(len(quintiles[0]), dtype=bool)
    lines = []
    for samples in SAMPLE_SIZES:
        bound = LARGEST_BIAS[samples]
        parts = [(f"quintile {q + 1}", _of_quintile(worlds, samples, chosen)) for q, chosen in enumerate(quintiles)]
        found = [(name, mean_of(errors.divergence, level=level)) for name, errors in parts]
        what = f"bias of D*, L = {samples}, worlds' questions"
        criterion = f"within ±{bound} bits in every quintile"
        lines.append(worst_line(ESTIMATORS_TITLE, what, found, criterion, within=(-bound, bound), unit="bits"))
    for samples in SAMPLE_SIZES:
        covered = _of_quintile(worlds, samples, everything).covered
        measured = share_of(int(covered.sum()), len(covered))
        what = f"coverage of a single question's interval, L = {samples}"
        lines.append(line(ESTIMATORS_TITLE, what, measured, "at least 93 %", within=(0.93, 1.0)))
    hits = np.concatenate([world.averages_covered for world in worlds])
    what = f"coverage of averages over {AVERAGED_TOPICS * AVERAGED_EACH} questions, L = 5"
    measured = share_of(int(hits.sum()), len(hits))
    lines.append(line(ESTIMATORS_TITLE, what, measured, "93 to 97 %", within=(0.93, 0.97)))
    ratios = [float(world.observed.sum() / world.true.sum()) for world in worlds]
    note = "observed over true D: the judge's part; published numbers are observed ones"
    lines.append(line(ESTIMATORS_TITLE, "attenuation of D by the simulated judge", mean_of(ratios), note=note))
    return lines


def _grid_table(grid: dict[float, dict[int, Errors]]) -> Table:
    rows = []
    for at in LEVELS:
        cells = [f"{at}"]
        for samples in SAMPLE_SIZES:
            errors = grid[at][samples]
            cells.append(
                f"{errors.divergence.mean():+.4f} / {errors.quadratic.mean():+.4f} / {errors.covered.mean():.3f}"
            )
        rows.append(tuple(cells))
    columns = ("D, bits", *(f"L = {samples}: bias of D* / of G / coverage" for samples in SAMPLE_SIZES))
    return Table(title="Synthetic grid, K = 5, d = 10", columns=columns, rows=tuple(rows))


def _quintile_table(worlds: list[WorldErrors]) -> Table:
    observed = np.concatenate([world.observed for world in worlds])
    rows = []
    for number, chosen in enumerate(_quintiles(worlds)):
        cells = [f"{number + 1}", f"{observed[chosen].min():.3f}–{observed[chosen].max():.3f}"]
        for samples in SAMPLE_SIZES:
            errors = _of_quintile(worlds, samples, chosen)
            cells.append(f"{errors.divergence.mean():+.4f} / {errors.covered.mean():.3f}")
        rows.append(tuple(cells))
    columns = ("quintile", "observed D", *(f"L = {samples}: bias of D* / coverage" for samples in SAMPLE_SIZES))
    return Table(title="Proposals of the open worlds, by quintile of observed D", columns=columns, rows=tuple(rows))
