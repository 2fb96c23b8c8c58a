"""What two folders were made with, and where that is not the same: told before any difference of their results."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...records import Manifest
from .diff_types import SettingDifference

PERMISSION_KEYS = ("settings.allowed_hosts", "settings.tracing")
"""Given anew at each start; they shape no result."""

NAMED_ELSEWHERE = ("settings.pool", "settings.framework", "settings.prompts")
"""Files by name: what they hold is compared instead, since a file may have changed, or have moved."""


def settings_that_differ(first: Manifest, second: Manifest) -> tuple[SettingDifference, ...]:
    """Every setting, member, prompt, framework, source and version that is not the same in both."""
    ours, theirs = (
        {**dict(_all(each)), **dict(_members(each, other))} for each, other in ((first, second), (second, first))
    )
    keys = dict.fromkeys((*ours, *theirs))
    return tuple(
        SettingDifference(key=key, first=ours.get(key, ""), second=theirs.get(key, ""))
        for key in keys
        if ours.get(key, "") != theirs.get(key, "") and key not in (*PERMISSION_KEYS, *NAMED_ELSEWHERE)
    )


def _all(manifest: Manifest) -> Iterator[tuple[str, str]]:
    yield from _flat("settings", manifest.settings.model_dump(mode="json"))
    yield "framework", f"{manifest.framework.id} {manifest.framework.version} ({manifest.framework_sha256[:12]})"
    for name, prompt in manifest.prompts.items():
        yield f"prompts.{name}", prompt.fingerprint[:12]
    if manifest.evaluation is not None:
        of = manifest.evaluation.model_dump(mode="json", include={"questions_sha256", "samples", "short", "primed"})
        yield from _flat("evaluation", {**of, "questions_sha256": of["questions_sha256"][:12]})
    if manifest.recorded is not None:
        yield "recorded.file", manifest.recorded.file
    yield "embedder", manifest.embedder
    yield "simulator_version", manifest.simulator_version or ""
    yield "adaem", manifest.adaem_version
    yield from _flat("packages", manifest.packages)


def _members(manifest: Manifest, other: Manifest) -> Iterator[tuple[str, str]]:
    """Setting by setting where the other has a member of that name, too."""
    known = {member.id for member in other.pool.members} if other.pool is not None else set()
    for member in manifest.pool.members if manifest.pool is not None else ():
        if member.id in known:
            settings = member.model_dump(mode="json", exclude={"id", "system"}) | {"system": member.system_sha256[:12]}
            yield from _flat(f"pool.{member.id}", settings)
        else:
            parameters = f" {json.dumps(member.parameters)}" if member.parameters else ""
            system = f" with the system prompt {member.system_sha256[:12]}" if member.system else ""
            yield f"pool.{member.id}", f"{member.model}{parameters}{system} as {', '.join(member.roles)}"


def _flat(prefix: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict) and value:
            yield from _flat(name, value)
        elif value not in (None, {}, [], ""):
            yield name, value if isinstance(value, str) else json.dumps(value)
