"""What only a run has: its search, its budget, and its grown questions against the seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..domain.answer import Outcome, Phase
from ..domain.critique import common_models
from ..domain.judge_accuracy import Figure
from ..domain.judgement import Judgement
from ..domain.pool_spec import Role
from ..domain.streams import Stream, generator
from ..evaluation.intervals.averages import average
from ..records import Manifest, RunFolder, RunRecords
from ..records.questions_file import question_lines
from ..records.status import current_manifest
from .call_statistics import call_statistics
from .compute import folder_results
from .grown_and_seeds import Estimate, comparisons, estimate
from .judges.asked_judges import asked_judges
from .judges.judge_results import Agreement, QuadraticDivergence, agreement, quadratic_divergence_of
from .result_types import Results
from .spending import compare
from .summary_types import Rate, RunProfile, RunSummary

SEPARATING_LEVEL = 0.05
"""Of the q-value at which a question counts as separating the panel."""


def summarise(folder: RunFolder, results: Results | None = None) -> RunSummary:
    """The summary of the run in ``folder``, whose ``results`` are computed where they are not given.

    Raises ``FileError`` when there is no such folder.
    """
    results = folder_results(folder) if results is None else results
    manifest = current_manifest(folder)
    with RunRecords(folder.records_path, read_only=True) as records:
        moves = list(records.moves())
        return RunSummary(
            **dict(call_statistics(manifest, records)),
            run_id=manifest.run_id,
            folder=str(folder.path),
            status=manifest.status,
            stop_reason=manifest.stop_reason,
            simulated=manifest.simulated,
            simulator_version=manifest.simulator_version,
            seed=manifest.settings.seed,
            framework=results.asked.framework,
            judge=_judge(manifest),
            values=results.asked.values,
            notices=manifest.notices,
            rounds=max((move.round for move in moves), default=0),
            moves=dict(sorted(Counter(f"{move.kind}: {move.status}" for move in moves).items())),
            drafts_refused=dict(
                Counter(move.detail or "no reason" for move in moves if move.status == "failed").most_common()
            ),
            duplicates_refused=sum(move.status == "duplicate" for move in moves),
            **_confirmed(records, generator(manifest.settings.seed, Stream.CONFIRMED_MEANS)),
            comparisons=comparisons(records, (Role.PANEL, Role.EXAMINEE), manifest.settings.seed),
            profiles=_profiles(results),
            agreement=_agreement(manifest, records),
            quadratic=_quadratic(manifest, records, results),
            forecast=manifest.forecast,
            spent=() if manifest.forecast is None else compare(manifest.forecast, records.spending_by_purpose()),
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
    name, asked = manifest.settings.agents.judge, asked_judges(manifest)
    return f"{name} ({', '.join(asked)})" if asked else name


def _confirmed(records: RunRecords, rng: np.random.Generator) -> dict[str, Any]:
    """What the confirmation brought. Means are over questions on which the same models count."""
    lines = question_lines(records)
    search = records.critiques(Phase.SEARCH, Role.SCOUT)
    fresh = records.critiques(Phase.CONFIRM, Role.PANEL)
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
    q_value = line["score"] and line["score"]["q_value"]
    return q_value is not None and q_value <= SEPARATING_LEVEL


def _mean(lines: Sequence[dict[str, Any]], figures: Sequence[float], rng: np.random.Generator) -> Estimate | None:
    return estimate(average(figures, [line["topic_id"] for line in lines], rng)) if lines else None


def _profiles(results: Results) -> tuple[RunProfile, ...]:
    """The rates of ``results``, model by model; without any where no answer was judged."""
    rates = results.rates()
    return tuple(
        RunProfile(
            member=model.id,
            group="panel" if model.seen else "examinee",
            answers=model.answers,
            missing=sum(model.missing.values()),
            rates={value: _rate(figure) for value, figure in rates[model.id].items()},
        )
        for model in results.asked.models
    )


def _rate(figure: Figure) -> Rate:
    return Rate(rate=figure.estimate, interval=figure.interval)


def _agreement(manifest: Manifest, records: RunRecords) -> Agreement | None:
    def judgements() -> Iterator[Judgement]:
        for question in records.questions():
            yield from (each for each in records.answers(question)[1] if each is not None)

    # A judge that keeps votes keeps them of each judgement, and reading every answer takes a while.
    first = next((each for each in judgements() if each.outcome is Outcome.ANSWERED), None)
    if first is None or not first.votes:
        return None
    return agreement(judgements(), manifest.framework.value_ids)


def _quadratic(manifest: Manifest, records: RunRecords, results: Results) -> QuadraticDivergence | None:
    if manifest.judge_accuracy is None or not results.limits.corrected:
        return None
    return quadratic_divergence_of(
        records.critiques(Phase.CONFIRM, Role.PANEL).values(), manifest.judge_accuracy, manifest.framework.value_ids
    )
