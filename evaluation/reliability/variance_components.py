"""Where the variance of the expressions comes from: models, values, questions, wordings, samples, judges.

Source: METHOD.md section 5; the estimator is Koch's symmetric sums of squared differences (Technometrics 10, 1968),
a method of moments that needs no balance and no distribution: half the mean squared difference of two observations is
the sum of the components in which they differ, so that one kind of pair after the other gives one equation after the
other. On balanced data these are the analysis-of-variance estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints

JACKKNIFE_FOLDS = 20
"""Groups of topics that the jackknife behind the standard errors leaves out in turn."""

_TOPIC, _QUESTION, _WORDING, _ANSWER, _JUDGEMENT = range(1, 6)


@dataclass(frozen=True)
class Component:
    """One source of variance.

    variance        of an expression (0 or 1); None where this design cannot tell it from another. An estimate, which
                    may be negative: then it is small, and is shown and summed as it is
    share           of the total variance; None with it, or where nothing varies
    standard_error  of the share, from leaving out topics; says nothing of the choice of models. None with few topics
    """

    variance: float | None
    share: float | None
    standard_error: float | None


@dataclass(frozen=True)
class VarianceShares:
    """The components by name, and what they rest on.

    components   model, value, topic, question, their interactions with "×", wording, sample, judge. ``wording``,
                 ``sample`` and ``judge`` hold all that differs between wordings of one question, between answers to
                 one wording, and between judgements of one answer: their interactions included. Without a second
                 judge ``sample`` holds the judge's noise; where each question has a topic of its own, ``question``
                 holds the topic; without a second answer to a question, ``sample`` cannot be told from the
                 interactions of model and question
    total        variance of an expression, model, value and topic all drawn anew; None where it cannot be told
    models, values, topics, questions, answers   counts behind the figures
    """

    components: dict[str, Component]
    total: float | None
    models: int
    values: int
    topics: int
    questions: int
    answers: int


@dataclass(frozen=True, order=True)
class _Group:
    """What a pair of observations shares: the model, the value, and how deep its place in the design."""

    model: bool
    value: bool
    level: int

    def within(self, other: _Group) -> bool:
        """Whether a pair that shares ``other`` shares this too."""
        return self.model <= other.model and self.value <= other.value and self.level <= other.level

    @property
    def name(self) -> str:
        if self.level >= _WORDING:
            return {_WORDING: "wording", _ANSWER: "sample", _JUDGEMENT: "judge"}[self.level]
        place = {0: (), _TOPIC: ("topic",), _QUESTION: ("question",)}[self.level]
        return " × ".join([*["model"] * self.model, *["value"] * self.value, *place])


def variance_shares(
    expressions: Bools,
    model: ArrayLike,
    question: ArrayLike,
    topic: ArrayLike,
    *,
    wording: ArrayLike | None = None,
    answer: ArrayLike | None = None,
) -> VarianceShares | None:
    """The components from N judgements of answers, ``expressions`` (N, d) bool.

    ``model``, ``question``, ``topic``, ``wording`` (N,) labels of any kind; a question has one topic. ``answer`` (N,)
    labels the answer that was judged, where some were judged more than once. What was not answered is missing from
    the rows. None without a row. Raises ValueError when lengths differ.
    """
    rows = np.asarray(expressions, dtype=np.float64)
    if rows.ndim != 2 or any(np.shape(labels) != rows.shape[:1] for labels in (model, question, topic)):
        raise ValueError(f"expressions {rows.shape} must be (N, d), model, question and topic (N,)")
    if len(rows) == 0:
        return None
    models, questions, topics = (_codes(np.asarray(labels)) for labels in (model, question, topic))
    levels: dict[int, Ints] = {0: np.zeros(len(rows), dtype=np.int64)}
    if topics.max() < questions.max():
        levels[_TOPIC] = topics
    levels[_QUESTION] = questions
    if wording is not None:
        wordings = _codes(questions, _codes(np.asarray(wording)))
        if wordings.max() > questions.max():
            levels[_WORDING] = wordings
    deepest = levels[max(levels)]
    given = np.arange(len(rows)) if answer is None else _codes(deepest, models, _codes(np.asarray(answer)))
    levels[_ANSWER] = given
    if given.max() + 1 < len(rows):
        levels[_JUDGEMENT] = np.arange(len(rows))
    components = _groups(levels)
    folds = min(JACKKNIFE_FOLDS, int(topics.max()) + 1)
    shares = _shares(rows, models, levels, topics % folds, components)
    if folds < FEWEST_TOPICS_FOR_AN_INTERVAL:
        shares = shares[:1]
    named = _named(components, shares)
    for level in sorted({_TOPIC, _WORDING, _JUDGEMENT} - set(levels)):
        absent = {_Group(model, value, level).name for model in (False, True) for value in (False, True)}
        named |= dict.fromkeys(sorted(absent), Component(None, None, None))
    total = shares[0][1]
    return VarianceShares(
        components=named,
        total=None if np.isnan(total) else float(total),
        models=int(models.max()) + 1,
        values=rows.shape[1],
        topics=int(topics.max()) + 1,
        questions=int(questions.max()) + 1,
        answers=int(given.max()) + 1,
    )


def _codes(*labels: NDArray[np.generic]) -> Ints:
    """(N,) integers from 0, one for each combination of labels."""
    code = np.zeros(len(labels[0]), dtype=np.int64)
    for each in labels:
        _, inverse = np.unique(each, return_inverse=True)
        code = np.unique(code * (int(inverse.max()) + 1) + inverse, return_inverse=True)[1].astype(np.int64)
    return code


def _groups(levels: dict[int, Ints]) -> list[_Group]:
    """All that a pair may share; an answer is of one model, so that whoever shares it shares the model."""
    return [
        _Group(model, value, level)
        for level in levels
        for model in (False, True)
        for value in (False, True)
        if (model or level < _ANSWER) and (level or model or value)
    ]


def _shares(
    rows: Floats, models: Ints, levels: dict[int, Ints], fold: Ints, components: list[_Group]
) -> list[tuple[Floats, float]]:
    """Variance of each component and the total, NaN where they cannot be told: of all, and without each fold."""
    groups = [_Group(False, False, 0), *components]
    halves: dict[_Group, Floats] = {}
    pairs: dict[_Group, Floats] = {}
    # From those that share most: what is left of the others then shares no more than it says.
    for group in reversed(groups):
        half, number = _within(rows, models, levels[group.level], fold, group)
        more = [other for other in halves if group.within(other)]
        halves[group] = half - sum(halves[other] for other in more)
        pairs[group] = number - sum(pairs[other] for other in more)
    # The last is an observation beside itself, which differs in nothing.
    half_sums, numbers = (np.array([each[group] for group in groups[:-1]]) for each in (halves, pairs))
    matrix = np.array([[0.0 if each.within(group) else 1.0 for each in components] for group in groups[:-1]])
    return [
        _solve(matrix[number > 0.5], half[number > 0.5] / number[number > 0.5])
        for half, number in zip(half_sums.T, numbers.T, strict=True)
    ]


def _solve(matrix: Floats, sides: Floats) -> tuple[Floats, float]:
    """The components, NaN where the equations leave them open, and their sum (NaN likewise)."""
    inverse = np.linalg.pinv(matrix, rcond=1e-9)
    solved, resolution = inverse @ sides, inverse @ matrix
    resolved = np.abs(resolution - np.eye(matrix.shape[1])).max(axis=1) < 1e-6
    whole = np.abs(resolution.sum(axis=0) - 1.0).max() < 1e-6
    return np.where(resolved, solved, np.nan), float(solved.sum()) if whole else float("nan")


def _within(rows: Floats, models: Ints, level: Ints, fold: Ints, group: _Group) -> tuple[Floats, Floats]:
    """Half the sum of squared differences over ordered pairs that share at least the group, and their number.

    Both (1 + F,): over all rows, and without each fold.
    """
    code = level * (int(models.max()) + 1) + models if group.model and group.level < _ANSWER else level
    folds, cells = int(fold.max()) + 1, int(code.max()) + 1
    if group.level:
        size, total, square = (each[None] for each in _sums(rows, code, cells, group.value))
        of_cell = np.zeros(cells, dtype=np.int64)
        of_cell[code] = fold  # a cell lies in one topic
        half, number = _half_and_number(size, total, square)
        parts = [np.bincount(of_cell, weights=each[0], minlength=folds) for each in (half, number)]
        return tuple(np.concatenate(([part.sum()], part.sum() - part)) for part in parts)  # type: ignore[return-value]
    by_fold = [each.reshape(folds, cells, -1) for each in _sums(rows, fold * cells + code, folds * cells, group.value)]
    size, total, square = (np.concatenate([each.sum(axis=0)[None], each.sum(axis=0) - each]) for each in by_fold)
    half, number = _half_and_number(size, total, square)
    return half.sum(axis=1), number.sum(axis=1)


def _sums(rows: Floats, code: Ints, cells: int, by_value: bool) -> tuple[Floats, Floats, Floats]:
    """Number (cells, 1), sums and sums of squares (cells, d), or (cells, 1) over all values, of each cell's rows."""
    columns = rows.T if by_value else rows.sum(axis=1)[None]
    squared = np.square(rows).T if by_value else np.square(rows).sum(axis=1)[None]
    size = np.bincount(code, minlength=cells)[:, None].astype(np.float64) * (1 if by_value else rows.shape[1])
    total, square = (
        np.stack([np.bincount(code, weights=column, minlength=cells) for column in each], axis=1).astype(np.float64)
        for each in (columns, squared)
    )
    return size, total, square


def _half_and_number(size: Floats, total: Floats, square: Floats) -> tuple[Floats, Floats]:
    """For each cell (..., cells): half the squared differences of its pairs, values apart, and how many pairs."""
    return (size * square - np.square(total)).sum(axis=-1), np.square(size[..., 0]) * total.shape[-1]


def _named(components: list[_Group], shares: list[tuple[Floats, float]]) -> dict[str, Component]:
    """Components of one name added up; the first of ``shares`` is the estimate, the others leave topics out."""
    components_by_name = {}
    for name in dict.fromkeys(component.name for component in components):
        columns = [column for column, component in enumerate(components) if component.name == name]
        variances = [float(each[columns].sum()) for each, _ in shares]
        parts = [
            variance / total if total > 0 else float("nan")
            for variance, (_, total) in zip(variances, shares, strict=True)
        ]
        if np.isnan(variances[0]):
            components_by_name[name] = Component(None, None, None)
            continue
        left_out = np.array(parts[1:])
        error = None
        if len(left_out) and not np.isnan(left_out).any():
            error = float(np.sqrt((len(left_out) - 1) * left_out.var()))
        components_by_name[name] = Component(variances[0], None if np.isnan(parts[0]) else parts[0], error)
    return components_by_name
