"""Does a short form keep the long one's profiles, and do grown questions separate models that the search never saw?

Also: does the order of the questions matter to Bradley–Terry, and what time does the largest file take?

Run: python experiments/simulated_forms.py [--only short|held-out|order|size]

Worlds, questions and answers as in simulated_evaluation.py; seed 0, worlds 11 to 26.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from adaem.calibration.array_simulation import search
from adaem.calibration.question_population import Bank
from adaem.calibration.worlds import World, search_settings
from adaem.evaluation.divergence.d_star import estimate_divergences
from adaem.evaluation.intervals.averages import average_difference
from adaem.evaluation.models.bradley_terry import bradley_terry
from adaem.evaluation.models.measurements import measure
from adaem.evaluation.questions.short_form import choose_short_form
from adaem.evaluation.reliability.rank_agreement import spearman
from adaem.pool.simulated.planted import expression_probabilities
from adaem.records import RunRecords, create_run
from adaem.reports.page import page_of
from adaem.results.answer_arrays import AnswerArrays
from adaem.results.compute import results
from adaem.results.folder_report import FolderReport

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from browser import opened
from simulated_evaluation import PROPOSALS, SAMPLES, WORLDS, Floats, Populace, answers, evaluated, spread

NUMBERS = range(11, 27)


def _profile(rates: Floats) -> Floats:
    mean = np.nanmean(rates, axis=0)
    return np.asarray(mean - mean.mean(axis=0) - mean.mean(axis=1, keepdims=True) + mean.mean())


def _rates(chances: Floats, refusals: Floats, topics: Floats, rng: np.random.Generator) -> Floats:
    expressed, answered = answers(chances, refusals, rng)
    return measure(expressed, answered, topics).rates


def _shortened(number: int, random_forms: int = 40) -> Floats:
    """(2, 2) for models of the search and for others: Spearman of the short form, and mean of random ones."""
    populace = Populace.of(number, members=10)
    rng = np.random.default_rng([0, number, 51])
    label = np.repeat(np.arange(populace.bank.topics), PROPOSALS)
    chances = populace.chances.reshape(len(label), *populace.chances.shape[2:])
    refusals = populace.refusals.reshape(len(label), -1)
    seen = slice(0, 5)
    expressed, answered = answers(chances[:, seen], refusals[:, seen], rng)
    # The best 500 by the search's own scores, at most five a topic: a grown benchmark.
    scores = estimate_divergences(expressed[:, :, :3], permutations=None, rng=rng).divergence
    turn, kept = Counter[int](), list[int]()
    for row in np.argsort(-scores):
        if turn[int(label[row])] < 5 and len(kept) < 500:
            turn[int(label[row])] += 1
            kept.append(int(row))
    rows = np.array(kept)
    measured = measure(expressed[rows], answered[rows], label[rows])
    chosen = choose_short_form(measured.rates, measured.answers, measured.topics, 50).chosen
    found = np.zeros((2, 2))
    for group, models in enumerate((seen, slice(5, 10))):
        long, fresh = (_rates(chances[rows][:, models], refusals[rows][:, models], label[rows], rng) for _ in range(2))
        whole = _profile(long).ravel()
        found[group, 0] = spearman(_profile(fresh[chosen]).ravel(), whole)
        found[group, 1] = np.mean(
            [
                spearman(_profile(fresh[rng.choice(len(rows), 50, replace=False)]).ravel(), whole)
                for _ in range(random_forms)
            ]
        )
    return found


def short() -> None:
    """The short form of 50 questions of 500 against the long one, on fresh answers."""
    found = np.array(spread(_shortened, NUMBERS))
    print(f"Short form, 50 of 500 grown questions, {len(found)} worlds: Spearman with the long form's double-centred")
    print("profile, on fresh answers")
    print("| models | short form | 50 random questions, mean of 40 | better in |")
    print("|---|---|---|---|")
    for name, both in zip(("five of the search", "five others"), found.transpose(1, 2, 0), strict=True):
        gap = both[0] - both[1]
        half = 1.96 * gap.std(ddof=1) / np.sqrt(len(gap))
        print(
            f"| {name} | {both[0].mean():.3f} | {both[1].mean():.3f} (gain {gap.mean():+.3f} ± {half:.3f}) | "
            f"{(gap > 0).sum()} of {len(gap)} worlds |"
        )
    print()


def _held_out(number: int) -> tuple[float, float, float]:
    """Difference and its interval: three models that the search never saw, grown questions against seeds."""
    bank = Bank(World(number))
    found = search(bank, search_settings(6_000))
    other = Bank(World(number))
    other.members = other.world.respondents(8)[5:]
    rng = np.random.default_rng([0, number, 61])
    seeds = rng.permutation(bank.topics)[: len(found.places)]
    texts = [bank.draft(place) for place in found.places]
    grown = np.array(
        [
            [expression_probabilities(each, bank.framework, one.text, one.fact) for each in other.members]
            for one in texts
        ]
    )
    chance = other.confusion.observed(np.concatenate([grown, other.seed_rates[seeds]]))[:, :, None]
    drawn = rng.random((*chance.shape[:2], SAMPLES, chance.shape[3])) < chance
    scores = estimate_divergences(drawn, permutations=None, rng=rng).divergence
    count = len(found.places)
    gain = average_difference(scores[:count], found.topic, scores[count:], seeds)
    assert gain.interval is not None
    return gain.mean, *gain.interval


def held_out() -> None:
    """Do a default run's questions separate three models that the search never saw better than the seeds do?"""
    found = np.array(spread(_held_out, NUMBERS))
    print(
        "Held-out models, 50 grown questions minus 50 seeds, 5 answers each, bits (search of 12,000 calls, fast lane)"
    )
    for number, (mean, low, high) in zip(NUMBERS, found, strict=True):
        print(f"| world {number} | {mean:+.3f} [{low:+.3f}, {high:+.3f}] |")
    middle = np.median(found, axis=0)
    print(
        f"median {middle[0]:+.3f}, of the intervals' lower ends {middle[1]:+.3f}; above zero in "
        f"{(found[:, 1] > 0).sum()} of {len(found)} worlds\n"
    )


