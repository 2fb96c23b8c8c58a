"""The panel answers the best candidates again: some in each batch, the rest at the end. Then they are ranked."""

from __future__ import annotations

import asyncio
from itertools import chain

from pydantic import TypeAdapter

from ...domain.answer import Phase
from ...domain.pool_spec import Role
from ...domain.texts.counting import count
from .. import measurement
from ..publication import publish
from ..run_context import RunContext
from ..search.confirmation_rules import confirmation_quota, next_to_confirm
from ..search.recorded_readings import read_once
from ..search.remaining_budget import calls_left, check_members
from ..state import RunProgress, RunUpdate
from ..step import StepResult

_IDS, _COUNT = TypeAdapter(list[str]), TypeAdapter(int)


async def confirm(state: RunProgress, context: RunContext) -> StepResult:
    """Confirms one batch; with a reason to stop the last one."""
    batch = state.confirmation_batch + 1
    # Chosen once: when the step is run again, some of the questions are confirmed and some calls are spent.
    spent_before = read_once(context, f"confirm {batch} from", [], _COUNT, lambda: context.ledger.total)
    final = bool(state.stop_reason)
    chosen = read_once(context, f"confirm {batch}", [], _IDS, lambda: _choose(context, batch, final=final))
    panel = context.members(Role.PANEL)
    calls = await asyncio.gather(
        *(
            measurement.measure(context, context.frontier.scored[each].question, panel, Phase.CONFIRM, [Role.PANEL])
            for each in chosen
        )
    )
    check_members(context)
    ranked = publish(context)
    update = RunUpdate(confirmation_batch=batch, other_calls=state.other_calls + context.ledger.total - spent_before)
    summary = f"{count(len(chosen), 'question')} confirmed, {len(ranked)} in all"
    return StepResult(update, summary, {"questions": chosen, "ranking": ranked}, tuple(chain(*calls)))


def _choose(context: RunContext, batch: int, *, final: bool) -> list[str]:
    """The ids of the questions that this batch confirms."""
    frontier, plan = context.frontier, context.plan
    return next_to_confirm(
        [each.question.id for each in frontier.best()],
        context.records.critiques(Phase.CONFIRM, Role.PANEL).keys(),
        lambda question_id: frontier.scored[question_id].question.topic_id,
        frontier.lineage,
        cap=context.settings.search.topic_cap,
        quota=confirmation_quota(plan.candidates, batch, context.settings.search.early_confirmations, final=final),
        affordable=plan.affordable_confirmations(calls_left(context)),
    )
