"""Serves models on this machine alone, in OpenAI's protocol: llama.cpp's own server, inside this process."""

from __future__ import annotations

import mmap
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..domain.errors import FileError, InputError
from ..domain.reading.files import opened

HOST = "127.0.0.1"

PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message.role == 'system' %}{{ message.content }}\n\n"
    "{% elif message.role == 'user' %}Question: {{ message.content }}\n\n"
    "{% else %}Answer: {{ message.content }}\n\n{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}Answer:{% endif %}"
)
"""How a conversation is written for a base model, which knows no marks of turns: as a text that it can continue."""

_MAGIC = b"GGUF"
_TEMPLATE_KEY = b"tokenizer.chat_template"
_HEAD = 1 << 26
"""Bytes at the beginning that hold all that is said of a model, its vocabulary included; the weights follow."""
_ERRORS_ONLY = 0
_LARGEST_MODEL = 1 << 42
_CACHE_MIB = 1024
"""Memory for what earlier prompts began with, eight times as much by default: personas share no beginning."""


@dataclass(frozen=True)
class ServedModel:
    """What is served where. ``name`` is the model's in requests; ``context`` is the tokens of one slot.

    ``repeatable`` keeps nothing of earlier prompts: a reply then depends on its request alone, where there is one slot.
    """

    name: str
    file: Path
    port: int
    context: int
    slots: int
    threads: int
    repeatable: bool = False

    @property
    def base_url(self) -> str:
        """What a pool file names as ``base_url``."""
        return f"http://{HOST}:{self.port}/v1"


def default_threads() -> int:
    """Threads of one model: all cores but one, at least one.

    llama.cpp's threads wait for each other at every layer, so that one without a core holds up all: with two of them
    on two cores and another program at work 57 tokens a second became 1.3, and with one 25.
    """
    return max(1, (os.cpu_count() or 1) - 1)


def check_server() -> None:
    """Raises ``InputError`` where the library that serves models is not installed."""
    if find_spec("xllamacpp") is None:
        raise InputError("xllamacpp, which serves models, is not installed — pip install 'adaem[local]'")


def check_ports(models: Sequence[ServedModel]) -> None:
    """Raises ``InputError`` for a port that another program has: before any weights are loaded."""
    for model in models:
        with socket.socket() as probe:
            # As servers do: the last connection of one that has just ended does not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, model.port))
            except (OSError, OverflowError) as error:
                why = error.strerror or str(error) if isinstance(error, OSError) else "there is no such port"
                raise InputError(
                    f"port {model.port}, for {model.name}: {why.lower()} — end what listens there, or name another "
                    "with --port"
                ) from None


def start_server(model: ServedModel) -> object:
    """Loads the weights and serves until the process ends; the caller keeps what is returned.

    A file that names no chat template of its own is served as a base model (``PLAIN_TEMPLATE``). Browsers' pages from
    elsewhere are not answered. Raises ``FileError`` for a file that is no model, or cannot be loaded.
    """
    template = "" if _has_template(model.file) else PLAIN_TEMPLATE
    import xllamacpp

    parameters: Any = xllamacpp.CommonParams()
    parameters.model.path = str(model.file)
    parameters.model_alias = {model.name}
    parameters.hostnames = [HOST]
    parameters.port = model.port
    parameters.n_parallel = model.slots
    parameters.n_ctx = model.context * model.slots
    parameters.cpuparams.n_threads = model.threads
    parameters.cpuparams_batch.n_threads = model.threads
    parameters.chat_template = template
    # By default any page in the user's browser may ask, with credentials.
    parameters.cors_origins = f"http://{HOST}"
    parameters.cors_credentials = False
    # After a kept beginning, sums are rounded differently, and a token in some hundreds is another one.
    parameters.cache_prompt = not model.repeatable
    parameters.cache_ram_mib = 0 if model.repeatable else _CACHE_MIB
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.verbosity = _ERRORS_ONLY
    try:
        return xllamacpp.Server(parameters)
    except RuntimeError:
        raise FileError(
            model.file,
            "llama.cpp cannot load it, or has not the memory for it",
            remedy=f"check that the file is whole, or ask for less: --context {model.context // 2 or 1}",
        ) from None


def _has_template(file: Path) -> bool:
    """Whether a GGUF file says how a conversation is written. Raises ``FileError`` for another kind of file."""
    with opened(file, _LARGEST_MODEL) as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise FileError(file, "is no GGUF file", remedy="name a model in llama.cpp's format")
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(_TEMPLATE_KEY, 0, _HEAD) >= 0
