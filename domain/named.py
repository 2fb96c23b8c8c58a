"""Finds a part by its short name or by a dotted path ``package.module:attribute``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from operator import attrgetter
from typing import Any

from .errors import InputError

IMPORTABLE = "install its package, or name the folder that it is in: adaem --import-path DIR …"
"""What to do where a dotted path leads nowhere: the current folder is not searched."""


def find_named(what: str, name: str, shipped: Mapping[str, str]) -> Any:
    """The object that ``name`` stands for. ``shipped`` maps short names to dotted paths.

    Only names from the user's own settings or command line may be passed here: a dotted path is imported. Raises
    ``InputError`` with the choices for an unknown name, or with what is wrong with a dotted path.
    """
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
