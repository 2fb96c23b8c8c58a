"""How a memory's speed depends on how much it remembers: the novelty check, insertion, opening, and what it takes.

The first check of all reads the vectors, where the memory compares with each.

Each size is a memory of its own on disk, filled in batches; questions are put together from words, all different. The
checks of all sizes are made in turns, so that a slow moment of the machine meets both.

    python experiments/memory_scale.py [SIZE]...        (default: 1000 10000 100000; minutes)
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from adaem.domain.reading.yaml_records import load_framework
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds

BATCH = 1_000
LAST = 3
"""Batches at the end of the filling whose rate counts."""
CHECKS = 200


def questions(count: int, seed: int) -> list[str]:
    """Questions of some 25 words each: a topic, a place, a year, and words of the framework's examples."""
    framework = load_framework("schwartz")
    rng = np.random.default_rng(seed)
    words = sorted({word for value in framework.values for each in value.examples for word in each.split()})
    topics = [topic.text.rstrip("?") for topic in framework.topics]
    return [
        f"In {words[rng.integers(len(words))].title()} since {rng.integers(1950, 2026)}, "
        f"{topics[rng.integers(len(topics))].lower()} when {' '.join(rng.choice(words, 12))} ({seed}-{number})?"
        for number in range(count)
    ]


def filled(place: Path, size: int) -> float:
    """Fills a memory; returns the questions a second of the last batches."""
    embedder = HashingEmbedder()
    texts, seconds = questions(size, 1), []
    with Memory.open(place, embedder, "schwartz") as memory:
        for start in range(0, size, BATCH):
            items = [
                Remembered(id=f"r/q{start + number}", text=text, topic_id="t", topic="T?", run_id="r")
                for number, text in enumerate(texts[start : start + BATCH])
            ]
            began = time.perf_counter()
            memory.remember(items)
            seconds.append((time.perf_counter() - began) / len(items))
    return 1 / statistics.median(seconds[-LAST:])


def main(sizes: Sequence[int]) -> None:
    """Fills the memories and prints a line each."""
    with tempfile.TemporaryDirectory() as folder:
        places = {size: Path(folder) / str(size) for size in sizes}
        rates = {size: filled(place, size) for size, place in places.items()}
        opened, opening = {}, {}
        for size, place in places.items():
            began = time.perf_counter()
            opened[size] = Memory.open(place, HashingEmbedder(), "schwartz")
            opening[size] = time.perf_counter() - began
        gates = {size: NoveltyGate(memory, Thresholds.of(memory.embedder)) for size, memory in opened.items()}
        taken: dict[int, list[float]] = {size: [] for size in sizes}
        for text in questions(CHECKS, 2):
            for size, gate in gates.items():
                began = time.perf_counter()
                gate.check(text)
                taken[size].append(time.perf_counter() - began)
        print("| questions | check, median | first check | inserted a second | opening | on disk |")
        print("|---|---|---|---|---|---|")
        for size, place in places.items():
            disk = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
            print(
                f"| {size:,} | {1e3 * statistics.median(taken[size]):.1f} ms | {taken[size][0]:.1f} s "
                f"| {rates[size]:,.0f} | {opening[size]:.1f} s | {disk / 1e6:,.0f} MB |"
            )
            opened[size].close()
        print(f"\nat most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB of memory, all sizes open")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000])
