"""Whether a class can be called as a role is called: by its signatures alone, before anything of it runs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from .. import protocols

OPTIONAL_PROTOCOLS = {"explorer": (protocols.TopicExplorer,)}
"""What a role may offer besides: checked where a class has the method, and not missed elsewhere."""


def misfits(role: str, found: Any) -> Iterator[str]:
    """What is wrong with the class ``found`` as a ``role``, in words; nothing where it fits or nobody can tell."""
    if isinstance(found, type) and not _takes(found, 1, ()):
        yield "it is not made with one argument, the AgentContext"
    offered = (getattr(protocols, role.title()), *OPTIONAL_PROTOCOLS.get(role, ()))
    for name, wanted in (each for protocol in offered for each in inspect.getmembers(protocol, inspect.isfunction)):
        own = inspect.getattr_static(found, name, None)
        if name.startswith("_") or not isinstance(own, FunctionType):
            continue
        parameters = list(inspect.signature(wanted).parameters.values())
        by_place = [each.name for each in parameters if each.kind is not each.KEYWORD_ONLY]
        by_name = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
        if not _takes(own, len(by_place), by_name):
            yield f"its method {name!r} takes {_shown(own)}, and is called as {_shown(wanted)}"
        elif hasattr(own, "__wrapped__"):
            continue  # what a decorator returns cannot be told from outside
        elif inspect.iscoroutinefunction(wanted) and not inspect.iscoroutinefunction(own):
            yield f"its method {name!r} must be 'async def'"
        elif inspect.iscoroutinefunction(own) and not inspect.iscoroutinefunction(wanted):
            yield f"its method {name!r} must be a plain 'def', not 'async def'"


def _shown(function: FunctionType) -> str:
    """The parameters' names, without types."""
    signature = inspect.signature(function)
    bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def _takes(function: Any, by_place: int, by_name: list[str] | tuple[()]) -> bool:
    try:
        inspect.signature(function).bind(*[None] * by_place, **dict.fromkeys(by_name))
    except TypeError:
        return False
    except ValueError:  # built in, without a signature
        return True
    return True
