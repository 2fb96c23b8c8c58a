"""What an import has beside the results: its source, and why questions have no score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..domain.answer import Phase
from ..domain.critique import Critique, common_models
from ..domain.pool_spec import Role
from ..records import RunFolder, RunRecords
from ..records.status import current_manifest
from .call_statistics import seconds
from .result_types import QuestionDivergence, Results
from .summary_types import ImportSummary, Rate, RecordedProfile

BEST = 5


def summarise_imported(folder: RunFolder, results: Results) -> ImportSummary:
    """The import in ``folder``, whose ``results`` are given. Raises ``FileError`` when there is none."""
    manifest = current_manifest(folder)
    assert manifest.recorded is not None
    with RunRecords(folder.records_path, read_only=True) as records:
        critiques = records.critiques(Phase.EVALUATE, Role.EXAMINEE)
        calls = records.calls_spent()
    asked, divergences = results.asked, results.divergences
    scored = [question for question in divergences.questions if question.divergence is not None]
    return ImportSummary(
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
        profiles=_profiles(results),
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
    critique = critiques.get(question.id)
    terms = {} if critique is None or critique.score is None else critique.score.model_dump(mode="json")
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


def _profiles(results: Results) -> tuple[RecordedProfile, ...]:
    rates = results.rates()
    return tuple(
        RecordedProfile(
            model=model.id,
            answers=model.answers,
            missing=sum(model.missing.values()),
            words=model.words,
            rates={
                value: Rate(rate=figure.estimate, interval=figure.interval) for value, figure in rates[model.id].items()
            },
        )
        for model in results.asked.models
    )
