"""One run from its parts to files: new, as the replay of another, or resumed; always closed in order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..agents.context import AgentContext
from ..agents.policies.registry import make_policy
from ..agents.registry import make_agent
from ..domain.errors import InputError, RunFailed
from ..domain.question import Topic
from ..memory.chroma import Place, place_of
from ..memory.novelty import NoveltyGate, Thresholds
from ..memory.store import Memory
from ..pool.ledger import Ledger, Spent
from ..pool.models import ChatModels, close_models, make_model
from ..pool.pool import Pool
from ..pool.simulated import make_simulated
from ..pool.tokens import TokenCounter, load_counter
from ..records import Manifest, RunFolder, RunRecords, Trace, TraceEvent, create_run
from ..records.folder import lock_run
from ..records.questions_file import write_questions
from .build import build_graph
from .checkpoints import RoundCheckpoints
from .context import Agents, RunContext, StepStarted
from .frontier import Frontier
from .manifest import EndStatus, ended, new_manifest, new_run_id, resumed
from .parts import RunParts, parts_of
from .settling import further, restore, settle


class RunListener(Protocol):
    """Hears of a run as it goes on; a live view, say."""

    def begin(self, context: RunContext) -> None:
        """The run is about to start; the context's ledger and frontier may be read at any time."""
        ...

    def started(self, step: StepStarted) -> None:
        """A step begins."""
        ...

    def finished(self, event: TraceEvent) -> None:
        """A step has ended."""
        ...


@dataclass(frozen=True)
class _Session:
    """What one session of a run works with. Without ``models`` it is a replay: nobody is asked."""

    parts: RunParts
    folder: RunFolder
    manifest: Manifest
    models: ChatModels | None
    memory: Memory
    listener: RunListener
    earlier: RunRecords | None = None
    rounds: int | None = None


async def run(
    parts: RunParts, path: Path | None, listener: RunListener, *, replayed: RunFolder | None = None
) -> tuple[RunFolder, Manifest]:
    """Runs to the end, or until the task is cancelled: then ``status`` is "interrupted", and nothing is lost.

    ``path`` is the run's folder, by default ``runs/<run id>``. With ``replayed`` nobody is asked: every call is one
    that was recorded there. Raises ``RunFailed`` when nobody answered or too few members are left, ``NotRecorded`` at
    the first call that a replay does not find.
    """
    run_id, settings = new_run_id(), parts.settings
    models = None if replayed else _models(parts)
    with ExitStack() as stack:
        # A shared memory is opened first: when another process owns it, nothing has been written yet.
        shared = settings.memory is not None and replayed is None
        memory = stack.enter_context(_memory(parts, place_of(str(settings.memory)))) if shared else None
        folder = create_run(path or Path("runs") / run_id)
        stack.callback(lock_run(folder).release)
        manifest = new_manifest(
            run_id,
            settings=settings,
            framework=parts.framework,
            pool=parts.pool,
            prompts=parts.prompts,
            embedder=parts.embedder,
            simulated=parts.pool.simulated,
            notices=parts.notices,
            judge_accuracy=parts.accuracy,
            forecast=parts.forecast,
            replay_of=replayed.read_manifest().run_id if replayed else "",
        )
        folder.write_manifest(manifest)
        memory = memory or stack.enter_context(_memory(parts, folder.memory_path))
        earlier = stack.enter_context(RunRecords(replayed.records_path, read_only=True)) if replayed else None
        return await _carry_out(_Session(parts, folder, manifest, models, memory, listener, earlier))


async def resume(
    path: Path, overrides: Mapping[str, Any], listener: RunListener, *, rounds: int | None = None
) -> tuple[RunFolder, Manifest]:
    """Goes on with a run that was stopped or killed, or grows a finished one by ``rounds`` rounds.

    Nothing that was answered is asked again; calls that failed are, where their step has not ended. ``overrides`` are
    settings of the budget that change, and permissions. Raises ``InputError`` when there is nothing to go on with.
    """
    folder = RunFolder(path)  # killed in its first moments it has a manifest and nothing else
    manifest, parts = folder.read_manifest(), parts_of(folder, overrides)
    if manifest.status == "finished" and rounds is None:
        raise InputError(f"{path}: this run is finished — grow it further with --rounds N")
    if manifest.status != "finished" and rounds is not None:
        raise InputError(f"{path}: this run is not finished — resume it without --rounds first")
    if manifest.replay_of:
        raise InputError(f"{path}: this is a replay of {manifest.replay_of}, which asks nobody — resume that run")
    models = _models(parts)
    with ExitStack() as stack:
        stack.callback(lock_run(folder).release)
        where = place_of(parts.settings.memory) if parts.settings.memory else folder.memory_path
        memory = stack.enter_context(_memory(parts, where))
        return await _carry_out(_Session(parts, folder, manifest, models, memory, listener, rounds=rounds))


