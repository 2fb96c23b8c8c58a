"""An import as one JSON object: what was brought in, and its figures, which are those of ``results`` and no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..domain.answer import Phase
from ..domain.critique import Critique
from ..domain.pool_spec import Role
from ..domain.record import Record
from ..records import RunFolder, RunRecords
from ..records.recorded_answers import RecordedSource
from ..records.status import current_manifest
from .grown_and_seeds import Estimate, common_models
from .result_types import AskedModel, ModelProfile, QuestionDivergence, Reliability, Results
from .run_summary import Rate, rates_of, seconds

BEST = 5


class RecordedProfile(Record):
    """A model's expression rates by value id, every question weighing alike, and how many words an answer has."""

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


def summarise_imported(folder: RunFolder, results: Results) -> ImportedSummary:
    """The import in ``folder``, whose ``results`` are given. Raises ``FileError`` when there is none."""
    manifest = current_manifest(folder)
    assert manifest.recorded is not None
    with RunRecords(folder.records_path, read_only=True) as records:
        critiques = records.critiques(Phase.EVALUATE, Role.EXAMINEE)
        calls = records.calls_spent()
    asked, divergences = results.asked, results.divergences
    scored = [question for question in divergences.questions if question.divergence is not None]
    return ImportedSummary(
        run_id=manifest.run_id,
        folder=str(folder.path),
        status=manifest.status,
        stop_reason=manifest.stop_reason,
        simulated_judge=manifest.simulated,
        simulator_version=manifest.simulator_version,
        seed=manifest.settings.seed,
        framework=asked.framework,
        judge=asked.judge,
        values=asked.values,
        notices=manifest.notices,
        recorded=manifest.recorded,
        judged=asked.answers,
        missing=asked.missing,
        no_divergence=divergences.nothing,
        divergence=divergences.mean,
        separating=divergences.separating,
        tested=divergences.tested,
        unscored=_unscored(critiques),
        warnings=dict(Counter(warning for each in critiques.values() for warning in each.warnings)),
        best=tuple(_question_line(question, critiques) for question in scored[:BEST]),
        profiles=tuple(
            _profile(model, profile) for model, profile in zip(asked.models, results.profiles, strict=False)
        ),
        reliability=results.reliability.split_half,
        reliability_verdict=results.reliability.split_half_verdict,
        calls=calls,
        seconds=seconds(manifest),
        files={"records": str(folder.records_path), "trace": str(folder.trace_path)},
    )


def _unscored(critiques: Mapping[str, Critique]) -> dict[str, int]:
    reasons = Counter(each.unscored for each in critiques.values() if each.score is None)
    common = common_models(critiques.values())
    others = sum(each.score is not None and each.models != common for each in critiques.values())
    if others:
        reasons["scored with other models: not comparable, left out of the mean"] = others
    return dict(reasons)


def _question_line(question: QuestionDivergence, critiques: Mapping[str, Critique]) -> dict[str, Any]:
    """The question's figures, and the terms of its score beside them."""
    found = critiques.get(question.id)
    terms = {} if found is None or found.score is None else found.score.model_dump(mode="json")
    assert question.divergence is not None
    return {
        "id": question.id,
        "question": question.text,
        "divergence": question.divergence.estimate,
        "interval": question.divergence.interval,
        "p_value": question.p_value,
        "q_value": question.q_value,
        **{name: terms.get(name) for name in ("quadratic", "disputed", "echo", "own")},
    }


def _profile(model: AskedModel, profile: ModelProfile) -> RecordedProfile:
    return RecordedProfile(
        model=model.id,
        answers=model.answers,
        missing=sum(model.missing.values()),
        words=model.words,
        rates=rates_of(profile),
    )
