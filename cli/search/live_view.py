"""The picture of a run that goes on, in a terminal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ...domain.answer import Outcome, Phase
from ...domain.pool_spec import PoolSpec
from ...graph.run_context import RunContext, StepStarted
from ...graph.search.budget_plan import BudgetPlan
from ...pool.budget.accounts import Spent
from ...records import RunRecords, TraceEvent
from ...reports.plain_text import plain
from .run_in_words import banner, outages_in_words, without

AT_WORK = 6
BEST = 5
MEMBERS = 12
"""Rows of the table of models; the busiest are shown."""

SHARE_OF_TIME = 0.02
"""Of a run's time that counting its calls may take."""

PHASE_WORDS = {Phase.SEARCH: "search", Phase.CONFIRM: "confirm", Phase.EVALUATE: "evaluate"}


@dataclass(frozen=True)
class MemberCalls:
    """What one model was asked so far. ``cost`` is None where no call has a price, ``latency`` seconds a request."""

    member: str
    calls: int
    refused: int
    missing: int
    failed: int
    latency: float
    tokens: int
    cost: float | None


def member_calls(records: RunRecords) -> list[MemberCalls]:
    """Every model that was asked, the busiest first."""
    outcomes, faults = records.outcomes_by_member(), Counter[str]()
    for (member, _), number in records.faults().items():
        faults[member] += number
    spending = defaultdict(list)
    for each in records.spending():
        spending[each.member].append(each)
    rows = []
    for member, parts in spending.items():
        of_member = outcomes.get(member, {})
        refused = of_member.get(Outcome.REFUSED.value, 0)
        requests = sum(part.requests for part in parts)
        rows.append(
            MemberCalls(
                member=member,
                calls=requests,
                refused=refused,
                missing=sum(of_member.values()) - of_member.get(Outcome.ANSWERED.value, 0) - refused,
                failed=faults[member],
                latency=sum(part.seconds for part in parts) / requests,
                tokens=sum(part.tokens for part in parts),
                cost=None if all(part.unpriced == part.calls for part in parts) else sum(part.cost for part in parts),
            )
        )
    return sorted(rows, key=lambda row: (-row.calls, row.member))


def phase_shares(plan: BudgetPlan, spent: Mapping[tuple[str, str], Spent]) -> dict[Phase, tuple[int, float]]:
    """For each phase the calls planned, and the share of its answers that has been asked for, from 0 to 1."""
    asked: Counter[str] = Counter()
    for (_, purpose), each in spent.items():
        asked[purpose] += each.calls
    planned = {Phase.SEARCH: plan.search, Phase.CONFIRM: plan.confirm, Phase.EVALUATE: plan.evaluate}
    return {
        phase: (calls, min(1.0, asked[phase.value] * plan.per_answer / calls) if calls else 1.0)
        for phase, calls in planned.items()
    }


class LiveView:
    """Time, phases, calls by model with what failed, who is at work on which topics, and the best questions so far."""

    def __init__(self, console: Console) -> None:
        self._context: RunContext | None = None
        self._working: dict[str, StepStarted] = {}
        self._last = ""
        self._members: list[MemberCalls] = []
        self._next_count = 0.0
        self._progress = Progress(
            TextColumn("calls"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("elapsed"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self._live = Live(console=console, refresh_per_second=5, transient=True, get_renderable=self._picture)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def begin(self, context: RunContext) -> None:
        """See ``jobs.session.RunListener``."""
        self._context = context
        self._task = self._progress.add_task("calls", total=context.plan.total)
        if context.self_judging:  # a line of its own, above the picture
            self._live.console.print(plain(f"Note: {context.self_judging}"), soft_wrap=True)

    def started(self, step: StepStarted) -> None:
        """See ``jobs.session.RunListener``."""
        self._working[step.id] = step

    def finished(self, event: TraceEvent) -> None:
        """See ``jobs.session.RunListener``."""
        self._working = without(self._working, event)
        if not event.topic_id:
            self._last = f"{event.id}: {event.summary}"
        self._count_calls()

    def _count_calls(self) -> None:
        """Here and not where the picture is drawn: that is another thread, and the records belong to this one."""
        now = monotonic()
        if self._context is not None and now >= self._next_count:
            self._members = member_calls(self._context.records)
            ended = monotonic()
            self._next_count = ended + max(1.0, (ended - now) / SHARE_OF_TIME)

    def _picture(self) -> RenderableType:
        if self._context is None:
            return plain("starting …")
        self._progress.update(self._task, completed=self._context.ledger.total)
        working = list(self._working.values())
        lines = [plain(f"  {step.node:<10} {step.topic or 'the whole round'}", cut=True) for step in working[:AT_WORK]]
        if len(working) > AT_WORK:
            lines.append(plain(f"  … and {len(working) - AT_WORK} more"))
        return Group(
            plain(banner(self._context)),
            self._progress,
            _phases(phase_shares(self._context.plan, self._context.ledger.spent)),
            *(plain(line, cut=True) for line in outages_in_words(self._context.pool.waiting_for)),
            plain(self._last, cut=True),
            *([_member_table(self._members, self._context.pool.spec)] if self._members else []),
            plain("at work:"),
            *(lines or [plain("  computing statistics …")]),
            *self._best(self._context),
        )

    @staticmethod
    def _best(context: RunContext) -> list[RenderableType]:
        best = context.frontier.best(context.settings.questions)
        if not best:
            return []
        mean = sum(scored.total for scored in best) / len(best)
        table = Table(box=None, expand=True, pad_edge=False)
        table.add_column("score", width=6)
        title = f"best so far; mean search score of {len(best)}: {mean:.3f}, too high by selection"
        table.add_column(title, ratio=1, no_wrap=True, overflow="ellipsis")
        for scored in best[:BEST]:
            table.add_row(plain(f"{scored.total:+z.3f}"), plain(scored.question.text))
        return [table]


def _phases(shares: Mapping[Phase, tuple[int, float]]) -> RenderableType:
    """One bar, in segments as long as their phases are planned."""
    table = Table.grid(padding=(0, 1), expand=True)
    cells: list[RenderableType] = []
    for phase, (calls, share) in shares.items():
        if calls:
            table.add_column(no_wrap=True)
            table.add_column(ratio=calls)
            cells += [Text(f"{PHASE_WORDS[phase]} {share:.0%}"), ProgressBar(total=1.0, completed=share)]
    table.add_row(*cells)
    return table


def _member_table(rows: list[MemberCalls], pool: PoolSpec) -> RenderableType:
    table = Table(box=None, pad_edge=False)
    table.add_column("model", no_wrap=True, overflow="ellipsis", max_width=24)
    for name in (
        "calls",
        "refused",
        "no answer",
        "failed",
        "s/call",
        "tokens",
        *([pool.currency] if pool.priced else []),
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows[:MEMBERS]:
        figures = (row.calls, row.refused, row.missing, row.failed)
        cells = [*(f"{figure:,}" for figure in figures), f"{row.latency:.2f}", f"{row.tokens:,}"]
        cost = "-" if row.cost is None else f"{row.cost:.2f}"
        table.add_row(plain(row.member), *cells, *([cost] if pool.priced else []))
    if len(rows) > MEMBERS:
        table.add_row(f"and {len(rows) - MEMBERS} more")
    return table
