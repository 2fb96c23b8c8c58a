"""How well the instrument measures, as data: reliability, structure, priming; None as in ``result_types``."""

from __future__ import annotations

from typing import Literal

from ...domain.judge_accuracy import Figure
from ...domain.record import Record


class Alpha(Record):
    """Cronbach's alpha of one value over parcels of topics; ``standard_error`` of measurement of one model's rate."""

    alpha: Figure | None
    standard_error: float | None


class VarianceShare(Record):
    """One source of variance, as a share of all; may be slightly negative. None: this design cannot tell it."""

    name: str
    share: float | None
    standard_error: float | None


class Correlation(Record):
    """A split-half correlation beside those of shuffled models (within question x wording) and of random judges.

    None: no spread. ``exceeds`` the 95th percentile (``_high``) of both; ``on_the_border`` of that of random judges,
    where other random judges might change the verdict: ``random_reached`` is the share of them that correlate as much,
    with its 99 % interval.
    """

    observed: float | None
    shuffled_mean: float | None
    shuffled_high: float | None
    random_mean: float | None
    random_high: float | None
    exceeds: bool
    on_the_border: bool = False
    random_reached: Figure | None = None


class Reliability(Record):
    """Split-half correlations by statistic (``evaluation.reliability.split_half``), not stepped up to the full length.

    ``models`` and ``questions`` are how many they rest on; ``left_out`` are models with too few answers. The judge sees
    differences where G per question exceeds its nulls, profiles where these do, too.
    """

    correlations: dict[str, Correlation]
    models: int
    left_out: tuple[str, ...]
    questions: int
    shuffles: int
    random_judges: int
    sees_differences: bool


class ReliabilityFigures(Record):
    """Split halves (None: ``split_half_verdict`` says why), style, alphas, variance shares.

    ``style``: by which share the models' differences shrink when style is held constant; None where it is not known.
    """

    split_half: Reliability | None
    split_half_verdict: str
    style: Figure | None
    style_verdict: str
    alpha: dict[str, Alpha]
    alpha_models: int
    variance: tuple[VarianceShare, ...]


class StructureFigures(Record):
    """Whether values near on the theory's circle go together: ``fit`` -1 follows it, 0 does not.

    ``by_distance``: mean correlation of values one, two … steps apart. ``left_out``: values that never vary.
    """

    fit: Figure | None
    p_value: float | None
    by_distance: tuple[float | None, ...]
    of_models: dict[str, float | None]
    left_out: tuple[str, ...]


class PrimingEffect(Record):
    """One model told to hold one value, against its own baseline. ``effect``: primed minus baseline rate.

    ``kind``: the value itself (should rise), the mean of its opposites (should fall), or of all others.
    """

    model: str
    value: str
    kind: Literal["own", "opposite", "others"]
    baseline: float | None
    primed: float | None
    effect: Figure | None
    cohen_h: float | None
    p_value: float | None
    q_value: float | None
