"""The surrogates by name. ``settings.search.surrogate`` holds a short name or a dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.named import find_named
from ...memory.embedders.embedder import Embedder
from .surrogate import Surrogate

SURROGATES: Mapping[str, str] = {
    "ridge": f"{__package__}.ridge_surrogate:RidgeSurrogate",
    "none": f"{__package__}.no_surrogate:NoSurrogate",
}
"""Short name → dotted path."""


def make_surrogate(name: str, framework: Framework, embedder: Embedder) -> Surrogate:
    """The surrogate called ``name``. Raises ``InputError`` for an unknown name, or a class that cannot ``fit``."""
    found: Any = find_named("surrogate", name, SURROGATES)
    if not callable(getattr(found, "fit", None)):
        raise InputError(f"surrogate {name!r}: it has no method 'fit' — see agents/surrogates/surrogate.py")
    made: Surrogate = found(framework, embedder)
    return made
