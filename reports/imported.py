"""The result of an import as data: what recorded answers say of the models, and whether the judge sees them differ."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.answer import Outcome, Phase
from ..domain.critique import Critique, Score
from ..domain.pool import Role
from ..domain.record import Record
from ..evaluation.averages import average, average_columns
from ..evaluation.split_half import STATISTICS, SplitHalf, SplitHalves, split_half
from ..records import Manifest, RunFolder, RunRecords
from ..records.going_on import manifest_now
from ..records.recorded_answers import RecordedSource
from .comparison import Estimate, estimate
from .summary import Rate, seconds

BEST = 5
SHUFFLES = 200

ONE_ANSWER = "one answer a model: no divergence can be estimated; rates only"
SEES = "this judge sees model differences here: both figures exceed the 95th percentile of the shuffled ones"
SEES_NOT = "this judge does not see model differences here: {} not exceed the 95th percentile of the shuffled ones"
CANNOT_TELL = (
    "cannot be told: it takes two models, four wordings or samples, and five questions to which every model has two "
    "judged answers in each half"
)


class Correlation(Record):
    """A split-half correlation, and the same with model labels shuffled within question x wording; None: no spread."""

    observed: float | None
    shuffled_mean: float | None
    shuffled_high: float | None
    exceeds: bool


class Reliability(Record):
    """Split-half correlations by statistic (``evaluation.split_half``), plain, not stepped up to the full length."""

    correlations: dict[str, Correlation]
    models: int
    questions: int
    halved: int
    shuffles: int
    sees_differences: bool


class RecordedProfile(Record):
    """A model's expression rates over all its judged answers, by value id, and how many words such an answer has."""

    model: str
    answers: int
    missing: int
    words: float | None
    rates: dict[str, Rate]


class ImportedSummary(Record):
    """The whole result of an import. Divergences in bits, as observed through the judge.

    ``missing`` counts what enters no figure, by reason; ``unscored`` counts questions without a score, and those with a
    score of fewer models, by reason; ``warnings`` counts the questions that carry each.
    """

    run_id: str
    folder: str
    status: str
    stop_reason: str
    simulated_judge: bool
    simulator_version: str | None
    seed: int
    framework: str
    judge: str
    values: dict[str, str]
    notices: tuple[str, ...]
    recorded: RecordedSource
    judged: int
    missing: dict[str, int]
    no_divergence: str
    divergence: Estimate | None
    separating: int
    tested: int
    unscored: dict[str, int]
    warnings: dict[str, int]
    best: tuple[dict[str, Any], ...]
    profiles: tuple[RecordedProfile, ...]
    reliability: Reliability | None
    reliability_verdict: str
    calls: int
    seconds: float
    files: dict[str, str]


class _Answers:
    """All judged answers of a run as arrays with one row each, and the count of the others."""

    def __init__(self, records: RunRecords, value_ids: tuple[str, ...]) -> None:
        questions = records.questions()
        rows: list[list[bool]] = []
        labels: list[tuple[str, str, str, str, int]] = []
        self.missing: Counter[str] = Counter()
        self.missing_of: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.most_of_one: Counter[tuple[str, str]] = Counter()
        self.judge = ""
        for question_id in records.ids("recorded"):
            for answer, judgement in zip(*records.answers(question_id, [Phase.EVALUATE]), strict=True):
                self.most_of_one[question_id, answer.member] += 1
                if judgement is None or judgement.outcome is not Outcome.ANSWERED:
                    who, what = ("answer", answer.outcome) if judgement is None else ("judge", judgement.outcome)
                    why = f" ({answer.detail})" if answer.outcome is Outcome.UNPARSABLE else ""
                    self.missing[f"{who}: {what.value}{why}"] += 1
                    self.missing_of[answer.member] += 1
                    continue
                self.judge = judgement.judge
                self.words[answer.member] += sum(len(point.text.split()) for point in answer.key_points)
                rows.append([value in judgement.values for value in value_ids])
                topic_id = questions[question_id].topic_id
                labels.append((question_id, topic_id, answer.member, answer.wording, answer.sample))
        self.expressions = np.array(rows, dtype=bool).reshape(-1, len(value_ids))
        self.question, self.topic, self.model, self.wording, self.sample = (
            np.array([label[place] for label in labels]) for place in range(5)
        )


def summarise_imported(folder: RunFolder) -> ImportedSummary:
    """Reads the folder of an import. Raises ``FileError`` when it is none."""
    manifest = manifest_now(folder)
    with RunRecords(folder.records_path, read_only=True) as records:
        return _summary(folder, manifest, records)


