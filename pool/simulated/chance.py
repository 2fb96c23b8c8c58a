"""Numbers out of hashes: the same words always give the same draw, on every machine and in every order of calls."""

from __future__ import annotations

import random
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def number(*parts: object) -> int:
    """A 64-bit number that depends on every part and on their order."""
    return int.from_bytes(blake2b("\x1f".join(map(str, parts)).encode(errors="replace"), digest_size=8).digest())


def stream(*parts: object) -> random.Random:
    """A random stream for one call."""
    return random.Random(number(*parts))


@lru_cache(maxsize=262_144)
def normal(*parts: object) -> float:
    """One standard normal number, fixed by the parts."""
    return random.Random(number(*parts)).gauss(0.0, 1.0)


@lru_cache(maxsize=65_536)
def normals(size: int, *parts: object) -> Floats:
    """(size,) standard normal numbers, fixed by the parts. Shared: do not write to it."""
    drawn = np.random.default_rng(number(*parts)).standard_normal(size)
    drawn.flags.writeable = False
    return drawn
