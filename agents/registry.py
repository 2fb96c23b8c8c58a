"""Finds the agents that the settings name, by short name or dotted path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..domain.errors import InputError
from ..domain.named import find_named
from .agent_context import AgentContext
from .entry_points import Entry, read_entries
from .guards.signatures import misfits

_HERE = __package__

AGENTS: Mapping[str, Mapping[str, str]] = {
    "explorer": {
        "llm": f"{_HERE}.explorer.topic_explorer:LlmExplorer",
        "bank": f"{_HERE}.explorer.bank_explorer:BankExplorer",
        "plain": f"{_HERE}.explorer.plain_explorer:PlainExplorer",
    },
    "refiner": {
        "reflect": f"{_HERE}.refiner.question_refiner:ReflectRefiner",
        "none": f"{_HERE}.refiner.no_refiner:NoRefiner",
    },
    "prober": {"pool": f"{_HERE}.prober.member_prober:PoolProber"},
    "judge": {
        "llm": f"{_HERE}.judges.llm_judge:LlmJudge",
        "jury": f"{_HERE}.judges.jury:JuryJudge",
        "local": f"{_HERE}.judges.local.local_judge:LocalJudge",
        "zero_shot": f"{_HERE}.judges.local.zero_shot_judge:ZeroShotJudge",
    },
    "critic": {
        "divergence": f"{_HERE}.critic.divergence_critic:DivergenceCritic",
        "paper": f"{_HERE}.critic.paper_critic:PaperCritic",
        "overlap": f"{_HERE}.critic.overlap_critic:OverlapCritic",
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


def installed_agents() -> dict[str, dict[str, Entry]]:
    """The agents that other packages add: role → short name → entry. Nothing is imported."""
    entries: dict[str, dict[str, Entry]] = {role: {} for role in AGENTS}
    for entry in read_entries(AGENTS):
        if not entry.why:
            entries[entry.role][entry.short_name] = entry
    return entries


def ignored_entries() -> list[Entry]:
    """The entries of other packages that name no agent, each with the reason."""
    return [entry for entry in read_entries(AGENTS) if entry.why]


def make_agent(role: str, name: str, context: AgentContext) -> Any:
    """The agent for ``role``, made with ``context``: a shipped or installed one, or a class by dotted path.

    Raises ``InputError`` for an unknown name, or a class without the role's methods.
    """
    return made(find_agent(role, name), context)


def made(agent: Any, context: AgentContext) -> Any:
    """The class ``agent`` made with ``context``; a Python program may have given one that is made already."""
    return agent(context) if isinstance(agent, type) else agent


def find_agent(role: str, name: str) -> Any:
    """The class for ``role``, not yet made. Raises ``InputError`` as ``make_agent`` does; nothing of it is called."""
    names = dict(AGENTS[role])
    if name not in names and ":" not in name:
        names |= _paths(role)
        if name not in names:
            _say_why_ignored(name, [role])
    agent = find_named(role, name, names)
    for method in METHODS[role]:
        if not callable(getattr(agent, method, None)):
            raise InputError(
                f"{role} {name!r}: it has no method {method!r} — see agents/protocols.py for what it must do"
            )
    for problem in misfits(role, agent):
        raise InputError(f"{role} {name!r}: {problem} — see agents/protocols.py, and try 'adaem agents check'")
    return agent


def role_of(name: str, role: str | None) -> str:
    """``role``, checked; without one the only role whose methods the class has. Raises ``InputError`` otherwise."""
    if role is not None:
        if role not in AGENTS:
            raise InputError(f"--as {role}: no such role — choose one of {', '.join(AGENTS)}")
        return role
    if ":" not in name:
        _say_if_unknown(name)
    fitting = []
    for each in AGENTS:
        known = ":" in name or name in AGENTS[each] or name in installed_agents()[each]
        agent = find_named(each, name, {**AGENTS[each], **_paths(each)}) if known else None
        if agent is not None and all(callable(getattr(agent, method, None)) for method in METHODS[each]):
            fitting.append(each)
    if len(fitting) != 1:
        fits = f"fits {' and '.join(fitting)}" if fitting else "has the methods of no role"
        raise InputError(f"{name}: {fits} — say which it is for, --as ROLE ({', '.join(AGENTS)})")
    return fitting[0]


def _paths(role: str) -> dict[str, str]:
    return {name: entry.path for name, entry in installed_agents()[role].items()}


def _say_if_unknown(name: str) -> None:
    """Raises ``InputError`` where no role has an agent of this short name."""
    names = {each for role in AGENTS for each in (*AGENTS[role], *installed_agents()[role])}
    if name not in names:
        _say_why_ignored(name, AGENTS)
        raise InputError(f"no agent is called {name!r} — choose one of {', '.join(sorted(names))}, or module:Class")


def _say_why_ignored(name: str, roles: Iterable[str]) -> None:
    """Raises ``InputError`` where a package means to give one of ``roles`` this name."""
    for entry in ignored_entries():
        if entry.role in roles and name == entry.short_name:
            raise InputError(
                f"{entry.role} {name!r}: the entry {entry.name!r} of the package {entry.package} is ignored: "
                f"{entry.why} — fix it in the package, or give module:Class"
            )
