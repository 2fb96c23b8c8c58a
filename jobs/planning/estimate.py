"""What a run will spend, before anything is spent: calls, tokens, cost and time, by member and step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from ...agents.judges.judge_requirements import JudgingCalls
from ...domain.errors import InputError
from ...domain.forecast import Amount, Forecast, ForecastRow, ForecastStep
from ...domain.framework import Framework
from ...domain.pool_spec import Member, PoolSpec
from ...domain.settings import Settings
from ...graph.search.budget_plan import BudgetPlan, affordable_calls, calls_by_cap, check_plan, plan_budget
from ...prompts import PromptLibrary
from .course import expected_course
from .expected_calls import MemberRequests, Requests
from .measured_speeds import MeasuredSpeeds
from .pilot import Pilot
from .prompt_lengths import Size, by_characters

PROCESSOR_SECONDS = 0.005
"""What a call to a real member costs this machine; measured at 4 to 6 ms through ``ChatOpenAI`` on one core."""

_PRECISION = 0.002

_DRAFTS = (ForecastStep.PROPOSE, ForecastStep.REFINE)
_PHASES = (
    ((ForecastStep.SEARCH_ANSWERS,), (ForecastStep.SEARCH_JUDGEMENTS, ForecastStep.JUDGE_QUESTION)),
    ((ForecastStep.CONFIRM_ANSWERS,), (ForecastStep.CONFIRM_JUDGEMENTS,)),
    ((ForecastStep.EVALUATE_ANSWERS,), (ForecastStep.EVALUATE_JUDGEMENTS,)),
)
"""Answers and their judgements: the first questions are judged while the next are answered."""


def forecast(
    settings: Settings,
    framework: Framework,
    pool: PoolSpec,
    prompts: PromptLibrary,
    judging: JudgingCalls,
    *,
    count: Callable[[str], int] = by_characters,
    pilot: Pilot | None = None,
    speeds: MeasuredSpeeds | None = None,
    notices: Sequence[str] = (),
) -> Forecast:
    """What a run with these settings is expected to spend. Asks no model and writes nothing.

    ``count`` gives the tokens of a text to a real member; ``pilot`` what an earlier run tells, or ``speeds`` what the
    doctor measured. A custom agent is taken
    to ask what the shipped one asks. Raises ``InputError`` when the smallest cap is too small for the pool, and for a
    budget in money with a real member that has no price.
    """
    requests = Requests(settings, framework, pool, prompts, judging, count, pilot, speeds)

    def at(calls: int) -> Forecast:
        return _forecast(settings, framework, pool, requests, plan_budget(settings, pool, judging, calls))

    # The most calls whose forecast fits all caps. Found by halving: members that are only evaluated may be dearer than
    # the others, so that another number of calls has another mean cost.
    cap, found = "calls", at(settings.budget.calls)
    fits, too_many = 0, settings.budget.calls
    if not _fits(settings, found):
        while too_many - fits > max(1, too_many * _PRECISION):
            calls = (fits + too_many) // 2
            trial = at(calls)
            if _fits(settings, trial):
                fits = calls
            else:
                too_many, caps = calls, calls_by_cap(settings, trial)
                cap = min(caps, key=lambda name: caps[name])
        found = at(fits)
    check_plan(plan_budget(settings, pool, judging, found.planned_calls), settings)
    return found.model_copy(
        update={
            "ends_by": cap if found.ends_by == "calls" else found.ends_by,
            "pilot": pilot.run_id if pilot else "",
            "timed": speeds.members if speeds else (),
            "notices": (*notices, *_notices(settings, pool, found, pilot, speeds)),
        }
    )


def _fits(settings: Settings, found: Forecast) -> bool:
    return found.calls == 0 or affordable_calls(settings, found) >= min(found.calls, settings.budget.calls)


def _notices(
    settings: Settings, pool: PoolSpec, found: Forecast, pilot: Pilot | None, speeds: MeasuredSpeeds | None
) -> list[str]:
    """What a reader of the forecast must know."""
    budget, notices = settings.budget, []
    if budget.money is not None and found.cost.expected == 0:
        notices.append("budget.money ends nothing: no member has a price")
    for name, cap, high in (("tokens", budget.tokens, found.tokens.high), ("money", budget.money, found.cost.high)):
        if cap is not None and high > cap:
            notices.append(
                f"the cap budget.{name} holds: if members write much, it ends the run before all this is done"
            )
    real = {
        member.id: member.model for member in pool.members if member.id not in found.simulated and not member.recorded
    }
    if pilot is None and real:
        notices.append(
            "how much real models write is a guess from others' recorded answers, and a reasoning model's thinking "
            "comes on top: make a small run first and give it with --from"
        )
    elif pilot is not None and (unknown := sorted({row.member for row in found.rows} - {who for who, _ in pilot.by})):
        notices.append(f"the run {pilot.run_id} tells nothing of {', '.join(unknown)}: typical lengths are taken")
    if speeds is not None:
        notices.append("the doctor sends a server few calls at once: how it does with more is not known")
    if speeds is not None and (unmeasured := sorted(set(real) - set(speeds.members))):
        notices.append(f"the doctor measured nothing of {', '.join(unmeasured)}: typical times are taken")
    return notices


def _forecast(
    settings: Settings, framework: Framework, pool: PoolSpec, requests: Requests, plan: BudgetPlan
) -> Forecast:
    """The forecast for one plan; ``ends_by`` is "calls" for whichever cap the plan rests on."""
    course = expected_course(settings, plan, pool, len(framework.topics), requests.costs())
    lines = [line for line in requests.lines(course) if line.requests >= 0.5]
    unpriced = _ids(
        line.member
        for line in lines
        if line.member.price is None and not (line.member.simulated or line.member.recorded)
    )
    if unpriced and settings.budget.money is not None:
        raise InputError(
            f"budget.money is set, but member {unpriced[0]!r} has no price — give it a price in the pool file"
        )
    rows = tuple(_row(line) for line in lines)
    return Forecast(
        rows=rows,
        planned_calls=plan.total,
        calls=sum(row.calls for row in rows),
        tokens=_amount(lines, _tokens),
        cost=_amount(lines, _cost),
        currency=pool.currency,
        seconds=_seconds(lines),
        unpriced=unpriced,
        simulated=_ids(line.member for line in lines if line.member.simulated),
        ends_by=course.ends_by.value,
        rounds=course.rounds,
        questions=course.moves,
        confirmed=course.confirmed,
        published=course.published,
        evaluated=course.evaluated,
    )


def _ids(members: Iterable[Member]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(member.id for member in members))


def _row(line: MemberRequests) -> ForecastRow:
    size = line.sizes[0]
    return ForecastRow(
        step=line.step,
        purpose=line.purpose,
        member=line.member.id,
        calls=round(line.requests),
        input_tokens=round(line.requests * size.input),
        output_tokens=round(line.requests * size.output),
        cost=None if line.member.price is None and not line.member.recorded else _cost(line, size),
        seconds=_busy(line),
    )


def _amount(lines: Sequence[MemberRequests], measure: Callable[[MemberRequests, Size], float]) -> Amount:
    expected, low, high = (sum(measure(line, line.sizes[number]) for line in lines) for number in range(3))
    return Amount(expected=expected, low=low, high=high)


def _tokens(line: MemberRequests, size: Size) -> float:
    return line.requests * (size.input + size.output)


def _cost(line: MemberRequests, size: Size) -> float:
    """In the pool's currency; 0 without a price."""
    price = line.member.price
    return 0.0 if price is None else line.requests * (price.input * size.input + price.output * size.output) / 1e6


