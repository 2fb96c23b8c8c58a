"""A run's result as data: what the terminal shows and what ``--json`` prints, computed from the records alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from pydantic import Field

from ..domain.answer import Outcome, Phase
from ..domain.forecast import Forecast
from ..domain.judge_accuracy import Figure
from ..domain.pool_spec import Role
from ..domain.record import Record
from ..domain.streams import Stream, generator
from ..evaluation.intervals.averages import average
from ..evaluation.models.measurements import measure
from ..records import Manifest, RunFolder, RunRecords
from ..records.call_records import Spending
from ..records.folder import ForkOf
from ..records.questions_file import question_lines
from ..records.status import current_manifest
from .answer_arrays import Evaluated, load_evaluated
from .grown_and_seeds import Comparison, Estimate, common_models, comparisons, estimate
from .judge_results import Agreement, Correction, agreement, correction
from .profile_results import model_profiles
from .result_types import ModelProfile
from .spending import SpentRow, compare


class Rate(Record):
    """How often a member expresses a value on the grown questions: share of its judged answers."""

    rate: float
    interval: tuple[float, float] | None


class Profile(Record):
    """A member's expression rates on the evaluated grown questions, by value id.

    ``corrected`` for the judge's measured errors, None for a value that it cannot measure; empty without such figures.
    """

    member: str
    group: str
    answers: int
    missing: int
    rates: dict[str, Rate]
    corrected: dict[str, Rate | None] = Field(default_factory=dict)


class Summary(Record):
    """The whole result of a run."""

    run_id: str
    folder: str
    status: str
    stop_reason: str
    simulated: bool
    simulator_version: str | None
    seed: int
    framework: str
    judge: str
    values: dict[str, str]
    notices: tuple[str, ...]
    rounds: int
    moves: dict[str, int]
    duplicates_refused: int
    questions_confirmed: int
    topics_confirmed: int
    separating: int
    questions_published: int
    topics_published: int
    separating_published: int
    questions_linked: int
    confirmed: Estimate | None
    shrinkage: Estimate | None
    comparisons: tuple[Comparison, ...]
    profiles: tuple[Profile, ...]
    agreement: Agreement | None
    correction: Correction | None
    best: tuple[dict[str, Any], ...]
    calls: dict[str, int]
    tokens: dict[str, int]
    cost: float | None
    currency: str
    uncounted_tokens: int
    unknown_requests: int
    unknown_tokens: int
    unknown_cost: float | None
    faults: dict[str, int]
    forecast: Forecast | None
    spent: tuple[SpentRow, ...]
    missing: dict[str, int]
    warnings: dict[str, int]
    seconds: float
    sessions: int
    replay_of: str
    fork: ForkOf | None = None
    files: dict[str, str]


def summarise(folder: RunFolder) -> Summary:
    """Reads a run's folder. Raises ``FileError`` when it is none."""
    manifest = current_manifest(folder)
    with RunRecords(folder.records_path, read_only=True) as records:
        return _summary(folder, manifest, records)


def _summary(folder: RunFolder, manifest: Manifest, records: RunRecords) -> Summary:
    moves = list(records.moves())
    spending, lost = records.spending(), records.unknown()
    found = _profiles(load_evaluated(folder))
    corrections = _correction(manifest, records, found)
    return Summary(
        run_id=manifest.run_id,
        folder=str(folder.path),
        status=manifest.status,
        stop_reason=manifest.stop_reason,
        simulated=manifest.simulated,
        simulator_version=manifest.simulator_version,
        seed=manifest.settings.seed,
        framework=f"{manifest.framework.name} (version {manifest.framework.version})",
        judge=_judge(manifest),
        values={value.id: value.name for value in manifest.framework.values},
        notices=manifest.notices,
        rounds=max((move.round for move in moves), default=0),
        moves=dict(sorted(Counter(f"{move.kind}: {move.status}" for move in moves).items())),
        duplicates_refused=sum(move.status == "duplicate" for move in moves),
        **_confirmed(records, generator(manifest.settings.seed, Stream.CONFIRMED_MEANS)),
        comparisons=comparisons(records, (Role.PANEL, Role.EXAMINEE), manifest.settings.seed),
        profiles=tuple(_corrected(profile, corrections) for profile in found),
        agreement=_agreement(manifest, records),
        correction=corrections,
        calls=_by_prompt(spending),
        tokens={
            "input": sum(each.input_tokens for each in spending),
            "output": sum(each.output_tokens for each in spending),
        },
        cost=_cost(manifest, spending),
        currency=manifest.pool.currency if manifest.pool else "",
        uncounted_tokens=sum(each.uncounted for each in spending),
        unknown_requests=lost.requests,
        unknown_tokens=lost.tokens,
        unknown_cost=None if lost.unpriced else lost.cost,
        faults={f"{member}: {fault}": count for (member, fault), count in sorted(records.faults().items())},
        forecast=manifest.forecast,
        spent=() if manifest.forecast is None else compare(manifest.forecast, records.spending_by_purpose()),
        missing={
            f"{prompt}: {outcome}": count
            for (prompt, outcome), count in sorted(records.call_outcomes().items())
            if outcome != Outcome.ANSWERED.value
        },
        seconds=seconds(manifest),
        sessions=len(manifest.sessions),
        replay_of=manifest.replay_of,
        fork=manifest.fork,
        files={
            "questions": str(folder.questions_path),
            "records": str(folder.records_path),
            "trace": str(folder.trace_path),
        },
    )


