"""Does the novelty gate refuse a question asked again in other words, and let a merely similar one pass?

``near_duplicates.tsv`` has 152 questions, each with a paraphrase and with another question on the same matter (a hard
negative): 304 pairs, written by hand for this. The threshold is chosen from the curve on the odd lines, as the one of
highest recall with a precision of 0.9 or more; then the gate, with every first question in its memory, is measured on
the candidates of the even lines.

    python experiments/near_duplicates.py [EMBEDDER]...

``EMBEDDER`` is as in the settings; without one ``hashing`` is measured.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.embedder import Embedder
from adaem.memory.embedders.named_embedder import make_embedder
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds
from scipy.stats import binomtest

WANTED_PRECISION = 0.9
CURVE = np.round(np.arange(0.40, 0.96, 0.05), 2)


def triples() -> list[tuple[str, str, str]]:
    """Each question, its paraphrase, and another question on the same matter."""
    with (Path(__file__).parent / "near_duplicates.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))[1:]
    return [(first, paraphrase, other) for first, paraphrase, other in rows]


def similarities(embedder: Embedder, rows: Sequence[tuple[str, str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Cosines of each question with its paraphrase, and with the other question."""
    first, paraphrase, other = (embedder.embed([row[column] for row in rows]) for column in range(3))
    return (first * paraphrase).sum(axis=1), (first * other).sum(axis=1)


def rates(same: np.ndarray, other: np.ndarray, threshold: float) -> tuple[float, float]:
    """Precision and recall of "more similar than ``threshold``"; precision is NaN where nothing is."""
    hits, alarms = int((same > threshold).sum()), int((other > threshold).sum())
    return (hits / (hits + alarms) if hits + alarms else float("nan")), hits / len(same)


def chosen(same: np.ndarray, other: np.ndarray) -> float | None:
    """The threshold of highest recall among those with the wanted precision; None when there is none."""
    found = [each for each in np.arange(0.30, 0.99, 0.01) if rates(same, other, each)[0] >= WANTED_PRECISION]
    return round(float(max(found, key=lambda each: rates(same, other, each)[1])), 2) if found else None


def measured(embedder: Embedder, rows: Sequence[tuple[str, str, str]], threshold: float) -> tuple[int, int, int]:
    """Of the even lines' candidates: paraphrases refused, others refused, and how many there are of each."""
    held = rows[1::2]
    questions = [
        Remembered(id=str(number), text=row[0], topic_id=str(number), topic=row[0], run_id="r")
        for number, row in enumerate(rows)
    ]
    with tempfile.TemporaryDirectory() as folder, Memory.open(Path(folder), embedder, "schwartz") as memory:
        memory.remember(questions)
        gate = NoveltyGate(memory, Thresholds(nearest=threshold, mean_of_three=threshold - 0.05))
        refused = [sum(not gate.check(row[column]).novel for row in held) for column in (1, 2)]
    return refused[0], refused[1], len(held)


def share(hits: int, of: int) -> str:
    """A share with its 95 % Wilson interval."""
    if not of:
        return "–"
    interval = binomtest(hits, of).proportion_ci(method="wilson")
    return f"{hits / of:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def main(names: Sequence[str]) -> None:
    """Prints the curve on one half, and the gate on the other, for each embedder."""
    rows = triples()
    for name in names:
        embedder = make_embedder(name)
        same, other = similarities(embedder, rows[0::2])
        print(f"\n{embedder.fingerprint}\n\n| threshold | precision | recall |\n|---|---|---|")
        for threshold in CURVE:
            precision, recall = rates(same, other, float(threshold))
            print(f"| {threshold:.2f} | {precision:.2f} | {recall:.2f} |")
        threshold = chosen(same, other)
        default = embedder.nearest
        for told, at in (("chosen", threshold), ("its default", default)):
            if at is None:
                print(f"\n{told}: no threshold reaches a precision of {WANTED_PRECISION}")
                continue
            hits, alarms, of = measured(embedder, rows, at)
            print(
                f"\n{told} {at:.2f}, on the other half ({of} of each): precision {share(hits, hits + alarms)}, "
                f"recall {share(hits, of)}"
            )


if __name__ == "__main__":
    main(sys.argv[1:] or ["hashing"])
