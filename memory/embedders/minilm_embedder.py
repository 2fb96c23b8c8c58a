"""A small sentence model run in NumPy: all-MiniLM-L6-v2 as ``adaem local pull minilm`` leaves it on this machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...domain.errors import InputError
from ...domain.models_folder import models_folder
from ...domain.texts.safe_text import one_line
from ..equality import readable
from .bert_encoder import BertEncoder, BertShape
from .embedder import Vectors, unit_rows
from .measured_models import MINILM_NOTE, thresholds_of, weights_digest

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FOLDER = "minilm"
WEIGHTS, TOKENIZER, CONFIG = "model.safetensors", "tokenizer.json", "config.json"
LIBRARIES = ("safetensors", "tokenizers")

LONGEST_ENCODED = 256
"""Word pieces of a text that are read, the two at its ends included: what the model was trained to read."""

TEXTS_AT_ONCE = 64
"""Texts of one pass: more are no faster, and hold more memory."""


class MiniLmEmbedder:
    """The mean of the last layer's token states, scaled to length 1: 384 dimensions, English.

    ``folder`` holds model.safetensors, tokenizer.json and config.json; without one it is ``minilm`` in the folder of
    local models. Raises ``InputError`` from the constructor when they are not there or are another kind of model.
    """

    name = FOLDER
    note = MINILM_NOTE

    def __init__(self, folder: Path | None = None) -> None:
        from threadpoolctl import ThreadpoolController

        place = models_folder() / FOLDER if folder is None else folder
        missing = [name for name in (WEIGHTS, TOKENIZER, CONFIG) if not (place / name).is_file()]
        if missing:
            raise InputError(f"embedder 'minilm': no {missing[0]} in {place} — run 'adaem local pull minilm'")
        absent = [library for library in LIBRARIES if find_spec(library) is None]
        if absent:
            raise InputError(f"embedder 'minilm': {absent[0]} is not installed — pip install 'adaem[local]'")
        self._tokenizer, self._encoder, weights = _loaded(place)
        self._threads = ThreadpoolController()
        thresholds = thresholds_of(weights)
        self.nearest, self.mean_of_three = thresholds.nearest, thresholds.mean_of_three
        self.candidates, self.unshared = thresholds.candidates, thresholds.unshared
        self.dimension = self._encoder.width
        words = sha256((place / TOKENIZER).read_bytes()).hexdigest()
        self.fingerprint = f"{FOLDER}/{weights[:12]}/{words[:12]}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``; some 10 ms a text: call it from a thread."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        encodings = self._tokenizer.encode_batch([readable(text) for text in texts])
        # A thread a core is several times slower here: the matrices are small, and other threads are at work, too.
        with self._threads.limit(limits=1, user_api="blas"):
            for start in range(0, len(texts), TEXTS_AT_ONCE):
                ids = [encoding.ids for encoding in encodings[start : start + TEXTS_AT_ONCE]]
                for row, states in enumerate(self._encoder.encode(ids), start):
                    vectors[row] = states.mean(axis=0)
        return unit_rows(vectors)


def _loaded(place: Path) -> tuple[Tokenizer, BertEncoder, str]:
    """Tokenizer, encoder and the digest of the weights. Raises ``InputError`` for files that are not this model's."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    try:
        shape = BertShape.read(json.loads((place / CONFIG).read_bytes()))
        tensors = load_file(place / WEIGHTS)
        weights = {
            name: tensor.astype(np.float32, copy=False) for name, tensor in tensors.items() if tensor.dtype.kind == "f"
        }
        encoder = BertEncoder(shape, weights)
        tokenizer = Tokenizer.from_file(str(place / TOKENIZER))
    except (OSError, ValueError, AttributeError, SafetensorError) as error:
        raise _unusable(place, error) from error
    except Exception as error:  # the tokenizers library raises plain Exception for a file that it cannot read
        raise _unusable(place, error) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(min(LONGEST_ENCODED, shape.positions))
    return tokenizer, encoder, weights_digest(weights.values())


def _unusable(place: Path, error: Exception) -> InputError:
    return InputError(
        f"embedder 'minilm': the files in {place} cannot be used ({one_line(str(error))[:200]}) — "
        "delete the folder and run 'adaem local pull minilm'"
    )
