"""How checkpoints are written and read: as plain data, and as LangGraph's own marks. Nothing else is ever made of them.

A run's folder may come from a stranger. LangGraph's serialiser imports and calls whatever a checkpoint names, unless it
is told not to; here that depends on no variable of the environment.
"""

from __future__ import annotations

from typing import Any

import ormsgpack
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from pydantic import ValidationError

from .state import MoveProgress, MoveUpdate, RunProgress

MARKS = frozenset({("langgraph.types", "Send"), ("langgraph.types", "Interrupt")})
"""What LangGraph keeps of a run beside its state: which branches are to go on, and where a pause waits."""

_CONSTRUCTED = range(3)
"""Codes of LangGraph's ext types that name a class and its arguments; of the others none is used here."""

_FORMATS = ("msgpack", "null")


class ForeignObject(ValueError):
    """A checkpoint names an object that no run of this program has in its state."""


class PlainSerializer:
    """LangGraph's serialiser, which is handed nothing but msgpack of plain data and ``MARKS``."""

    def __init__(self) -> None:
        self._serializer = JsonPlusSerializer(
            pickle_fallback=False, allowed_json_modules=None, allowed_msgpack_modules=None
        )

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """The format and the bytes of ``obj``."""
        return self._serializer.dumps_typed(obj)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """What was written. Raises ``ForeignObject``, before anything is made of it, for what would be an object."""
        kind, body = data
        if kind not in _FORMATS:
            raise ForeignObject(f"holds {kind!r:.20}, and no run is kept in that form")
        if kind == "msgpack":
            _check(body)
        return self._serializer.loads_typed(data)


def _check(body: bytes) -> None:
    """Reads ``body`` without making anything of it."""
    # Raised behind the library's back, an error would come out as one of its own.
    names: list[str] = []

    def mark(code: int, packed: bytes) -> None:
        named = ormsgpack.unpackb(packed, ext_hook=mark, option=ormsgpack.OPT_NON_STR_KEYS)
        is_named = isinstance(named, list) and len(named) > 2 and code in _CONSTRUCTED
        name = (
            (named[0], named[1]) if is_named and isinstance(named[0], str) and isinstance(named[1], str) else ("", "")
        )
        if name not in MARKS:
            names.append(".".join(name) if any(name) else f"an object of kind {code}")

    ormsgpack.unpackb(body, ext_hook=mark, option=ormsgpack.OPT_NON_STR_KEYS)
    if names:
        raise ForeignObject(f"names {names[0]!r:.80}, which is no part of a run's state")


def check_state(values: Any) -> None:
    """Raises ``ValueError`` where a state, or the part of one that a write holds, is not such as the nodes leave it.

    LangGraph's own channels are not read.
    """
    try:
        RunProgress.model_validate(values)
        (MoveProgress if "move" in values else MoveUpdate).model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
