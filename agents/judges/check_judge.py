"""Checks a judge against labelled rows: how often it is right, per value, and whether it errs alike on all models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...domain.answer import Answer, KeyPoint, Outcome, Phase
from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.judge_accuracy import ErrorDifference, JudgeAccuracy, smaller_errors
from ...domain.judgement import Judgement
from ...domain.streams import Stream, generator
from ...evaluation.judges.error_difference import error_differences
from ...evaluation.judges.label_accuracy import value_accuracies
from ..protocols import Judge, ScoringJudge
from .judge_answers import judge_answers
from .labelled_texts import LabelledText, LabelledTexts, source_groups
from .local.local_judge import LocalJudge

PERMUTATIONS = 999


async def check_judge_accuracy(
    judge: Judge,
    labelled: LabelledTexts,
    framework: Framework,
    *,
    mode: str,
    simulated: bool,
    seed: int,
    most_rows: int | None = None,
) -> JudgeAccuracy:
    """The judge's accuracy on the rows (on ``most_rows`` drawn at random, where there are more).

    Each row is judged as one answer, blind, its texts as the key points. Left out and counted: rows whose text or group
    a local judge was trained on, and judgements that failed. Rows of unequal weight were drawn by some judge's labels:
    they are weighted, and say nothing of differences between models, whose permutations need rows that were as likely.
    Raises ``InputError`` when no row is left.
    """
    rng = generator(seed, Stream.JUDGE_CHECK)
    left_out = Counter(labelled.left_out)
    rows = list(labelled.rows)
    if isinstance(judge, LocalJudge):
        known = judge.model
        kept = [row for row in rows if not (known.knows(row.text) or known.knows(row.group))]
        left_out["this judge was trained on its text or group"] += len(rows) - len(kept)
        rows = kept
    if most_rows is not None and len(rows) > most_rows:
        left_out["not drawn (--rows)"] += len(rows) - most_rows
        rows = [rows[number] for number in sorted(rng.choice(len(rows), size=most_rows, replace=False))]
    judgements = [each for each in await judge_answers(judge, [_answer(row) for row in rows]) if each is not None]
    for judgement in judgements:
        if judgement.outcome is not Outcome.ANSWERED:
            left_out[f"judge: {judgement.outcome.value}"] += 1
    pairs = [
        (row, judgement)
        for row, judgement in zip(rows, judgements, strict=True)
        if judgement.outcome is Outcome.ANSWERED
    ]
    reasons = {reason: count for reason, count in left_out.items() if count}
    if not pairs:
        why = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
        raise InputError(f"no labelled row is left to check the judge on: {why} — {_remedy(reasons)}")
    rows = [row for row, _ in pairs]
    truth = np.array([[value in row.values for value in framework.value_ids] for row in rows])
    found = np.array([[value in judgement.values for value in framework.value_ids] for _, judgement in pairs])
    scores = judge.scores([row.texts for row in rows]) if isinstance(judge, ScoringJudge) else None
    clusters = np.array(source_groups(rows))
    weights = np.array([row.weight for row in rows])
    weighted = len(set(weights)) > 1
    # A local judge's labels are for rates; F1 is reported at the thresholds that make it best.
    for_f1 = judge.model.above_f1(scores) if isinstance(judge, LocalJudge) and scores is not None else None
    each, macro_f1, macro_auc = value_accuracies(
        truth,
        found,
        clusters,
        rng,
        scores,
        labelled_for_f1=for_f1,
        row_weights=weights if weighted else None,
        probabilities=_probabilities([judgement for _, judgement in pairs], framework.value_ids),
    )
    points = {len(row.texts) for row in rows}
    return JudgeAccuracy(
        judge=judge.name,
        mode=mode,
        simulated=simulated,
        framework=framework.id,
        data_sha256=labelled.sha256,
        rows=len(rows),
        groups=int(clusters.max()) + 1,
        key_points=points.pop() if len(points) == 1 else 0,
        weighted=weighted,
        rates_by=smaller_errors(each),
        left_out=reasons,
        macro_f1=macro_f1,
        macro_auc=macro_auc,
        values=dict(zip(framework.value_ids, each, strict=True)),
        differences=() if weighted else _differences(rows, truth, found, clusters, framework, rng),
    )


def _probabilities(judgements: Sequence[Judgement], value_ids: Sequence[str]) -> NDArray[np.float64] | None:
    """(N, d) of each judgement and value; None where one lacks any."""
    if not all(each.probabilities.keys() >= set(value_ids) for each in judgements):
        return None
    return np.array([[each.probabilities[value] for value in value_ids] for each in judgements])


def _answer(row: LabelledText) -> Answer:
    points = tuple(KeyPoint(point=text, justification="") for text in row.texts)
    return Answer(
        question_id=row.id, member="", phase=Phase.EVALUATE, sample=0, outcome=Outcome.ANSWERED, key_points=points
    )


def _differences(
    rows: Sequence[LabelledText],
    truth: np.typing.NDArray[np.bool_],
    found: np.typing.NDArray[np.bool_],
    clusters: np.typing.NDArray[np.int64],
    framework: Framework,
    rng: np.random.Generator,
) -> tuple[ErrorDifference, ...]:
    written = np.array([row.model is not None for row in rows])
    models = [row.model for row in rows if row.model is not None]
    if len(set(models)) < 2:
        return ()
    return error_differences(
        truth[written],
        found[written],
        models,
        clusters[written],
        framework.value_ids,
        permutations=PERMUTATIONS,
        rng=rng,
    )


def _remedy(reasons: Mapping[str, int]) -> str:
    """What to do where no row is left, by what took most of them: more rows do not help a silent judge."""
    match max(reasons, key=lambda reason: reasons[reason], default=""):
        case "judge: truncated":
            return "all its replies are cut off: raise the judge's max_tokens, or take another judge"
        case "judge: unparsable":
            return "its replies do not fit the schema: take a more capable judge, or set its schema_mode"
        case "judge: failed":
            return "its endpoint fails: see 'adaem doctor'"
        case reason if reason.startswith("judge: "):
            return "take another judge"
    return "name other rows"
