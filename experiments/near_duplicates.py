"""Does the novelty gate refuse a question asked again in other words, and let a merely similar one pass?

``near_duplicates.tsv`` has 152 questions, each with a paraphrase and with another question on the same matter that
shares most of its words (a hard negative): 304 pairs, written by hand for this. The paraphrase and the other question
make a third pair, of two questions that share neither their sense nor their words.

For each embedder: the curve of the whole texts' cosine alone; then, for an embedder with a second look, its two
thresholds, chosen by F(0.5) over all three kinds of pairs on one half and measured on the other, and by
cross-validation. Precision and recall are of the 304 pairs; the third kind is a column of its own. Last come the gate
with its defaults, whose memory holds all 152 first questions, and ``minimal_pairs.tsv``, pairs that differ in one
thing.

    python experiments/near_duplicates.py [EMBEDDER]...

``EMBEDDER`` is as in the settings; without one ``hashing`` and ``minilm`` are measured.
"""

from __future__ import annotations

import csv
import itertools
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.embedder import Embedder
from adaem.memory.embedders.named_embedder import make_embedder
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds
from adaem.memory.second_look.second_look import MeasuredEmbedder, make_word_rule
from adaem.memory.second_look.word_rule import WordRule
from scipy.stats import binomtest

CURVE = np.round(np.arange(0.50, 0.91, 0.10), 2)
GRID = list(itertools.product(np.round(np.arange(0.40, 0.81, 0.05), 2), np.round(np.arange(0.30, 0.71, 0.05), 2)))
FOLDS = 8
BETA = 0.5
"""Precision weighs twice as much as recall: a false alarm costs a question that deserves to be asked."""

KINDS = {"paraphrase": (0, 1), "hard negative": (0, 2), "other words": (1, 2)}


@dataclass(frozen=True)
class Counts:
    """Pairs that are called the same, by kind, of ``of`` each."""

    same: int
    hard: int
    reworded: int
    of: int

    @property
    def f_beta(self) -> float:
        """F(0.5) over all three kinds, 0 where nothing is found."""
        called = self.same + self.hard + self.reworded
        weighted = (1 + BETA**2) * self.same
        return weighted / (BETA**2 * self.of + called) if called else 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.same + other.same, self.hard + other.hard, self.reworded + other.reworded, self.of + other.of
        )

    def row(self, *first: object) -> str:
        """A row of a table: precision and recall of the 304 pairs, and the share of the third kind that is found."""
        cells = [share(self.same, self.same + self.hard), share(self.same, self.of), share(self.reworded, self.of)]
        return "| " + " | ".join([*map(str, first), *cells]) + " |"


def triples() -> list[tuple[str, str, str]]:
    """Each question, its paraphrase, and another question on the same matter."""
    return [(row[0], row[1], row[2]) for row in _rows("near_duplicates.tsv")]


