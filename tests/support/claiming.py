"""One run of several that want to ask the same questions of one memory: ``python claiming.py URL RUN``."""

from __future__ import annotations

import random
import sys

from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds

QUESTIONS = 180
ROUND = 12


def main(url: str, run: str) -> None:
    """Claims every question, in rounds, and remembers those that it may ask."""
    embedder, shared, own = HashingEmbedder(), random.Random(5), random.Random(run)
    words = [f"word{number}" for number in range(4_000)]
    texts = [" ".join(shared.sample(words, 14)) + "?" for _ in range(QUESTIONS)]
    with Memory.open(url, embedder, "schwartz") as memory:
        gate = NoveltyGate(memory, Thresholds(nearest=0.99, mean_of_three=0.99))
        for start in range(0, QUESTIONS, ROUND):
            items = [
                Remembered(id=f"{run}/q{number}", text=texts[number], topic_id="t", topic="T?", run_id=run)
                for number in range(start, start + ROUND)
            ]
            own.shuffle(items)
            memory.remember([item for item in items if gate.claim(item).novel])


if __name__ == "__main__":
    main(*sys.argv[1:])
