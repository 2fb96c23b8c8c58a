"""Holds a run's folder to what it may choose (``domain/setting_trust.py``); the user names the rest again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..agents.policies.shipped_policies import POLICIES
from ..agents.registry import AGENTS
from ..agents.surrogates.shipped_surrogates import SURROGATES
from ..domain.errors import InputError
from ..domain.pool_spec import PoolSpec
from ..domain.setting_trust import REPEATED_SETTINGS, TRUST, Trust
from ..domain.settings import Settings
from ..memory.embedders.named_embedder import ships
from ..pool.endpoints.endpoint import plain_hosts, unnamed_host
from ..records import Manifest

WITHDRAWN: Mapping[str, Any] = MappingProxyType({"allowed_hosts": (), "tracing": False, "telemetry": False})
"""The permissions that a run was given once, as a folder has them no more: they are given each time."""

_EMBEDDERS = ("embedder", "judge.embedder")
_WHY = {
    "memory": "a memory that lies elsewhere",
    "bank": "a file outside the folder",
    "judge.file": "a file outside the folder",
    "judge.accuracy": "a file outside the folder",
    **dict.fromkeys(_EMBEDDERS, "an embedder that loads or asks what does not ship"),
}


def check_settings_of(
    folder: Path, settings: Settings, overrides: Mapping[str, Any], *, unused: Collection[str] = ()
) -> None:
    """Raises ``InputError`` for the first setting that the folder alone has named, and may not.

    ``settings`` are the folder's with ``overrides`` (dotted keys) of the user's on top; ``unused`` play no part.
    """
    named = [pair for pair in _foreign(settings) if pair[0] not in unused and not _given(pair[0], overrides)]
    if named:
        key, value = named[0]
        typed = " ".join(f"-s {shlex.quote(f'{key}={value}')}" for key, value in named)
        raise InputError(
            f"{folder}: its settings name {_WHY.get(key, 'code of their own')}, {key}={value} — if you trust it, "
            f"name it yourself with {typed}"
        )


def check_pool_of(folder: Path, pool: PoolSpec, settings: Settings) -> None:
    """Raises ``InputError`` for a member that the folder lets be asked at an address which the user has not allowed."""
    if (unnamed := unnamed_host(pool, settings.allowed_hosts)) is None:
        return
    member, host = unnamed
    plainly = " (unencrypted: prompts and keys can be read on the network)" if host in plain_hosts(pool) else ""
    permission = json.dumps(sorted({*settings.allowed_hosts, host}), separators=(",", ":"))
    raise InputError(
        f"{folder}: its member {member!r} would be asked at {host}{plainly}, which is no known provider's address — if "
        f"you trust it, allow it with -s {shlex.quote(f'allowed_hosts={permission}')}"
    )


def check_resumed_with(overrides: Mapping[str, Any], begun: Settings) -> None:
    """Raises ``InputError`` for a setting that a job which goes on keeps: all but the budget's and permissions.

    What must be named again is what the job began with: of another judge or policy its records would not tell which of
    them were whose.
    """
    of_waiting = ("step_timeout", "reconnect_timeout")
    permitting = {*REPEATED_SETTINGS, *(key for key, trust in TRUST.items() if trust is Trust.GIVEN), *of_waiting}
    if others := sorted(key for key in overrides if key not in permitting and not key.startswith("budget.")):
        raise InputError(f"-s {others[0]}: a run goes on with its own settings — only those of its budget can change")
    for key in filter(_chooses_a_part, overrides):
        if (value := _value_of(begun, key)) != overrides[key]:
            raise InputError(
                f"-s {key}={overrides[key]}: it began with {value} and goes on with that — name that, or begin another"
            )


def to_repeat(manifest: Manifest) -> tuple[str, ...]:
    """What ``-s`` must say for this run to go on: for its own user's eyes, who has just said it once."""
    named = [f"{key}={value}" for key, value in _foreign(manifest.settings)]
    hosts = set[str]()
    while manifest.pool is not None and (unnamed := unnamed_host(manifest.pool, hosts)) is not None:
        hosts.add(unnamed[1])
    hosts |= set(manifest.settings.allowed_hosts)
    return (*named, *([f"allowed_hosts={json.dumps(sorted(hosts), separators=(',', ':'))}"] if hosts else []))


def _foreign(settings: Settings) -> Iterator[tuple[str, str]]:
    """The settings, and their values, that lead to something which does not ship."""
    for key in REPEATED_SETTINGS:
        value = _value_of(settings, key)
        if value is not None and not _ships(key, str(value)):
            yield key, str(value)


def _value_of(settings: Settings, key: str) -> Any:
    return reduce(getattr, key.split("."), settings)


def _chooses_a_part(key: str) -> bool:
    """Who acts and what decides, whose names mean the same wherever the folder lies."""
    return key in REPEATED_SETTINGS and key.startswith(("agents.", "search."))


def _ships(key: str, value: str) -> bool:
    group, _, role = key.partition(".")
    if group == "agents":
        return value in AGENTS[role]
    shipped = {"search.policy": POLICIES, "search.surrogate": SURROGATES}.get(key, {})
    return value in shipped or (key in _EMBEDDERS and ships(value))


def _given(key: str, overrides: Mapping[str, Any]) -> bool:
    group, _, name = key.partition(".")
    within = overrides.get(group)
    return key in overrides or (isinstance(within, Mapping) and name in within)
