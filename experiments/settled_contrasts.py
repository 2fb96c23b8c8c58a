"""What a search is for: how many contrasts between models its published questions settle, on models it never asked.

    python experiments/settled_contrasts.py [--worlds 6] [--simulator 1] [--answers 20000] [--reserved] [--arms …]

Each world is searched by every arm with the same seed, in the calibration's array simulation: planted rates, answers
drawn from them through the world's judge. Then models that took no part in the search (four respondents of the same
world), and the panel, answer the published questions again, five answers a question, and the report's own contrasts
say which pairs of models differ, or are alike within the margin, on which value. Shown is the share of contrasts that
are settled either way, the mean over several such evaluations, and each arm less "random topics" as a mean over worlds
with its 95 % t interval. Simulated respondents throughout.

Tuning worlds and reserved worlds are apart; ``--reserved`` opens the latter, for final figures alone.
"""

# ruff: noqa: I001  (the number of threads must be set before numpy is imported)
from __future__ import annotations

import os

if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from adaem.calibration.answer_draws import draw_answers
from adaem.calibration.array_simulation import search
from adaem.calibration.question_population import Bank
from adaem.calibration.text_simulation import Confusion
from adaem.calibration.true_divergence import true_divergence
from adaem.calibration.worlds import World, search_settings
from adaem.domain.pool_spec import Member, Role
from adaem.evaluation.models.contrasts import DIFFERENT, UNSETTLED, contrasts
from adaem.evaluation.models.measurements import measure
from adaem.pool.simulated.planted import expression_probabilities

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TUNING = tuple(range(21, 51))
RESERVED = tuple(range(231, 301))
"""Worlds that neither the calibration's report nor any tuning has seen."""

HELD_OUT = (6, 7, 8, 9)
"""Respondents of the same world that never scout, confirm or judge."""

SAMPLES, EVALUATIONS = 5, 4

SEEDS, UNSEARCHED, RANDOM, DEFAULT = "seeds", "unsearched proposals", "random topics", "default"
DRAFTS: dict[str, Any] = {"drafts": 4, "topic_cap": 2, "early_confirmations": 0, "least_refine_share": 0.05}
ARMS: dict[str, dict[str, Any]] = {
    RANDOM: {"policy": "random"},
    "random topics, drafts and surrogate": {"policy": "random", **DRAFTS},
    "four drafts, surrogate": DRAFTS,
    "four drafts, in the author's order": {**DRAFTS, "surrogate": "none"},
    "one draft, two a topic, one confirmation": {**DRAFTS, "drafts": 1},
    "no rewrites": {"refine_share": 0.0},
    DEFAULT: {},
}
"""Changed settings of the search, whose default is one draft a call."""


@dataclass(frozen=True)
class Outcome:
    """One arm in one world: mean true D (bits), topics, shares of contrasts settled (and different) by group."""

    divergence: float
    topics: int
    panel: float
    held_out: float
    held_out_different: float
    moves: int
    refused: int
    rewrites: int


def held_out_models(world: World) -> tuple[Member, ...]:
    """The models that take no part in a search of ``world``."""
    return tuple(world.member(f"h{n}", "respondent", Role.EXAMINEE, respondent=n) for n in HELD_OUT)


def settled(rates: Floats, topics: Ints, confusion: Confusion, root: Floats | None, seed: int) -> tuple[float, float]:
    """Share of (pair, value) contrasts settled, and called different, over fresh answers at planted rates (Q, K, d)."""
    rng = np.random.default_rng([seed, 5])
    shares = []
    for _ in range(EVALUATIONS):
        answers = draw_answers(rates, confusion, SAMPLES, root, rng)
        verdict = contrasts(measure(answers, np.ones(answers.shape[:3], dtype=bool), topics)).verdict
        shares.append((np.mean(verdict != UNSETTLED), np.mean(verdict == DIFFERENT)))
    either, different = np.mean(shares, axis=0)
    return float(either), float(different)


def evaluated(bank: Bank, texts: Sequence[tuple[str, str]], topics: Ints, seed: int) -> tuple[float, float, float]:
    """Shares settled on the panel, on held-out models, and called different on these, of (question, fact) pairs."""
    others = held_out_models(bank.world)
    own = bank.confusion
    # What the judge gets wrong was measured on the panel; of another model it gets as much wrong as of them on average.
    other = Confusion(*(np.tile(each.mean(axis=0), (len(others), 1)) for each in (own.sensitivity, own.false_alarm)))
    panel, strangers = (
        np.stack([[expression_probabilities(member, bank.framework, *text) for member in members] for text in texts])
        for members in (bank.members, others)
    )
    on_panel, _ = settled(panel, topics, own, bank.correlation_root, seed)
    on_others, different = settled(strangers, topics, other, bank.correlation_root, seed)
    return on_panel, on_others, different


