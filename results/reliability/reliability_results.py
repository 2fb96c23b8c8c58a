"""How far the instrument can be trusted: reliability, variance shares, structure and priming, as records."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ...evaluation.models.measurements import Measurements, measure
from ...evaluation.reliability.circular_structure import circle_structure
from ...evaluation.reliability.consistency import cronbach_alpha
from ...evaluation.reliability.priming import Effect, priming_effects
from ...evaluation.reliability.variance_components import variance_shares
from ..answer_arrays import AnswerArrays
from ..finite import figure, known
from .reliability_types import (
    Alpha,
    PrimingEffect,
    ReliabilityFigures,
    StructureFigures,
    VarianceShare,
)
from .split_half_results import drawn_questions, split_halves, style


def reliability(
    evaluated: AnswerArrays, measured: Measurements, rng: np.random.Generator, of_halves: np.random.Generator
) -> ReliabilityFigures:
    """Split halves, drawn from ``of_halves``, style, alphas and variance shares."""
    halved = drawn_questions(evaluated, of_halves)
    halves, verdict = split_halves(halved, of_halves, drawn=halved is not evaluated)
    style_share, style_verdict = style(halved)
    question, model, _ = np.nonzero(evaluated.answered)
    rows = evaluated.expressed[evaluated.answered]
    wording = evaluated.wording[evaluated.answered]
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
        split_half=halves,
        split_half_verdict=verdict,
        style=style_share,
        style_verdict=style_verdict,
        alpha=alphas,
        alpha_models=0 if consistency is None else consistency.models,
        variance=()
        if shares is None
        else tuple(
            VarianceShare(name=name, share=each.share, standard_error=each.standard_error)
            for name, each in shares.components.items()
        ),
    )


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
