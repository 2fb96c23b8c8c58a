"""The default embedder: words and letter groups hashed straight into the vector. Offline; finds near copies only."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from ..equality import readable
from .embedder import Vectors, unit_rows

DIMENSION = 512
WORD_GRAMS = (1, 2)
LETTER_GRAMS = (3, 5)

_PROBE = "In Norway, where overtime was capped in 2021, дело «право» — 問題 لا naïve don't?"


class HashingEmbedder:
    """scikit-learn's ``HashingVectorizer`` twice: word 1–2-grams plus 3–5-letter groups within words, equal weights.

    The thresholds were measured on templated and free questions of one topic and on 2,526 crowd-written arguments
    of 25 shared conclusions (tests/memory/test_hashing.py holds the hand-made part). Changing one word of a
    30-word question leaves a similarity of 0.92 or more (19 in 20), reordering its clauses 0.97; two questions of one
    topic that share one of place, law and conflict lay at 0.86 or less, freely worded ones at 0.66 or less. In
    questions under ten words one changed word goes unnoticed (0.7 to 0.8).
    """

    name = "hashing"
    dimension = DIMENSION
    nearest = 0.88
    mean_of_three = 0.84
    note = "finds near copies only: a question asked again in other words passes as new"

    def __init__(self) -> None:
        from sklearn.feature_extraction.text import HashingVectorizer

        self._words = HashingVectorizer(n_features=DIMENSION, ngram_range=WORD_GRAMS)
        self._letters = HashingVectorizer(n_features=DIMENSION, ngram_range=LETTER_GRAMS, analyzer="char_wb")
        self.fingerprint = (
            f"hashing/{DIMENSION}/words{WORD_GRAMS[0]}-{WORD_GRAMS[1]}+letters{LETTER_GRAMS[0]}-{LETTER_GRAMS[1]}"
            f"/{self._probe_digest()}"
        )

    def _probe_digest(self) -> str:
        """Digest of which positions a text in several scripts falls on: integers, so equal on every machine."""
        digest = sha256()
        for vectorizer in (self._words, self._letters):
            row = vectorizer.transform([_PROBE]).toarray()[0]
            digest.update(np.sign(row).astype(np.int8).tobytes())
        return digest.hexdigest()[:12]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``; about 0.6 ms a text."""
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        read = [readable(text) for text in texts]
        return unit_rows(self._words.transform(read).toarray() + self._letters.transform(read).toarray())
