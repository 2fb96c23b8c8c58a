"""The files that a run is made of, checked one by one: every defect becomes a row, and what is right goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ...domain.checkup import Check, CheckVerdict
from ...domain.errors import AdaemError, FileError, InputError
from ...domain.framework import Framework
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.reading.yaml_records import (
    load_framework,
    load_pool,
    load_settings,
    parse_override,
    read_settings,
    read_yaml,
    validate,
)
from ...domain.settings import Settings
from ...domain.texts.counting import count
from ...prompts import PromptLibrary, load_prompts

T = TypeVar("T")


def problem(what: str, error: AdaemError) -> Check:
    """An error as a row."""
    return Check(what=what, verdict=CheckVerdict.PROBLEM, detail=error.problem, remedy=error.remedy)


def check_settings_files(
    config: Path | None, overrides: Sequence[str], flags: Mapping[str, Any], checks: list[Check]
) -> tuple[Settings, frozenset[str]]:
    """The settings that are right, and the names of those that are wrong, so that nobody knows what was meant."""
    data: dict[str, Any] = {}
    good: dict[str, Any] = {}
    wrong: set[str] = set()
    errors: list[AdaemError] = []
    try:
        data = read_settings(config) if config is not None else {}
    except InputError as error:
        errors.append(error)
        wrong = set(Settings.model_fields)
    for key, value in data.items():
        try:
            validate(Settings, {key: value}, config or "")
            good[key] = value
        except InputError as error:
            errors.append(error)
            wrong.add(key)
    given = list(flags.items())
    for text in reversed(overrides):
        try:
            given.insert(0, parse_override(text))
        except InputError as error:
            errors.append(error)
    for key, value in given:
        name = key.partition(".")[0]
        try:
            load_settings(None, {key: value})
            good[key] = value
            wrong.discard(name)
        except InputError as error:
            errors.append(error)
            wrong.add(name)
    checks += [problem("settings", error) for error in errors]
    if not errors:
        source = f"{config}: {len(data)} settings" if config is not None else "the defaults"
        more = f", {len(given)} from the command line" if given else ""
        checks.append(Check(what="settings", verdict=CheckVerdict.OK, detail=source + more))
    return load_settings(None, good), frozenset(wrong)


def check_framework(settings: Settings, wrong: frozenset[str], checks: list[Check]) -> Framework | None:
    """The value theory, if it can be loaded."""

    def load(name: str) -> Framework:
        return load_framework(name, settings.topics)

    return _loaded("framework", settings.framework, wrong, checks, load, _framework)


def check_prompts(settings: Settings, wrong: frozenset[str], checks: list[Check]) -> PromptLibrary | None:
    """The prompt set, if it can be loaded."""
    return _loaded("prompts", settings.prompts, wrong, checks, load_prompts, _prompts)


def check_pool(settings: Settings, wrong: frozenset[str], checks: list[Check]) -> PoolSpec | None:
    """The pool, if it can be loaded. Each member that is wrong has its own row."""
    pool = _loaded("pool", settings.pool, wrong, checks, load_pool, _pool)
    if pool is None and "pool" not in wrong and (members := _wrong_members(Path(settings.pool))):
        checks[-1:] = [problem("pool", error) for error in members]
    return pool


def _loaded(
    what: str,
    name: str,
    wrong: frozenset[str],
    checks: list[Check],
    load: Callable[[str], T],
    tell: Callable[[T], str],
) -> T | None:
    if what in wrong:
        checks.append(Check(what=what, verdict=CheckVerdict.SKIPPED, detail="the setting that names it is wrong"))
        return None
    try:
        loaded = load(name)
    except InputError as error:
        checks.append(problem(what, error))
        return None
    checks.append(Check(what=what, verdict=CheckVerdict.OK, detail=f"{name}: {tell(loaded)}"))
    return loaded


def _wrong_members(path: Path) -> list[AdaemError]:
    """The defects of single members; none where the file is wrong in another way."""
    try:
        members = read_yaml(path).get("members")
    except InputError:
        return []
    errors: list[AdaemError] = []
    for number, member in enumerate(members if isinstance(members, list) else []):
        try:
            validate(Member, member, f"{path}, members.{number}")
        except FileError as error:
            errors.append(error)
    return errors


def _framework(framework: Framework) -> str:
    return f"{framework.name}, {count(len(framework.values), 'value')}, {count(len(framework.topics), 'topic')}"


def _prompts(prompts: PromptLibrary) -> str:
    return f"{len(prompts.templates)} prompts"


def _pool(pool: PoolSpec) -> str:
    roles = ", ".join(f"{role.value} {number}" for role in Role if (number := len(pool.with_role(role))))
    simulated = sum(member.simulated for member in pool.members)
    kind = "" if not simulated else ", all simulated" if simulated == len(pool.members) else f", {simulated} simulated"
    return f"{count(len(pool.members), 'member')}{kind} ({roles})"