def _busy(line: MemberRequests) -> float:
    """Seconds that a member is at work: each burst takes a request's time at least, and its rates hold throughout."""
    member = line.member
    if member.simulated:
        return line.requests * line.latency
    times = [max(min(line.bursts, line.requests), line.requests / line.slots) * line.latency]
    if member.requests_per_minute is not None:
        times.append(60 * line.requests / member.requests_per_minute)
    if member.tokens_per_minute is not None:
        times.append(60 * _tokens(line, line.sizes[0]) / member.tokens_per_minute)
    return max(times)


def _seconds(lines: Sequence[MemberRequests]) -> float:
    """The steps one after another, members side by side. Rough: it knows nothing of an endpoint's moods."""
    at = defaultdict[ForecastStep, list[MemberRequests]](list)
    for line in lines:
        at[line.step].append(line)
    total = _together([line for step in _DRAFTS for line in at[step]])
    for answering, judging in _PHASES:
        first, then = ([line for step in steps for line in at[step]] for steps in (answering, judging))
        # Whichever takes longer hides the other, but for one request of it in each burst.
        hidden = min(
            max(
                (min(line.bursts, line.requests) * line.latency for line in part if not line.member.simulated),
                default=0.0,
            )
            for part in (first, then)
        )
        total += _together([*first, *then]) + hidden
    return total


def _together(lines: Sequence[MemberRequests]) -> float:
    """Seconds until all are done: real members wait side by side, this machine's own work is done by one processor.

    Members on one server of this machine share its slots, and take turns, unless it was seen to keep up with them.
    """
    busy = defaultdict[str, float](float)
    for line in lines:
        if not line.member.simulated:
            busy[line.server] += _busy(line)
    own = sum(line.requests * (line.latency if line.member.simulated else PROCESSOR_SECONDS) for line in lines)
    return max([own, *busy.values()])