def _summary(folder: RunFolder, manifest: Manifest, records: RunRecords) -> ImportedSummary:
    assert manifest.recorded is not None
    rng = np.random.default_rng([manifest.settings.seed, 5])
    answers = _Answers(records, manifest.framework.value_ids)
    critiques = records.critiques(Phase.EVALUATE, Role.EXAMINEE)
    scored = {name: (each, each.score) for name, each in critiques.items() if each.score is not None}
    # Scores of different K are not compared: only questions on which all models count enter the mean.
    everyone = max((each.models for each, _ in scored.values()), key=len, default=())
    compared = {name: score for name, (each, score) in scored.items() if each.models == everyone}
    questions = records.questions()
    divergence = None
    if compared:
        topics = [questions[name].topic_id for name in compared]
        divergence = estimate(average([score.divergence for score in compared.values()], topics, rng))
    halves = split_half(
        answers.expressions,
        answers.question,
        answers.model,
        answers.wording,
        answers.sample,
        rng=rng,
        shuffles=SHUFFLES,
    )
    return ImportedSummary(
        run_id=manifest.run_id,
        folder=str(folder.path),
        status=manifest.status,
        stop_reason=manifest.stop_reason,
        simulated_judge=manifest.simulated,
        simulator_version=manifest.simulator_version,
        seed=manifest.settings.seed,
        framework=f"{manifest.framework.name} (version {manifest.framework.version})",
        judge=answers.judge or manifest.settings.agents.judge,
        values={value.id: value.name for value in manifest.framework.values},
        notices=manifest.notices,
        recorded=manifest.recorded,
        judged=len(answers.expressions),
        missing=dict(sorted(answers.missing.items())),
        no_divergence=_no_divergence(answers, len(scored)),
        divergence=divergence,
        separating=sum(score.q_value is not None and score.q_value <= 0.05 for _, score in scored.values()),
        tested=sum(score.q_value is not None for _, score in scored.values()),
        unscored=_unscored(critiques, everyone),
        warnings=dict(Counter(warning for each in critiques.values() for warning in each.warnings)),
        best=tuple(
            _question_line(name, questions[name].text, score)
            for name, score in sorted(compared.items(), key=lambda item: -item[1].divergence)[:BEST]
        ),
        profiles=_profiles(manifest, answers, rng),
        reliability=None if halves is None else split_half_record(halves),
        reliability_verdict=split_half_verdict(halves),
        calls=records.calls_spent(),
        seconds=seconds(manifest),
        files={"records": str(folder.records_path), "trace": str(folder.trace_path)},
    )


def _no_divergence(answers: _Answers, scored: int) -> str:
    if scored:
        return ""
    if max(answers.most_of_one.values(), default=0) <= 1:
        return ONE_ANSWER
    return "no question has two models with two judged answers: no divergence can be estimated; rates only"


def _unscored(critiques: dict[str, Critique], everyone: tuple[str, ...]) -> dict[str, int]:
    reasons = Counter(each.unscored for each in critiques.values() if each.score is None)
    fewer = sum(each.score is not None and each.models != everyone for each in critiques.values())
    if fewer:
        reasons["scored with fewer models: not comparable, left out of the mean"] = fewer
    return dict(reasons)


def _question_line(question_id: str, text: str, score: Score) -> dict[str, Any]:
    terms = ("divergence", "interval", "p_value", "q_value", "quadratic", "disputed", "echo", "own")
    return {"id": question_id, "question": text, **score.model_dump(mode="json", include=set(terms))}


def _profiles(manifest: Manifest, answers: _Answers, rng: np.random.Generator) -> tuple[RecordedProfile, ...]:
    assert manifest.recorded is not None
    profiles = []
    for model in manifest.recorded.models:
        mine = answers.model == model
        rows, topics = answers.expressions[mine], answers.topic[mine]
        profiles.append(
            RecordedProfile(
                model=model,
                answers=len(rows),
                missing=answers.missing_of[model],
                words=answers.words[model] / len(rows) if len(rows) else None,
                rates=_rates(manifest.framework.value_ids, rows, topics, rng),
            )
        )
    return tuple(profiles)


def _rates(
    value_ids: tuple[str, ...], expressed: NDArray[np.bool_], topics: NDArray[Any], rng: np.random.Generator
) -> dict[str, Rate]:
    if not len(expressed):
        return {}
    rates = {}
    for value, found in zip(value_ids, average_columns(expressed, topics, rng), strict=True):
        interval = found.interval and (max(0.0, found.interval[0]), min(1.0, found.interval[1]))
        rates[value] = Rate(rate=found.mean, interval=interval)
    return rates


def split_half_record(halves: SplitHalves) -> Reliability:
    """The correlations as they are reported, over ``SHUFFLES`` shuffles."""
    figures: dict[str, SplitHalf] = {name: getattr(halves, name) for name in STATISTICS}
    return Reliability(
        correlations={
            name: Correlation(
                observed=_known(each.observed),
                shuffled_mean=_known(each.shuffled_mean),
                shuffled_high=_known(each.shuffled_high),
                exceeds=each.exceeds,
            )
            for name, each in figures.items()
        },
        models=halves.models,
        questions=halves.questions,
        halved=halves.units,
        shuffles=SHUFFLES,
        sees_differences=halves.sees_differences,
    )


def _known(number: float) -> float | None:
    """JSON has no NaN."""
    return None if np.isnan(number) else number


def split_half_verdict(halves: SplitHalves | None) -> str:
    """Whether the judge sees the models differ, in words."""
    if halves is None:
        return CANNOT_TELL
    if halves.sees_differences:
        return SEES
    below = [
        name
        for name, each in (("G", halves.quadratic), ("the double-centred profiles", halves.profiles))
        if not each.exceeds
    ]
    return SEES_NOT.format(" and ".join(below) + (" does" if below == ["G"] else " do"))
