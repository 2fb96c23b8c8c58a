"""Finds a policy by its short name or by a dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import cast

from ...domain.errors import InputError
from .expected_improvement import expected_improvement
from .paper import paper
from .protocol import Policy
from .random_topics import random_topics
from .round_robin import round_robin
from .thompson import thompson
from .ucb import ucb

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "expected-improvement": expected_improvement,
        "ucb": ucb,
        "paper": paper,
        "thompson": thompson,
        "random": random_topics,
        "round-robin": round_robin,
    }
)
"""The shipped policies by short name; the first is the default."""


def make_policy(name: str) -> Policy:
    """The policy called ``name``: a key of ``POLICIES``, or a dotted path ``package.module:function``.

    A dotted path is imported, so it must come from the user's own settings or command line, never from a run folder.
    Raises ``InputError`` when there is no such policy.
    """
    if name in POLICIES:
        return POLICIES[name]
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise InputError(f"no policy {name!r} — choose one of {', '.join(POLICIES)}, or give a path module:function")
    try:
        policy = getattr(import_module(module_name), attribute, None)
    except ImportError as error:
        raise InputError(f"policy {name!r}: cannot import {module_name!r} ({error})") from error
    if not callable(policy):
        raise InputError(f"policy {name!r}: the module {module_name!r} has no function {attribute!r}")
    return cast(Policy, policy)
