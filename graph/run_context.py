"""The live things that nodes work with. They reach a node through LangGraph's runtime context, never through state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..agents.agent_inputs import Inputs
from ..agents.critic.answer_links import AnswerPattern
from ..agents.guards.model_look import ModelLook
from ..agents.policies.policy import Policy
from ..agents.protocols import Critic, Explorer, Judge, Prober, Refiner
from ..agents.surrogates.surrogate import Foresight, Surrogate
from ..domain.framework import Framework
from ..domain.pool_spec import Member, Role
from ..domain.self_judging import self_judging
from ..domain.settings import Settings
from ..memory.novelty import NoveltyGate
from ..memory.question_memory import QuestionMemory
from ..pool.budget.ledger import Ledger
from ..pool.member_pool import Pool
from ..records import RunFolder, RunRecords, Trace
from .search.budget_plan import BudgetPlan
from .search.frontier import Frontier


@dataclass(frozen=True)
class Agents:
    """Who acts in this run. Without ``second_look`` no model is asked whether two questions are the same."""

    explorer: Explorer
    refiner: Refiner
    prober: Prober
    judge: Judge
    critic: Critic
    policy: Policy
    surrogate: Surrogate
    second_look: ModelLook | None = None


@dataclass(frozen=True)
class StepStarted:
    """Told to listeners when a step begins: who is at work on what."""

    id: str
    node: str
    agent: str
    topic: str


Position = tuple[int, int, int, int]
"""Where a step stands in the order of a trace: round, stage, dispatch, step."""


@dataclass(frozen=True)
class Before:
    """Another run, whose calls are not made again: the one that is replayed, or that a fork goes back to.

    ``reads``: what its steps have read is what these steps read, too.
    """

    folder: RunFolder
    records: RunRecords
    run_id: str
    reads: bool


@dataclass(frozen=True)
class PooledScore:
    """A confirmed question's score on the answers of search and confirmation pooled, and what the answers show."""

    total: float
    pattern: AnswerPattern


@dataclass(frozen=True)
class RunContext:
    """One run's inputs, agents, stores and budget. ``on_start`` hears of each step that begins.

    ``judging_members`` are those whom the judge asks. ``pooled_scores`` are those that this session has computed: no
    answer comes to a question that was confirmed. ``foresights`` holds what the surrogate knows at present, by the
    number of questions that it has learnt. ``pauses`` (node, agent) says before which steps the user is asked;
    None: before none.

    In a fork the steps before the position ``changed_from`` work with ``unchanged`` instead.
    """

    run_id: str
    inputs: Inputs
    agents: Agents
    pool: Pool
    ledger: Ledger
    memory: QuestionMemory
    gate: NoveltyGate
    records: RunRecords
    trace: Trace
    frontier: Frontier
    plan: BudgetPlan
    judging_members: tuple[Member, ...]
    on_start: Callable[[StepStarted], None] = field(default=lambda _: None)
    pauses: Callable[[str, str], bool] | None = None
    before: Before | None = None
    pooled_scores: dict[str, PooledScore] = field(default_factory=dict)
    foresights: dict[int, Foresight] = field(default_factory=dict)
    unchanged: RunContext | None = None
    changed_from: Position = (0, 0, 0, 0)

    @property
    def self_judging(self) -> str:
        """Which judges of this run also answer, in a sentence; empty where none does."""
        return self_judging(self.judging_members, self.pool.spec)

    @property
    def settings(self) -> Settings:
        """The run's settings."""
        return self.inputs.settings

    @property
    def framework(self) -> Framework:
        """The framework with its values."""
        return self.inputs.framework

    def at(self, position: Position) -> RunContext:
        """What the step at ``position`` works with."""
        return self.unchanged if self.unchanged is not None and position < self.changed_from else self

    def read_before(self, key: str, *, at_the_start: bool) -> str | None:
        """What a step of the run before this one read under ``key``, where that counts here, in this run's name."""
        if self.before is None or not (self.before.reads or at_the_start):
            return None
        body = self.before.records.reading(key)
        return None if body is None else body.replace(self.before.run_id, self.run_id)

    def members(self, role: Role) -> tuple[Member, ...]:
        """The pool's members with ``role``."""
        return self.pool.spec.with_role(role)