def order() -> None:
    """Bradley–Terry of the same questions in another order."""
    populace, rng = Populace.of(WORLDS[0]), np.random.default_rng([0, 41])
    cluster, topic, place = populace.drawn(40, 6, rng)
    expressed, answered = answers(populace.chances[topic, place], populace.refusals[topic, place], rng)
    measured = measure(expressed, answered, cluster)
    first = bradley_terry(measured.rates, cluster, answers=measured.answers)
    gaps = []
    for _ in range(20):
        rows = rng.permutation(len(cluster))
        again = bradley_terry(measured.rates[rows], cluster[rows], answers=measured.answers[rows])
        gaps.append(
            [
                float(np.nanmax(np.abs(again.strength - first.strength))),
                float(np.nanmax(np.abs(again.strength_interval - first.strength_interval))),
            ]
        )
    worst = np.max(gaps, axis=0)
    print(f"Bradley–Terry, 20 reshuffles of {len(cluster)} questions: strengths move by at most {worst[0]:.1e},")
    print(f"ends of intervals by {worst[1]:.1e} (log-odds)\n")


def large_case() -> AnswerArrays:
    """The answers of 16 simulated models to 12,310 questions, three each: arrays drawn from planted chances."""
    populace, rng = Populace.of(WORLDS[0], members=16), np.random.default_rng([0, 71])
    large = evaluated(populace, rng, count=2_736, most=8)
    cut: AnswerArrays = replace(
        large,
        **{name: getattr(large, name)[:12_310] for name in ("questions", "topics")},
        **{name: getattr(large, name)[:12_310, :, :3] for name in ("answered", "refused", "asked", "wording")},
        expressions=large.expressions[:12_310, :, :3],
    )
    return cut


def size() -> None:
    """Time and memory of every statistic of the report on a large file, and how heavy its page is."""
    large = large_case()
    print("{} questions x {} models x {} answers x {} values".format(*large.expressions.shape))
    start, busy = time.perf_counter(), time.process_time()
    found = results(large, 0)
    took, busy = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{took:.0f} s, {busy:.0f} s of one processor; peak memory of the process {peak:.0f} MB")
    with tempfile.TemporaryDirectory() as name:
        folder, page = create_run(Path(name) / "run"), Path(name) / "page.html"
        with RunRecords(folder.records_path) as records:
            records.put_questions(large.questions)
        folder.write_manifest(large.manifest)
        page.write_text(page_of(FolderReport(folder, found)), encoding="utf-8")
        with opened(page) as shown:
            print(f"page: {page.stat().st_size / 1e6:.2f} MB, ready in Chromium after {shown.seconds:.2f} s\n")


def main() -> None:
    """Run the chosen parts, or all."""
    parts: dict[str, Callable[[], None]] = {"short": short, "held-out": held_out, "order": order, "size": size}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=parts, action="append")
    for name in parser.parse_args().only or parts:
        parts[name]()


if __name__ == "__main__":
    main()
