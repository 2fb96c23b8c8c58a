"""The live things that one session of a run works with, made from its inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..agents.agent_context import AgentContext
from ..agents.guards.model_look import ModelLook, looks_planned
from ..domain.errors import InputError
from ..domain.question import Topic
from ..graph.pauses import Stepper
from ..graph.run_context import Agents, Before, RunContext, StepStarted
from ..graph.search.frontier import Frontier
from ..memory.chroma_memory import Memory
from ..memory.novelty import NoveltyGate
from ..pool.budget.ledger import Ledger
from ..pool.budget.tokens import TokenCounter
from ..pool.endpoints.chat_models import ChatModels, make_models
from ..pool.member_pool import Pool
from ..records import RunRecords, Trace, TraceEvent
from .forks import Fork
from .inputs import RunInputs
from .spent_budget import caps


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
class Session:
    """What one session of a run works with. Without ``models`` nobody is asked.

    ``before`` is the run that is replayed or forked; ``fork`` says how, None for a replay. ``rounds`` are to be added.
    ``stepper`` is asked before steps.
    """

    inputs: RunInputs
    run_id: str
    models: ChatModels | None
    memory: Memory
    listener: RunListener
    before: Before | None = None
    fork: Fork | None = None
    rounds: int | None = None
    stepper: Stepper | None = None


class _MirroringLedger(Ledger):
    """The books of the steps before a fork's step: what they enter is entered in those of the other steps, too."""

    def __init__(self, other: Ledger, **caps: Any) -> None:
        super().__init__(**caps)
        self._other = other

    def count(self, member: str, purpose: str, **amounts: Any) -> None:
        """See ``Ledger.count``."""
        super().count(member, purpose, **amounts)
        self._other.count(member, purpose, **amounts)


def context_of(session: Session, records: RunRecords, trace: Trace, counter: TokenCounter) -> RunContext:
    """What the steps of ``session`` work with; in a fork those before its step have their own."""
    ledger = Ledger(**caps(session.inputs.settings, session.inputs.pool, records))
    context = _context(session, records, trace, counter, ledger)
    if session.fork is None or session.fork.unchanged is None or session.before is None:
        return context
    earlier = session.fork.unchanged
    mirrored = _MirroringLedger(ledger, **caps(earlier.settings, earlier.pool, records))
    silent = replace(session, inputs=earlier, models=None, before=replace(session.before, reads=True))
    unchanged = _context(silent, records, trace, counter, mirrored, context.frontier)
    return replace(context, unchanged=unchanged, changed_from=session.fork.position)


def _context(
    session: Session,
    records: RunRecords,
    trace: Trace,
    counter: TokenCounter,
    ledger: Ledger,
    frontier: Frontier | None = None,
) -> RunContext:
    inputs = session.inputs
    settings = inputs.settings
    pool = Pool(
        inputs.pool,
        session.models,
        words=inputs.prompts,
        recorder=records,
        ledger=ledger,
        seed=settings.seed,
        counter=counter,
        earlier=None if session.before is None else session.before.records,
        patience=settings.reconnect_timeout,
        telemetry=settings.telemetry,
    )
    return RunContext(
        run_id=session.run_id,
        inputs=inputs,
        agents=_agents(inputs, AgentContext(pool, inputs)),
        pool=pool,
        ledger=ledger,
        memory=session.memory,
        gate=NoveltyGate.of(session.memory, settings.novelty),
        records=records,
        trace=trace,
        frontier=frontier.under(inputs.embedder, settings) if frontier else _frontier(inputs),
        plan=inputs.plan,
        judging_members=inputs.judging.calls.members,
        on_start=session.listener.started,
        pauses=None if session.stepper is None else session.stepper.pauses,
        before=session.before,
    )


def _frontier(inputs: RunInputs) -> Frontier:
    topics = [
        Topic(
            id=topic.id,
            text=topic.text,
            area=topic.area,
            region=topic.region or "",
            date=topic.date.isoformat() if topic.date else "",
            fact=topic.fact or "",
            matter=topic.matter or "",
        )
        for topic in inputs.framework.topics
    ]
    return Frontier(topics, inputs.embedder, inputs.settings)


def models_of(inputs: RunInputs) -> ChatModels:
    """A chat model for each member. Raises ``InputError`` that names the pool."""
    asked = tuple(member for member in inputs.pool.members if not member.recorded)
    try:
        return make_models(inputs.pool.model_copy(update={"members": asked}), inputs.framework)
    except InputError as error:
        raise InputError(f"pool {inputs.settings.pool}, {error}") from None


def _agents(inputs: RunInputs, context: AgentContext) -> Agents:
    return Agents(
        explorer=inputs.make("explorer", context),
        refiner=inputs.make("refiner", context),
        prober=inputs.make("prober", context),
        judge=inputs.make("judge", context),
        critic=inputs.make("critic", context),
        policy=inputs.policy,
        surrogate=inputs.surrogate,
        second_look=ModelLook(context) if looks_planned(inputs.settings) else None,
    )
