"""Finds the agents that the settings name, by short name or dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..domain.errors import InputError
from ..domain.named import find_named
from .context import AgentContext

_HERE = __package__

AGENTS: Mapping[str, Mapping[str, str]] = {
    "explorer": {"llm": f"{_HERE}.explorer:LlmExplorer"},
    "refiner": {"reflect": f"{_HERE}.refiner:ReflectRefiner"},
    "prober": {"pool": f"{_HERE}.prober:PoolProber"},
    "judge": {
        "llm": f"{_HERE}.judge:LlmJudge",
        "jury": f"{_HERE}.jury:JuryJudge",
        "local": f"{_HERE}.local_judge.judge:LocalJudge",
    },
    "critic": {
        "divergence": f"{_HERE}.critic:DivergenceCritic",
        "paper": f"{_HERE}.paper_critic:PaperCritic",
    },
}
"""The shipped agents: role → short name → dotted path."""

METHODS: Mapping[str, tuple[str, ...]] = {
    "explorer": ("propose",),
    "refiner": ("refine",),
    "prober": ("probe",),
    "judge": ("judge", "judge_question"),
    "critic": ("critique",),
}
"""What a class must offer to take a role; ``protocols`` says what each method does."""


def make_agent(role: str, name: str, context: AgentContext) -> Any:
    """The agent for ``role``: a shipped one by short name, or a class by dotted path, made with ``context``.

    Raises ``InputError`` for an unknown name, or a class without the role's methods.
    """
    return find_agent(role, name)(context)


def find_agent(role: str, name: str) -> Any:
    """The class for ``role``, not yet made. Raises ``InputError`` as ``make_agent`` does."""
    found = find_named(role, name, AGENTS[role])
    for method in METHODS[role]:
        if not callable(getattr(found, method, None)):
            raise InputError(
                f"{role} {name!r}: it has no method {method!r} — see agents/protocols.py for what it must do"
            )
    return found
