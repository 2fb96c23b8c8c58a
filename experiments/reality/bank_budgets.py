"""A static benchmark searched adaptively: what a part of the recorded answers finds of the items that separate most.

The truth is the full grid: its ten most separating items by G (METHOD.md section 2). Each way names ten items:

  bank   'adaem run' with the explorer bank: scouts answer twice each, then the panel of all models freshly on the best;
         the first ten of its ranking, filled up from the search's own ranking where it confirmed fewer
  once   random items, all models asked once: the best ten by how far the models' answers lie apart
  twice  random items, all models asked twice: the best ten by G
  even   all items as often as the budget allows, once at least
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from adaem.calibration.end_to_end import Quiet
from adaem.domain.answer import Phase
from adaem.domain.pool_spec import Role
from adaem.domain.reading.yaml_records import load_settings
from adaem.evaluation.divergence.quadratic import quadratic_divergence
from adaem.jobs.inputs import check_settings
from adaem.jobs.search_run import run
from adaem.records import RunRecords, open_run
from adaem.results.answer_arrays import AnswerArrays
from numpy.typing import NDArray

from .recorded_sets import JudgedSet, RecordedSets
from .tables import mean_interval, table

WANTED = 10
FEWEST_ANSWERS = 5
"""Answers of each model to each item that a grid needs: fewer leave none to confirm with."""


@dataclass(frozen=True)
class Plan:
    """How the bank spends a share of all answers: so many scouts, candidates, and fresh answers of each model."""

    budget: float
    scouts: int
    candidates: int
    confirm: int


PLANS = (Plan(0.05, 2, 5, 2), Plan(0.10, 2, 10, 2), Plan(0.25, 4, 20, 3), Plan(0.50, 4, 20, 8))
SEARCH = 2
RANDOM_DRAWS = 40
"""Draws of the random ways for each one of the bank: they cost nothing."""


def bank_budgets(sets: RecordedSets, draws: int, seed: int, scratch: Path) -> str:
    """The share of the ten that each way finds at each budget; ``draws`` searches a budget."""
    parts = [
        "## Bank",
        "Which ten items separate the models most, from a part of the answers? `bank` is a search with the explorer "
        "of that name: two scouts (four from 25 % on), drawn again each time, answer each item twice, and all models "
        "give new answers to the best. `once` and `twice` ask all models random items that often, as many items as "
        "the budget allows, and all of them at most; `even` asks all items as often as it allows. Shares of the ten "
        "found, means with 95 % intervals. The ten are those of all answers, the seen ones included.",
    ]
    for judged in sets.judged:
        full = judged.full
        if int(full.asked.sum(axis=2).min()) < FEWEST_ANSWERS:
            parts.append(
                f"**{judged.name}** has fewer than {FEWEST_ANSWERS} answers of each model to each item: left out."
            )
            continue
        order = np.argsort(-true_divergence(full))
        top = {int(row) for row in order[:WANTED]}
        rows = []
        for plan in PLANS:
            budget = int(plan.budget * full.answered.size)
            bank = [_found(top, searched(judged, plan, budget, scratch, seed + draw)) for draw in range(draws)]
            cells = [mean_interval(bank, ".2f")]
            evenly = max(1, budget // (len(full.models) * len(full.questions)))
            for column, times in enumerate((1, 2, evenly), start=1):
                rng = np.random.default_rng([seed, column])
                found = [_found(top, at_random(full, times, budget, rng)) for _ in range(RANDOM_DRAWS * draws)]
                items = min(len(full.questions), budget // (times * len(full.models)))
                cells.append(f"{mean_interval(found, '.2f')} ({items} items × {times})")
            rows.append([f"{100 * plan.budget:.0f} % ({budget})", *cells])
        rates = full.expressed.sum(axis=2) / np.maximum(full.answered.sum(axis=2), 1)[..., None]
        fixed = float(((rates < 0.05) | (rates > 0.95)).mean())
        parts.append(
            f"**{judged.name}**: {len(full.questions)} items, {len(full.models)} models, {full.answered.size} answers; "
            f"{100 * fixed:.0f} % of rates lie below .05 or above .95. {draws} searches and {RANDOM_DRAWS * draws} "
            f"random draws a row, seed {seed}. Ten named at random: {WANTED / len(full.questions):.2f}."
        )
        parts.append(table(["budget (answers)", "bank", "once", "twice", "even"], rows))
    return "\n\n".join(parts)


def true_divergence(full: AnswerArrays) -> NDArray[np.float64]:
    """G of each item (Q,), over the models with two answers at least."""
    return np.array([_quadratic(*each) for each in zip(full.expressed, full.answered, strict=True)])


def at_random(full: AnswerArrays, times: int, budget: int, rng: np.random.Generator) -> list[int]:
    """The best ten of random items, all models asked ``times`` times, by what these answers say."""
    models = len(full.models)
    items = rng.permutation(len(full.questions))[: budget // (times * models)]
    scores = []
    for row in items:
        slots = np.array([rng.permutation(np.flatnonzero(asked))[:times] for asked in full.asked[row]])
        at = np.arange(models)[:, None], slots
        expressed, answered = full.expressed[row][at], full.answered[row][at]
        scores.append(apart(expressed[:, 0], answered[:, 0]) if times == 1 else _quadratic(expressed, answered))
    return [int(each) for each in items[np.argsort(-np.array(scores), kind="stable")[:WANTED]]]


def apart(expressed: NDArray[np.bool_], answered: NDArray[np.bool_]) -> float:
    """How far single answers (K, d) lie apart: (4/d) times the sum over values of the variance over models.

    With one answer a model's own noise cannot be taken off. NaN-free: below every other where fewer than two answered.
    """
    if answered.sum() < 2:
        return -np.inf
    return float(4 * expressed[answered].astype(float).var(axis=0, ddof=1).mean())


def searched(judged: JudgedSet, plan: Plan, budget: int, scratch: Path, seed: int) -> list[int]:
    """The first ten of the bank's ranking, as rows of the full grid."""
    full = judged.full
    scouts = set(np.random.default_rng(seed).choice(full.models, plan.scouts, replace=False))
    members = [
        {"id": model, "model": f"recorded:{model}", "roles": ["scout", "panel"] if model in scouts else ["panel"]}
        for model in full.models
    ]
    pool, out = scratch / "pool.yaml", scratch / f"{judged.name}-{plan.budget}-{seed}"
    pool.write_text(json.dumps({"name": "recorded", "members": members}))  # JSON is YAML, too
    settings: dict[str, object] = {
        "pool": str(pool),
        "bank": str(judged.path),
        "seed": seed,
        "agents.explorer": "bank",
        "agents.refiner": "none",
        "agents.judge": "local",
        "judge.file": str(judged.judge),
        "budget.calls": budget,
        "budget.confirm_share": plan.candidates * plan.confirm * len(full.models) / budget,
        "budget.evaluate_share": 0,
        "samples.search": SEARCH,
        "samples.confirm": plan.confirm,
        # All are different items, however alike two of them sound.
        "novelty.nearest": 1,
        "novelty.mean_of_three": 1,
        "questions": max(2, 2 * plan.candidates // 3),
    }
    asyncio.run(run(check_settings(load_settings(None, settings)), out, Quiet()))
    rows = {question.id: row for row, question in enumerate(full.questions)}
    with RunRecords(open_run(out).records_path, read_only=True) as records:
        assert records.calls_spent() <= budget
        known = records.questions()
        scored = records.critiques(Phase.SEARCH, Role.SCOUT)
        by_search = sorted(
            (each for each in scored if scored[each].score is not None),
            key=lambda each: -scored[each].score.divergence,  # type: ignore[union-attr]
        )
        ranked = dict.fromkeys([*records.ids("confirmed"), *by_search])
        return [rows[known[each].topic_id] for each in ranked if each in known][:WANTED]


def _quadratic(expressed: NDArray[np.bool_], answered: NDArray[np.bool_]) -> float:
    kept = answered.sum(axis=1) >= 2
    if kept.sum() < 2:
        return -np.inf
    counts = (expressed & answered[..., None]).sum(axis=1)
    return float(quadratic_divergence(counts[kept], answered[kept].sum(axis=1)))


def _found(top: set[int], named: list[int]) -> float:
    return len(top & set(named)) / len(top)
