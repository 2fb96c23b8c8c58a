"""What a step reads of the world outside is kept, so that the step reads the same when it is run again.

A step that a crash cut off starts anew on the recorded calls; the memory, by then, may hold what the step itself left
there. And a replay has no memory at all but these readings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar

from pydantic import TypeAdapter

from .context import RunContext

T = TypeVar("T")


def read_once(context: RunContext, step: str, about: Sequence[str], kind: TypeAdapter[T], read: Callable[[], T]) -> T:
    """What ``read`` returns, or returned when this ``step`` first read it ``about`` the same texts."""
    key = f"{step} {sha256(json.dumps(list(about)).encode()).hexdigest()[:16]}"
    if (body := context.records.reading(key)) is not None:
        return kind.validate_json(body)
    value = read()
    context.records.put_reading(key, kind.dump_json(value).decode())
    return value
