"""One run from its inputs to files: new, a replay or a fork of another, or resumed; always closed in order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

from ..domain.errors import InputError, NotRecorded, NotWritten, RunFailed, StoreError
from ..domain.texts.safe_text import one_line
from ..graph.machine import SearchMachine
from ..graph.pauses import Stepper, Stopped
from ..graph.run_context import Before, RunContext
from ..memory.chroma_access import Place
from ..memory.chroma_client import place_of
from ..memory.chroma_memory import Memory
from ..pool.budget.tokens import load_counter
from ..pool.endpoints.chat_models import close_models
from ..records import Manifest, RunFolder, RunRecords, Trace, create_run
from ..records.damage import as_read
from ..records.folder import ForkOf, lock_run
from ..records.questions_file import write_questions
from .forks import JUDGE, Fork, fork_again
from .inputs import RunInputs, inputs_of
from .manifests import STOPPED_BY_USER, EndStatus, ended, new_manifest, new_run_id, resumed
from .recovery import extend_run, finalize_interrupted, rehydrate
from .rejudge import rejudge, take_over
from .replays import check_replay
from .session import RunListener as RunListener
from .session import Session, context_of, models_of
from .unwritten import with_way_on
from .wholeness import check_whole


async def run(
    inputs: RunInputs,
    path: Path | None,
    listener: RunListener,
    *,
    replayed: RunFolder | None = None,
    fork: Fork | None = None,
    stepper: Stepper | None = None,
) -> tuple[RunFolder, Manifest]:
    """Runs to the end, or until the task is cancelled: then ``status`` is "interrupted", and nothing is lost.

    ``path`` is the run's folder, by default ``runs/<run id>``. With ``replayed`` nobody is asked: every call is one
    that was recorded there. With ``fork``, whose inputs these are, recorded calls are not made again. ``stepper`` is
    asked before steps; stopping there is an interruption. Raises ``RunFailed`` when nobody answered or too few members
    are left, ``NotRecorded`` at the first call that a replay, or a fork before its step, does not find, ``InputError``
    for a folder that cannot be replayed.
    """
    if replayed is not None:
        check_replay(replayed)
    run_id, settings = new_run_id(), inputs.settings
    earlier = fork.parent if fork is not None else replayed
    models = None if replayed is not None or (fork is not None and fork.of.replay_only) else models_of(inputs)
    with ExitStack() as stack:
        # A shared memory is opened first: when another process owns it, nothing has been written yet.
        shared = settings.memory is not None and earlier is None
        memory = stack.enter_context(_memory(inputs, place_of(str(settings.memory)))) if shared else None
        before = None if earlier is None else _before(stack, earlier, reads=fork is None or fork.changes_nothing)
        folder = create_run(path or Path("runs") / run_id)
        stack.callback(lock_run(folder).release)
        manifest = new_manifest(
            run_id,
            settings=settings,
            framework=inputs.framework,
            pool=inputs.pool,
            prompts=inputs.prompts,
            embedder=inputs.embedder,
            simulated=inputs.pool.simulated,
            notices=(*inputs.notices, *_memory_notice(fork)),
            judge_accuracy=inputs.accuracy,
            forecast=inputs.forecast,
            replay_of="" if replayed is None or before is None else before.run_id,
        )
        if fork is not None:
            manifest = manifest.model_copy(update={"fork": fork.of})
        folder.write_manifest(manifest)
        memory = memory or stack.enter_context(_memory(inputs, folder.memory_path))
        session = Session(inputs, folder, manifest, models, memory, listener, before, fork, stepper=stepper)
        return await _carry_out(session)


async def resume(
    path: Path,
    overrides: Mapping[str, Any],
    listener: RunListener,
    *,
    rounds: int | None = None,
    stepper: Stepper | None = None,
) -> tuple[RunFolder, Manifest]:
    """Goes on with a run that was stopped or killed, or grows a finished one by ``rounds`` rounds.

    Nothing that was answered is asked again; calls that failed are, where their step has not ended. ``overrides`` are
    settings of the budget that change, and permissions. Raises ``InputError`` when there is nothing to go on with.
    """
    folder = RunFolder(path)  # killed in its first moments it has a manifest and nothing else
    manifest = folder.read_manifest()
    if manifest.status == "finished" and rounds is None:
        raise InputError(f"{path}: this run is finished — grow it further with --rounds N")
    if manifest.status != "finished" and rounds is not None:
        raise InputError(f"{path}: this run is not finished — resume it without --rounds first")
    if manifest.replay_of:
        raise InputError(f"{path}: this is a replay of {manifest.replay_of}, which asks nobody — resume that run")
    if rounds is not None and manifest.fork is not None and manifest.fork.control:
        raise InputError(f"{path}: its questions are another run's, judged anew — grow that run")
    with as_read(path):
        fork = None if manifest.fork is None else fork_again(folder, overrides)
        inputs = inputs_of(folder, overrides) if fork is None else fork.inputs
    if inputs.framework.topics != manifest.framework.topics:
        raise InputError(f"{path}: bank: is another file than the run began with — name that one")
    models = models_of(inputs)
    with ExitStack() as stack:
        stack.callback(lock_run(folder).release)
        where = place_of(inputs.settings.memory) if inputs.settings.memory else folder.memory_path
        before = None
        if fork is not None:
            before = _before(stack, fork.parent, reads=fork.changes_nothing)
            manifest = manifest.model_copy(update={"fork": fork.of})
        memory = stack.enter_context(_memory(inputs, where))
        session = Session(inputs, folder, manifest, models, memory, listener, before, fork, rounds, stepper)
        return await _carry_out(session)


async def _carry_out(session: Session) -> tuple[RunFolder, Manifest]:
    """Runs the graph from where the folder is, and leaves the folder in order however that ends."""
    inputs, folder, manifest = session.inputs, session.folder, session.manifest
    async with AsyncExitStack() as stack:
        stack.enter_context(with_way_on(folder))
        if session.models is not None:
            stack.push_async_callback(close_models, session.models.values())
        records = stack.enter_context(RunRecords(folder.records_path))
        machine = await stack.enter_async_context(SearchMachine.open(folder.checkpoints_path, manifest.run_id))
        with as_read(folder.path):
            check_whole(records, folder.checkpoints_path, begun=machine.under_way or machine.over)
        await machine.repeat_unrecorded_round()
        if session.rounds is not None:
            inputs = extend_run(inputs, machine.values, records, session.rounds)
            await machine.extend()
        begun = machine.under_way or machine.over
        if manifest.sessions[-1].finished_at or manifest.status != "running" or begun:
            manifest = resumed(manifest, inputs.settings)
        counter = await load_counter(inputs.pool.members if session.models is not None else ())
        if counter.notice and counter.notice not in manifest.notices:
            manifest = manifest.model_copy(update={"notices": (*manifest.notices, counter.notice)})
        folder.write_manifest(manifest)
        trace = Trace(folder.trace_path)
        stack.callback(trace.close)
        judged = session.before if session.fork is not None and session.fork.of.control == JUDGE else None
        if judged is not None:
            take_over(judged.folder, judged.records, records)
        try:
            context = context_of(session, inputs, records, trace, counter)
            if begun:
                rehydrate(context)
        except Exception as error:  # raised again: an agent that cannot be made must not leave a run that is "running"
            folder.write_manifest(ended(manifest, "failed", f"{type(error).__name__}: {one_line(str(error))}"))
            raise
        trace.listen(session.listener.finished)
        session.listener.begin(context)
        status: EndStatus = "failed"
        reason = ""
        try:
            if judged is not None:
                reason = await rejudge(context, judged.folder, judged.records)
            else:
                reason = str((await machine.advance(context, session.stepper))["stop_reason"])
            records.flush()
            status = "finished" if records.ids("confirmed") else "failed"
        except (asyncio.CancelledError, Stopped):
            status, reason = "interrupted", STOPPED_BY_USER
            finalize_interrupted(context)
        except NotRecorded as error:
            needed = error.problem
            reason = needed
            if session.fork is None:
                raise
            if not session.fork.of.replay_only:
                raise NotRecorded(
                    f"{session.fork.parent.path}: its steps before {session.fork.of.at} cannot be made again, {needed} "
                    "— fork it from its start instead, without --at"
                ) from None
            status = "interrupted"
            finalize_interrupted(context)
        except InputError as error:
            status, reason = "interrupted", str(error)
            finalize_interrupted(context)
            raise InputError(f"{error}, and go on with 'adaem resume {folder.path}'") from None
        except NotWritten as error:
            status, reason = "interrupted", str(error)
            raise
        except StoreError as error:  # nothing can be settled in a memory that is gone: going on does that
            status, reason = "interrupted", str(error)
            raise StoreError(f"{error}, and go on with 'adaem resume {folder.path}'") from error
        except RunFailed as error:
            reason = str(error)
            finalize_interrupted(context)
            raise RunFailed(f"{error} — go on with 'adaem resume {folder.path}' once they answer") from None
        except Exception as error:  # raised again: the manifest must say why the run ended, whatever it was
            reason = f"{type(error).__name__}: {error}"
            raise
        finally:
            write_questions(folder, records, simulated=inputs.pool.simulated)
            told = tuple(notice for notice in context.pool.notices if notice not in manifest.notices)
            manifest = manifest.model_copy(
                update={"notices": (*manifest.notices, *told), "fork": _fork_so_far(manifest, context)}
            )
            manifest = ended(manifest, status, reason)
            folder.write_manifest(manifest)
        if status == "failed":
            raise RunFailed(f"no question was confirmed: {reason} — see 'adaem trace {folder.path}'")
    return folder, manifest


def _before(stack: ExitStack, folder: RunFolder, *, reads: bool) -> Before:
    records = stack.enter_context(RunRecords(folder.records_path, read_only=True))
    return Before(folder, records, folder.read_manifest().run_id, reads)


def _fork_so_far(manifest: Manifest, context: RunContext) -> ForkOf | None:
    """With the requests that this session did not send, because the parent had recorded the calls."""
    if manifest.fork is None:
        return None
    pools = [context.pool, *([] if context.unchanged is None else [context.unchanged.pool])]
    recalled = manifest.fork.recalled + sum(pool.recalled for pool in pools)
    return manifest.fork.model_copy(update={"recalled": recalled})


def _memory_notice(fork: Fork | None) -> tuple[str, ...]:
    if fork is None or fork.changes_nothing or fork.parent.read_manifest().settings.memory is None:
        return ()
    return (
        "the parent shared a memory with other runs, and this fork has its own: after its step it does not know what "
        "others had asked",
    )


def _memory(inputs: RunInputs, place: Place) -> Memory:
    return Memory.open(place, inputs.embedder, inputs.framework.id)
