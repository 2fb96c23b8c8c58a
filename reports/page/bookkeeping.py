"""What a folder cost, and what it was made with."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ...domain.answer import Outcome
from ...records import Manifest, RunFolder, RunRecords
from ...records.call_records import Unknown
from ...results.run_summary import seconds


@dataclass(frozen=True)
class Bookkeeping:
    """``requests`` by prompt; ``missing`` calls that brought no answer, by prompt and outcome; ``seconds`` wall time.

    ``unknown`` is what was in flight when a session ended, in none of the other figures. ``cost`` is None when no
    member has a price. ``members`` are (id, model, roles).
    """

    requests: dict[str, int]
    missing: dict[str, int]
    input_tokens: int
    output_tokens: int
    unknown: Unknown
    cost: float | None
    currency: str
    seconds: float
    members: tuple[tuple[str, str, str], ...]
    commands: tuple[str, ...]
    settings: str


def bookkeeping(folder: RunFolder, manifest: Manifest) -> Bookkeeping:
    """From the records of every call and the manifest."""
    with RunRecords(folder.records_path, read_only=True) as records:
        spending, outcomes, unknown = records.spending(), records.call_outcomes(), records.unknown()
    requests: Counter[str] = Counter()
    for each in spending:
        requests[each.prompt] += each.requests
    members = manifest.pool.members if manifest.pool is not None else ()
    return Bookkeeping(
        requests=dict(sorted(requests.items())),
        missing={
            f"{prompt}: {outcome}": count
            for (prompt, outcome), count in sorted(outcomes.items())
            if outcome != Outcome.ANSWERED.value
        },
        input_tokens=sum(each.input_tokens for each in spending),
        output_tokens=sum(each.output_tokens for each in spending),
        unknown=unknown,
        cost=sum(each.cost for each in spending) if any(member.price is not None for member in members) else None,
        currency=manifest.pool.currency if manifest.pool is not None else "",
        seconds=seconds(manifest),
        members=tuple((each.id, each.model, ", ".join(role.value for role in each.roles)) for each in members),
        commands=_commands(manifest),
        settings=json.dumps(_settings(manifest), indent=2, ensure_ascii=False),
    )


def _commands(manifest: Manifest) -> tuple[str, ...]:
    """RUN stands for the folder: where it lies is nobody's business."""
    grown = manifest.evaluation is None and manifest.recorded is None
    replay = ("adaem run --replay RUN",) if grown else ()
    return (*replay, "adaem report RUN --html report.html")


def _settings(manifest: Manifest) -> dict[str, Any]:
    """The settings; files by their names alone, for the same reason."""
    found = manifest.settings.model_dump(mode="json")
    return found | {key: PurePath(found[key]).name for key in ("framework", "pool", "prompts", "memory") if found[key]}
