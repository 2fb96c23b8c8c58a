"""Does a search find what was put in? Chroma's graph at two numbers of links, and the comparison with every vector.

A vector to which no link of the graph leads is in no answer, however wide the search. Questions of two kinds: alike
ones differ in one number, unlike ones hardly share a word. They are kept in batches, as a run keeps its rounds.

    python experiments/lost_vectors.py [COLLECTIONS]        (default: 60 of each small kind; minutes)
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from adaem.memory.chroma_client import NEIGHBOURS, close_client, embedded_client
from adaem.memory.embedders.embedder import Vectors
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.exact_search import ExactIndex

BATCH = 12
DEFAULT = 16
"""Links of a vector where nothing else is said."""


def texts(kind: str, count: int, seed: int) -> list[str]:
    """``count`` questions of one kind, all different."""
    rng = random.Random(seed)
    if kind == "alike":
        return [f"Should number {number} be asked?" for number in rng.sample(range(100_000), count)]
    words = [f"word{number}" for number in range(4_000)]
    return [" ".join(rng.sample(words, 14)) + "?" for _ in range(count)]


def lost(found: Sequence[Sequence[float]]) -> int:
    """Searches whose best answer is not the vector that was searched for. The others are less similar."""
    return sum(not best or best[0] < 1 - 1e-4 for best in found)


def by_graph(folder: Path, vectors: Vectors, links: int) -> int:
    """How many of ``vectors`` Chroma does not find."""
    client = embedded_client(folder)
    collection = client.create_collection(
        "questions",
        configuration={
            "hnsw": {
                "space": "cosine",
                "num_threads": 1,
                "ef_construction": 400,
                "ef_search": 400,
                "max_neighbors": links,
            }
        },
        embedding_function=None,
    )
    for start in range(0, len(vectors), BATCH):
        part = vectors[start : start + BATCH]
        collection.upsert(ids=[str(start + place) for place in range(len(part))], embeddings=part)
    missing = 0
    for start in range(0, len(vectors), 100):
        found = collection.query(query_embeddings=vectors[start : start + 100], n_results=1, include=["distances"])
        missing += lost([[1 - distance for distance in row] for row in found["distances"] or []])
    close_client(client)
    return missing


def exactly(vectors: Vectors) -> int:
    """How many of ``vectors`` the comparison with all of them does not find."""
    index = ExactIndex(vectors.shape[1])
    index.put([str(place) for place in range(len(vectors))], vectors)
    return lost([[cosine for _, cosine in row] for row in index.nearest(vectors, 1)])


def main(collections: int) -> None:
    """Prints a line a kind and size."""
    embedder = HashingEmbedder()
    print(f"| questions | collections | lost by the graph, {DEFAULT} links | {NEIGHBOURS} links | compared with all |")
    print("|---|---|---|---|---|")
    for kind, count, times in (
        ("unlike", 180, collections),
        ("alike", 300, max(1, collections // 10)),
        ("alike", 3_000, 1),
    ):
        counts = np.zeros(3, dtype=int)
        for seed in range(times):
            vectors = embedder.embed(texts(kind, count, seed))
            for place, links in enumerate((DEFAULT, NEIGHBOURS)):
                with tempfile.TemporaryDirectory() as folder:
                    counts[place] += by_graph(Path(folder), vectors, links)
            counts[2] += exactly(vectors)
        of = count * times
        print(
            f"| {count:,} {kind} | {times} | " + " | ".join(f"{each:,} of {of:,}" for each in counts) + " |", flush=True
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
