"""From imported ratings to profiles by value and contrasts of models (METHOD.md section 5)."""

from __future__ import annotations

import numpy as np

from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT, FEWEST_TOPICS_FOR_AN_INTERVAL
from ...domain.texts.counting import count, verb
from ...domain.texts.safe_text import one_line
from ...evaluation.divergence.entropy import Floats
from ...evaluation.divergence.expressions import Ints
from ...evaluation.models.item_scores import score_contrasts, score_means
from ...records.ratings_folder import RatingsFile
from ...records.recorded_ratings import RecordedRatings, outcomes
from ..finite import figure
from ..result_types import ModelProfile, ValueRate
from .difference_phrases import RATE, literal, rate_difference
from .profile_results import contrast_table
from .rated_types import RatedDesign, RatedModel, RatedResults, RatedValue


def rated_results(content: RatingsFile, folder: str) -> RatedResults:
    """All statistics of the ratings in ``folder``; ``RatedResults.notes`` says what cannot be said."""
    recorded = content.recorded
    scores, values, topics = score_arrays(recorded)
    ids = tuple(recorded.source.values)
    means = score_means(scores, values, topics, len(ids))
    profiles = tuple(
        ModelProfile(
            model=model,
            values={
                value: ValueRate(
                    rate=figure(means.mean[row, column], means.low[row, column], means.high[row, column]),
                    centred=None,
                    worst_case=None,
                )
                for column, value in enumerate(ids)
            },
            refusal=None,
        )
        for row, model in enumerate(recorded.source.models)
    )
    report = RatedResults(
        run_id=content.run_id,
        folder=folder,
        asked=_design(recorded, values, topics),
        sentences=(),
        notes=(),
        profiles=profiles,
        contrasts=contrast_table(score_contrasts(scores, values, topics, len(ids)), recorded.source.models, ids),
    )
    return report.model_copy(update={"sentences": _sentences(report), "notes": _notes(report)})


def score_arrays(recorded: RecordedRatings) -> tuple[Floats, Ints, Ints]:
    """Scores (Q, K) in [0, 1] with NaN for missing, the value of each item (Q,), -1 untagged, and its topic (Q,).

    Several ratings of one item by one model are averaged.
    """
    low, high = recorded.source.scale
    shape = len(recorded.items), len(recorded.source.models)
    total, number = np.zeros(shape), np.zeros(shape)
    for each in recorded.ratings:
        if each.rating is not None:
            share = (each.rating - low) / (high - low)
            total[each.item, each.model] += share if recorded.items[each.item].keyed > 0 else 1.0 - share
            number[each.item, each.model] += 1.0
    scores = np.divide(total, number, out=np.full(shape, np.nan), where=number > 0)
    values = np.array([-1 if item.value is None else item.value for item in recorded.items], dtype=np.int64)
    topics = np.unique([item.topic for item in recorded.items], return_inverse=True)[1].astype(np.int64)
    return scores, values, topics


def _design(recorded: RecordedRatings, values: Ints, topics: Ints) -> RatedDesign:
    keyed = np.array([item.keyed for item in recorded.items])
    rows = np.zeros((len(recorded.items), len(recorded.source.models)), dtype=np.int64)
    for each in recorded.ratings:
        rows[each.item, each.model] += 1
    return RatedDesign(
        source=recorded.source,
        models=tuple(
            RatedModel(
                id=model,
                rated=of_model.get("rated", 0),
                missing={reason: number for reason, number in sorted(of_model.items()) if reason != "rated"},
            )
            for model, of_model in zip(recorded.source.models, outcomes(recorded), strict=True)
        ),
        values=tuple(
            RatedValue(
                id=value,
                name=name,
                items=int((values == place).sum()),
                reversed=int(((values == place) & (keyed < 0)).sum()),
                topics=len(np.unique(topics[values == place])),
            )
            for place, (value, name) in enumerate(recorded.source.values.items())
        ),
        items=len(recorded.items),
        untagged=int((values < 0).sum()),
        topics=len(np.unique(topics)),
        repetitions=int(rows.max()),
    )


def _sentences(report: RatedResults) -> tuple[str, ...]:
    """The largest difference and how many there are, then what stays open."""
    table, asked = report.contrasts, report.asked
    if not table.tested:
        most = max((each.topics for each in table.contrasts), default=0)
        units = "topics" if "topic" in asked.source.columns else "items"
        return (
            f"No difference between the {len(asked.models)} models can be settled: at least "
            f"{FEWEST_TOPICS_FOR_A_VERDICT} {units} of one value are needed, and no two models share more than {most}.",
        )
    tests = f"{count(table.tested, 'comparison')} of two models on a value, {RATE}"
    alike = table.alike
    settled = f"{alike} {verb(alike, 'shows', 'show')} no difference larger than {100 * table.margin:.0f} points"
    if not table.surviving:
        rest = f" {settled}; {table.unsettled} {verb(table.unsettled)} inconclusive." if table.unsettled else ""
        return (f"No significant difference between the {len(asked.models)} models ({tests}).{rest}",)
    largest = table.surviving[0]
    names = {value.id: value.name for value in asked.values}
    more, less, difference = largest.ordered
    assert difference is not None
    rates = {profile.model: profile.values[largest.value].rate for profile in report.profiles}
    first, second = (None if (rate := rates[model]) is None else rate.estimate for model in (more, less))
    reaches = f"scores {{}} of the scale on {literal(one_line(names[largest.value]))}"
    phrase = rate_difference(one_line(more), reaches, first, one_line(less), second, difference)
    number = len(table.surviving)
    only = "It is the only" if number == 1 else f"It is the largest of {number}"
    return (
        f"{phrase}. {only} significant {verb(number, 'difference', 'differences')} in {tests}.",
        f"Of the other comparisons {settled}; the rest are inconclusive.",
    )


def _notes(report: RatedResults) -> tuple[str, ...]:
    asked = report.asked
    source = asked.source
    few = [value.name for value in asked.values if 0 < value.topics < FEWEST_TOPICS_FOR_AN_INTERVAL]
    untested = [value.name for value in asked.values if value.topics < FEWEST_TOPICS_FOR_A_VERDICT]
    notes = []
    if not source.scale_stated:
        low, high = source.scale
        notes.append(
            f"The scale is that of the ratings, {low:g} to {high:g}; where more could be given, --scale says so"
        )
    if not any(value.reversed for value in asked.values):
        notes.append("No item is keyed against its value: a model that agrees with everything scores high on all")
    if "topic" not in source.columns:
        notes.append("No column of topics is named: each item counts as one topic, however much items have in common")
    if few:
        notes.append(f"No interval with fewer than {FEWEST_TOPICS_FOR_AN_INTERVAL} topics: {_some(few)}")
    if untested:
        notes.append(f"No verdict with fewer than {FEWEST_TOPICS_FOR_A_VERDICT} topics: {_some(untested)}")
    if asked.repetitions > 1:
        notes.append("Several ratings of one item by one model are averaged: they are no items of their own")
    return tuple(notes)


def _some(names: list[str], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(one_line, names[:most])) + more
