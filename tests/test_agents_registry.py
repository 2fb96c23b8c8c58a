"""Agents by short name or dotted path: each shipped one is found, and a class that cannot do the work is refused."""

from __future__ import annotations

from typing import Any

import pytest
from adaem.agents import protocols
from adaem.agents.registry import AGENTS, METHODS, make_agent
from adaem.domain.errors import InputError
from adaem.domain.settings import AgentNames
from small_world import world


@pytest.mark.parametrize("role", AGENTS)
def test_every_default_is_shipped_and_can_do_its_work(role: str) -> None:
    agent = make_agent(role, getattr(AgentNames(), role), world().context)
    assert all(callable(getattr(agent, method)) for method in METHODS[role])


def test_roles_settings_and_protocols_agree() -> None:
    assert set(AGENTS) == set(METHODS) == set(AgentNames.model_fields)
    for role, methods in METHODS.items():
        assert all(hasattr(getattr(protocols, role.title()), method) for method in methods)


@pytest.mark.parametrize(
    ("role", "name", "message"),
    [
        ("judge", "lmm", "no judge is called 'lmm' — choose one of jury, llm, local, or give package.module:name"),
        ("critic", "builtins:dict", "it has no method 'critique' — see agents/protocols.py"),
        ("judge", "adaem.agents.critic:DivergenceCritic", "it has no method 'judge'"),
        ("explorer", "adaem.agents.refiner:ReflectRefiner", "it has no method 'propose'"),
        ("judge", "adaem.agents.judge:verified_labels", "it has no method 'judge'"),
        ("prober", "adaem.agents.prober:Nobody", "has no 'Nobody'"),
        ("prober", "no_such_module_here:Prober", "cannot import it"),
    ],
)
def test_what_cannot_do_the_work_is_refused(role: str, name: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        make_agent(role, name, world().context)
    assert message in str(caught.value)


class OwnCritic:
    def __init__(self, context: Any) -> None:
        self.context = context

    def critique(self, *_: Any, **__: Any) -> None: ...


def test_a_class_of_the_users_own_takes_the_role(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import types

    module = types.ModuleType("my_agents")
    module.OwnCritic = OwnCritic  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_agents", module)
    context = world().context
    agent = make_agent("critic", "my_agents:OwnCritic", context)
    assert isinstance(agent, OwnCritic)
    assert agent.context is context
