"""Embeddings from any OpenAI-compatible endpoint, named by the user as ``openai:<model>``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from urllib.parse import urlsplit

import numpy as np

from ...domain.errors import InputError, RunFailed
from ..equality import readable
from .embedder import Vectors, unit_rows

KEY_VARIABLE = "OPENAI_API_KEY"
URL_VARIABLE = "OPENAI_BASE_URL"
DEFAULT_URL = "https://api.openai.com/v1"
TEXTS_A_REQUEST = 256
TIMEOUT = 60.0
RETRIES = 4


class OpenAIEmbedder:
    """Vectors of ``model`` at ``base_url``. Every call goes over the network: call ``embed`` from a thread.

    The vectors' dimension is asked of the endpoint once. Raises ``RunFailed`` when the endpoint fails for good (the
    client retries 429, 5xx and lost connections); the message never repeats the endpoint's, which may hold the key.
    """

    nearest = 0.92
    mean_of_three = 0.88
    note = (
        "thresholds differ between models and are not measured for this one: "
        "look at what it refuses, and set novelty.nearest"
    )

    def __init__(self, model: str, *, api_key: str, base_url: str, retries: int = RETRIES) -> None:
        from langchain_openai import OpenAIEmbeddings
        from openai import DefaultHttpxClient
        from pydantic import SecretStr

        self.name = f"openai:{model}"
        self.fingerprint = f"openai/{model}/{_without_credentials(base_url)}"
        self._connections = DefaultHttpxClient(timeout=TIMEOUT)
        self._client = OpenAIEmbeddings(
            model=model,
            openai_api_key=SecretStr(api_key),
            openai_api_base=base_url,
            check_embedding_ctx_length=False,
            chunk_size=TEXTS_A_REQUEST,
            http_client=self._connections,
            request_timeout=TIMEOUT,
            max_retries=retries,
            model_kwargs={"encoding_format": "float"},
        )

    @classmethod
    def from_environment(cls, model: str) -> OpenAIEmbedder:
        """With the key and address from the environment. Raises ``InputError`` when there is no key."""
        if not (key := os.environ.get(KEY_VARIABLE)):
            raise InputError(
                f"embedder 'openai:{model}': the environment variable {KEY_VARIABLE} is not set — set it to the "
                "endpoint's key (any word for a server without keys), or use the embedder 'hashing'"
            )
        return cls(model, api_key=key, base_url=os.environ.get(URL_VARIABLE) or DEFAULT_URL)

    def close(self) -> None:
        """Closes the connections that are kept open between calls."""
        self._connections.close()

    @cached_property
    def dimension(self) -> int:
        """Length of every vector, from one call at first use."""
        return int(self._ask(["dimension"]).shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = self._ask([readable(text) for text in texts])
        if vectors.shape[1] != self.dimension:
            raise RunFailed(f"embedder {self.name!r}: vectors of {vectors.shape[1]} numbers, before {self.dimension}")
        return vectors

    def _ask(self, texts: list[str]) -> Vectors:
        from openai import APIStatusError, OpenAIError

        try:
            vectors = np.asarray(self._client.embed_documents(texts), dtype=np.float32)
        except OpenAIError as error:
            status = f" {error.status_code}" if isinstance(error, APIStatusError) else ""
            raise RunFailed(
                f"embedder {self.name!r}: the endpoint failed ({type(error).__name__}{status}) — "
                "check the model's name, the key and the address"
            ) from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RunFailed(f"embedder {self.name!r}: unreadable reply ({type(error).__name__})") from None
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all() or not vectors.size:
            raise RunFailed(f"embedder {self.name!r}: the endpoint did not return one vector of numbers per text")
        return unit_rows(vectors)


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"
