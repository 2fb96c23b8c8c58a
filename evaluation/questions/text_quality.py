"""How varied a set of questions is as text, beside another set at equal counts (METHOD.md section 5).

All of these depend on how many texts there are; figures of different counts are never compared.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log

import numpy as np
from numpy.typing import ArrayLike

from ..divergence.entropy import Floats

TEXT_DRAWS = 10
"""Random subsets that the larger set's figures are averaged over."""

MOST_TEXTS = 1000
"""Texts of each set that are compared: with more the figures hardly move and take the longer."""

LONGEST_SEQUENCE = 4
"""BLEU looks at runs of one to four words."""

# Scripts written without spaces: each character counts as a word.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u0e00-\u0eff\u3040-\u9fff\uf900-\ufaff]+"
)

Words = tuple[str, ...]


@dataclass(frozen=True)
class TextQuality:
    """Figures of ``count`` texts; None where they cannot be told (one text, no words, no vectors).

    count            texts
    words            mean length in words
    self_bleu        in [0, 1]: mean BLEU-4 of each text against all others; lower is more varied
    distinct_pairs   Dist-2 in [0, 1]: distinct pairs of neighbouring words over all; higher is more varied
    mean_similarity  mean cosine of two different texts' vectors; lower is more varied
    coverage         in [1, count]: effective number of different texts, the Vendi score (Friedman and Dieng 2023) of
                     the cosines; ``count`` when no two resemble each other
    without_vector   texts whose vector is missing or zero, left out of the last two
    """

    count: int
    words: float | None
    self_bleu: float | None
    distinct_pairs: float | None
    mean_similarity: float | None = None
    coverage: float | None = None
    without_vector: int = 0


def words_of(text: str) -> Words:
    """Lower-case words; marks are left out, and each character of a script without spaces is a word."""
    return tuple(_WORD.findall(text.casefold()))


def text_quality(texts: Sequence[str], vectors: ArrayLike | None = None) -> TextQuality:
    """The figures of ``texts``; ``vectors`` (n, m) their sentence vectors, NaN or zero where there is none."""
    split = [words_of(text) for text in texts]
    quality = TextQuality(
        count=len(texts),
        words=float(np.mean([len(each) for each in split])) if split else None,
        self_bleu=self_bleu(split),
        distinct_pairs=distinct_ngrams(split, 2),
    )
    if vectors is None:
        return quality
    if np.ndim(vectors) != 2 or np.shape(vectors)[0] != len(texts):
        raise ValueError(f"vectors {np.shape(vectors)} must be ({len(texts)}, m)")
    units = _units(np.asarray(vectors, dtype=np.float64))
    return replace(
        quality,
        mean_similarity=_mean_similarity(units),
        coverage=vendi_score(units),
        without_vector=len(texts) - len(units),
    )


def compare_texts(
    texts: Sequence[str],
    others: Sequence[str],
    rng: np.random.Generator,
    *,
    vectors: ArrayLike | None = None,
    other_vectors: ArrayLike | None = None,
    most: int = MOST_TEXTS,
) -> tuple[TextQuality, TextQuality]:
    """Both sets' figures at equal counts; of the larger, means over ``TEXT_DRAWS`` random subsets of as many texts.

    Both are cut to ``most``. Vectors (n, m) come from one embedder.
    """
    count = min(len(texts), len(others), most)
    return _at_count(texts, vectors, count, rng), _at_count(others, other_vectors, count, rng)


def _at_count(texts: Sequence[str], vectors: ArrayLike | None, count: int, rng: np.random.Generator) -> TextQuality:
    if len(texts) == count:
        return text_quality(texts, vectors)
    drawn = []
    for _ in range(TEXT_DRAWS):
        rows = rng.choice(len(texts), size=count, replace=False)
        some = None if vectors is None else np.asarray(vectors)[rows]
        drawn.append(text_quality([texts[row] for row in rows], some))
    means: dict[str, float | None] = {}
    for name in ("words", "self_bleu", "distinct_pairs", "mean_similarity", "coverage"):
        known = [getattr(each, name) for each in drawn if getattr(each, name) is not None]
        means[name] = float(np.mean(known)) if known else None
    return TextQuality(count=count, **means, without_vector=max(each.without_vector for each in drawn))


def distinct_ngrams(texts: Sequence[Words], order: int) -> float | None:
    """Distinct runs of ``order`` words over all such runs of all texts; None without any."""
    runs = [run for words in texts for run in _runs(words, order)]
    return len(set(runs)) / len(runs) if runs else None


def self_bleu(texts: Sequence[Words]) -> float | None:
    """Mean BLEU-4 of each text with all others as references, a run that is found nowhere counting 0.1.

    As Zhu et al. (2018, Texygen) with NLTK's ``SmoothingFunction().method1``, whose numbers these are; but a run's
    highest and second highest count over texts are all that is needed, so that time grows with the number of words and
    not with its square. None with fewer than two texts that have words.
    """
    present = [words for words in texts if words]
    if len(present) < 2:
        return None
    counts = [[Counter(_runs(words, order)) for words in present] for order in range(1, LONGEST_SEQUENCE + 1)]
    lengths = sorted(len(words) for words in present)
    logs = np.zeros(len(present))
    none_shared = np.zeros(len(present), dtype=bool)
    for order, of_texts in enumerate(counts, start=1):
        highest: dict[Words, tuple[int, int]] = {}
        for of_text in of_texts:
            for run, times in of_text.items():
                first, second = highest.get(run, (0, 0))
                highest[run] = (times, first) if times > first else (first, max(second, times))
        for index, of_text in enumerate(of_texts):
            matches = 0
            for run, times in of_text.items():
                first, second = highest[run]
                matches += min(times, second if times == first else first)
            none_shared[index] |= order == 1 and matches == 0
            logs[index] += log((matches or 0.1) / max(1, of_text.total())) / LONGEST_SEQUENCE
    penalties = np.array([_brevity_penalty(len(words), lengths) for words in present])
    return float(np.where(none_shared, 0.0, penalties * np.exp(logs)).mean())


def vendi_score(units: Floats) -> float | None:
    """Exponential of the entropy of the cosine kernel's eigenvalues; ``units`` (n, m) of length 1. None without one."""
    if len(units) == 0:
        return None
    smaller = units @ units.T if len(units) <= units.shape[1] else units.T @ units
    shares = np.clip(np.linalg.eigvalsh(smaller) / len(units), 0.0, None)
    shares = shares[shares > 1e-12]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _mean_similarity(units: Floats) -> float | None:
    number = len(units)
    if number < 2:
        return None
    return float((np.square(units.sum(axis=0)).sum() - number) / (number * (number - 1)))


def _units(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1)
    usable = lengths > 0  # a NaN is no length
    return np.asarray(vectors[usable] / lengths[usable, None])


def _runs(words: Words, order: int) -> list[Words]:
    return [words[start : start + order] for start in range(len(words) - order + 1)]


def _brevity_penalty(length: int, lengths: list[int]) -> float:
    """Against the other text nearest in length, the shorter of two; ``lengths`` sorted, this text's own among them."""
    place = bisect_left(lengths, length)
    beside = [*lengths[max(place - 1, 0) : place], *lengths[place + 1 : place + 2]]
    nearest = min(beside, key=lambda other: (abs(other - length), other))
    return 1.0 if length > nearest else exp(1.0 - nearest / length)