async def _carry_out(session: _Session) -> tuple[RunFolder, Manifest]:
    """Runs the graph from where the folder is, and leaves the folder in order however that ends."""
    parts, folder, manifest = session.parts, session.folder, session.manifest
    async with AsyncExitStack() as stack:
        if session.models is not None:
            stack.push_async_callback(close_models, session.models.values())
        records = stack.enter_context(RunRecords(folder.records_path))
        if session.earlier is not None:
            records.copy_readings(session.earlier)
        saver = await stack.enter_async_context(RoundCheckpoints.from_conn_string(str(folder.checkpoints_path)))
        graph = build_graph(saver)
        # The run counts its rounds itself; the graph's own limit only has to be out of the way.
        config: Any = {"configurable": {"thread_id": manifest.run_id}, "recursion_limit": 1_000_000}
        state = await graph.aget_state(config)
        under_way = bool(state.next)
        over = bool(state.values) and not under_way  # killed after its last step: only its files are to be put in order
        if session.rounds is not None:
            parts = further(parts, state.values, records, session.rounds)
            await graph.aupdate_state(config, {"stop_reason": "", "moves": [], "results": None}, as_node="confirm")
            under_way, over = True, False
        if manifest.sessions[-1].finished_at or manifest.status != "running" or under_way or over:
            manifest = resumed(manifest, parts.settings)
        counter = await load_counter(parts.pool.members if session.models is not None else ())
        if counter.notice and counter.notice not in manifest.notices:
            manifest = manifest.model_copy(update={"notices": (*manifest.notices, counter.notice)})
        folder.write_manifest(manifest)
        trace = Trace(folder.trace_path)
        stack.callback(trace.close)
        context = _context(session, parts, records, trace, counter)
        if under_way or over:
            restore(context)
        trace.listen(session.listener.finished)
        session.listener.begin(context)
        status: EndStatus = "failed"
        reason = ""
        try:
            end = state.values
            if not over:
                end = await graph.ainvoke(None if under_way else {}, config, context=context, durability="sync")
            reason = str(end["stop_reason"])
            status = "finished" if records.ids("confirmed") else "failed"
        except asyncio.CancelledError:
            status, reason = "interrupted", "stopped by the user"
            settle(context)
        except RunFailed as error:
            reason = str(error)
            settle(context)
            raise RunFailed(f"{error} — go on with 'adaem resume {folder.path}' once they answer") from None
        except Exception as error:  # raised again: the manifest must say why the run ended, whatever it was
            reason = f"{type(error).__name__}: {error}"
            raise
        finally:
            write_questions(folder, records, simulated=parts.pool.simulated)
            told = tuple(notice for notice in context.pool.notices if notice not in manifest.notices)
            manifest = ended(manifest.model_copy(update={"notices": (*manifest.notices, *told)}), status, reason)
            folder.write_manifest(manifest)
        if status == "failed":
            raise RunFailed(f"no question was confirmed: {reason} — see 'adaem trace {folder.path}'")
    return folder, manifest


def _context(
    session: _Session, parts: RunParts, records: RunRecords, trace: Trace, counter: TokenCounter
) -> RunContext:
    settings, budget = parts.settings, parts.settings.budget
    spent = {
        (each.member, each.prompt): Spent(
            calls=each.requests,
            tokens=each.tokens,
            uncounted=each.uncounted,
            money=each.cost,
            unpriced_calls=each.unpriced,
        )
        for each in records.spending_by_purpose()
    }
    ledger = Ledger(
        calls=budget.calls,
        tokens=budget.tokens,
        money=budget.money,
        currency=parts.pool.currency,
        spent=spent,
    )
    pool = Pool(
        parts.pool,
        session.models,
        words=parts.prompts,
        recorder=records,
        ledger=ledger,
        seed=settings.seed,
        counter=counter,
        earlier=session.earlier,
    )
    agents = AgentContext(pool, parts.prompts, parts.framework, settings, parts.embedder)
    topics = [
        Topic(
            id=topic.id,
            text=topic.text,
            area=topic.area,
            region=topic.region or "",
            date=topic.date.isoformat() if topic.date else "",
        )
        for topic in parts.framework.topics
    ]
    return RunContext(
        run_id=session.manifest.run_id,
        settings=settings,
        framework=parts.framework,
        agents=_agents(agents),
        pool=pool,
        ledger=ledger,
        memory=session.memory,
        gate=NoveltyGate(session.memory, Thresholds.of(parts.embedder, settings.novelty)),
        records=records,
        trace=trace,
        frontier=Frontier(topics, parts.embedder, settings),
        plan=parts.plan,
        on_start=session.listener.started,
    )


def _models(parts: RunParts) -> ChatModels:
    try:
        return {
            member.id: make_simulated(member, parts.framework) if member.simulated else make_model(member)
            for member in parts.pool.members
        }
    except InputError as error:
        raise InputError(f"pool {parts.settings.pool}, {error}") from None


def _memory(parts: RunParts, place: Place) -> Memory:
    return Memory.open(place, parts.embedder, parts.framework.id)


def _agents(context: AgentContext) -> Agents:
    names = context.settings.agents
    return Agents(
        explorer=make_agent("explorer", names.explorer, context),
        refiner=make_agent("refiner", names.refiner, context),
        prober=make_agent("prober", names.prober, context),
        judge=make_agent("judge", names.judge, context),
        critic=make_agent("critic", names.critic, context),
        policy=make_policy(context.settings.search.policy),
    )
