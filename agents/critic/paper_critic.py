"""The paper's own score as a critic, as it is printed, so that its search can be reproduced (METHOD.md section 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...evaluation.divergence.expressions import counted_models
from ...evaluation.divergence.paper_score import paper_score
from .divergence_critic import DivergenceCritic, JudgedAnswers


class PaperCritic(DivergenceCritic):
    """Selects by ``R_VC + R_VD + R_OD - R_Dis / 2``; divergence and the rest are shown all the same.

    The models that count are those of the divergence, with two answers at least, so that the score is of ``models``.
    """

    name = "paper"
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
        """The paper's score; its terms are those of ``evaluation.divergence.paper_score``."""
        counted = judged.answered & counted_models(judged.answered)[:, None]
        return paper_score(judged.expressions, judged.unanimous, counted, asked, judged.vectors).total
