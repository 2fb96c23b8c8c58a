"""What a step reads of the world outside is kept, so that the step reads the same when it is run again.

A step that a crash cut off starts anew on the recorded calls; the memory, by then, may hold what the step itself left
there. And a replay, or a fork up to its step, reads what the run before it has read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeVar

from pydantic import TypeAdapter

from ..run_context import RunContext

T = TypeVar("T")


def read_once(
    context: RunContext,
    step: str,
    about: Sequence[str],
    kind: TypeAdapter[T],
    read: Callable[[], T],
    *,
    at_the_start: bool = False,
) -> T:
    """What ``read`` returns, or returned when this ``step`` first read it ``about`` the same texts.

    ``at_the_start``: it is about the world before the run, which no change in a fork has touched.
    """
    key = f"{step} {sha256(json.dumps(list(about)).encode()).hexdigest()[:16]}"
    body = context.records.reading(key)
    if body is None:
        body = context.read_before(key, at_the_start=at_the_start)
        value = read() if body is None else kind.validate_json(body)
        context.records.put_reading(key, kind.dump_json(value).decode())
        return value
    return kind.validate_json(body)
