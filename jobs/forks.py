"""A fork before it touches the disk: which run it goes back to, from which step on it is another, and what is changed.

The steps before that one are made again from the parent's recorded calls, with everything that the parent was made
with; a step's place in the trace decides, so that what comes before it in the trace cannot differ. The parent's folder
is only read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..domain.errors import InputError
from ..domain.pool_spec import PoolSpec, Role
from ..domain.reading.yaml_records import load_pool, override_settings
from ..domain.setting_trust import REPEATED_SETTINGS
from ..domain.settings import Settings
from ..graph.run_context import Position
from ..records import Manifest, RunFolder, RunRecords, TraceEvent, open_run, read_trace
from ..records.folder import ForkOf
from .inputs import RunInputs, inputs_of
from .judge_choice import judge_choice
from .rejudge import check_rejudging

PERMISSIONS = ("allowed_hosts", "tracing", "telemetry")
"""What a user allows at each start; it changes no run."""

FIXED = {
    "framework": "its questions and labels are on the values of that framework — begin a run with the other one",
    "bank": "its topics are the questions of that file — begin a run with the other one",
    "topics": "its questions grew from other topics — begin a run with these",
    "embedder": "its memory's vectors are that embedder's — begin a run with the other one",
    "memory": "a fork has a memory of its own, since a shared one knows its parent's questions — leave it out",
}
"""Settings that no fork changes, and why."""

REJUDGING = frozenset(
    {"pool", "agents.judge", "judge.file", "judge.accuracy", "budget.calls", "budget.tokens", "budget.money"}
)
"""Changes with which stored answers can be judged again. A cap is among them: judging again may need a higher one."""

JUDGE = "judge"
"""The control that judges all stored answers again, and calls no other model."""


@dataclass(frozen=True)
class Fork:
    """A checked fork: ``inputs`` hold from the step at ``position`` on, ``unchanged`` before it (None: nowhere)."""

    parent: RunFolder
    of: ForkOf
    inputs: RunInputs
    unchanged: RunInputs | None
    position: Position

    @property
    def changes_nothing(self) -> bool:
        """Whether it is made with all that its parent was made with."""
        return not self.of.changes


def check_fork(
    path: Path,
    overrides: Mapping[str, Any],
    *,
    at: str | None,
    judge: str | None,
    replay_only: bool = False,
) -> Fork:
    """A fork of the run in ``path`` at step ``at``, from its start without one. ``overrides`` are dotted settings.

    ``judge`` is a shipped judge's name, a dotted path, a local judge's file (.npz), or a pool file (.yaml) whose judges
    take the place of the run's. With another judge and no other change, but for caps of the budget, a fork at the start
    judges the stored answers anew. Raises ``InputError``: no such run or step, something that no fork changes, code
    that the user has not named.
    """
    parent = open_run(path)
    manifest = parent.read_manifest()
    _check_kind(path, manifest)
    _check_overrides(path, manifest, overrides)
    position = (0, 0, 0, 0) if at is None else _step(parent, at).position
    chosen, judges = with_judge(dict(overrides), manifest, judge)
    inputs = inputs_of(parent, {**chosen, "memory": None}, judges=judges, asks=not replay_only)
    of = ForkOf(
        run_id=manifest.run_id,
        path=str(path.resolve()),
        at=at or "",
        changes=_changes(manifest, inputs, chosen, judge if judges is not None else None),
        replay_only=replay_only,
    )
    if at is None and judge is not None and set(of.changes) <= REJUDGING:
        of = of.model_copy(update={"control": JUDGE})
        with RunRecords(parent.records_path, read_only=True) as records:
            check_rejudging(inputs, records)
    return _fork(parent, manifest, of, inputs, overrides, position)


def fork_again(folder: RunFolder, overrides: Mapping[str, Any]) -> Fork:
    """The fork that a folder holds, to go on with it. Raises ``InputError`` when its parent is not there any more."""
    own = folder.read_manifest()
    assert own.fork is not None
    parent = RunFolder(Path(own.fork.path))
    if not parent.records_path.exists() or (manifest := parent.read_manifest()).run_id != own.fork.run_id:
        raise InputError(
            f"{folder.path}: is a fork of {own.fork.run_id}, which is not at {own.fork.path} any more — put it back"
        )
    position = _step(parent, own.fork.at).position if own.fork.at else (0, 0, 0, 0)
    inputs = inputs_of(folder, overrides)
    # Whoever goes on with it wants it to go on: with live calls.
    of = own.fork.model_copy(update={"replay_only": False})
    return _fork(parent, manifest, of, inputs, overrides, position)


def _fork(
    parent: RunFolder,
    manifest: Manifest,
    of: ForkOf,
    inputs: RunInputs,
    overrides: Mapping[str, Any],
    position: Position,
) -> Fork:
    unchanged = None
    if of.at and of.changes:
        permitted = {key: value for key, value in overrides.items() if _permits(key, value, manifest.settings)}
        unchanged = inputs_of(parent, {**permitted, "memory": None}, asks=False)
    return Fork(parent, of, inputs, unchanged, position)


def _check_kind(path: Path, manifest: Manifest) -> None:
    if manifest.recorded is not None or manifest.evaluation is not None:
        what = "its answers were imported" if manifest.recorded is not None else "it is an evaluation"
        raise InputError(f"{path}: has no search to go back into, {what} — fork the run that grew the questions")


def _check_overrides(path: Path, manifest: Manifest, overrides: Mapping[str, Any]) -> None:
    for key, why in FIXED.items():
        if key in overrides and overrides[key] != getattr(manifest.settings, key):
            raise InputError(f"{path}: {key} cannot change in a fork: {why}")


def _step(parent: RunFolder, at: str) -> TraceEvent:
    events, _ = read_trace(parent.trace_path)
    step = next((event for event in events if event.id == at), None)
    if step is None:
        close = get_close_matches(at, [event.id for event in events], n=4, cutoff=0.3)
        hint = f"did you mean {', '.join(close)}?" if close else f"see 'adaem trace {parent.path}' for the ids"
        raise InputError(f"{parent.path}: no step is called {at!r} — {hint}")
    return step


def with_judge(chosen: dict[str, Any], manifest: Manifest, judge: str | None) -> tuple[dict[str, Any], PoolSpec | None]:
    """The overrides with those that another judge takes, and a pool of those that judge, where its file names them."""
    if judge is None:
        return chosen, None
    # What was measured of the judge before does not hold for another one.
    fresh = {"judge.file": None, "judge.accuracy": None}
    if not judge.endswith((".yaml", ".yml")):
        return {**fresh, **judge_choice(judge), **chosen}, None
    named = load_pool(judge)
    judges = named.model_copy(update={"members": named.with_role(Role.JUDGE)})
    if not judges.members:
        raise InputError(f"{judge}: names no judge — give a member the role judge")
    sitting = manifest.settings.agents.judge
    # Folders of earlier versions do not say whom their judge asked; of the shipped ones these two ask members.
    asks_members = sitting in ("llm", "jury") if manifest.judges is None else bool(manifest.judges)
    return {**fresh, "agents.judge": sitting if asks_members else "llm", **chosen}, judges


def _changes(manifest: Manifest, inputs: RunInputs, chosen: Mapping[str, Any], judges: str | None) -> dict[str, str]:
    """What is not as it was in the parent, by the names that the user knows."""
    before, after = _flat(manifest.settings), _flat(inputs.settings)
    changes = {
        key: after[key]
        for key in after
        if after[key] != before[key] and key not in (*PERMISSIONS, "memory", "pool", "prompts", "framework")
    }
    earlier = {name: prompt.fingerprint for name, prompt in manifest.prompts.items()}
    new = {name: template.fingerprint for name, template in inputs.prompts.templates.items()}
    if differing := [name for name in new if earlier.get(name) != new[name]]:
        changes["prompts"] = f"{chosen.get('prompts', 'of this version')} ({', '.join(differing)})"
    if inputs.pool != manifest.pool:
        changes["pool"] = f"the judges of {judges}" if judges else str(chosen.get("pool"))
    return changes


def _flat(settings: Settings) -> dict[str, str]:
    flat: dict[str, str] = {}

    def put(prefix: str, data: Mapping[str, Any]) -> None:
        for key, value in data.items():
            if isinstance(value, dict):
                put(f"{prefix}{key}.", value)
            else:
                flat[f"{prefix}{key}"] = str(value)

    put("", settings.model_dump(mode="json"))
    return flat


def _permits(key: str, value: Any, settings: Settings) -> bool:
    """Whether an override is a permission, and no change of the parent's ``settings``."""
    if key in PERMISSIONS:
        return True
    return key in REPEATED_SETTINGS and override_settings(settings, {key: value}) == settings
