"""The live things that nodes work with. They reach a node through LangGraph's runtime context, never through state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..agents.policies.protocol import Policy
from ..agents.protocols import Critic, Explorer, Judge, Prober, Refiner
from ..domain.framework import Framework
from ..domain.pool import Member, Role
from ..domain.settings import Settings
from ..memory.novelty import NoveltyGate
from ..memory.protocol import QuestionMemory
from ..pool.ledger import Ledger
from ..pool.pool import Pool
from ..records import RunRecords, Trace
from .budget import BudgetPlan
from .frontier import Frontier


@dataclass(frozen=True)
class Agents:
    """Who acts in this run."""

    explorer: Explorer
    refiner: Refiner
    prober: Prober
    judge: Judge
    critic: Critic
    policy: Policy


@dataclass(frozen=True)
class StepStarted:
    """Told to listeners when a step begins: who is at work on what."""

    id: str
    node: str
    agent: str
    topic: str


@dataclass(frozen=True)
class RunContext:
    """One run's agents, stores, settings and budget. ``on_start`` hears of each step that begins."""

    run_id: str
    settings: Settings
    framework: Framework
    agents: Agents
    pool: Pool
    ledger: Ledger
    memory: QuestionMemory
    gate: NoveltyGate
    records: RunRecords
    trace: Trace
    frontier: Frontier
    plan: BudgetPlan
    on_start: Callable[[StepStarted], None] = field(default=lambda _: None)

    def members(self, role: Role) -> tuple[Member, ...]:
        """The pool's members with ``role``."""
        return self.pool.spec.with_role(role)
