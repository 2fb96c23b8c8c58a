"""Chroma's own MiniLM sentence model, run locally; downloaded at first use."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from ...domain.errors import InputError
from ...domain.reading.isolated_import import import_away
from ..equality import readable
from .embedder import Vectors, unit_rows
from .measured_models import MINILM, MINILM_NOTE


class OnnxEmbedder:
    """all-MiniLM-L6-v2 through onnxruntime: 384 dimensions, English, the first 256 word pieces of a text.

    Raises ``InputError`` from the constructor when the model is neither here nor to be had.
    """

    name = "onnx"
    dimension = 384
    nearest, mean_of_three = MINILM.nearest, MINILM.mean_of_three
    candidates, unshared = MINILM.candidates, MINILM.unshared
    note = MINILM_NOTE

    def __init__(self) -> None:
        import httpx

        import_away("chromadb")
        from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

        try:
            self._model = ONNXMiniLM_L6_V2(preferred_providers=["CPUExecutionProvider"])
            self._model(["the first call downloads and loads the model"])
        except (httpx.HTTPError, OSError, ValueError) as error:
            raise InputError(
                f"embedder 'onnx': its model could not be loaded ({type(error).__name__}: {error}) — "
                "connect to the internet once, or use the embedder 'hashing'"
            ) from error
        # Chroma verifies the archive when it downloads it; what is loaded later is what lies unpacked beside it.
        folder = Path(ONNXMiniLM_L6_V2.DOWNLOAD_PATH) / ONNXMiniLM_L6_V2.EXTRACTED_FOLDER_NAME
        digest = sha256((folder / "model.onnx").read_bytes() + (folder / "tokenizer.json").read_bytes())
        self.fingerprint = f"onnx/{ONNXMiniLM_L6_V2.MODEL_NAME}/{digest.hexdigest()[:12]}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``; some 10 ms a text: call it from a thread."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit_rows(np.asarray(self._model([readable(text) for text in texts]), dtype=np.float32))
