"""A static benchmark searched adaptively, offline: does a quarter of the recorded answers find what separates models?

    python experiments/bank_on_pct.py ANSWERS LABELLED [--seeds 20] [--scouts family|random]

ANSWERS is the grid of the PCT answers (42 propositions × 8 models × 10 wordings), LABELLED the texts that a local judge
is trained on. The truth is the full grid: its ten most separating propositions by G (METHOD.md section 2). A seed draws
the order in which answers are given out. Each way may look at a quarter of all answers and names ten propositions:

  bank    'adaem run' with the explorer bank: four scouts with two answers each on every proposition, then the panel of
          eight with three fresh ones on the best twenty; the first ten of its ranking
  even    every proposition alike: two answers a model, the fewest that G is defined for (four fifths of a quarter)
  half    half of the propositions, drawn at random, with five answers a model; the best ten of them
  random  ten propositions drawn at random, with all their answers

The scouts are one model a family, the first of its name: a rule from before anything was measured. ``--scouts random``
draws four of the eight for each seed instead. Shares found are means over seeds with 95 % intervals (t). Exit code 1
when the bank finds less than three fifths. About ten seconds a seed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from adaem.evaluation.divergence.quadratic import quadratic_divergence
from adaem.records import RunRecords, open_run
from adaem.results.answer_arrays import AnswerArrays, load_answer_arrays
from numpy.typing import NDArray
from scipy.stats import t as student

WANTED, MARK = 10, 0.6
SCOUTS, CANDIDATES = 4, 20
SEARCH, CONFIRM = 2, 3


def adaem(*arguments: str | Path) -> None:
    """Runs a verb as a user does, without showing what it prints."""
    subprocess.run([sys.executable, "-m", "adaem.main", *map(str, arguments)], check=True, capture_output=True)


def divergence(expressed: NDArray[np.bool_], answered: NDArray[np.bool_]) -> float:
    """G of one proposition from (K, L, d) labels, over the models with two answers at least."""
    kept = answered.sum(axis=1) >= 2
    counts = (expressed & answered[..., None]).sum(axis=1)
    return float(quadratic_divergence(counts[kept], answered[kept].sum(axis=1)))


def families(models: tuple[str, ...]) -> list[str]:
    """The first model of each family by name; a family is the letters that a name begins with."""
    first: dict[str, str] = {}
    for model in sorted(models):
        first.setdefault(re.split(r"[-\d]", model)[0].lower(), model)
    return list(first.values())


def pool_file(path: Path, models: tuple[str, ...], scouts: list[str]) -> None:
    """All models on the panel, some of them scouts. JSON is YAML, too."""
    members = [
        {"id": model, "model": f"recorded:{model}", "roles": ["scout", "panel"] if model in scouts else ["panel"]}
        for model in models
    ]
    path.write_text(json.dumps({"name": "recorded", "members": members}))


def searched(folder: Path, answers: Path, judge: Path, full: AnswerArrays, scouts: list[str], seed: int) -> list[str]:
    """The first ten of the bank's ranking."""
    pool = folder / f"pool{seed}.yaml"
    pool_file(pool, full.models, scouts)
    budget = full.answered.size // 4
    panel = CANDIDATES * CONFIRM * len(full.models)
    settings = {
        "bank": answers,
        "seed": seed,
        "agents.explorer": "bank",
        "agents.refiner": "none",
        "agents.judge": "local",
        "judge.file": judge,
        "budget.calls": budget,
        "budget.confirm_share": panel / budget,
        "budget.evaluate_share": 0,
        "samples.search": SEARCH,
        "samples.confirm": CONFIRM,
        # All are different propositions, however alike two of them sound.
        "novelty.nearest": 1,
        "novelty.mean_of_three": 1,
        "questions": 14,
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    out = folder / f"run{seed}"
    adaem("run", "--pool", pool, *given, "--out", out, "--json")
    with RunRecords(open_run(out).records_path, read_only=True) as records:
        assert records.calls_spent() <= budget
        known = records.questions()
        return [known[each].topic_id for each in records.ids("confirmed")[:WANTED]]


def drawn(full: AnswerArrays, rng: np.random.Generator) -> dict[str, list[str]]:
    """What the ways without a search name."""
    ids = [question.id for question in full.questions]
    count, slots = len(ids), full.answered.shape[2]

    def best(rows: NDArray[np.int64], answers: int) -> list[str]:
        scores = []
        for row in rows:
            taken = rng.permutation(slots)[:answers]
            scores.append(divergence(full.expressed[row][:, taken], full.answered[row][:, taken]))
        return [ids[rows[place]] for place in np.argsort(-np.array(scores))[:WANTED]]

    everything = np.arange(count)
    return {
        "even": best(everything, 2),
        "half": best(rng.permutation(count)[: count // 2], slots // 2),
        "random": best(rng.permutation(count)[: count // 4], slots),
    }


def told(name: str, shares: list[float]) -> str:
    """A row of the table."""
    mean, error = float(np.mean(shares)), float(np.std(shares, ddof=1) / np.sqrt(len(shares)))
    half = float(student.ppf(0.975, len(shares) - 1)) * error
    return f"| {name} | {mean:.2f} | [{mean - half:.2f}, {mean + half:.2f}] | {min(shares):.1f} to {max(shares):.1f} |"


def main() -> int:
    """Prints the table; 1 where the bank falls short."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers", type=Path)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--scouts", choices=["family", "random"], default="family")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        judge = folder / "judge.npz"
        adaem("judge", "train", given.labelled, "--out", judge)
        adaem("import", given.answers, "--framework", "schwartz", "--judge", judge, "--out", folder / "full")
        full = load_answer_arrays(open_run(folder / "full"))
        truth = np.array([divergence(*each) for each in zip(full.expressed, full.answered, strict=True)])
        order = np.argsort(-truth)
        top = {full.questions[place].id for place in order[:WANTED]}
        print(f"{full.answered.size} answers; a quarter: {full.answered.size // 4}")
        print(f"G of the tenth {truth[order[WANTED - 1]]:.3f}, of the eleventh {truth[order[WANTED]]:.3f}")
        shares: dict[str, list[float]] = {}
        for seed in range(given.seeds):
            rng = np.random.default_rng(seed)
            scouts = families(full.models)
            if given.scouts == "random":
                scouts = [str(each) for each in rng.choice(full.models, SCOUTS, replace=False)]
            named = {"bank": searched(folder, given.answers, judge, full, scouts, seed), **drawn(full, rng)}
            for way, ids in named.items():
                shares.setdefault(way, []).append(len(top & set(ids)) / WANTED)
            print(f"seed {seed}: " + ", ".join(f"{way} {each[-1]:.1f}" for way, each in shares.items()), flush=True)
    print(f"scouts: {', '.join(scouts) if given.scouts == 'family' else 'four at random'}")
    print("| way | share of the ten found | 95 % | seeds |\n|---|---|---|---|")
    for way, each in shares.items():
        print(told(way, each))
    return 0 if np.mean(shares["bank"]) >= MARK else 1


if __name__ == "__main__":
    sys.exit(main())