def _judge(manifest: Manifest) -> str:
    """Who judged: the agent's name, and the members that it asked."""
    name = manifest.settings.agents.judge
    members = [member.id for member in manifest.pool.with_role(Role.JUDGE)] if manifest.pool else []
    asked = {"llm": members[:1], "jury": members}.get(name, [])
    return f"{name} ({', '.join(asked)})" if asked else name


def _cost(manifest: Manifest, spending: Sequence[Spending]) -> float | None:
    """What the members with a price cost; None when nobody has one."""
    priced = manifest.pool is not None and any(member.price is not None for member in manifest.pool.members)
    return sum(each.cost for each in spending) if priced else None


def _by_prompt(spending: Sequence[Spending]) -> dict[str, int]:
    requests: Counter[str] = Counter()
    for each in spending:
        requests[each.prompt] += each.requests
    return dict(sorted(requests.items()))


def seconds(manifest: Manifest) -> float:
    """Wall time of a run's sessions; one that was killed, or is still going on, has no end and counts for nothing.

    Nor does one whose clock was set back while it ran: how long it took is not known.
    """
    ends = ((session.started_at, session.finished_at) for session in manifest.sessions if session.finished_at)
    took = ((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() for start, end in ends)
    return sum(each for each in took if each >= 0)


def _confirmed(records: RunRecords, rng: np.random.Generator) -> dict[str, Any]:
    """What the confirmation brought. Means are over questions on which the same models count."""
    lines = question_lines(records)
    search, fresh = records.critiques(Phase.SEARCH, Role.SCOUT), records.critiques(Phase.CONFIRM, Role.PANEL)
    models = common_models(fresh.values())
    compared = [line for line in lines if line["score"] is not None and tuple(line["models"]) == models]
    # The luck of the selection shows only where search and confirmation asked the same models.
    lucky = [line for line in compared if search[line["id"]].models == models and line["search_score"] is not None]
    published = [line for line in lines if line["published"]]
    return {
        "questions_confirmed": len(lines),
        "topics_confirmed": len({line["topic_id"] for line in lines}),
        "separating": sum(map(_separates, lines)),
        "questions_published": len(published),
        "topics_published": len({line["topic_id"] for line in published}),
        "separating_published": sum(map(_separates, published)),
        "questions_linked": sum(line["same_answers_as"] is not None for line in lines),
        "confirmed": _mean(compared, [line["score"]["divergence"] for line in compared], rng),
        "shrinkage": _mean(lucky, [line["search_score"] - line["score"]["total"] for line in lucky], rng),
        "best": tuple(published[:5]),
        "warnings": dict(sorted(Counter(warning for each in fresh.values() for warning in each.warnings).items())),
    }


def _separates(line: dict[str, Any]) -> bool:
    return line["score"] is not None and line["score"]["q_value"] is not None and line["score"]["q_value"] <= 0.05


def _mean(lines: Sequence[dict[str, Any]], figures: Sequence[float], rng: np.random.Generator) -> Estimate | None:
    return estimate(average(figures, [line["topic_id"] for line in lines], rng)) if lines else None


def _profiles(evaluated: Evaluated) -> tuple[Profile, ...]:
    """The figures of the page and of ``--full``: every question weighs alike (``profile_results``)."""
    if not evaluated.questions:
        return ()
    found = model_profiles(evaluated, measure(evaluated.expressed, evaluated.answered, evaluated.topics))
    answered, asked = (each.sum(axis=(0, 2)) for each in (evaluated.answered, evaluated.asked))
    return tuple(
        Profile(
            member=name,
            group="panel" if seen else "examinee",
            answers=int(answered[model]),
            missing=int(asked[model] - answered[model]),
            rates=rates_of(found[model]),
        )
        for model, (name, seen) in enumerate(zip(evaluated.models, evaluated.seen, strict=True))
    )


def rates_of(profile: ModelProfile) -> dict[str, Rate]:
    """A model's rates by value id, without those of which nothing is known."""
    return {
        value: Rate(rate=found.rate.estimate, interval=found.rate.interval)
        for value, found in profile.values.items()
        if found.rate is not None
    }


def _agreement(manifest: Manifest, records: RunRecords) -> Agreement | None:
    # Only a jury keeps votes, or a judge of the user's own; reading every answer takes a while.
    if manifest.settings.agents.judge in ("llm", "local"):
        return None
    judgements = (each for question in records.questions() for each in records.answers(question)[1] if each is not None)
    return agreement(judgements, manifest.framework.value_ids)


def _correction(manifest: Manifest, records: RunRecords, profiles: Sequence[Profile]) -> Correction | None:
    if manifest.judge_accuracy is None:
        return None
    observed = {
        profile.member: {
            value: Figure(estimate=rate.rate, interval=rate.interval) for value, rate in profile.rates.items()
        }
        for profile in profiles
    }
    key_points = Counter(
        len(answer.key_points)
        for question in records.ids("evaluated_grown")
        for answer in records.answers(question, [Phase.EVALUATE])[0]
        if answer.outcome is Outcome.ANSWERED
    )
    critiques = records.critiques(Phase.CONFIRM, Role.PANEL).values()
    return correction(manifest.judge_accuracy, observed, key_points, critiques)


def _corrected(profile: Profile, found: Correction | None) -> Profile:
    if found is None or profile.member not in found.rates:
        return profile
    rates = {
        value: None if figure is None else Rate(rate=figure.estimate, interval=figure.interval)
        for value, figure in found.rates[profile.member].items()
    }
    return profile.model_copy(update={"corrected": rates})
