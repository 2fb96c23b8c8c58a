"""The scores that confirmed questions are published with, from all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...domain.critique import MEASURE_DIVERGENCE, Critique, common_models
from ...evaluation.questions.shrinkage import shrunken_scores


def with_shrunken_scores(critiques: Sequence[Critique], searched: Mapping[str, Critique]) -> list[Critique]:
    """The critiques, those of the common models with a shrunken score; ``searched`` are the search's, by question."""
    models = common_models(critiques)
    chosen = [
        place
        for place, each in enumerate(critiques)
        if each.score is not None
        and each.models == models
        and each.critic in MEASURE_DIVERGENCE
        and each.score.noise_variance is not None
    ]
    scores = [score for place in chosen if (score := critiques[place].score) is not None]
    before = [searched.get(critiques[place].question_id) for place in chosen]
    shrunken = shrunken_scores(
        [score.divergence for score in scores],
        [np.nan if each is None or each.score is None else each.score.divergence for each in before],
        [score.noise_floor if score.permuted_floor is None else score.permuted_floor for score in scores],
        [score.noise_variance or 0.0 for score in scores],
    )
    result = list(critiques)
    if shrunken is None:
        return result
    for place, score, figure, ends in zip(chosen, scores, shrunken.score, shrunken.interval, strict=True):
        update = {"shrunken": float(figure), "shrunken_interval": (float(ends[0]), float(ends[1]))}
        result[place] = critiques[place].model_copy(update={"score": score.model_copy(update=update)})
    return result
