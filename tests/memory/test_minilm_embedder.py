"""The sentence model in NumPy: a small one with random weights, and the real one where its files are here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaem.domain.errors import InputError
from adaem.domain.models_folder import models_folder
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.bert_encoder import BertShape
from adaem.memory.embedders.embedder import Embedder
from adaem.memory.embedders.minilm_embedder import MiniLmEmbedder
from adaem.memory.embedders.named_embedder import embedder_behind, make_embedder
from adaem.memory.embedders.probe_embedder import defect
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "hidden_size": 8,
    "max_position_embeddings": 12,
    "layer_norm_eps": 1e-12,
}
WORDS = {"[UNK]": 0, "is": 1, "it": 2, "right": 3, "to": 4, "work": 5}


def small_weights() -> dict[str, Any]:
    draw = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), 8),
        "embeddings.position_embeddings.weight": (12, 8),
        "embeddings.token_type_embeddings.weight": (2, 8),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in ("encoder.layer.0", "encoder.layer.1"):
        for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{layer}.{name}.weight": (8, 8), f"{layer}.{name}.bias": (8,)}
        shapes |= {f"{layer}.intermediate.dense.weight": (16, 8), f"{layer}.intermediate.dense.bias": (16,)}
        shapes |= {f"{layer}.output.dense.weight": (8, 16), f"{layer}.output.dense.bias": (8,)}
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for norm in norms:
        shapes |= {f"{norm}.weight": (8,), f"{norm}.bias": (8,)}
    return {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "minilm"
    place.mkdir()
    (place / "config.json").write_text(json.dumps(CONFIG))
    save_file(small_weights(), place / "model.safetensors")
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(place / "tokenizer.json"))
    return place


def test_a_row_is_the_text_s_own_whatever_stands_beside_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADAEM_MODELS", str(folder.parent))
    made = make_embedder("minilm")
    assert isinstance(made, Embedder)
    assert not defect(made)
    texts = ["is it right", "it", "right to work " * 9, "\ud800 lone", "is it right"]
    together = made.embed(texts)
    assert together.shape == (5, 8)
    assert together == pytest.approx(np.concatenate([made.embed([text]) for text in texts]), abs=1e-6)
    assert together[0] == pytest.approx(together[4])
    assert together[0] != pytest.approx(made.embed(["right it is"])[0], abs=1e-4), "the order of words counts"
    assert embedder_behind(made.fingerprint, None).fingerprint == made.fingerprint


def test_its_fingerprint_is_its_weights_and_only_a_measured_model_has_a_second_look(folder: Path) -> None:
    before = MiniLmEmbedder(folder)
    weights = small_weights()
    weights["embeddings.LayerNorm.bias"][0] += 1
    save_file(weights, folder / "model.safetensors")
    assert MiniLmEmbedder(folder).fingerprint != before.fingerprint
    assert before.candidates is None


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "no tokenizer.json in .*adaem local pull minilm"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 99), "cannot be used .*delete the folder"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "cannot be used"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "llama"}'), "model_type is 'llama'"),
        (lambda folder: (folder / "config.json").write_text("{}"), "no usable size"),
        (lambda folder: save_file({"a": np.zeros(1)}, folder / "model.safetensors"), "has no weight"),
    ],
)
def test_what_is_not_this_model_is_one_line(folder: Path, break_it: Any, message: str) -> None:
    break_it(folder)
    with pytest.raises(InputError, match=message) as raised:
        MiniLmEmbedder(folder)
    assert "\n" not in str(raised.value)


def test_a_weight_of_another_shape_is_refused(folder: Path) -> None:
    weights = small_weights()
    weights["encoder.layer.1.output.dense.weight"] = weights["encoder.layer.1.output.dense.weight"].T.copy()
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(InputError, match=r"encoder\.layer\.1\.output\.dense\.weight has the shape"):
        MiniLmEmbedder(folder)
    with pytest.raises(ValueError, match="hidden_act"):
        BertShape.read({**CONFIG, "hidden_act": "relu"})


@pytest.fixture(scope="module")
def minilm() -> MiniLmEmbedder:
    place = models_folder() / "minilm"
    if not (place / "model.safetensors").is_file():
        pytest.skip("MiniLM's weights are not on this machine: adaem local pull minilm")
    return MiniLmEmbedder(place)


@pytest.mark.slow
def test_the_real_model_knows_paraphrases_and_lets_similar_questions_pass(
    minilm: MiniLmEmbedder, tmp_path: Path
) -> None:
    assert not defect(minilm)
    # By sentence-transformers 6.2 with the same weights.
    pair = minilm.embed(["Should smoking be forbidden in flats?", "May people smoke at home?"])
    assert float(pair[0] @ pair[1]) == pytest.approx(0.686817, abs=1e-4)
    with Memory.open(tmp_path / "memory", minilm, "schwartz") as memory:
        text = "Is it right to work overtime for a higher salary?"
        memory.remember([Remembered(id="a", text=text, topic_id="t", topic="T?", run_id="r")])
        gate = NoveltyGate.of(memory)
        assert gate.check("Should one do overtime in order to earn a bigger salary?").reason == "same_question"
        assert gate.check("Is it right to work overtime for a lower salary?").novel
        assert gate.check("Is it right to work overtime for no salary?").novel
