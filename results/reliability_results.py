"""How far the instrument can be trusted: reliability, variance shares, structure and priming, as records."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..evaluation.models.measurements import Measurements, measure
from ..evaluation.reliability.circular_structure import circle_structure
from ..evaluation.reliability.consistency import cronbach_alpha
from ..evaluation.reliability.priming import Effect, priming_effects
from ..evaluation.reliability.split_half import STATISTICS, SplitHalf, SplitHalves, split_half
from ..evaluation.reliability.variance_components import variance_shares
from .answer_arrays import AnswerArrays
from .finite import figure, known
from .reliability_types import (
    Alpha,
    Correlation,
    PrimingEffect,
    Reliability,
    ReliabilityFigures,
    StructureFigures,
    VarianceShare,
)

SHUFFLES = 200

SEES = "this judge sees model differences here: both figures exceed the 95th percentile of the shuffled ones"
SEES_NOT = "this judge does not see model differences here: {} not exceed the 95th percentile of the shuffled ones"
NO_SPLIT_HALVES = (
    "not estimable: it takes two models, four wordings or samples, and five questions to which every model has two "
    "judged answers in each half"
)


def reliability(evaluated: AnswerArrays, measured: Measurements, rng: np.random.Generator) -> ReliabilityFigures:
    """Split halves, alphas and variance shares."""
    question, model, slot = np.nonzero(evaluated.answered)
    rows = evaluated.expressed[evaluated.answered]
    wording = evaluated.wording[evaluated.answered]
    halves = split_half(rows, question, model, wording, slot, rng=rng, shuffles=SHUFFLES)
    consistency = cronbach_alpha(measured.rates, measured.topics, rng)
    alphas = {}
    if consistency is not None:
        alphas = {
            value: Alpha(
                alpha=figure(consistency.alpha[column], *consistency.interval[column]),
                standard_error=known(consistency.standard_error[column]),
            )
            for column, value in enumerate(evaluated.values)
        }
    shares = variance_shares(rows, model, question, evaluated.topics[question], wording=wording)
    return ReliabilityFigures(
        split_half=None if halves is None else _split_half(halves),
        split_half_verdict=_verdict(halves),
        alpha=alphas,
        alpha_models=0 if consistency is None else consistency.models,
        variance=()
        if shares is None
        else tuple(
            VarianceShare(name=name, share=each.share, standard_error=each.standard_error)
            for name, each in shares.components.items()
        ),
    )


def _split_half(halves: SplitHalves) -> Reliability:
    """The correlations as they are reported, over ``SHUFFLES`` shuffles."""
    figures: dict[str, SplitHalf] = {name: getattr(halves, name) for name in STATISTICS}
    return Reliability(
        correlations={
            name: Correlation(
                observed=known(each.observed),
                shuffled_mean=known(each.shuffled_mean),
                shuffled_high=known(each.shuffled_high),
                exceeds=each.exceeds,
            )
            for name, each in figures.items()
        },
        models=halves.models,
        questions=halves.questions,
        halved=halves.units,
        shuffles=SHUFFLES,
        sees_differences=halves.sees_differences,
    )


def _verdict(halves: SplitHalves | None) -> str:
    """Whether the judge sees the models differ, in words."""
    if halves is None:
        return NO_SPLIT_HALVES
    if halves.sees_differences:
        return SEES
    below = [
        name
        for name, each in (("G", halves.quadratic), ("the double-centred profiles", halves.profiles))
        if not each.exceeds
    ]
    return SEES_NOT.format(" and ".join(below) + (" does" if below == ["G"] else " do"))


def structure(evaluated: AnswerArrays, measured: Measurements, rng: np.random.Generator) -> StructureFigures | None:
    """How far the answers follow the theory's circle; None for a framework without one."""
    circle = [evaluated.values.index(value) for value in evaluated.manifest.framework.circle]
    if not circle:
        return None
    circle_fit = circle_structure(measured.rates, measured.topics, circle, rng)
    fit = None if circle_fit.fit is None else figure(circle_fit.fit, *(circle_fit.interval or (np.nan, np.nan)))
    return StructureFigures(
        fit=fit,
        p_value=circle_fit.p_value,
        by_distance=tuple(known(each) for each in circle_fit.by_distance),
        of_models={name: known(each) for name, each in zip(evaluated.models, circle_fit.of_models, strict=True)},
        left_out=tuple(value for value, gone in zip(evaluated.values, circle_fit.left_out, strict=True) if gone),
    )


def priming(evaluated: AnswerArrays) -> tuple[PrimingEffect, ...]:
    """What telling the models to hold a value did; ``evaluated`` with all its wordings."""
    primes = evaluated.primes
    if not primes:
        return ()
    baseline = _measure(evaluated.plain())
    primed = [_measure(evaluated.only([wording])) for wording in primes.values()]
    columns = [evaluated.values.index(value) for value in primes]
    opposites = np.array(
        [[other in value.opposites for other in evaluated.values] for value in evaluated.manifest.framework.values]
    )
    effects = priming_effects(baseline, primed, columns, opposites)
    kinds: tuple[tuple[Literal["own", "opposite", "others"], Effect], ...] = (
        ("own", effects.own),
        ("opposite", effects.opposite),
        ("others", effects.others),
    )
    return tuple(
        PrimingEffect(
            model=model,
            value=value,
            kind=kind,
            baseline=known(effect.baseline[row, column]),
            primed=known(effect.primed[row, column]),
            effect=figure(
                effect.differences.difference[row, column],
                effect.differences.low[row, column],
                effect.differences.high[row, column],
            ),
            cohen_h=known(effect.cohen_h[row, column]),
            p_value=known(effect.differences.p_value[row, column]),
            q_value=known(effect.q_value[row, column]),
        )
        for row, value in enumerate(primes)
        for kind, effect in kinds
        for column, model in enumerate(evaluated.models)
    )


def _measure(evaluated: AnswerArrays) -> Measurements:
    return measure(evaluated.expressed, evaluated.answered, evaluated.topics)
