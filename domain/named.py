"""Finds a part by its short name or by a dotted path ``package.module:attribute``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from operator import attrgetter
from typing import Any

from .errors import InputError

IMPORTABLE = "install its package, or name the folder that it is in: adaem --import-path DIR …"
"""What to do where a dotted path leads nowhere: the current folder is not searched."""

GIVEN = "python"
"""What stands before the colon in the name of an object that a Python program has given (``given_objects``)."""

_given: ContextVar[Mapping[str, Any] | None] = ContextVar("given", default=None)


@contextmanager
def given_objects(objects: Mapping[str, Any]) -> Iterator[None]:
    """Within the block, and in tasks that it starts, each name ``python:…`` of ``objects`` stands for its object.

    So a pool, a framework, an agent or a chat model of a Python program goes the way of one that the settings name, and
    the records hold its name.
    """
    token = _given.set({**(_given.get() or {}), **objects})
    try:
        yield
    finally:
        _given.reset(token)


def given_object(what: str, name: str) -> Any | None:
    """The object given as ``name``; None where the name is none of ``python:…``. Raises ``InputError`` without it."""
    if not name.startswith(f"{GIVEN}:"):
        return None
    try:
        return (_given.get() or {})[name]
    except KeyError:
        raise InputError(
            f"{what} {name!r}: was an object of a Python program, and is not here — give it again in Python: see "
            "adaem.resume"
        ) from None


def is_given(thing: object) -> bool:
    """Whether ``thing`` is an object of a Python program's own, given around here."""
    return any(thing is each for each in (_given.get() or {}).values())


def find_named(what: str, name: str, shipped: Mapping[str, str]) -> Any:
    """The object that ``name`` stands for. ``shipped`` maps short names to dotted paths.

    Only names from the user's own settings or command line may be passed here: a dotted path is imported. Raises
    ``InputError`` with the choices for an unknown name, or with what is wrong with a dotted path.
    """
    if (given := given_object(what, name)) is not None:
        return given
    path = shipped.get(name, name)
    module_name, colon, attribute = path.partition(":")
    if not colon:
        raise InputError(
            f"no {what} is called {name!r} — choose one of {', '.join(sorted(shipped))}, or give package.module:name"
        )
    if not module_name or module_name.startswith("."):
        raise InputError(f"{what} {name!r}: the module's name is relative — give package.module:name")
    try:
        module = import_module(module_name)
    except ImportError as error:
        raise InputError(f"{what} {name!r}: cannot import it ({error}) — {IMPORTABLE}") from None
    try:
        return attrgetter(attribute)(module)  # a class within a class has a dotted name
    except AttributeError:
        raise InputError(f"{what} {name!r}: {module_name} has no {attribute!r} — check the spelling") from None
