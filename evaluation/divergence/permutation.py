"""Permutations of whole answers among models: the null hypothesis "all models answer alike" (METHOD.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from .entropy import Floats
from .expressions import Counted, Ints
from .noise_floor import entropy_bias
from .plug_in import plug_in_divergence
from .quadratic import quadratic_divergence

TOLERANCE = 1e-9
"""Statistics closer than this are ties: the same permutation, summed in another order, differs in the last digits."""


@dataclass(frozen=True)
class PermutationSamples:
    """B random permutations of one question's answers.

    counts   (B, K, d) answers that express each value; models are in ``samples``'s order, not in the data's
    samples  (K,) answers of each model
    """

    counts: NDArray[np.unsignedinteger]
    samples: Ints


def permutation_samples(counted: Counted, permutations: int, rng: np.random.Generator) -> PermutationSamples:
    """Permutes whole answers (all values together) among the models ``permutations`` times, within each stratum.

    Every model keeps its number of answers in each stratum. The pool is put into a canonical order first, so that the
    samples depend on ``rng`` and on what was answered, but not on the order of models or samples.
    """
    design = _design(counted)
    design = design[np.lexsort(design.T)[::-1]]
    models, strata = design.shape
    values = counted.answers.shape[1]
    counts = np.zeros((permutations, models, values), dtype=np.min_scalar_type(int(counted.samples.max())))
    for stratum, sizes in enumerate(design.T):
        pool = counted.answers[counted.stratum == stratum]
        pool = pool[np.lexsort(pool.T)].view(np.uint8)
        order = rng.permuted(np.broadcast_to(np.arange(len(pool)), (permutations, len(pool))), axis=1)
        shuffled = np.take(pool, order, axis=0)
        largest_first = np.argsort(-sizes, kind="stable")
        position = 0
        for layer in range(int(sizes.max())):  # one answer to each model that still has room for one
            takers = int((sizes > layer).sum())
            taken = shuffled[:, position : position + takers]
            if strata == 1:
                counts[:, :takers] += taken
            else:
                counts[:, largest_first[:takers]] += taken
            position += takers
    # The samples lie side by side in memory: sums over models and values then run along them, several times faster.
    return PermutationSamples(np.ascontiguousarray(counts.transpose(1, 2, 0)).transpose(2, 0, 1), design.sum(axis=1))


@dataclass(frozen=True)
class PermutationTest:
    """Monte-Carlo permutation tests of D and of G on the same permutation samples.

    p_value, quadratic_p_value   (1 + number of samples at least as extreme) / (1 + B)
    divergences, entropy_biases   (B,) each sample's plug-in divergence and the estimated bias of its entropies, bits:
                  what noise floor and variance come from where they have no closed form
    """

    p_value: float
    quadratic_p_value: float
    divergences: Floats
    entropy_biases: Floats


def permutation_test(counted: Counted, permutations: int, rng: np.random.Generator) -> PermutationTest:
    """Test "all models answer alike" by ``permutations`` >= 1 permutations of whole answers within strata."""
    if permutations < 1:
        raise ValueError(f"permutations must be at least 1, not {permutations}")
    permuted = permutation_samples(counted, permutations, rng)
    divergences = plug_in_divergence(permuted.counts, permuted.samples)
    quadratics = quadratic_divergence(permuted.counts, permuted.samples)
    return PermutationTest(
        p_value=_p_value(float(plug_in_divergence(counted.counts, counted.samples)), divergences),
        quadratic_p_value=_p_value(float(quadratic_divergence(counted.counts, counted.samples)), quadratics),
        divergences=divergences,
        entropy_biases=entropy_bias(permuted.counts, permuted.samples),
    )


def min_attainable_p(counted: Counted, permutations: int) -> float:
    """The least p-value that this design allows: one over its different permutations, or 1 / (1 + permutations).

    Where it exceeds the level the test cannot reject, whatever the models say. Permutations that only swap models with
    equal numbers of answers give the same divergence and count once. K = 2 models with 3 answers each have 10 different
    permutations: p stays at 0.1 or above, but for Monte-Carlo error.
    """
    design = _design(counted)
    swaps = np.unique(design, axis=0, return_counts=True)[1]
    log_permutations = gammaln(design.sum(axis=0) + 1).sum() - gammaln(design + 1).sum() - gammaln(swaps + 1).sum()
    return max(1.0 / (1 + permutations), float(np.exp(-log_permutations)))


def _design(counted: Counted) -> Ints:
    """(K, strata) answers of each model in each stratum."""
    models, strata = len(counted.samples), int(counted.stratum.max()) + 1
    model = np.repeat(np.arange(models), counted.samples)
    return np.bincount(model * strata + counted.stratum, minlength=models * strata).reshape(models, strata)


def _p_value(observed: float, permuted: Floats) -> float:
    return float((1 + np.count_nonzero(permuted >= observed - TOLERANCE)) / (1 + len(permuted)))
