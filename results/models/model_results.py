"""How the models stand to each other: relative strength, distances, a map and a tree, as records."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from ...evaluation.intervals.multiplicity import q_values
from ...evaluation.models.bradley_terry import bradley_terry
from ...evaluation.models.distances import Distances, pair_distances
from ...evaluation.models.measurements import Measurements
from ...evaluation.models.model_embedding import average_linkage, classical_map
from ...evaluation.models.trueskill import Ratings, skill_ratings
from ..answer_arrays import AnswerArrays
from ..finite import figure, known
from ..result_types import Distance, ModelMap, ModelTree, Strength

WITHOUT_SKILL = "Skill ratings, the paper's protocol, need the extra 'strength' (openskill)."
WITH_SKILL = (
    "Skill ratings are the Plackett–Luce model of openskill, not Microsoft's TrueSkill; their sigma shrinks with every "
    "match and is no interval."
)


def strengths(
    evaluated: AnswerArrays, measured: Measurements, rng: np.random.Generator
) -> tuple[tuple[Strength, ...], str]:
    """Every model's strength on every value, and what is to be known of the skill ratings; empty with one model."""
    if len(evaluated.models) < 2:
        return (), ""
    fit = bradley_terry(measured.rates, measured.topics, answers=measured.answers)
    ratings = skill_ratings(measured.rates, rng) if find_spec("openskill") is not None else None

    def strength(model: int, value: int) -> Strength:
        at = model, value
        return Strength(
            model=evaluated.models[model],
            value=evaluated.values[value],
            strength=figure(fit.strength[at], *fit.strength_interval[at]),
            win_rate=figure(fit.win_rate[at], *fit.win_rate_interval[at]),
            **_skill(ratings, at),
        )

    cells = np.ndindex(len(evaluated.models), len(evaluated.values))
    return tuple(strength(*cell) for cell in cells), WITHOUT_SKILL if ratings is None else WITH_SKILL


def _skill(ratings: Ratings | None, at: tuple[int, int]) -> dict[str, float | None]:
    if ratings is None:
        return {"skill": None, "skill_sigma": None, "skill_order_spread": None}
    return {
        "skill": known(ratings.rating[at]),
        "skill_sigma": known(ratings.sigma[at]),
        "skill_order_spread": known(ratings.order_spread[at]),
    }


def model_distances(
    evaluated: AnswerArrays, rng: np.random.Generator
) -> tuple[tuple[Distance, ...], ModelMap | None, ModelTree | None]:
    """All pairs, the map and the tree; those two are None with fewer than three models that have distances."""
    strata = evaluated.wording if len(evaluated.wordings) > 1 else None
    distances_of_pairs = pair_distances(
        evaluated.expressed,
        evaluated.answered,
        evaluated.topics,
        rng,
        strata=strata,
        noise_floor=evaluated.manifest.settings.search.noise_floor,
    )
    first, second = np.triu_indices(len(evaluated.models), 1)
    q = q_values(distances_of_pairs.p_value[first, second])
    distances = tuple(
        Distance(
            first=evaluated.models[one],
            second=evaluated.models[other],
            distance=figure(distances_of_pairs.distance[one, other], *distances_of_pairs.interval[one, other]),
            divergence=known(distances_of_pairs.divergence[one, other]),
            p_value=known(distances_of_pairs.p_value[one, other]),
            q_value=known(q[row]),
            questions=int(distances_of_pairs.questions[one, other]),
        )
        for row, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True))
    )
    return distances, _map(evaluated, distances_of_pairs), _tree(evaluated, distances_of_pairs)


def _map(evaluated: AnswerArrays, distances: Distances) -> ModelMap | None:
    plane = classical_map(distances.distance)
    if (~plane.left_out).sum() < 3:
        return None
    placed = [
        (name, point)
        for name, point, gone in zip(evaluated.models, plane.points, plane.left_out, strict=True)
        if not gone
    ]
    return ModelMap(
        points={name: (float(x), float(y)) for name, (x, y) in placed},
        shown=known(plane.shown),
        misfit=known(plane.misfit),
        left_out=tuple(name for name, gone in zip(evaluated.models, plane.left_out, strict=True) if gone),
    )


def _tree(evaluated: AnswerArrays, distances: Distances) -> ModelTree | None:
    tree = average_linkage(distances.distance)
    if tree is None or len(tree.models) < 3:
        return None
    return ModelTree(
        models=tuple(evaluated.models[model] for model in tree.models),
        merges=tuple((int(one), int(other), float(apart), int(size)) for one, other, apart, size in tree.merges),
        order=tuple(evaluated.models[model] for model in tree.order),
    )
