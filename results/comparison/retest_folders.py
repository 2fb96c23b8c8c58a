"""Had the questions been regenerated, would the models rank the same? Two regenerations of one benchmark.

Unlike in a comparison (``compare_folders``) the questions need not be the same, and better are not: the models must.
Rates are those that the judge's labels give; a correction for its errors would leave the order on each value as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...domain.errors import InputError
from ...domain.streams import Stream, generator
from ...domain.texts.counting import count
from ...domain.texts.safe_text import one_line
from ...evaluation.intervals.topic_bootstrap import DRAWS
from ...evaluation.models.contrasts import DIFFERENT
from ...evaluation.reliability.retest_agreement import Benchmark, retest_agreement
from ...records import open_run
from ..answer_arrays import AnswerArrays, load_answer_arrays
from ..finite import figure
from .compared_folder import compared_folder, folder_names, measured_values, rates_of
from .comparison_notes import notes
from .contrast_survival import findings
from .diff_types import ContrastSurvival
from .retest_sentences import overlaps, sentences
from .retest_types import Retest, SignCounts, ValueRetest
from .shared_questions import anchors

FEWEST_MODELS = 2
"""One model alone has no rank."""

FEWEST_TOPICS = 3
"""With fewer topics a profile is one topic's, and no other."""


def retest(paths: Sequence[Path]) -> Retest:
    """How alike two folders rank the models that both measured.

    Raises ``InputError`` unless there are exactly two folders, on one framework, with two models or more in both and
    three topics or more in each; ``FileError`` for a folder that is none.
    """
    if len(paths) != 2 or len({path.resolve() for path in paths}) != 2:
        raise InputError(
            "a retest takes exactly two folders, each named once: two regenerations of one benchmark — "
            "adaem compare --retest RUN_A RUN_B"
        )
    first, second = (load_answer_arrays(open_run(path)).plain() for path in paths)
    return retested(folder_names(paths), first, second)


def retested(names: Sequence[str], first: AnswerArrays, second: AnswerArrays) -> Retest:
    """The retest of answers that were loaded already, without primed ones."""
    loaded = first, second
    models = _shared_models(names, loaded)
    topics = [_topics(name, each, models) for name, each in zip(names, loaded, strict=True)]
    values = measured_values(loaded)
    compared, _ = findings(first, second, np.zeros((0, 2), dtype=np.int64))
    compared = tuple(each for each in compared if each.model in models and each.other in models)
    significant = [each for each in compared if DIFFERENT in (each.first_verdict, each.second_verdict)]
    places = [(models.index(each.model), models.index(each.other), values.index(each.value)) for each in significant]
    ours, theirs = (rates_of(each, models, values=values) for each in loaded)
    seed = first.manifest.settings.seed
    agreement = retest_agreement(
        Benchmark(ours.rates, ours.topics),
        Benchmark(theirs.rates, theirs.topics),
        np.array(places, dtype=np.int64).reshape(-1, 3),
        generator(seed, Stream.RETESTED_PROFILES),
    )
    shared = len(anchors(first.questions, second.questions))
    result = Retest(
        folders=(compared_folder(names[0], first, shared), compared_folder(names[1], second, shared)),
        models=tuple(models),
        values={value.id: value.name for value in first.manifest.framework.values if value.id in values},
        topics=(len(topics[0]), len(topics[1])),
        shared_topics=len(topics[0] & topics[1]),
        sentences=(),
        notes=notes(names, loaded, seed_topics=False),
        agreement=figure(agreement.profiles, *agreement.profiles_interval),
        by_value=tuple(
            ValueRetest(
                value=value,
                agreement=figure(agreement.values[place], *agreement.value_intervals[place]),
                signs=_signs([each for each in significant if each.value == value]),
            )
            for place, value in enumerate(values)
        ),
        signs=_signs(significant),
        same_sign=figure(agreement.same_sign, *agreement.same_sign_interval),
        findings=compared,
        seed=seed,
        draws=DRAWS,
    )
    return result.model_copy(update={"sentences": sentences(result), "notes": (*overlaps(result), *result.notes)})


def _shared_models(names: Sequence[str], loaded: Sequence[AnswerArrays]) -> list[str]:
    """The models with an answer in both folders, in the order of the first."""
    first, second = loaded
    if first.values != second.values:
        raise InputError(
            f"{names[1]}: its values ({second.manifest.framework.name}) are not those of {names[0]} "
            f"({first.manifest.framework.name}) — a retest takes two benchmarks on one framework"
        )
    answering = [
        [model for model, answers in zip(each.models, each.answered.sum(axis=(0, 2)), strict=True) if answers]
        for each in loaded
    ]
    models = [model for model in answering[0] if model in answering[1]]
    if len(models) < FEWEST_MODELS:
        raise InputError(
            f"{names[0]} and {names[1]}: share {count(len(models), 'model')} with answers, and a rank takes "
            f"{FEWEST_MODELS} — the questions need not be the same, the models must: give both the same pool"
        )
    return models


def _topics(name: str, evaluated: AnswerArrays, models: Sequence[str]) -> set[str]:
    """The topics, as texts, of which any of the ``models`` answered a question."""
    places = [evaluated.models.index(model) for model in models]
    rows = np.flatnonzero(evaluated.answered[:, places].any(axis=(1, 2)))
    labels: dict[int, str] = {}
    for row in rows.tolist():
        labels.setdefault(int(evaluated.topics[row]), one_line(evaluated.questions[row].topic).casefold())
    if len(labels) < FEWEST_TOPICS:
        raise InputError(
            f"{name}: its answered questions come from {count(len(labels), 'topic')}, and a retest takes "
            f"{FEWEST_TOPICS} or more in each folder — the questions need not be those of the other"
        )
    return set(labels.values())


def _signs(significant: Sequence[ContrastSurvival]) -> SignCounts:
    ways = [_way(each) for each in significant]
    return SignCounts(
        significant=len(ways),
        same_sign=sum(way > 0 for way in ways),
        reversed=sum(way < 0 for way in ways),
        reversed_in_both=sum(each.became == "reversed" for each in significant),
    )


def _way(finding: ContrastSurvival) -> float:
    """Above 0 where both differences have one sign, below 0 where not, 0 where one is 0 or not known."""
    if finding.first is None or finding.second is None:
        return 0.0
    return float(np.sign(finding.first.estimate) * np.sign(finding.second.estimate))
