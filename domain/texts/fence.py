"""Fences around text from models and users, so that instructions inside stay data (METHOD.md section 4).

A fence's delimiter is derived from a hash of what it holds: the same content always yields the same prompt (recorded
calls keep their keys), and no text can contain its own delimiter.
"""

from __future__ import annotations

import re
from hashlib import sha256

_OPENING = re.compile(r"<<([a-z_]+) ([0-9a-f]{16})>>\n")


def _mark(name: str, text: str) -> str:
    return sha256(f"{name}\n{text}".encode()).hexdigest()[:16]


def fence(name: str, text: str) -> str:
    """``text`` between an opening and a closing line that name it; ``name`` is lower-case letters and underscores."""
    mark = _mark(name, text)
    return f"<<{name} {mark}>>\n{text}\n<</{name} {mark}>>"


def read_fences(message: str) -> dict[str, str]:
    """The fenced texts of ``message`` by name, outermost fences only, the first of each name.

    A fence whose delimiter does not match its content is text, not a fence.
    """
    fences: dict[str, str] = {}
    position = 0
    while opening := _OPENING.search(message, position):
        name, mark = opening.groups()
        end = message.find(f"\n<</{name} {mark}>>", opening.end())
        if end >= 0 and _mark(name, text := message[opening.end() : end]) == mark:
            fences.setdefault(name, text)
            position = end
        else:
            position = opening.end()
    return fences