def _rows(name: str) -> list[list[str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t"))[1:]


def cosines(embedder: Embedder, rows: Sequence[tuple[str, str, str]]) -> np.ndarray:
    """Of the whole texts, ``(3, rows)``, by kind."""
    columns = [embedder.embed([row[column] for row in rows]) for column in range(3)]
    return np.stack([(columns[one] * columns[other]).sum(axis=1) for one, other in KINDS.values()])


def looks(rule: WordRule, rows: Sequence[tuple[str, str, str]]) -> np.ndarray:
    """How alike the words are that each pair does not share, ``(3, rows)``; -1 where the rule needs no cosine."""
    found = [[rule.likeness(row[one], row[other]) for row in rows] for one, other in KINDS.values()]
    return np.array([[-1.0 if each is None else each for each in kind] for kind in found])


def counts(whole: np.ndarray, left: np.ndarray, thresholds: tuple[float, float], rows: np.ndarray) -> Counts:
    """Of the pairs of ``rows`` those above both thresholds."""
    called = ((whole > thresholds[0]) & (left > thresholds[1]))[:, rows].sum(axis=1)
    return Counts(int(called[0]), int(called[1]), int(called[2]), len(rows))


def chosen(whole: np.ndarray, left: np.ndarray, rows: np.ndarray) -> tuple[float, float]:
    """The thresholds of the grid with the highest F(0.5) on ``rows``."""
    return max(GRID, key=lambda thresholds: counts(whole, left, thresholds, rows).f_beta)


def gate_counts(embedder: Embedder, rows: Sequence[tuple[str, str, str]]) -> tuple[int, int]:
    """Of all paraphrases and hard negatives, how many the gate refuses whose memory holds every first question."""
    questions = [
        Remembered(id=str(number), text=row[0], topic_id=str(number), topic=row[0], run_id="r")
        for number, row in enumerate(rows)
    ]
    with tempfile.TemporaryDirectory() as folder, Memory.open(Path(folder), embedder, "schwartz") as memory:
        memory.remember(questions)
        gate = NoveltyGate.of(memory)
        refused = [sum(not gate.check(row[column]).novel for row in rows) for column in (1, 2)]
    return refused[0], refused[1]


def share(hits: int, of: int) -> str:
    """A share with its 95 % Wilson interval."""
    if not of:
        return "–"
    interval = binomtest(hits, of).proportion_ci(method="wilson")
    return f"{hits / of:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def tell_second_look(embedder: Embedder, rule: WordRule, whole: np.ndarray, rows: list[tuple[str, str, str]]) -> None:
    """Prints what a second look reaches on pairs on which its thresholds were not chosen."""
    left, every = looks(rule, rows), np.arange(len(rows))
    print("\n| chosen on | candidates, unshared | measured on | precision | recall | other words |")
    print("|---|---|---|---|---|---|")
    halves = {"odd lines": every[0::2], "even lines": every[1::2]}
    for (name, tuned), (other, held) in zip(halves.items(), reversed(halves.items()), strict=True):
        found = chosen(whole, left, tuned)
        print(counts(whole, left, found, held).row(name, f"{found[0]:.2f}, {found[1]:.2f}", other))
    total = Counts(0, 0, 0, 0)
    for fold in range(FOLDS):
        held = every[fold::FOLDS]
        total += counts(whole, left, chosen(whole, left, np.setdiff1d(every, held)), held)
    print(total.row("seven eighths", "eight pairs", "the other eighth, in turn"))
    found = chosen(whole, left, every)
    print(counts(whole, left, found, every).row("all", f"{found[0]:.2f}, {found[1]:.2f}", "all (too kind)"))


def tell_minimal_pairs(embedder: Embedder, rule: WordRule, candidates: float) -> None:
    """Prints, by kind, how many minimal pairs are called right: by the second look, and by the nearest rule alone."""
    rows = _rows("minimal_pairs.tsv")
    right, alone, of = Counter[str](), Counter[str](), Counter[str]()
    for kind, one, other, same in rows:
        vectors = embedder.embed([one, other])
        similarity = float(vectors[0] @ vectors[1])
        called = similarity > candidates and rule.same_question(one, other, similarity)
        of[kind] += 1
        right[kind] += called == (same == "yes")
        alone[kind] += (similarity > embedder.nearest) == (same == "yes")
    print("\n| pairs that differ in | are the same | right with a second look | right by the threshold alone |")
    print("|---|---|---|---|")
    answers = {kind: same for kind, _, _, same in rows}
    for kind, number in of.items():
        print(f"| {kind} | {answers[kind]} | {right[kind]} of {number} | {alone[kind]} of {number} |")


def main(names: Sequence[str]) -> None:
    """Prints all tables for each embedder."""
    rows = triples()
    for name in names:
        embedder = make_embedder(name)
        whole = cosines(embedder, rows)
        print(f"\n{embedder.fingerprint}\n\n| threshold | precision | recall | other words |\n|---|---|---|---|")
        every, nothing = np.arange(len(rows)), np.zeros_like(whole)
        for threshold in (*CURVE, embedder.nearest):
            print(counts(whole, nothing, (float(threshold), -1.0), every).row(f"{threshold:.2f}"))
        rule = make_word_rule(embedder)
        measured = isinstance(embedder, MeasuredEmbedder) and embedder.unshared is not None
        if measured:
            tell_second_look(embedder, rule, whole, rows)
        hits, alarms = gate_counts(embedder, rows)
        print(
            f"\nthe gate as it is by default: refuses {share(hits, len(rows))} of the paraphrases, "
            f"{share(alarms, len(rows))} of the hard negatives"
        )
        if measured:
            tell_minimal_pairs(embedder, rule, Thresholds.of(embedder).candidates)


if __name__ == "__main__":
    main(sys.argv[1:] or ["hashing", "minilm"])
