"""Judges that know nothing of values: random weights on the words of an answer (METHOD.md section 5).

Models differ in style, and a judge that labels style tells halves of their answers apart as a good one does. Random
judges read the same texts as the real one and express each value as often: what the real one sees beyond them is no
matter of words alone. On real answers they were no weaker a control than a trained judge whose weights were permuted
over its features (docs/STATISTICS.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import csr_array

from ...domain.texts.words import folded_words
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints

JUDGES = 200
"""At most so many are drawn; fewer where they settle the verdict sooner (``split_half``)."""


def random_judges(
    texts: Sequence[str], expressions: Bools, rng: np.random.Generator, *, judges: int = JUDGES
) -> Iterator[Bools]:
    """The labels (N, d) of each of so many random judges of ``texts`` (N,).

    A score is the sum of a text's words, each as often as it stands there, with normal weights. A value is expressed by
    the texts with the highest scores, as many as express it in ``expressions`` (N, d); equal scores are labelled alike.
    """
    counts = word_counts(texts)
    positives = np.asarray(expressions, dtype=bool).sum(axis=0)
    for _ in range(judges):
        yield highest_scores(counts @ rng.normal(size=(counts.shape[1], len(positives))), positives)


def word_counts(texts: Sequence[str]) -> csr_array:
    """(N, V) how often each word stands in each text."""
    places: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for text in texts:
        columns += [places.setdefault(word, len(places)) for word in folded_words(text)]
        ends.append(len(columns))
    counts = csr_array((np.ones(len(columns)), columns, ends), shape=(len(texts), len(places)))
    counts.sum_duplicates()
    return counts


def highest_scores(scores: Floats, positives: Ints) -> Bools:
    """(N, d) which of a value's ``scores`` (N, d) are its ``positives`` (d,) highest, or equal to these."""
    ranked = -np.sort(-scores, axis=0)
    lowest = ranked[np.maximum(positives, 1) - 1, np.arange(scores.shape[1])]
    return np.asarray((scores >= lowest) & (positives > 0))
