"""Nothing about a run leaves the machine but the requests to its members."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCHES = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2")
_OLD_SWITCHES = ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER")


def disable_tracing() -> None:
    """Switch LangSmith tracing off for this process and its children, whatever the environment says.

    Whoever starts a run calls this before anything else, unless the setting ``tracing`` asks for it too: a tracing
    variable that is set for another project would otherwise send every prompt and answer to a third party.
    """
    for name in _SWITCHES:
        os.environ[name] = "false"
    for name in _OLD_SWITCHES:
        os.environ.pop(name, None)
    if langsmith := sys.modules.get("langsmith.utils"):
        langsmith.get_env_var.cache_clear()  # it remembers what it has read


@contextmanager
def without_tracing() -> Iterator[None]:
    """The same for what is done within the block alone: the rest of a Python program keeps its own tracing."""
    from langsmith import tracing_context

    with tracing_context(enabled=False):
        yield
