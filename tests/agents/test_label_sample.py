"""The sample that people label: what must be in it is, and its weights give the whole population back."""

from __future__ import annotations

import numpy as np
import pytest
from adaem.agents.judges.label_sample import label_sample


def labels_of(count: int, rates: list[float], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, len(rates))) < rates


def test_each_value_is_there_and_missing() -> None:
    labels = labels_of(1000, [0.003, 0.05, 0.5, 0.995])
    chosen, weights = label_sample(labels, 24, np.random.default_rng(1))
    assert len(set(chosen)) == len(chosen)
    assert 18 <= len(chosen) <= 30
    found = labels[chosen]
    rarer = np.minimum(labels.sum(axis=0), (~labels).sum(axis=0))
    assert (np.minimum(found.sum(axis=0), (~found).sum(axis=0)) >= np.minimum(rarer, 3)).all()
    assert 0 < rarer[0] < 3
    assert (weights >= 1).all()
    assert list(chosen) != sorted(chosen)


def test_weighted_shares_are_those_of_the_population_and_plain_ones_are_not() -> None:
    """The judge finds 60 % of a value that one answer in ten expresses: among those drawn because it did, all."""
    rng = np.random.default_rng(2)
    truth = rng.random(600) < 0.1
    found = np.stack([truth & (rng.random(600) < 0.6), rng.random(600) < 0.4], axis=1)
    sensitivity = found[truth, 0].mean()
    plain, weighted, total = [], [], []
    for _ in range(400):
        chosen, weights = label_sample(found, 30, rng)
        here = truth[chosen]
        if here.any():
            plain.append(found[chosen, 0][here].mean())
            weighted.append(np.array([found[chosen, 0] @ (weights * here), weights @ here]))
        total.append(weights.sum())
    hits, all_of = np.mean(weighted, axis=0)
    assert hits / all_of == pytest.approx(sensitivity, abs=0.04)
    assert np.mean(plain) > sensitivity + 0.1
    assert np.mean(total) == pytest.approx(600, rel=0.03)


def test_few_answers_are_all_drawn() -> None:
    chosen, weights = label_sample(labels_of(9, [0.5, 0.1]), 9, np.random.default_rng(0))
    assert sorted(chosen) == list(range(9))
    assert (weights == 1).all()


def test_fewer_answers_than_values_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot hold an answer for each of 4 values"):
        label_sample(labels_of(50, [0.5] * 4), 3, np.random.default_rng(0))
