"""A score of overlaps between value sets, which earlier versions took for the paper's; ``paper_score`` is that.

Kept so that runs which maximised it go on, and are replayed, as they were. It departs from arXiv 2505.13531: conformity
is over a model's answers instead of one answer's opinions, diversity is 1 minus Jaccard's index, averaged over pairs,
and disentanglement is an overlap instead of a difference of sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .diversity import mean_cosine_distance
from .expressions import Bools, Ints, count_answers, counted_models

ConformityReading = Literal["union-over-intersection", "intersection-over-union"]


@dataclass(frozen=True)
class OverlapScore:
    """The terms of the score; V_i is the set of values that model i expresses in at least one answer.

    conformity       R_VC, mean over models: how the value sets of a model's own answers overlap (see ``overlap_score``)
    difference       R_VD = 1 - mean over pairs of models of |V_i & V_j| / max(|V_i | V_j|, 1), in [0, 1]
    opinion          R_OD, mean cosine distance between answers of different models; 0 without text vectors
    disentanglement  R_Dis = mean over models of |V_i & V_q| / max(|V_i | V_q|, 1), in [0, 1]; V_q: the question's own
    total            conformity + difference + opinion - disentanglement / 2
    """

    conformity: float
    difference: float
    opinion: float
    disentanglement: float
    total: float


def overlap_score(
    expressions: Bools,
    answered: Bools,
    question: ArrayLike,
    vectors: ArrayLike | None = None,
    *,
    reading: ConformityReading = "union-over-intersection",
) -> OverlapScore:
    """The score of one question.

    ``expressions`` (K, L, d), ``answered`` (K, L), ``question`` (d,) bool, ``vectors`` (K, L, m) of the answers.
    ``reading`` of R_VC for the value sets of model i's own answers: "union-over-intersection" divides by
    max(|intersection|, 1), lies in [0, d] and rewards a model that disagrees with itself; "intersection-over-union"
    lies in [0, 1] and rewards one that repeats itself. Models with fewer than two answers are left out; raises
    ValueError when fewer than two remain.
    """
    counted = count_answers(expressions, answered)
    counts, samples = counted.counts, counted.samples
    in_any, in_all = counts > 0, counts == samples[:, None]
    union, intersection = in_any.sum(axis=1), in_all.sum(axis=1)
    if reading == "union-over-intersection":
        conformity = float(_share(union, intersection).mean())
    else:
        conformity = float(_share(intersection, union).mean())
    sets = in_any.astype(np.int64)
    common = sets @ sets.T
    pairs = np.triu_indices(len(sets), 1)
    difference = 1.0 - float(_share(common, union[:, None] + union - common)[pairs].mean())
    own = np.asarray(question, dtype=bool)
    disentanglement = float(_share((in_any & own).sum(axis=1), (in_any | own).sum(axis=1)).mean())
    keep = counted_models(answered)
    distances = None
    if vectors is not None:
        distances = mean_cosine_distance(np.asarray(vectors)[keep], np.asarray(answered, dtype=bool)[keep])
    opinion = 0.0 if distances is None else distances[0]
    total = conformity + difference + opinion - disentanglement / 2
    return OverlapScore(conformity, difference, opinion, disentanglement, total)


def _share(part: Ints, whole: Ints) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(part / np.maximum(whole, 1), dtype=np.float64)
