"""What the critic ``paper`` was in earlier versions, so that their runs go on (``overlap_score`` says what it is)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...evaluation.divergence.overlap_score import overlap_score
from .divergence_critic import DivergenceCritic, JudgedAnswers


class OverlapCritic(DivergenceCritic):
    """Selects by overlaps of value sets; divergence and the rest are shown all the same."""

    name = "overlap"
    selects_on_vectors = True

    def total(
        self,
        judged: JudgedAnswers,
        asked: NDArray[np.bool_],
        *,
        divergence: float,
        disentanglement: float,
        diversity: float | None,
    ) -> float:
        """The overlap score."""
        return overlap_score(judged.expressions, judged.answered, asked, judged.vectors).total
