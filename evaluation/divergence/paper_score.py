"""The paper's score of a question as printed, R_VC + R_VD + R_OD - R_Dis / 2, from sets of values.

Source: arXiv 2505.13531, appendix C.3. Quotients divide by ``max(|intersection|, 1)`` where the paper prints ``min``,
which divides by zero where two sets are disjoint. The names of the terms are the paper's. The paper asks each model
once; here each term is its mean over all ways to draw one answer of each model, so that more answers make the score
surer, and one answer a model gives what is printed. What it does not print is how conformity and disentanglement of
several models become one number: they are summed over models, as diversity is over pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .entropy import Floats
from .expressions import Bools


@dataclass(frozen=True)
class PaperScore:
    """The terms of the paper's score; V_i is the set of values of an answer of model i, V_q that of the question.

    conformity       R_VC, sum over models of |union| / max(|intersection|, 1) over the value sets of one answer's
                     opinions (key points), in [0, K d]; a model whose opinions differ has more
    diversity        R_VD, sum over ordered pairs of models of |V_i | V_j| / max(|V_i & V_j|, 1), in [0, K (K - 1) d]
    opinion          R_OD, mean distance between answers of different models; 0 without text vectors
    disentanglement  R_Dis, sum over models of |V_i - V_q|, in [0, K d]; it is subtracted, as printed
    total            conformity + diversity + opinion - disentanglement / 2; it grows with K
    """

    conformity: float
    diversity: float
    opinion: float
    disentanglement: float
    total: float


def paper_score(
    expressions: Bools, unanimous: Bools, answered: Bools, question: ArrayLike, vectors: ArrayLike | None = None
) -> PaperScore:
    """The paper's score of one question.

    ``expressions`` (K, L, d) says which values at least one opinion of an answer expresses, ``unanimous`` (K, L, d)
    which ones all its opinions express; ``answered`` (K, L); ``question`` (d,) bool; ``vectors`` (K, L, m) of the
    answers. Models without an answer are left out; raises ValueError when shapes do not fit or fewer than two remain.
    Cosine distance of the run's embedder stands for the paper's 1 - BERTScore.
    """
    mask = np.asarray(answered, dtype=bool)
    union, common = np.asarray(expressions, dtype=bool), np.asarray(unanimous, dtype=bool)
    if union.ndim != 3 or union.shape != common.shape or union.shape[:2] != mask.shape:
        raise ValueError(
            f"expressions {union.shape}, unanimous {common.shape}: (K, L, d); answered {mask.shape}: (K, L)"
        )
    if (models := int(mask.any(axis=1).sum())) < 2:
        raise ValueError(f"{models} of {len(mask)} models have an answer; the paper's score needs two")
    sets = union[mask].astype(np.int64)
    weights = _weights(mask)
    sizes = sets.sum(axis=1)
    conformity = float((weights @ (sizes / np.maximum(common[mask].sum(axis=1), 1))).sum())
    shared = sets @ sets.T
    jaccard = (sizes[:, None] + sizes - shared) / np.maximum(shared, 1)
    between = weights @ jaccard @ weights.T
    diversity = float(between.sum() - np.trace(between))
    beyond = (sets * ~np.asarray(question, dtype=bool)).sum(axis=1)
    disentanglement = float((weights @ beyond).sum())
    opinion = 0.0 if vectors is None else _distance(np.asarray(vectors, dtype=np.float64), mask)
    total = conformity + diversity + opinion - disentanglement / 2
    return PaperScore(conformity, diversity, opinion, disentanglement, total)


def _weights(mask: Bools) -> Floats:
    """(K', N) weights that average the N answers of ``mask`` (K, L) over each of the K' models that have some."""
    model = np.nonzero(mask)[0]
    weights = (np.unique(model)[:, None] == model).astype(np.float64)
    averaging: Floats = weights / weights.sum(axis=1, keepdims=True)
    return averaging


def _distance(vectors: Floats, mask: Bools) -> float:
    """Mean cosine distance between answers of different models, pairs of models alike; 0 where two have no vectors."""
    lengths = np.linalg.norm(vectors, axis=-1)
    mask = mask & (lengths > 0)
    if mask.any(axis=1).sum() < 2:
        return 0.0
    means = _weights(mask) @ (vectors[mask] / lengths[mask][:, None])
    return float(1.0 - (means @ means.T)[np.triu_indices(len(means), 1)].mean())
