"""Style as a rival explanation: how much of the models' differences is in length, markup, hedging? (METHOD.md 5).

An analysis of covariance. The rate of each model and value is estimated twice by least squares on the answers, within
questions: from the model alone, and with the answer's style beside it. The slope of a value on style comes from answers
of one model that differ in style, so that a difference between models which style does not explain stays one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ...domain.texts.words import folded_words
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints

_MARKUP = re.compile(r"(?m)^\s*(?:[-*+•]\s|#{1,6}\s|\d{1,2}[.)]\s|>\s|\|)|\*\*|__|`")
"""List items, headings, quotations, table rows; bold type and code."""

_HEDGES = frozenset(
    """almost apparently appear appears arguably could doubt essentially estimate fairly frequently generally guess
    largely likely mainly may maybe might mostly often overall partly perhaps plausible plausibly possible possibly
    presumably probable probably quite rather relatively roughly seem seemingly seems sometimes somewhat suggest
    suggests suppose tend tends typically uncertain unclear unlikely usually would""".split()  # noqa: SIM905
)
"""English only, from Hyland's list (Metadiscourse, 2005): elsewhere length and markup alone are held constant."""

_NO_VARIATION = 1e-6
"""Share of a feature's variance within models below which it is a property of the model, and cannot be told from it."""


@dataclass(frozen=True)
class StyleShare:
    """By which share the models' differences shrink when style is held constant.

    share      slope of the explained on the observed differences of K models in d values: 0 style explains nothing, 1
               everything; below 0 style hides differences
    interval   95 %, jackknife over topics
    topics
    """

    share: float
    interval: tuple[float, float]
    topics: int


def style_features(texts: Sequence[str]) -> Floats:
    """(N, 3) natural logarithms of 1 + the number of words, of marks, and of hedges in each text."""
    counts = []
    for text in texts:
        words = folded_words(text)
        counts.append((len(words), len(_MARKUP.findall(text)), sum(word in _HEDGES for word in words)))
    return np.log1p(np.array(counts, dtype=np.float64).reshape(len(texts), 3))


def style_share(
    expressions: Bools, style: ArrayLike, question: ArrayLike, model: ArrayLike, topic: ArrayLike
) -> StyleShare | None:
    """The share from N judged answers; None where it cannot be said.

    expressions   (N, d) bool
    style         (N, p) features; one that hardly varies within models is left out
    question, model, topic   (N,) labels of any kind

    It is assumed that style has the same linear effect on a value's rate in every model. None with fewer than two
    models or ``FEWEST_TOPICS_FOR_A_VERDICT`` topics, without variation in style, or where the models' differences are
    not significantly larger than chance makes them: then there is nothing to explain. Squared differences are corrected
    for chance by the jackknife (Quenouille), which for a square is exact.
    """
    of_question, of_model, of_topic = (np.unique(each, return_inverse=True)[1] for each in (question, model, topic))
    models, topics = (int(each.max(initial=-1)) + 1 for each in (of_model, of_topic))
    if models < 2 or topics < FEWEST_TOPICS_FOR_A_VERDICT:
        return None
    columns = np.hstack([np.eye(models)[of_model], np.asarray(style, dtype=np.float64)])
    products = _topic_products(_within(columns, of_question), _within(expressions, of_question), of_topic, topics)
    products = _varying(products, models)
    if products.shape[1] == models:
        return None
    whole = products.sum(axis=0)
    explained, squared = _explained_and_squared(np.concatenate([whole[None], whole - products]), models)
    explained_values = topics * explained[0] - (topics - 1) * explained[1:]  # Tukey's pseudo-values
    squared_values = topics * squared[0] - (topics - 1) * squared[1:]
    quantile = float(student.ppf(0.975, topics - 1))
    size = float(squared_values.mean())
    if size <= quantile * _error(squared_values):
        return None
    share = float(explained_values.mean()) / size
    margin = quantile * _error(explained_values - share * squared_values) / size
    return StyleShare(share, (share - margin, share + margin), topics)


def _within(columns: ArrayLike, question: Ints) -> Floats:
    """``columns`` (N, c) less their means over each question's answers."""
    values = np.asarray(columns, dtype=np.float64)
    size = np.bincount(question).astype(np.float64)
    means = np.stack([np.bincount(question, weights=column) / size for column in values.T], axis=1)
    return np.asarray(values - means[question])


def _topic_products(columns: Floats, outcomes: Floats, topic: Ints, topics: int) -> Floats:
    """(C, c, c + d) for each topic the sums of products of the columns with themselves and with the outcomes."""
    both = np.hstack([columns, outcomes])
    order = np.argsort(topic, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(topic, minlength=topics))[:-1])
    return np.stack([columns[each].T @ both[each] for each in rows])


def _varying(products: Floats, models: int) -> Floats:
    """Without the style features that hardly vary within models; the others in units of that variation."""
    count = products.shape[1]
    whole = products.sum(axis=0)[:, :count]
    of_models = whole[:models, models:]
    left = whole[models:, models:] - of_models.T @ np.linalg.pinv(whole[:models, :models], hermitian=True) @ of_models
    inside = np.diagonal(left)
    varies = inside > _NO_VARIATION * np.maximum(np.diagonal(whole)[models:], 1.0)
    scale = np.ones(products.shape[2])
    scale[models:count] = 1.0 / np.sqrt(np.where(varies, inside / inside.max(initial=1.0), 1.0))
    kept = np.concatenate([np.ones(models, dtype=bool), varies])
    scaled = products * scale[:count, None] * scale
    return scaled[:, kept][:, :, np.concatenate([kept, np.ones(products.shape[2] - count, dtype=bool)])]


def _explained_and_squared(products: Floats, models: int) -> tuple[Floats, Floats]:
    """(B,) both, of normal equations (B, c, c + d): sums over models and values of the products of the observed with
    the explained differences, and with themselves."""
    count = products.shape[1]
    equations, outcomes = products[..., :count], products[..., count:]
    observed = np.linalg.pinv(equations[:, :models, :models], hermitian=True) @ outcomes[:, :models]
    adjusted = (np.linalg.pinv(equations, hermitian=True) @ outcomes)[:, :models]
    observed, adjusted = (each - each.mean(axis=1, keepdims=True) for each in (observed, adjusted))
    return (observed * (observed - adjusted)).sum(axis=(1, 2)), np.square(observed).sum(axis=(1, 2))


def _error(values: Floats) -> float:
    """Standard error of the mean of pseudo-values (C,)."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))
