"""Thresholds of the sentence models that were measured (docs/MEMORY.md): one model has the same, however it is run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ModelThresholds:
    """Cosine similarities of one model.

    nearest, mean_of_three   above these a candidate is a duplicate, where no second look is taken
    candidates               above this a question is looked at a second time
    unshared                 the second look's: above this the words that two questions do not share mean the same
    """

    nearest: float
    mean_of_three: float
    candidates: float | None = None
    unshared: float | None = None


MINILM = ModelThresholds(nearest=0.85, mean_of_three=0.80, candidates=0.55, unshared=0.45)
"""all-MiniLM-L6-v2."""

MINILM_NOTE = (
    "was trained on English, and takes some questions in other words for the same: look at what it refuses, or set "
    "novelty.second_look"
)

UNMEASURED = ModelThresholds(nearest=0.85, mean_of_three=0.80)
"""Of a sentence model that was not measured: as MiniLM's where no second look is taken."""

_MEASURED: Mapping[str, ModelThresholds] = MappingProxyType(
    {"1009370bf5c35b70db0aeabf0ff92b661832aee74509501cc5ace0989bb4feea": MINILM}
)


def weights_digest(tensors: Iterable[NDArray[np.floating]]) -> str:
    """Digest of a model's weights in single precision, whatever they are called and in whatever order they come."""
    digests = sorted(
        sha256(repr(tensor.shape).encode() + np.ascontiguousarray(tensor, dtype="<f4").tobytes()).digest()
        for tensor in tensors
    )
    return sha256(b"".join(digests)).hexdigest()


def thresholds_of(digest: str) -> ModelThresholds:
    """The thresholds of the model whose weights have this digest; ``UNMEASURED`` where nobody has measured it."""
    return _MEASURED.get(digest, UNMEASURED)
