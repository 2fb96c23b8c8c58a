"""What a run needs before it touches the disk, loaded and checked: from settings, or from an earlier run's folder."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..agents.agent_context import AgentContext
from ..agents.agent_inputs import Inputs
from ..agents.guards.model_look import check_model_look
from ..agents.judges.judge_requirements import Judging, check_judge
from ..agents.policies.policy import Policy
from ..agents.policies.shipped_policies import make_policy
from ..agents.registry import find_agent, made
from ..agents.surrogates.shipped_surrogates import make_surrogate
from ..agents.surrogates.surrogate import Surrogate
from ..domain.errors import FileError, InputError
from ..domain.forecast import Forecast
from ..domain.framework import Framework
from ..domain.pool_spec import PoolSpec, Role
from ..domain.reading.yaml_records import load_framework, load_pool, override_settings
from ..domain.self_judging import self_judging
from ..domain.settings import Settings
from ..graph.search.budget_plan import CONFIRM_FACTOR, BudgetPlan, check_plan, plan_budget, too_few_to_settle
from ..memory.embedders.named_embedder import make_embedder
from ..pool.endpoints.endpoint import check_keys, unencrypted_notice
from ..pool.simulated import check_simulated, simulator_version
from ..prompts import PromptLibrary, load_prompts
from ..prompts.library import Template
from ..records import Manifest, RunFolder
from .bank_topics import bank_digest, check_bank, check_unchanged, with_bank
from .planning.estimate import forecast
from .trust import WITHDRAWN, check_pool_of, check_settings_of

NEEDED = {Role.SCOUT: 2, Role.PANEL: 2}
"""A search compares at least two models on every question; judges are counted where the judge is known."""


@dataclass(frozen=True, kw_only=True)
class JobInputs(Inputs):
    """What a job of any kind needs, checked. ``agents`` are the classes of those who act in it, by role."""

    agents: Mapping[str, Any]
    judging: Judging
    notices: tuple[str, ...]

    def make(self, role: str, context: AgentContext) -> Any:
        """The agent for ``role``."""
        return made(self.agents[role], context)


@dataclass(frozen=True, kw_only=True)
class RunInputs(JobInputs):
    """What a search needs besides. ``plan`` shares out the budget; ``weighed`` is the forecast that it rests on.

    Only caps in tokens or money are weighed by a forecast; without them ``weighed`` is None.
    """

    policy: Policy
    surrogate: Surrogate
    plan: BudgetPlan
    weighed: Forecast | None

    @cached_property
    def forecast(self) -> Forecast:
        """What the run is expected to spend: made where it is written down, and for the plan where that rests on it."""
        return self.weighed or forecast(self.settings, self.framework, self.pool, self.prompts, self.judging.calls)


def check_settings(settings: Settings) -> RunInputs:
    """Loads everything that the settings name. Raises ``InputError`` with the first defect; writes nothing."""
    framework = with_bank(load_framework(settings.framework, settings.topics), settings)
    pool = load_pool(settings.pool)
    return _checked(settings, framework, pool, load_prompts(settings.prompts))


def inputs_of(
    folder: RunFolder,
    overrides: Mapping[str, Any],
    *,
    judges: PoolSpec | None = None,
    asks: bool = True,
    unused: Collection[str] = (),
) -> RunInputs:
    """The inputs of an earlier run as its manifest has them, with settings replaced by ``overrides`` (dotted keys).

    The members of ``judges`` take the place of the pool's own judges; without ``asks`` no member is asked; ``unused``
    settings play no part. The folder may come from a stranger: it is held to what ``domain/setting_trust.py`` lets it
    choose. Raises ``InputError``.
    """
    manifest = folder.read_manifest()
    if manifest.recorded is not None or manifest.pool is None:
        raise InputError(f"{folder.path}: its answers were imported, nobody was asked — import them again instead")
    changed = {**WITHDRAWN, **overrides}
    settings = override_settings(manifest.settings, changed)
    check_settings_of(folder.path, settings, overrides, unused=unused)
    other_framework = not {"framework", "topics"}.isdisjoint(overrides)
    framework = load_framework(settings.framework, settings.topics) if other_framework else manifest.framework
    other_bank = settings.bank != manifest.settings.bank and bank_digest(settings) != manifest.bank_sha256
    if other_framework or other_bank:
        framework = with_bank(framework, settings)
    pool = load_pool(settings.pool) if "pool" in overrides else manifest.pool
    if "pool" not in overrides and asks:
        check_pool_of(folder.path, pool, settings)
    if not other_bank:
        check_unchanged(settings, pool, manifest.bank_sha256)
    pool = pool if judges is None else with_judges(pool, judges)
    prompts = load_prompts(settings.prompts) if "prompts" in overrides else recorded_prompts(manifest)
    return _checked(settings, framework, pool, prompts)


def recorded_prompts(manifest: Manifest) -> PromptLibrary:
    """The prompts of a run as its manifest has them."""
    return PromptLibrary(
        {name: Template(name, each.fingerprint, each.system, each.user) for name, each in manifest.prompts.items()}
    )


def with_judges(pool: PoolSpec, judges: PoolSpec) -> PoolSpec:
    """``pool`` with the members of ``judges`` in the place of its own judges, and with what is allowed to these.

    Raises ``InputError`` for an id that another member has.
    """
    others = [
        member.model_copy(update={"roles": roles})
        for member in pool.members
        if (roles := tuple(role for role in member.roles if role is not Role.JUDGE))
    ]
    taken = {member.id for member in others}
    if clash := [judge.id for judge in judges.members if judge.id in taken]:
        raise InputError(f"--judge: {clash[0]!r} is the id of a member that answers or writes — rename the judge")
    sitting = [judge.model_copy(update={"roles": (Role.JUDGE,)}) for judge in judges.members]
    allowed_hosts = tuple(dict.fromkeys([*pool.allowed_hosts, *judges.allowed_hosts]))
    return pool.model_copy(update={"members": (*others, *sitting), "allowed_hosts": allowed_hosts})


def lengthen(inputs: RunInputs, *, rounds: int, done: int, spent: int, other_calls: int, confirmed: int) -> RunInputs:
    """The inputs of a finished run that searches ``rounds`` rounds more, with the calls that this takes on top.

    ``done`` rounds are behind it, ``spent`` calls, ``other_calls`` of them for confirmation and evaluation, and
    ``confirmed`` questions. What is added is shared out as in a run of its own.
    """
    budget, plan = inputs.settings.budget, inputs.plan
    search = rounds * inputs.settings.search.moves_per_round * plan.per_move
    added = math.ceil(search / (1 - budget.confirm_share - budget.evaluate_share))
    candidates = min(
        math.ceil(CONFIRM_FACTOR * inputs.settings.questions),
        int(budget.confirm_share * added) // plan.per_confirmation,
    )
    evaluated = min(inputs.settings.questions, int(budget.evaluate_share * added) // plan.per_evaluation)
    new = BudgetPlan(
        total=spent + added,
        search=spent - other_calls + search,
        confirm=candidates * plan.per_confirmation,
        evaluate=evaluated * plan.per_evaluation,
        per_answer=plan.per_answer,
        per_move=plan.per_move,
        per_confirmation=plan.per_confirmation,
        per_evaluation=plan.per_evaluation,
        candidates=confirmed + candidates,
        evaluated=evaluated,
    )
    longer = {"rounds": done + rounds, "calls": max(budget.calls, spent + added)}
    settings = inputs.settings.model_copy(update={"budget": budget.model_copy(update=longer)})
    return replace(inputs, settings=settings, plan=new)


def _checked(settings: Settings, framework: Framework, pool: PoolSpec, prompts: PromptLibrary) -> RunInputs:
    if lacking := pool.lacks(NEEDED):
        raise FileError(settings.pool, lacking, place="members", remedy="a run searches with them")
    embedder = make_embedder(settings.embedder)
    policy = make_policy(settings.search.policy)
    surrogate = make_surrogate(settings.search.surrogate, framework, embedder)
    agents = {role: find_agent(role, name) for role, name in settings.agents}
    check_keys(pool, settings.allowed_hosts)
    simulator_version(pool)  # raises for parameters that no simulated member can have, before anything is planned
    if any(member.simulated for member in pool.members):
        check_simulated(framework)
    check_model_look(settings, pool, prompts)
    banked = check_bank(settings, pool)
    judging = check_judge(settings, pool, framework)
    budget, weighed = settings.budget, None
    if budget.tokens is not None or budget.money is not None:
        weighed = forecast(settings, framework, pool, prompts, judging.calls)
    plan = plan_budget(settings, pool, judging.calls, budget.calls if weighed is None else weighed.planned_calls)
    check_plan(plan, settings)
    notices = [f"the embedder {embedder.name!r} {embedder.note}"] if embedder.note else []
    further = (self_judging(judging.calls.members, pool), unencrypted_notice(pool))
    notices += [*banked, *judging.notices, *filter(None, further)]
    if plan.candidates < settings.questions:
        notices.append(
            f"M lowered from {settings.questions} to {plan.candidates}: "
            f"the budget of {plan.total} calls confirms no more"
        )
    if few := too_few_to_settle(plan, settings):
        notices.append(few)
    return RunInputs(
        settings,
        framework,
        pool,
        prompts,
        embedder,
        agents=agents,
        judging=judging,
        notices=tuple(notices),
        policy=policy,
        surrogate=surrogate,
        plan=plan,
        weighed=weighed,
    )
