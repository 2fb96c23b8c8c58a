"""A sentence model of one's own, run locally by sentence-transformers; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ...domain.errors import InputError
from ..equality import readable
from .embedder import Vectors, unit_rows
from .measured_models import MINILM, MINILM_NOTE, thresholds_of, weights_digest

PREFIX = "sentence-transformers"

_AS_A_PATH = ("./", "../", ".\\", "..\\")


class SentenceEmbedder:
    """The model in a folder, or one of the Hugging Face cache by its name.

    Raises ``InputError`` from the constructor when the extra or the model is not here.
    """

    note = "refuses few paraphrases at its threshold, since a lower one refuses as many questions that are only similar"

    def __init__(self, model: str) -> None:
        self.name = f"{PREFIX}:{model}"
        if not model.startswith(_AS_A_PATH) and not Path(model).is_absolute() and Path(model).exists():
            # The library would take it for the model of that name, and a model can hold code.
            raise InputError(
                f"embedder {self.name!r}: a folder of this name lies here, and a model may be called so — "
                f"write {PREFIX}:./{model} for the folder"
            )
        if find_spec("sentence_transformers") is None:
            raise InputError(
                f"embedder {self.name!r}: sentence-transformers is not installed — pip install 'adaem[{PREFIX}]'"
            )
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        # Its bar for the weights would be drawn over the program's own screen.
        logging.disable_progress_bar()  # type: ignore[no-untyped-call, unused-ignore]
        try:
            self._model = SentenceTransformer(model, device="cpu", local_files_only=True)
        except (OSError, ValueError, RuntimeError) as error:
            problem = " ".join(str(error).split())[:200]
            raise InputError(
                f"embedder {self.name!r}: no such model is here ({type(error).__name__}: {problem}) — name a folder, "
                "or download it first with 'hf download'"
            ) from error
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise InputError(f"embedder {self.name!r}: the model does not say how long its vectors are")
        self.dimension = int(dimension)
        # By its weights: a model of the same name may change, and one folder may be moved.
        digest, weights = sha256(), []
        for name, tensor in sorted(self._model.state_dict().items()):
            array = np.ascontiguousarray(tensor.float().numpy())
            digest.update(name.encode())
            digest.update(array.tobytes())
            if tensor.is_floating_point():
                weights.append(array)
        thresholds = thresholds_of(weights_digest(weights))
        self.nearest, self.mean_of_three = thresholds.nearest, thresholds.mean_of_three
        if thresholds is MINILM:
            self.note = MINILM_NOTE
        self.candidates, self.unshared = thresholds.candidates, thresholds.unshared
        self.fingerprint = f"{PREFIX}/{Path(model).name}/{digest.hexdigest()[:12]}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``; some 10 ms a text: call it from a thread."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = self._model.encode([readable(text) for text in texts], show_progress_bar=False)
        return unit_rows(np.asarray(vectors, dtype=np.float32))
