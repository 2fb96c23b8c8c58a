"""One run from its inputs to files: new, a replay or a fork of another, or resumed; always closed in order."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..domain.errors import InputError, NotRecorded, RunFailed
from ..graph.machine import SearchMachine
from ..graph.pauses import Stepper
from ..graph.run_context import Before, RunContext
from ..graph.search.shortfalls import shortfalls
from ..memory.chroma_access import Place
from ..memory.chroma_client import place_of
from ..memory.chroma_memory import Memory
from ..pool.budget.tokens import load_counter
from ..pool.endpoints.chat_models import close_models
from ..records import Manifest, RunFolder, RunRecords
from ..records.damage import as_read
from ..records.folder import ForkOf
from ..records.questions_file import write_questions
from .folder.completeness import check_complete
from .folder.lifecycle import Job, new_job, reopened_job
from .folder.manifests import new_manifest, resumed
from .folder.recovery import extend_run, finalize_interrupted, rehydrate
from .forks import JUDGE, Fork, fork_again
from .inputs import RunInputs, inputs_of
from .rejudge import rejudge, take_over
from .replays import check_replay
from .session import RunListener as RunListener
from .session import Session, context_of, models_of


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
    settings = inputs.settings
    earlier = fork.parent if fork is not None else replayed
    models = None if replayed is not None or (fork is not None and fork.of.replay_only) else models_of(inputs)
    with ExitStack() as stack:
        # A shared memory is opened first: when another process owns it, nothing has been written yet.
        shared = settings.memory is not None and earlier is None
        memory = stack.enter_context(_memory(inputs, place_of(str(settings.memory)))) if shared else None
        before = None if earlier is None else _before(stack, earlier, reads=fork is None or fork.changes_nothing)
        manifest = new_manifest(
            inputs,
            notices=(*inputs.notices, *_memory_notice(fork)),
            forecast=inputs.forecast,
            replay_of="" if replayed is None or before is None else before.run_id,
            fork=None if fork is None else fork.of,
        )
        job = stack.enter_context(new_job(path, manifest))
        memory = memory or stack.enter_context(_memory(inputs, job.folder.memory_path))
        return await _carry_out(
            job, Session(inputs, manifest.run_id, models, memory, listener, before, fork, stepper=stepper)
        )


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
        raise InputError(f"{path}: its questions are another run's, judged again — grow that run")
    with as_read(path):
        fork = None if manifest.fork is None else fork_again(folder, overrides)
        inputs = inputs_of(folder, overrides) if fork is None else fork.inputs
    if inputs.framework.topics != manifest.framework.topics:
        raise InputError(f"{path}: bank: is another file than the run began with — name that one")
    models = models_of(inputs)
    with ExitStack() as stack:
        job = stack.enter_context(reopened_job(folder))
        where = place_of(inputs.settings.memory) if inputs.settings.memory else folder.memory_path
        before = None
        if fork is not None:
            before = _before(stack, fork.parent, reads=fork.changes_nothing)
            job.manifest = job.manifest.model_copy(update={"fork": fork.of})
        memory = stack.enter_context(_memory(inputs, where))
        session = Session(inputs, manifest.run_id, models, memory, listener, before, fork, rounds, stepper)
        return await _carry_out(job, session)


async def _carry_out(job: Job, session: Session) -> tuple[RunFolder, Manifest]:
    """Runs the graph from where the folder is, and leaves the folder in order however that ends."""
    folder = job.folder
    records = job.records
    fork = session.fork
    async with AsyncExitStack() as stack:
        if session.models is not None:
            stack.push_async_callback(close_models, session.models.values())
        machine = await stack.enter_async_context(SearchMachine.open(folder.checkpoints_path, session.run_id))
        with as_read(folder.path):
            check_complete(records, folder.checkpoints_path, begun=machine.under_way or machine.over)
        await machine.repeat_open_round()
        if session.rounds is not None:
            longer = extend_run(session.inputs, machine.values, records, session.rounds)
            session = replace(session, inputs=longer)
            await machine.extend()
        inputs, begun = session.inputs, machine.under_way or machine.over
        if job.manifest.sessions[-1].finished_at or job.manifest.status != "running" or begun:
            job.manifest = resumed(job.manifest, inputs.settings, job.folder.trace_path)
        counter = await load_counter(inputs.pool.members if session.models is not None else ())
        job.note([counter.notice] if counter.notice else [])
        with job.under_way() as trace:
            judged = session.before if fork is not None and fork.of.control == JUDGE else None
            if judged is not None:
                take_over(judged.folder, judged.records, records)
            context = context_of(session, records, trace, counter)
            if begun:
                rehydrate(context)
            job.start(
                on_stop=lambda: finalize_interrupted(context),
                on_close=lambda: _write_results(job, context, simulated=inputs.pool.simulated),
            )
            trace.listen(session.listener.finished)
            session.listener.begin(context)
            try:
                if judged is not None:
                    reason = await rejudge(context, judged.folder, judged.records)
                else:
                    reason = str((await machine.advance(context, session.stepper))["stop_reason"])
            except NotRecorded as error:
                if fork is None:
                    raise
                if not fork.of.replay_only:
                    raise NotRecorded(
                        f"{fork.parent.path}: its steps before {fork.of.at} cannot be made again, {error.problem} — "
                        "fork it from its start instead, without --at"
                    ) from None
                finalize_interrupted(context)
                job.interrupt(error.problem)
            else:
                records.flush()
                if records.ids("confirmed"):
                    job.finish(reason)
                else:
                    causes = shortfalls(records.moves(), records.outcomes_by_member())
                    job.fail("; ".join([reason, *causes]))
        if job.status == "failed":
            raise RunFailed(f"no question was confirmed: {job.reason} — see 'adaem trace {folder.path}'")
    return folder, job.manifest


def _write_results(job: Job, context: RunContext, *, simulated: bool) -> None:
    """What a session leaves beside its records, however it ends: the questions, and what its manifest tells of it."""
    write_questions(job.folder, job.records, simulated=simulated)
    job.note(context.pool.notices)
    job.manifest = job.manifest.model_copy(update={"fork": _fork_so_far(job.manifest, context)})


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
