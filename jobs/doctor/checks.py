"""Checks everything that a run needs before money is spent, and collects what is wrong instead of stopping there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from ...domain.checkup import Check, Checkup, CheckVerdict
from ...domain.errors import InputError
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.reading.yaml_records import load_framework
from ...domain.self_judging import same_model, self_judging
from ...domain.settings import Settings
from ...memory.chroma_client import place_of
from ...pool.endpoints.endpoint import key_variable, secrets
from ...pool.sending.reachability import address_of
from ...pool.sending.scrubbing import scrub
from ...prompts import load_prompts
from ...records.folder import RUNS
from ..inputs import check_settings
from .environment_checks import (
    ENCRYPTION,
    check_embedder,
    check_encryption,
    check_folder,
    check_key_variables,
    check_memory,
    check_tokenizer,
    is_set,
)
from .file_checks import check_framework, check_pool, check_prompts, check_settings_files, problem
from .member_check import TinyCalls


async def examine(
    config: Path | None, overrides: Sequence[str], flags: Mapping[str, Any], *, probes: int = 0
) -> Checkup:
    """Checks files, keys, endpoints, folders, embedder and tokenizer, and whether they make a run together.

    ``overrides`` are ``key=value`` texts, ``flags`` dotted keys with their values, as the command line has them. Each
    real member is asked one tiny question (up to four requests where its replies do not fit), the members of one
    endpoint one after the other; then each respondent ``probes`` real questions, by default ten where its reply
    was cut off or did not fit, and ten in any case where one of them is not answered. Nothing is left on disk, and
    nothing is raised for what the user gave. No key is in what is returned.
    """
    checks: list[Check] = []
    settings, wrong = check_settings_files(config, overrides, flags, checks)
    framework = check_framework(settings, wrong, checks)
    pool = check_pool(settings, wrong, checks)
    prompts = check_prompts(settings, wrong, checks)
    if pool is not None:
        checks += [*check_key_variables(pool), *check_encryption(pool)]
    # Where the user's own words are broken, the shipped ones are asked with: the endpoint is what is looked at.
    allowed_hosts = () if pool is None else pool.allowed_hosts
    calls = TinyCalls(
        prompts or load_prompts("default"), framework or load_framework("schwartz"), settings, allowed_hosts
    )
    endpoints, (embedder, embedding), tokenizer = await asyncio.gather(
        _endpoints(pool, calls, probes),
        asyncio.to_thread(check_embedder, settings.embedder, "embedder" in wrong),
        check_tokenizer(pool),
    )
    checks += [*endpoints, embedding, *tokenizer, check_folder("folder of runs", RUNS)]
    if settings.memory is not None:
        checks.append(await asyncio.to_thread(check_memory, place_of(settings.memory), embedder, framework))
    checks += await asyncio.to_thread(_together, settings, checks)
    return _checkup(checks, pool, calls)


async def _endpoints(pool: PoolSpec | None, calls: TinyCalls, probes: int) -> list[Check]:
    """One row a real member, one for all simulated ones, and one for each held-out model that is not held out."""
    if pool is None:
        return [Check(what="endpoints", verdict=CheckVerdict.SKIPPED, detail="there is no pool")]
    by_address: dict[str, list[Member]] = {}
    for member in pool.members:
        by_address.setdefault(address_of(member), []).append(member)

    async def ask_in_turn(members: Sequence[Member]) -> list[tuple[str, Check]]:
        # A server with one slot, or that loads its models in turn, is slow with the second question, not with its own.
        return [(member.id, await _endpoint(member, calls)) for member in members]

    found = dict(chain.from_iterable(await asyncio.gather(*map(ask_in_turn, by_address.values()))))
    pairs = [(member, found[member.id]) for member in pool.members]
    real = [check for member, check in pairs if not member.simulated]
    more: list[Check] = []
    for member, check in pairs:
        if check.verdict is not CheckVerdict.SKIPPED and not member.simulated:
            more += await calls.look_closer(member, pool, probes)
    return [*_simulated([check for member, check in pairs if member.simulated]), *real, *more, *_not_held_out(pairs)]


async def _endpoint(member: Member, calls: TinyCalls) -> Check:
    if member.recorded:
        what = f"endpoint {member.id}"
        return Check(what=what, verdict=CheckVerdict.SKIPPED, detail="not asked: its answers are recorded")
    variable = key_variable(member)
    if variable is not None and not member.simulated and not is_set(variable):
        what = f"endpoint {member.id}"
        return Check(what=what, verdict=CheckVerdict.SKIPPED, detail="not asked: its key is missing")
    try:
        return await calls.check(member)
    except InputError as error:
        check = problem(f"endpoint {member.id}", error)
        return check.model_copy(update={"detail": check.detail.removeprefix(f"member {member.id!r}: ")})


def _simulated(checks: list[Check]) -> list[Check]:
    """The simulated members in one row, those that do not answer apart."""
    bad = [check for check in checks if check.verdict is not CheckVerdict.OK]
    if not (answering := len(checks) - len(bad)):
        return bad
    detail = f"{answering} answer; they are simulated, no real models"
    return [Check(what="simulated members", verdict=CheckVerdict.OK, detail=detail), *bad]


def _not_held_out(pairs: Sequence[tuple[Member, Check]]) -> list[Check]:
    """Examinees that answer under the same name, at the same address, as a member that takes part in the search."""
    names = {member.id: check.model_name for member, check in pairs if check.model_name and not member.simulated}
    answered = [member for member, _ in pairs if member.id in names]
    taking_part = [member for member in answered if Role.EXAMINEE not in member.roles]
    checks = []
    for member in answered:
        twin = next((each.id for each in taking_part if same_model(member, each, names)), None)
        if Role.EXAMINEE in member.roles and twin is not None:
            detail = f"answers as {names[member.id]}, as {twin} does, which takes part in the search"
            what, remedy = f"held out {member.id}", "hold out another model"
            checks.append(Check(what=what, verdict=CheckVerdict.WARNING, detail=detail, remedy=remedy))
    return checks


def _together(settings: Settings, checks: Sequence[Check]) -> list[Check]:
    """Whether the parts, each loaded, make a run: agents, judge, policy and budget."""
    what = "run"
    parts = ("settings", "framework", "pool", "prompts", "embedder")
    if any(check.verdict is not CheckVerdict.OK for check in checks if check.what in parts):
        return [Check(what=what, verdict=CheckVerdict.SKIPPED, detail="checked when the files above are right")]
    try:
        made = check_settings(settings)
    except InputError as error:
        return [problem(what, error)]
    judges = made.judging.calls.members
    names = {check.what.removeprefix("endpoint "): check.model_name for check in checks if check.model_name}
    judging, _, remedy = self_judging(judges, made.pool, names).partition(": ")
    more = [Check(what="self-judging", verdict=CheckVerdict.WARNING, detail=judging, remedy=remedy)] if judging else []
    # The embedder's row has said what it cannot do; the row of judges that also answer goes by endpoints' names, too.
    said = [each for each in (made.embedder.note, self_judging(judges, made.pool)) if each]
    said += [each.detail for each in checks if each.what == ENCRYPTION]
    notices = [notice for notice in made.notices if not any(each in notice for each in said)]
    if notices:
        return [*more, *(Check(what=what, verdict=CheckVerdict.WARNING, detail=notice) for notice in notices)]
    return [*more, Check(what=what, verdict=CheckVerdict.OK, detail="agents, judge and budget fit together")]


def _checkup(checks: Sequence[Check], pool: PoolSpec | None, calls: TinyCalls) -> Checkup:
    hidden = secrets(pool.members) if pool is not None else ()
    cleaned = tuple(
        check.model_copy(
            update={
                name: scrub(text, hidden)
                for name in ("detail", "remedy", "model_name")
                if (text := getattr(check, name))
            }
        )
        for check in checks
    )
    verdicts = {check.verdict for check in cleaned}
    worst = next((each for each in (CheckVerdict.PROBLEM, CheckVerdict.WARNING) if each in verdicts), CheckVerdict.OK)
    return Checkup(
        verdict=worst,
        simulated=pool is not None and pool.simulated,
        requests=calls.requests,
        checks=cleaned,
        speeds=tuple(calls.speeds.values()),
    )