@lru_cache(maxsize=1)
def _bank(world: World) -> Bank:
    return Bank(world)


def outcome(task: tuple[int, str], simulator: int, variant: str, answers: int, seed: int) -> Outcome:
    """One arm in one world, which ``task`` names."""
    number, arm = task
    bank = _bank(World(number, variant, simulator=simulator))
    if arm in (SEEDS, UNSEARCHED):
        rng = np.random.default_rng([number, seed, 6])
        asked = np.sort(rng.permutation(bank.topics)[: search_settings(answers).questions])
        drafts = [bank.draft((int(topic), 0)) for topic in asked]
        seeds = [(bank.framework.topics[topic].text, "") for topic in asked]
        texts = seeds if arm == SEEDS else [(draft.text, draft.fact) for draft in drafts]
        rates = bank.seed_rates[asked] if arm == SEEDS else np.stack([bank.rates((int(t), 0)) for t in asked])
        return Outcome(float(true_divergence(rates).mean()), len(asked), *evaluated(bank, texts, asked, seed), 0, 0, 0)
    found = search(bank, search_settings(answers, seed=seed, **ARMS[arm]))
    texts = [(draft.text, draft.fact) for draft in map(bank.draft, found.places)]
    shares = evaluated(bank, texts, found.topic, seed)
    refused, topics = found.moves - len(found.first_scores), len(np.unique(found.topic))
    return Outcome(float(found.true.mean()), topics, *shares, found.moves, refused, found.rewrites)


def interval(differences: Floats) -> tuple[float, float, float]:
    """Mean over worlds with its 95 % t interval."""
    count = len(differences)
    half = float(stdtrit(count - 1, 0.975)) * float(differences.std(ddof=1)) / count**0.5
    mean = float(differences.mean())
    return mean, mean - half, mean + half


def main() -> None:
    """Prints the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=6)
    parser.add_argument("--simulator", type=int, default=1, choices=(1, 2))
    parser.add_argument("--variant", default="")
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reserved", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--arms", nargs="+", default=[SEEDS, UNSEARCHED, *ARMS], choices=[SEEDS, UNSEARCHED, *ARMS])
    given = parser.parse_args()
    worlds = (RESERVED if given.reserved else TUNING)[: given.worlds]
    one = partial(outcome, simulator=given.simulator, variant=given.variant, answers=given.answers, seed=given.seed)
    tasks = [(number, arm) for arm in given.arms for number in worlds]
    with ProcessPoolExecutor(given.processes) as processes:
        waiting = {processes.submit(one, task): task for task in tasks}
        results = dict[tuple[int, str], Outcome]()
        for done in as_completed(waiting):
            results[waiting[done]] = done.result()
            print(*waiting[done], done.result(), file=sys.stderr, flush=True)
    rows = [[results[number, arm] for arm in given.arms] for number in worlds]
    kind = f"{'reserved' if given.reserved else 'tuning'} worlds {worlds[0]} to {worlds[-1]}"
    print(f"{len(worlds)} {kind}, simulator {given.simulator}, {given.answers:,} answers, seed {given.seed}\n")
    print(
        "| published by | mean true D | topics | settled: panel | held out | different: held out | less random topics"
        ", held out | moves | refused | rewrites |"
    )
    print("|---" * 10 + "|")
    figures = {arm: [row[place] for row in rows] for place, arm in enumerate(given.arms)}
    for arm, several in figures.items():
        means = {name: np.mean([getattr(each, name) for each in several]) for name in Outcome.__annotations__}
        less = ""
        if RANDOM in figures and arm != RANDOM and len(rows) > 1:
            differences = np.array([a.held_out - b.held_out for a, b in zip(several, figures[RANDOM], strict=True)])
            less = "{:+.3f} [{:+.3f}, {:+.3f}]".format(*interval(differences))
        print(
            f"| {arm} | {means['divergence']:.3f} | {means['topics']:.0f} | {means['panel']:.3f} | "
            f"{means['held_out']:.3f} | {means['held_out_different']:.3f} | {less} | {means['moves']:.0f} | "
            f"{means['refused']:.0f} | {means['rewrites']:.0f} |"
        )


if __name__ == "__main__":
    main()
