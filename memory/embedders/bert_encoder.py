"""A BERT encoder's forward pass in NumPy: enough for a small sentence model, without a deep-learning framework.

Devlin et al. 2019: a layer norm follows each residual connection, and the activation is the exact GELU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class BertShape:
    """What a model's ``config.json`` says of its size."""

    layers: int
    heads: int
    hidden: int
    positions: int
    epsilon: float

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> BertShape:
        """The shape of a BERT with absolute positions. Raises ``ValueError`` for any other model."""
        expected = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
        for name, wanted in expected.items():
            if config.get(name, wanted) != wanted:
                raise ValueError(f"config.json: {name} is {config[name]!r}, not {wanted!r}")
        try:
            shape = cls(
                layers=int(config["num_hidden_layers"]),
                heads=int(config["num_attention_heads"]),
                hidden=int(config["hidden_size"]),
                positions=int(config["max_position_embeddings"]),
                epsilon=float(config["layer_norm_eps"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"config.json: no usable size of the model ({error})") from None
        if min(shape.layers, shape.heads, shape.hidden, shape.positions) < 1 or shape.hidden % shape.heads:
            raise ValueError("config.json: these sizes fit no model")
        return shape


class BertEncoder:
    """``weights`` by their names in the checkpoint, single precision.

    ``width`` is the length of a token's state. Raises ``ValueError`` where a weight is missing or has another shape
    than ``shape`` says.
    """

    def __init__(self, shape: BertShape, weights: Mapping[str, Array]) -> None:
        self._shape = shape
        self._weights = weights
        self.width = shape.hidden
        self._check()

    def encode(self, texts: Sequence[Sequence[int]]) -> list[Array]:
        """The last layer's states ``(tokens, hidden)`` of each text's token ids.

        Texts are laid end to end for the linear layers, so that none is padded; attention stays within each.
        """
        if not texts:
            return []
        ends = np.cumsum([len(text) for text in texts])
        parts = [slice(end - len(text), end) for end, text in zip(ends, texts, strict=True)]
        positions = np.concatenate([np.arange(len(text)) for text in texts])
        states = (
            self._weights["embeddings.word_embeddings.weight"][np.concatenate(texts)]
            + self._weights["embeddings.position_embeddings.weight"][positions]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        states = self._normed(states, "embeddings.LayerNorm")
        for layer in range(self._shape.layers):
            states = self._transformed(states, parts, f"encoder.layer.{layer}")
        return [states[part] for part in parts]

    def _transformed(self, states: Array, parts: Sequence[slice], layer: str) -> Array:
        mixed = self._linear(
            self._attended(states, parts, f"{layer}.attention.self"), f"{layer}.attention.output.dense"
        )
        states = self._normed(states + mixed, f"{layer}.attention.output.LayerNorm")
        widened = _gelu(self._linear(states, f"{layer}.intermediate.dense"))
        return self._normed(states + self._linear(widened, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")

    def _attended(self, states: Array, parts: Sequence[slice], name: str) -> Array:
        """Scaled dot-product attention, head by head, of each token to the tokens of its own text."""
        query, key, value = (self._linear(states, f"{name}.{each}") for each in ("query", "key", "value"))
        attended = np.empty_like(states)
        for part in parts:
            of_query, of_key, of_value = (
                each[part].reshape(-1, self._shape.heads, self._shape.hidden // self._shape.heads).transpose(1, 0, 2)
                for each in (query, key, value)
            )
            scores = of_query @ of_key.transpose(0, 2, 1) / np.float32(np.sqrt(of_query.shape[-1]))
            weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
            weights /= weights.sum(axis=-1, keepdims=True)
            attended[part] = (weights @ of_value).transpose(1, 0, 2).reshape(-1, self._shape.hidden)
        return attended

    def _linear(self, states: Array, name: str) -> Array:
        return np.asarray(states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"])

    def _normed(self, states: Array, name: str) -> Array:
        centred = states - states.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(self._shape.epsilon))
        return np.asarray(centred / deviation * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"])

    def _check(self) -> None:
        hidden = self._shape.hidden
        square, wide = (hidden, hidden), self._shape_of("encoder.layer.0.intermediate.dense.weight")[:1]
        wanted: dict[str, tuple[int, ...]] = {
            "embeddings.word_embeddings.weight": (*self._shape_of("embeddings.word_embeddings.weight")[:1], hidden),
            "embeddings.position_embeddings.weight": (self._shape.positions, hidden),
            "embeddings.token_type_embeddings.weight": (2, hidden),
            "embeddings.LayerNorm.weight": (hidden,),
            "embeddings.LayerNorm.bias": (hidden,),
        }
        for layer in range(self._shape.layers):
            part = f"encoder.layer.{layer}"
            for name in (
                "attention.self.query",
                "attention.self.key",
                "attention.self.value",
                "attention.output.dense",
            ):
                wanted |= {f"{part}.{name}.weight": square, f"{part}.{name}.bias": (hidden,)}
            for name in ("attention.output.LayerNorm", "output.LayerNorm"):
                wanted |= {f"{part}.{name}.weight": (hidden,), f"{part}.{name}.bias": (hidden,)}
            wanted |= {
                f"{part}.intermediate.dense.weight": (*wide, hidden),
                f"{part}.intermediate.dense.bias": wide,
                f"{part}.output.dense.weight": (hidden, *wide),
                f"{part}.output.dense.bias": (hidden,),
            }
        for name, shape in wanted.items():
            if self._shape_of(name) != shape:
                raise ValueError(f"its weight {name} has the shape {self._shape_of(name)}, not {shape}")

    def _shape_of(self, name: str) -> tuple[int, ...]:
        if name not in self._weights:
            raise ValueError(f"it has no weight {name}")
        return self._weights[name].shape


def _gelu(values: Array) -> Array:
    from scipy.special import erf

    return np.asarray(0.5 * values * (1.0 + erf(values / np.float32(np.sqrt(2.0)))), dtype=np.float32)
