"""The local judge's model and its file: TF-IDF features and one linear score for each value. Data, never code."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ....domain.errors import FileError
from ....domain.framework import Framework
from ....domain.judge_accuracy import JUDGE_FORMAT, JUDGE_FORMAT_VERSION, TrainingReport
from ....domain.reading.files import read_bytes
from ....records.whole_file import new_file

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

_REMEDY = "make it again with 'adaem judge train'"
_MOST_BYTES = 1_000_000_000
_ARRAYS = {
    "metadata": ("u1", 1),
    "words": ("u1", 1),
    "word_weights": ("f4", 1),
    "characters": ("u1", 1),
    "character_weights": ("f4", 1),
    "coefficients": ("f4", 2),
    "intercepts": ("f8", 1),
    "thresholds": ("f8", 1),
    "trained_on": ("u8", 1),
}
_DAMAGE = (OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError, MemoryError, OverflowError)


@dataclass(frozen=True)
class LocalModel:
    """``words`` (W) and ``characters`` (C) are the features' terms in the order of ``coefficients``' columns.

    word_weights (W,), character_weights (C,)   inverse document frequencies
    coefficients (d, W + C), intercepts (d,)    the linear scores
    thresholds   (d,) a text expresses a value where its score is at least this
    trained_on   sorted digests of the texts and groups that were trained on (``digest``)
    """

    report: TrainingReport
    words: tuple[str, ...]
    word_weights: NDArray[np.float32]
    characters: tuple[str, ...]
    character_weights: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    trained_on: NDArray[np.uint64]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """How far each text's score lies above each value's threshold, (N, d): expressed where it is >= 0."""
        from scipy.sparse import hstack

        rows = hstack([vectorizer.transform(texts) for vectorizer in self._vectorizers]).tocsr()
        return np.asarray(rows @ self._columns + self.intercepts - self.thresholds)

    def knows(self, text_or_group: str) -> bool:
        """Whether this text or group was in the training data."""
        return bool(np.isin(digest(text_or_group), self.trained_on))

    @cached_property
    def _columns(self) -> NDArray[np.float64]:
        return np.ascontiguousarray(self.coefficients.T, dtype=np.float64)

    @cached_property
    def _vectorizers(self) -> tuple[TfidfVectorizer, TfidfVectorizer]:
        words = word_vectorizer(self.words)
        characters = character_vectorizer(self.characters)
        words.idf_ = self.word_weights.astype(np.float64)
        characters.idf_ = self.character_weights.astype(np.float64)
        return words, characters


def word_vectorizer(vocabulary: Sequence[str] | None = None) -> TfidfVectorizer:
    """Words and pairs of words that stand in two texts at least."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, vocabulary=vocabulary)


def character_vectorizer(vocabulary: Sequence[str] | None = None) -> TfidfVectorizer:
    """Runs of 3 to 5 characters inside words, in five texts at least."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=5, sublinear_tf=True, vocabulary=vocabulary)


def digest(text: str) -> np.uint64:
    """What the file remembers of a text or group, so that it is never checked on what it was trained on."""
    return np.uint64(int.from_bytes(sha256(text.casefold().encode()).digest()[:8]))


def save_model(model: LocalModel, path: Path) -> None:
    """Writes the model as a new .npz archive. Raises ``FileError`` when the file exists or cannot be written."""
    buffer = BytesIO()
    np.savez_compressed(
        buffer,
        metadata=_packed(model.report.model_dump_json()),
        words=_packed(json.dumps(model.words)),
        word_weights=model.word_weights,
        characters=_packed(json.dumps(model.characters)),
        character_weights=model.character_weights,
        coefficients=model.coefficients,
        intercepts=model.intercepts,
        thresholds=model.thresholds,
        trained_on=model.trained_on,
    )
    try:
        with new_file(path) as place:
            place.write_bytes(buffer.getvalue())
    except FileExistsError:
        raise FileError(path, "exists already", remedy="name another file with --out, or remove this one") from None
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be written", remedy="name another file with --out") from None


def load_model(path: Path, framework: Framework) -> tuple[LocalModel, str]:
    """The model in a file, and the sha256 of the file. Nothing in it is ever executed.

    Raises ``FileError`` when it is missing, foreign, damaged, of a newer version, or of another framework.
    """
    data = read_bytes(path, _MOST_BYTES)
    if not data.startswith(b"PK"):
        raise FileError(path, "is no local judge", remedy="name a file that 'adaem judge train' wrote")
    try:
        arrays = _arrays(data)
        report = json.loads(bytes(arrays["metadata"]))
        if not isinstance(report, dict) or report.get("format") != JUDGE_FORMAT:
            raise FileError(path, "is no local judge", remedy="name a file that 'adaem judge train' wrote")
        version = report.get("format_version")
        if isinstance(version, int) and version > JUDGE_FORMAT_VERSION:
            raise FileError(
                path, f"was written by a newer adaem (format {version})", remedy="open it with that version"
            )
        model = _model(TrainingReport.model_validate(report), arrays)
    except (*_DAMAGE, zipfile.BadZipFile, zlib.error, ValidationError, RecursionError):
        raise FileError(path, "is a damaged local judge", remedy=_REMEDY) from None
    if (model.report.framework, model.report.value_ids) != (framework.id, framework.value_ids):
        raise FileError(
            path,
            f"was trained for the values of the framework {model.report.framework!r}, not of {framework.id!r}",
            remedy="train one for this framework, or name the other with --framework",
        )
    return model, sha256(data).hexdigest()


def _arrays(data: bytes) -> dict[str, NDArray[Any]]:
    """The archive's arrays. Raises one of ``_DAMAGE`` for anything but these names, types and dimensions."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
            raise ValueError("too large")
    with np.load(BytesIO(data), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in _ARRAYS}
    for name, (kind, dimensions) in _ARRAYS.items():
        array = arrays[name]
        if array.dtype != np.dtype(kind) or array.ndim != dimensions:
            raise ValueError(name)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(name)
    return arrays


def _model(report: TrainingReport, arrays: dict[str, NDArray[Any]]) -> LocalModel:
    words = _terms(arrays["words"])
    characters = _terms(arrays["characters"])
    values = len(report.value_ids)
    shapes = {
        "word_weights": (len(words),),
        "character_weights": (len(characters),),
        "coefficients": (values, len(words) + len(characters)),
        "intercepts": (values,),
        "thresholds": (values,),
    }
    if any(arrays[name].shape != shape for name, shape in shapes.items()):
        raise ValueError("shapes")
    if set(report.values) != set(report.value_ids) or set(report.accuracy) not in (set(), set(report.value_ids)):
        raise ValueError("values")
    kept = {name: array for name, array in arrays.items() if name in shapes}
    return LocalModel(report=report, words=words, characters=characters, trained_on=arrays["trained_on"], **kept)


def _terms(packed: NDArray[np.uint8]) -> tuple[str, ...]:
    terms = json.loads(bytes(packed))
    if not isinstance(terms, list) or not terms or not all(isinstance(term, str) for term in terms):
        raise ValueError("terms")
    if len(set(terms)) < len(terms):
        raise ValueError("terms")
    return tuple(terms)


def _packed(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)
