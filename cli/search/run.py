"""``adaem run`` and ``adaem resume``: the main job."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from ...records import Manifest, RunFolder
    from .live import Watcher
    from .pause_prompt import TerminalStepper

STOPPED_AT_A_PAUSE = 130
"""The exit code of a run that was stopped with q before a step: that of Ctrl-C there."""


def run_verb(
    config: Path | None,
    settings: Sequence[str],
    flags: Mapping[str, Any],
    out: Path | None,
    replay: Path | None,
    *,
    stepping: bool,
    before: str | None,
    as_json: bool,
) -> None:
    """Runs, shows how it goes on standard error, and prints the result."""

    from ...domain.errors import InputError
    from ...domain.reading.yaml_records import load_settings, parse_override
    from ...jobs.inputs import check_settings, inputs_of
    from ...jobs.replays import check_replay
    from ...jobs.search_run import run
    from ...records import open_run
    from ...records.damage import as_read

    overrides = dict(map(parse_override, settings)) | dict(flags)
    replayed = None if replay is None else open_run(replay)
    if replayed is not None and config is not None:
        raise InputError("--replay takes its settings from the run — leave CONFIG out, and change single ones with -s")
    if replayed is not None:
        check_replay(replayed)
    if replayed is None:
        inputs = check_settings(load_settings(config, overrides))
    else:
        with as_read(replayed.path):
            inputs = inputs_of(replayed, overrides, asks=False, unused=("memory",))
    trace_nothing(inputs.settings.tracing)
    stepper = _stepper(stepping, before)
    _carry_out(lambda watcher: run(inputs, out, watcher, replayed=replayed, stepper=stepper), as_json, stepper=stepper)


def resume_verb(
    folder: Path, settings: Sequence[str], rounds: int | None, *, stepping: bool, before: str | None, as_json: bool
) -> None:
    """Goes on with a run, shows how it goes on standard error, and prints the result."""
    from ...domain.errors import InputError
    from ...domain.reading.yaml_records import parse_override
    from ...jobs.forks import JUDGE
    from ...jobs.search_run import resume
    from ...jobs.trust import check_resumed_with
    from ...records import RunFolder
    from ..measure.evaluate import resume_evaluation_verb

    overrides = dict(map(parse_override, settings))
    manifest = RunFolder(folder).read_manifest()
    check_resumed_with(overrides, manifest.settings)
    trace_nothing(bool(overrides.get("tracing", False)))
    stepper = _stepper(stepping, before)
    if manifest.evaluation is None:
        fork = manifest.fork
        _carry_out(
            lambda watcher: resume(folder, overrides, watcher, rounds=rounds, stepper=stepper),
            as_json,
            stepper=stepper,
            judged_anew=None if fork is None or fork.control != JUDGE else RunFolder(Path(fork.path)),
        )
    elif stepping:
        raise InputError(f"{folder}: an evaluation has no steps to pause before — resume it without --step")
    elif rounds is not None:
        raise InputError(f"{folder}: an evaluation has no rounds — resume it without --rounds")
    else:
        resume_evaluation_verb(folder, overrides, as_json)


def fork_verb(
    folder: Path,
    at: str | None,
    settings: Sequence[str],
    *,
    prompts: str | None,
    judge: str | None,
    replay_only: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Runs a fork, shows how it goes on standard error, and prints the result."""
    from ...domain.reading.yaml_records import parse_override
    from ...jobs.forks import JUDGE, check_fork
    from ...jobs.search_run import run
    from ...records.damage import as_read

    overrides = dict(map(parse_override, settings)) | ({} if prompts is None else {"prompts": prompts})
    with as_read(folder):
        checked_fork = check_fork(folder, overrides, at=at, judge=judge, replay_only=replay_only)
    trace_nothing(checked_fork.inputs.settings.tracing)
    parent = checked_fork.parent if checked_fork.of.control == JUDGE else None
    _carry_out(lambda watcher: run(checked_fork.inputs, out, watcher, fork=checked_fork), as_json, judged_anew=parent)


def trace_nothing(tracing: bool) -> None:
    """Nothing goes to a tracing service unless the settings ask for it, whatever the environment says."""
    from ...pool.no_tracing import disable_tracing

    if not tracing:
        disable_tracing()


def _stepper(stepping: bool, before: str | None) -> TerminalStepper | None:
    from ...domain.errors import InputError
    from ...graph.pauses import check_before
    from ...graph.step import AGENTS_OF_STEPS
    from .pause_prompt import TerminalStepper

    if before is not None and not stepping:
        raise InputError(f"--before {before}: only says where --step pauses — add --step")
    check_before(before, AGENTS_OF_STEPS)
    return TerminalStepper(before) if stepping else None


def _carry_out(
    start: Callable[[Watcher], Coroutine[Any, Any, tuple[RunFolder, Manifest]]],
    as_json: bool,
    *,
    stepper: TerminalStepper | None = None,
    judged_anew: RunFolder | None = None,
) -> None:
    """``judged_anew`` is the run whose stored answers are judged, and nothing else is done."""
    from rich.console import Console

    from ...jobs.folder.manifests import STOPPED_BY_USER
    from ...jobs.trust import to_repeat
    from ...records.damage import as_read
    from ...records.status import how_to_continue
    from ..inspect.report import report_verb
    from ..process.cancellable import run_cancellable
    from .live import watch
    from .rejudge_progress import RejudgingProgress

    console = Console(stderr=True)
    watcher = (
        watch(console, plain_lines=stepper is not None)
        if judged_anew is None
        else RejudgingProgress(console, judged_anew)
    )
    (folder, manifest), stopped = run_cancellable(start(watcher), watcher)
    with as_read(folder.path):
        report_verb(folder.path, as_json)
    if manifest.status == "interrupted":
        asked_nobody = manifest.fork is not None and manifest.fork.replay_only
        outcome = f"asked nobody, and {manifest.stop_reason}" if asked_nobody else "stopped"
        print(f"adaem: {outcome}; {how_to_continue(folder, manifest, to_repeat(manifest))}", file=sys.stderr)  # noqa: T201
        if manifest.stop_reason == STOPPED_BY_USER:
            raise typer.Exit(stopped or (stepper and stepper.stopped) or STOPPED_AT_A_PAUSE)
