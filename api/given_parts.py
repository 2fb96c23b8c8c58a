"""Objects in the place of names: a program's pools, chat models, frameworks, agents and policies become settings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..domain.errors import InputError
from ..domain.framework import Framework
from ..domain.named import GIVEN, given_objects
from ..domain.pool_spec import MEMBER_ID, SIMULATED, Member, PoolSpec, Role
from ..domain.settings import AgentNames

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    PoolLike = str | Path | PoolSpec | Sequence[str | Member | BaseChatModel] | Mapping[str, str | BaseChatModel]

LONGEST_MEMBER_ID = 64

Part = str | type | object
"""An agent or a policy: its name as in the settings, a class or function, or an instance."""


@dataclass
class GivenParts:
    """Settings (dotted keys), and the objects that their names stand for while a job runs."""

    settings: dict[str, Any] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def here(self) -> Iterator[None]:
        """Within the block the names stand for the objects."""
        with given_objects(self.objects):
            yield

    def set(self, key: str, value: Any) -> None:
        """A setting, unless ``value`` is None; a path becomes text."""
        if value is not None:
            self.settings[key] = str(value) if isinstance(value, Path) else value

    def framework(self, framework: str | Path | Framework | None) -> None:
        """The value theory: a name, a YAML file, or the object."""
        self.set("framework", self._named("framework", framework) if isinstance(framework, Framework) else framework)

    def agents(self, agents: Mapping[str, Part], judge: Part | None, policy: str | Callable[..., Any] | None) -> None:
        """Who acts, by role. A judge's name may be the file of a local judge."""
        from ..jobs.judge_choice import judge_choice, names_file

        if unknown := sorted(set(agents) - set(AgentNames.model_fields)):
            raise InputError(
                f"agents: no role is called {unknown[0]!r} — choose of {', '.join(AgentNames.model_fields)}"
            )
        if judge is not None and "judge" in agents:
            raise InputError("judge is given twice, by itself and among the agents — give it once")
        for role, agent in agents.items():
            self.set(f"agents.{role}", agent if isinstance(agent, str) else self._named(role, agent))
        if isinstance(judge, Path) or (isinstance(judge, str) and names_file(judge)):
            self.settings |= judge_choice(str(judge))
        elif judge is not None:
            self.set("agents.judge", judge if isinstance(judge, str) else self._named("judge", judge))
        if policy is not None:
            self.set("search.policy", policy if isinstance(policy, str) else self._named("policy", policy))

    def pool(self, pool: PoolLike | None, roles: Sequence[Role]) -> None:
        """The models: a name or a YAML file, or the members; ``roles`` are those of models that are given alone."""
        if pool is None or isinstance(pool, str | Path):
            self.set("pool", pool)
            return
        if isinstance(pool, PoolSpec):
            self.set("pool", self._named("pool", pool))
            return
        if not isinstance(pool, Iterable):
            what = type(pool).__name__
            raise InputError(f"pool: {what} is no pool — give its name, a YAML file, or a list of its members")
        members = tuple(self._members(pool, tuple(roles)))
        if twice := [name for name, number in Counter(member.id for member in members).items() if number > 1]:
            raise InputError(f"pool: two members are called {twice[0]!r} — give them as {{'one': …, 'other': …}}")
        try:
            spec = PoolSpec(name=GIVEN, members=members)
        except ValueError as error:
            raise InputError(f"pool: {_first_line(error)}") from None
        self.set("pool", self._named("pool", spec))

    def models(self, models: Mapping[str, BaseChatModel], pool: PoolSpec | None) -> None:
        """The chat models of an earlier session, by their members' ids."""
        given = {member.id: member for member in (pool.members if pool is not None else ()) if member.given}
        if unknown := sorted(set(models) - set(given)):
            raise InputError(f"models: {unknown[0]!r} is not a member that was given as an object — leave it out")
        for name, member in given.items():
            if name not in models:
                raise InputError(
                    f"models: the member {name!r} was a chat model of a Python program — give it again: "
                    f"models={{{name!r}: …}}"
                )
            self.objects[member.model] = _checked_model(models[name])

    def _members(self, pool: Sequence[Any] | Mapping[str, Any], roles: tuple[Role, ...]) -> Iterator[Member]:
        pairs = pool.items() if isinstance(pool, Mapping) else ((None, each) for each in pool)
        for name, each in pairs:
            if isinstance(each, Member):
                yield each
            elif isinstance(each, str):
                yield _member(name or _id_of(each.partition(":")[2] or each), each, roles)
            else:
                yield self._chat_model(name, each, roles)

    def _chat_model(self, name: str | None, model: Any, roles: tuple[Role, ...]) -> Member:
        called = str(getattr(model, "model_name", None) or getattr(model, "model", None) or type(model).__name__)
        member_id = name or _id_of(called)
        # What a request may hold is the object's own matter, and the records say so by what they leave out.
        own: dict[str, Any] = {"temperature": None, "max_tokens": None}
        member = _member(member_id, f"{GIVEN}:{type(model).__name__}/{called}/{member_id}", roles, **own)
        self.objects[member.model] = _checked_model(model)
        return member

    def _named(self, what: str, thing: object) -> str:
        kind = thing if isinstance(thing, type) or callable(thing) else type(thing)
        name = f"{GIVEN}:{what}:{getattr(kind, '__qualname__', type(thing).__qualname__)}"
        self.objects[name] = thing
        return name


def _member(member_id: str, model: str, roles: tuple[Role, ...], **more: Any) -> Member:
    if model.startswith(f"{SIMULATED}:"):
        raise InputError(
            f"pool: {model!r} takes parameters — give adaem.Member(id=…, model={model!r}, parameters={{…}})"
        )
    try:
        return Member(id=member_id, model=model, roles=roles, **more)
    except ValueError as error:
        raise InputError(f"pool, {member_id!r}: {_first_line(error)} — write 'provider:model'") from None


def _checked_model(model: Any) -> Any:
    from langchain_core.language_models import BaseChatModel

    if not isinstance(model, BaseChatModel):
        what = type(model).__name__
        raise InputError(
            f"pool: {what} is not a model — give 'provider:name', an adaem.Member or a LangChain chat model"
        )
    return model


def _id_of(name: str) -> str:
    """A model's name as a member's id."""
    identifier = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("._-")[:LONGEST_MEMBER_ID]
    return identifier if re.fullmatch(MEMBER_ID, identifier) else "model"


def _first_line(error: ValueError) -> str:
    errors: Any = getattr(error, "errors", None)
    if errors is None:
        return str(error)
    first = errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))} {first['msg']}".strip().removeprefix("Value error, ")
