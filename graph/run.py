"""One run from settings to files: everything is checked first, then made, then run, and always closed."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from ..agents.context import AgentContext
from ..agents.judging import check_judge
from ..agents.policies.registry import make_policy
from ..agents.registry import find_agent, make_agent
from ..domain.accuracy import JudgeAccuracy
from ..domain.errors import InputError, RunFailed
from ..domain.framework import Framework
from ..domain.loading import load_framework, load_pool
from ..domain.pool import PoolSpec
from ..domain.question import Topic
from ..domain.settings import Settings
from ..memory.embedder import Embedder
from ..memory.embedders import make_embedder
from ..memory.novelty import NoveltyGate, Thresholds
from ..memory.store import Memory
from ..pool.ledger import Ledger
from ..pool.models import close_models, make_model
from ..pool.pool import Pool
from ..pool.simulated import make_simulated
from ..prompts import PromptLibrary, load_prompts
from ..records import Manifest, RunFolder, RunRecords, Trace, TraceEvent, create_run
from ..records.questions_file import write_questions
from .budget import BudgetPlan, plan_budget
from .build import build_graph
from .context import Agents, RunContext, StepStarted
from .frontier import Frontier
from .manifest import new_manifest, new_run_id, now
from .rounds import settle


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
class RunParts:
    """What a run needs before it touches the disk: settings, resolved and checked."""

    settings: Settings
    framework: Framework
    pool: PoolSpec
    prompts: PromptLibrary
    embedder: Embedder
    plan: BudgetPlan
    notices: tuple[str, ...]
    accuracy: JudgeAccuracy | None


def check_settings(settings: Settings) -> RunParts:
    """Loads everything that the settings name. Raises ``InputError`` with the first defect; writes nothing."""
    framework, pool = load_framework(settings.framework), load_pool(settings.pool)
    prompts, embedder = load_prompts(settings.prompts), make_embedder(settings.embedder)
    make_policy(settings.search.policy)
    for role, name in settings.agents:
        find_agent(role, name)
    judging = check_judge(settings, pool, framework)
    plan = plan_budget(settings, pool, judging.calls)
    if plan.candidates == 0 or plan.search < plan.per_move:
        least = int(plan.per_confirmation / settings.budget.confirm_share) + plan.per_move
        raise InputError(
            f"a budget of {plan.total} calls is too small for this pool: confirming one question costs "
            f"{plan.per_confirmation} calls — allow at least {least} (--calls)"
        )
    notices = [*([f"the embedder {embedder.name!r} {embedder.note}"] if embedder.note else []), *judging.notices]
    if plan.candidates < settings.questions:
        notices.append(
            f"M lowered from {settings.questions} to {plan.candidates}: "
            f"the budget of {plan.total} calls confirms no more"
        )
    return RunParts(settings, framework, pool, prompts, embedder, plan, tuple(notices), judging.accuracy)


async def run(parts: RunParts, path: Path | None, listener: RunListener) -> tuple[RunFolder, Manifest]:
    """Runs to the end, or until the task is cancelled: then ``status`` is "interrupted", and nothing is lost.

    ``path`` is the run's folder, by default ``runs/<run id>``. Raises ``RunFailed`` when nobody answered.
    """
    settings = parts.settings
    run_id = new_run_id()
    try:
        models = {
            member.id: make_simulated(member, parts.framework) if member.simulated else make_model(member)
            for member in parts.pool.members
        }
    except InputError as error:
        raise InputError(f"pool {settings.pool}, {error}") from None
    with ExitStack() as stack:

        def open_memory(memory_path: Path) -> Memory:
            return stack.enter_context(Memory.open(memory_path, parts.embedder, parts.framework.id))

        # A shared memory is opened first: when another process owns it, nothing has been written yet.
        memory = open_memory(Path(settings.memory)) if settings.memory else None
        folder = create_run(path or Path("runs") / run_id)
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
        )
        folder.write_manifest(manifest)
        memory = memory or open_memory(folder.memory_path)
        records = stack.enter_context(RunRecords(folder.records_path))
        trace = Trace(folder.trace_path)
        stack.callback(trace.close)
        ledger = Ledger(settings.budget.calls)
        pool = Pool(parts.pool, models, words=parts.prompts, recorder=records, ledger=ledger, seed=settings.seed)
        agent_context = AgentContext(pool, parts.prompts, parts.framework, settings, parts.embedder)
        topics = [Topic(id=topic.id, text=topic.text, area=topic.area) for topic in parts.framework.topics]
        context = RunContext(
            run_id=run_id,
            settings=settings,
            framework=parts.framework,
            agents=_agents(agent_context),
            pool=pool,
            ledger=ledger,
            memory=memory,
            gate=NoveltyGate(memory, Thresholds.of(parts.embedder, settings.novelty)),
            records=records,
            trace=trace,
            frontier=Frontier(topics, parts.embedder, settings),
            plan=parts.plan,
        )
        context = replace(context, on_start=listener.started)
        trace.listen(listener.finished)
        listener.begin(context)
        status, reason = "failed", ""
        try:
            reason = await _drive(context, folder)
            status = "finished" if records.ids("confirmed") else "failed"
        except asyncio.CancelledError:
            status, reason = "interrupted", "stopped by the user"
            settle(context)
        except Exception as error:  # raised again: the manifest must say why the run ended, whatever it was
            reason = f"{type(error).__name__}: {error}"
            raise
        finally:
            await close_models(models.values())
            write_questions(folder, records, simulated=parts.pool.simulated)
            finished = {"status": status, "stop_reason": reason, "finished_at": now()}
            manifest = manifest.model_copy(update=finished)
            folder.write_manifest(manifest)
        if status == "failed":
            raise RunFailed(f"no question was confirmed: {reason} — see 'adaem trace {folder.path}'")
    return folder, manifest


async def _drive(context: RunContext, folder: RunFolder) -> str:
    async with AsyncSqliteSaver.from_conn_string(str(folder.checkpoints_path)) as saver:
        graph = build_graph(saver)
        # The run counts its rounds itself; the graph's own limit only has to be out of the way.
        config: Any = {"configurable": {"thread_id": context.run_id}, "recursion_limit": 1_000_000}
        state = await graph.ainvoke({}, config, context=context, durability="sync")
    return str(state["stop_reason"])


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
