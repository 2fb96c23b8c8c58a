"""Finds a policy by its short name or by a dotted path."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import MappingProxyType

from ...domain.errors import InputError
from ...domain.named import find_named
from .expected_improvement import expected_improvement
from .paper_bandit import paper
from .policy import Policy
from .random_topics import random_topics
from .round_robin import round_robin
from .thompson import thompson
from .ucb import ucb
from .ucb1 import ucb1
from .validate_policy import CheckedPolicy

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "expected-improvement": expected_improvement,
        "ucb": ucb,
        "paper": paper,
        "thompson": thompson,
        "random": random_topics,
        "round-robin": round_robin,
        "ucb1": ucb1,
    }
)
"""The shipped policies by short name; the first is the default."""


def make_policy(name: str) -> Policy:
    """The policy called ``name``: a key of ``POLICIES``, or a dotted path ``package.module:function``.

    A dotted path is imported, so it must come from the user's own settings or command line, never from a run folder.
    What an imported policy returns is checked. Raises ``InputError`` when there is no such policy, or it cannot be one.
    """
    if name in POLICIES:
        return POLICIES[name]
    if ":" not in name:
        raise InputError(f"no policy {name!r} — choose one of {', '.join(POLICIES)}, or give a path module:function")
    policy = find_named("policy", name, {})
    if not callable(policy):
        raise InputError(f"policy {name!r}: {type(policy).__name__}, not a function — see agents/policies/policy.py")
    if inspect.iscoroutinefunction(policy):
        raise InputError(f"policy {name!r}: it is asynchronous, and a policy asks nobody — write def, not async def")
    try:
        inspect.signature(policy).bind(None, None, None)
    except (TypeError, ValueError) as error:  # ValueError: a built-in that tells nothing of itself
        raise InputError(
            f"policy {name!r}: it cannot be called as (view, moves, rng), {error} — see agents/policies/policy.py"
        ) from None
    return CheckedPolicy(name, policy)
