"""Power: how often a difference of the full grid is found in a part of it."""

from __future__ import annotations

import numpy as np
from adaem.evaluation.divergence.entropy import Floats
from adaem.evaluation.models.contrasts import DIFFERENT, contrasts
from adaem.evaluation.models.measurements import Measurements, measure
from adaem.results.answer_arrays import AnswerArrays

from .draws import subsample, taken
from .recorded_sets import RecordedSets
from .tables import table

EDGES = (0.0, 0.05, 0.1, 0.2, 0.4, 1.0001)


def power(sets: RecordedSets, draws: int, seed: int) -> str:
    """Shares of contrasts that are found, by the size of the difference in the full grid; ``draws / 4`` parts a row."""
    drawn = max(2, draws // 4)
    parts = [
        "## Power",
        "Questions and answers are drawn without replacement; the truth is the difference on all of them, which has "
        "noise of its own. Shares of contrasts that are called different, by the size of the true difference in "
        "points, with the number of such contrasts (pairs × values); *wrong sign* is the share of all that are called "
        "different the wrong way round. Drawn from a finite grid, parts lie closer to it than new questions would: at "
        "all questions only the answers are drawn.",
    ]
    for judged in sets.judged:
        models = judged.asked_most
        total, most = len(judged.full.questions), int(judged.full.asked[:, models[0]].sum(axis=1).max())
        truth = _differences(measured(whole(judged.full, models)))
        bins = np.digitize(np.abs(truth), EDGES) - 1
        sizes = [place for place in range(len(EDGES) - 1) if (bins == place).any()]
        heads = [
            f"{100 * EDGES[place]:.0f}–{100 * min(EDGES[place + 1], 1):.0f} ({int((bins == place).sum())})"
            for place in sizes
        ]
        rows = []
        for questions in sorted({20, (20 + total) // 2, total}):
            for answers in sorted({1, 2, most // 2, most}):
                if answers == most and questions == total:
                    continue
                rng = np.random.default_rng([seed, questions, answers])
                called_by_size, wrong = np.zeros(len(sizes)), 0
                for _ in range(drawn):
                    part = subsample(judged.full, models, questions, answers, rng, replacing=False)
                    claimed = contrasts(measured(part))
                    called = claimed.verdict == DIFFERENT
                    wrong += int((called & (np.sign(claimed.differences.difference) != np.sign(truth))).sum())
                    called_by_size += [called[bins == place].mean() for place in sizes]
                shares = [f"{100 * each / drawn:.1f} %" for each in called_by_size]
                rows.append([f"{questions} × {answers}", *shares, f"{100 * wrong / (drawn * truth.size):.2f} %"])
        parts.append(f"**{judged.name}**: {len(models)} models, {drawn} draws a row, seed {seed}.")
        parts.append(table(["questions × answers", *heads, "wrong sign"], rows))
    return "\n\n".join(parts)


def whole(full: AnswerArrays, models: list[int]) -> AnswerArrays:
    """All answers of some models."""
    slots = np.broadcast_to(np.arange(full.asked.shape[2]), (len(full.questions), len(models), full.asked.shape[2]))
    return taken(full, np.arange(len(full.questions)), np.array(models), slots)


def measured(part: AnswerArrays) -> Measurements:
    """What the report's statistics start from."""
    return measure(part.expressed, part.answered, part.topics)


def _differences(all_answers: Measurements) -> Floats:
    return contrasts(all_answers).differences.difference
