"""The exact search finds what a comparison with everything finds, whatever was put in and taken out before."""

from __future__ import annotations

import numpy as np
from adaem.memory.embedders.embedder import unit_rows
from adaem.memory.exact_search import COSINE_DECIMALS, ExactIndex
from hypothesis import given
from hypothesis import strategies as st

IDS = st.sampled_from([f"q{number}" for number in range(12)])
STEPS = st.lists(st.tuples(st.sampled_from(["put", "drop"]), st.lists(IDS, max_size=4, unique=True)), max_size=20)


def vectors(count: int, seed: int) -> np.ndarray:
    """Small whole numbers, so that equal cosines occur."""
    return unit_rows(np.random.default_rng(seed).integers(-1, 2, size=(count, 3)).astype(np.float32) + 0.0)


@given(STEPS, st.integers(0, 5))
def test_it_finds_what_a_comparison_with_everything_finds(steps: list[tuple[str, list[str]]], count: int) -> None:
    index, kept = ExactIndex(3), dict[str, np.ndarray]()
    for seed, (do, ids) in enumerate(steps):
        if do == "put":
            rows = vectors(len(ids), seed)
            index.put(ids, rows)
            kept.update(zip(ids, rows, strict=True))
        else:
            index.drop(ids)
            for identifier in ids:
                kept.pop(identifier, None)
    assert index.ids() == kept.keys()
    (query,) = vectors(1, 99)
    cosines = {identifier: round(float(np.clip(vector @ query, -1, 1)), 5) for identifier, vector in kept.items()}
    wanted = sorted(cosines, key=lambda identifier: (-cosines[identifier], identifier))[:count]
    (found,) = index.nearest(query[np.newaxis], count)
    assert [identifier for identifier, _ in found] == wanted
    assert np.allclose([cosine for _, cosine in found], [cosines[each] for each in wanted], atol=1e-5)


def test_equal_vectors_are_ordered_by_id_wherever_they_lie() -> None:
    index, vector = ExactIndex(512), unit_rows(np.random.default_rng(0).normal(size=(1, 512)))
    ids = [f"q{number:03}" for number in np.random.default_rng(1).permutation(700)]
    index.put(ids, np.repeat(vector, 700, axis=0))
    (found,) = index.nearest(vector, 5)
    assert [identifier for identifier, _ in found] == ["q000", "q001", "q002", "q003", "q004"]
    assert {cosine for _, cosine in found} == {round(1.0, COSINE_DECIMALS)}
