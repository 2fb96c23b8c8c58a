"""The file of a local judge's model: an .npz archive of plain arrays. Data, never code."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ....domain.errors import FileError
from ....domain.framework import Framework
from ....domain.judge_accuracy import JUDGE_FORMAT, JUDGE_FORMAT_VERSION, TrainingReport
from ....domain.reading.files import read_bytes
from ....memory.embedders.embedder import Embedder
from ....memory.embedders.named_embedder import make_embedder, ships
from ....records.whole_file import new_file
from .linear_model import LocalModel
from .text_features import COVERAGES

_REMEDY = "make it again with 'adaem judge train'"
_MOST_BYTES = 1_000_000_000
_ARRAYS = {
    "metadata": ("u1", 1),
    "words": ("u1", 1),
    "word_weights": ("f4", 1),
    "characters": ("u1", 1),
    "character_weights": ("f4", 1),
    "coefficients": ("f4", 2),
    "vector_coefficients": ("f4", 2),
    "intercepts": ("f8", 1),
    "content": ("f8", 1),
    "thresholds": ("f8", 2),
    "trained_on": ("u8", 1),
}
_DAMAGE = (OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError, MemoryError, OverflowError)


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
        vector_coefficients=model.vector_coefficients,
        intercepts=model.intercepts,
        content=model.content,
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


def load_model(path: Path, framework: Framework, embedder: str = "minilm") -> tuple[LocalModel, str]:
    """The model in a file, and the sha256 of the file. Nothing in it is ever executed.

    The file says which embedder made it. One that is part of this program is loaded by that name; in place of any
    other stands ``embedder``, which the user names: a stranger's file must not choose code or a service.

    Raises ``FileError`` when the file is missing, foreign, damaged, of another version or another framework, or was
    trained with another embedder; ``InputError`` as ``make_embedder`` does.
    """
    data = read_bytes(path, _MOST_BYTES)
    if not data.startswith(b"PK"):
        raise FileError(path, "is not a local judge", remedy="name a file that 'adaem judge train' wrote")
    try:
        arrays = _arrays(data)
        report = json.loads(bytes(arrays["metadata"]))
        if not isinstance(report, dict) or report.get("format") != JUDGE_FORMAT:
            raise FileError(path, "is not a local judge", remedy="name a file that 'adaem judge train' wrote")
        version = report.get("format_version")
        if isinstance(version, int) and version != JUDGE_FORMAT_VERSION:
            newer = version > JUDGE_FORMAT_VERSION
            raise FileError(
                path,
                f"was written by {'a newer' if newer else 'an older'} adaem (format {version})",
                remedy="open it with that version" if newer else _REMEDY,
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
    return replace(model, embedder=_embedder(path, model.report, embedder)), sha256(data).hexdigest()


def _embedder(path: Path, report: TrainingReport, named: str) -> Embedder | None:
    """The embedder that the model was trained with, None where it was trained without one."""
    if not report.embedder:
        return None
    found = make_embedder(report.embedder if ships(report.embedder) else named)
    if found.fingerprint != report.embedder_fingerprint or found.dimension != report.dimension:
        raise FileError(
            path,
            f"was trained with the embedder {report.embedder!r} ({report.embedder_fingerprint}), and this one is "
            f"{found.fingerprint}",
            remedy="name that one in the setting judge.embedder, or train the judge again",
        )
    return found


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
        "vector_coefficients": (values, report.dimension),
        "intercepts": (values,),
        "content": (COVERAGES + report.dimension + 1,),
        "thresholds": (2, values),
    }
    if any(arrays[name].shape != shape for name, shape in shapes.items()):
        raise ValueError("shapes")
    if report.dimension and not report.embedder:
        raise ValueError("dimension")
    if not set(report.values) == set(report.accuracy) == set(report.value_ids):
        raise ValueError("values")
    kept: dict[str, Any] = {name: arrays[name] for name in (*shapes, "trained_on")}
    return LocalModel(report=report, words=words, characters=characters, **kept)


def _terms(packed: NDArray[np.uint8]) -> tuple[str, ...]:
    terms = json.loads(bytes(packed))
    if not isinstance(terms, list) or not terms or not all(isinstance(term, str) for term in terms):
        raise ValueError("terms")
    if len(set(terms)) < len(terms):
        raise ValueError("terms")
    return tuple(terms)


def _packed(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)
