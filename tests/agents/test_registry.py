"""Agents by short name or dotted path: each shipped one is found, and a class that cannot do the work is refused."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.agents import protocols
from adaem.agents.explorer.topic_explorer import LlmExplorer
from adaem.agents.guards.signatures import misfits
from adaem.agents.registry import AGENTS, METHODS, make_agent
from adaem.domain.errors import InputError
from adaem.domain.settings import AgentNames
from small_world import world

Command = Callable[..., tuple[int, str, str]]


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
        (
            "judge",
            "lmm",
            "no judge is called 'lmm' — choose one of jury, llm, local, zero_shot, or give package.module:name",
        ),
        ("critic", "builtins:dict", "it has no method 'critique' — see agents/protocols.py"),
        ("judge", "adaem.agents.critic.divergence_critic:DivergenceCritic", "it has no method 'judge'"),
        ("explorer", "adaem.agents.refiner.question_refiner:ReflectRefiner", "it has no method 'propose'"),
        ("judge", "adaem.agents.judges.llm_judge:verified_labels", "it has no method 'judge'"),
        ("prober", "adaem.agents.prober.member_prober:Nobody", "has no 'Nobody'"),
        ("prober", "no_such_module_here:Prober", "cannot import it"),
    ],
)
def test_what_cannot_do_the_work_is_refused(role: str, name: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        make_agent(role, name, world().context)
    assert message in str(caught.value)


class NoSample:
    def __init__(self, context: Any) -> None: ...

    async def propose(self, topic: Any, *, best: Any, avoid: Any) -> None: ...


class Blocking:
    def __init__(self, context: Any) -> None: ...

    def propose(self, topic: Any, *, best: Any, avoid: Any, sample: int) -> None: ...


class NoContext:
    async def propose(self, topic: Any, *, best: Any, avoid: Any, sample: int) -> None: ...


class Waiting:
    def __init__(self, context: Any) -> None: ...

    async def critique(self, *given: Any, **named: Any) -> None: ...


class BlockingTopics(LlmExplorer):
    def new_topics(self, values: Any, covered: Any, *, count: int, sample: int) -> None: ...  # type: ignore[override]


class TopicsWithoutCovered(LlmExplorer):
    async def new_topics(self, values: Any, *, count: int) -> None: ...  # type: ignore[override]


class HalfAJudge:
    def __init__(self, context: Any) -> None: ...

    async def judge(self, answer: Any) -> None: ...

    async def judge_question(self) -> None: ...


@pytest.mark.parametrize(
    ("role", "found", "message"),
    [
        (
            "explorer",
            NoSample,
            "its method 'propose' takes (self, topic, *, best, avoid), and is called as "
            "(self, topic, *, best, avoid, sample)",
        ),
        ("explorer", Blocking, "its method 'propose' must be 'async def'"),
        ("explorer", BlockingTopics, "its method 'new_topics' must be 'async def'"),
        (
            "explorer",
            TopicsWithoutCovered,
            "its method 'new_topics' takes (self, values, *, count), and is called as "
            "(self, values, covered, *, count, sample)",
        ),
        ("explorer", NoContext, "it is not made with one argument, the AgentContext"),
        ("critic", Waiting, "its method 'critique' must be a plain 'def', not 'async def'"),
        ("judge", HalfAJudge, "its method 'judge_question' takes (self), and is called as (self, question)"),
    ],
)
def test_a_class_that_cannot_be_called_so_is_refused_before_a_run(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str, found: type, message: str
) -> None:
    module = types.ModuleType("my_agents")
    module.Own = found  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_agents", module)
    code, out, err = adaem("run", "-s", f"agents.{role}=my_agents:Own", "--out", str(tmp_path / "run"))
    assert (code, out) == (2, "")
    assert f"{role} 'my_agents:Own': {message} — see agents/protocols.py" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_method_behind_a_decorator_is_believed() -> None:
    def logged(method: Any) -> Any:
        @functools.wraps(method)
        def wrapper(*given: Any, **named: Any) -> Any:
            return method(*given, **named)

        return wrapper

    class Decorated(Blocking):
        propose = logged(LlmExplorer.propose)

    assert list(misfits("explorer", Decorated)) == []


class OwnCritic:
    def __init__(self, context: Any) -> None:
        self.context = context

    def critique(self, *_: Any, **__: Any) -> None: ...


def test_a_class_of_the_users_own_takes_the_role(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("my_agents")
    module.OwnCritic = OwnCritic  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_agents", module)
    context = world().context
    agent = make_agent("critic", "my_agents:OwnCritic", context)
    assert isinstance(agent, OwnCritic)
    assert agent.context is context
