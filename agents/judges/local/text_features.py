"""What a local judge's model reads of a text: TF-IDF terms, how much of it is known words, and what is embedded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

EMBEDDED_CHARACTERS = 200
"""Characters of a text that are embedded: nine in ten of ValueEval's arguments are no longer, and the time of an
embedding grows with the text. TF-IDF reads all of it."""

COVERAGES = 5
"""Columns of ``coverage``."""


def word_vectorizer(vocabulary: Sequence[str] | None = None, *, normalised: bool = True) -> TfidfVectorizer:
    """Words and pairs of words that stand in two texts at least."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    norm = "l2" if normalised else None
    return TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, vocabulary=vocabulary, norm=norm)


def character_vectorizer(vocabulary: Sequence[str] | None = None) -> TfidfVectorizer:
    """Runs of 3 to 5 characters inside words, in five texts at least."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=5, sublinear_tf=True, vocabulary=vocabulary)


def coverage(texts: Sequence[str], terms: Collection[str]) -> NDArray[np.float64]:
    """How long each text is and how much of it is known, (N, ``COVERAGES``).

    The columns: log(1 + words), log(1 + distinct words), the shares of its words and of its pairs of words that are
    among ``terms``, and log(1 + known pairs).
    """
    terms_of, known = word_vectorizer().build_analyzer(), frozenset(terms)
    rows = np.zeros((len(texts), COVERAGES))
    for row, text in enumerate(texts):
        found = terms_of(text)
        words = [term for term in found if " " not in term]
        pairs = [term for term in found if " " in term]
        known_pairs = sum(term in known for term in pairs)
        rows[row] = (
            np.log1p(len(words)),
            np.log1p(len(set(words))),
            sum(term in known for term in words) / max(1, len(words)),
            known_pairs / max(1, len(pairs)),
            np.log1p(known_pairs),
        )
    return rows


def excerpt(text: str) -> str:
    """What is embedded of a text: its beginning, up to the end of a word."""
    if len(text) <= EMBEDDED_CHARACTERS:
        return text
    return text[:EMBEDDED_CHARACTERS].rpartition(" ")[0] or text[:EMBEDDED_CHARACTERS]
