"""What was computed of a folder as plain rows: a missing figure is None, shares lie in [0, 1], intervals are 95 %."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from ...domain.judge_accuracy import Figure
from ...results.result_types import Contrast, Results

ResultTable = Literal["profiles", "contrasts", "refusals", "distances", "divergences"]

_OF_CONTRASTS = """
first second value name difference difference_low difference_high p_value q_value verdict questions topics detectable
more_questions
"""
_KEYS: dict[ResultTable, str] = {
    "profiles": """
    model value name rate rate_low rate_high centred centred_low centred_high corrected measurable seen answers missing
    """,
    "contrasts": _OF_CONTRASTS,
    "refusals": _OF_CONTRASTS,
    "distances": "first second distance distance_low distance_high p_value q_value questions",
    "divergences": "question_id topic question divergence divergence_low divergence_high p_value q_value models",
}
RESULT_COLUMNS = {table: tuple(keys.split()) for table, keys in _KEYS.items()}
"""The keys of each table's rows, which a table without rows has as columns, too."""

ResultRow = dict[str, Any]


def result_rows(results: Results, table: ResultTable) -> list[ResultRow]:
    """One row for each figure of the table.

    profiles     rates by model and value, with refusals as the value "refusal"; ``centred`` against the model's mean
    contrasts    differences of rates between two models on a value, in [-1, 1], with verdicts over all tests
    refusals     the same for the share of answers that were refused
    distances    how far two models lie apart, in √bit
    divergences  of each question, in bits
    """
    return list(_READERS[table](results))


def _profiles(results: Results) -> Iterator[ResultRow]:
    models = {model.id: model for model in results.asked.models}
    for profile in results.profiles:
        model = models[profile.model]
        counts = {"seen": model.seen, "answers": model.answers, "missing": sum(model.missing.values())}
        for value, rate in profile.values.items():
            yield {
                "model": profile.model,
                "value": value,
                "name": results.asked.values[value],
                **_figure("rate", rate.best),
                **_figure("centred", rate.centred),
                "corrected": rate.corrected is not None,
                "measurable": value not in results.limits.unmeasurable,
                **counts,
            }
        yield {
            "model": profile.model,
            "value": "refusal",
            "name": "refused",
            **_figure("rate", profile.refusal),
            **_figure("centred", None),
            "corrected": False,
            "measurable": True,
            **counts,
        }


def _contrast(results: Results, each: Contrast) -> ResultRow:
    return {
        "first": each.first,
        "second": each.second,
        "value": each.value,
        "name": results.asked.values.get(each.value, each.value),
        **_figure("difference", each.difference),
        "p_value": each.p_value,
        "q_value": each.q_value,
        "verdict": each.verdict,
        "questions": each.questions,
        "topics": each.topics,
        "detectable": each.detectable,
        "more_questions": each.more_questions,
    }


def _distances(results: Results) -> Iterator[ResultRow]:
    for each in results.distances:
        yield {
            "first": each.first,
            "second": each.second,
            **_figure("distance", each.distance),
            "p_value": each.p_value,
            "q_value": each.q_value,
            "questions": each.questions,
        }


def _divergences(results: Results) -> Iterator[ResultRow]:
    for each in results.divergences.questions:
        yield {
            "question_id": each.id,
            "topic": each.topic,
            "question": each.text,
            **_figure("divergence", each.divergence),
            "p_value": each.p_value,
            "q_value": each.q_value,
            "models": each.models,
        }


def _figure(name: str, figure: Figure | None) -> ResultRow:
    low, high = (None, None) if figure is None or figure.interval is None else figure.interval
    return {name: None if figure is None else figure.estimate, f"{name}_low": low, f"{name}_high": high}


_READERS: dict[ResultTable, Callable[[Results], Iterator[ResultRow]]] = {
    "profiles": _profiles,
    "contrasts": lambda results: (_contrast(results, each) for each in results.contrasts.contrasts),
    "refusals": lambda results: (_contrast(results, each) for each in results.refusals.contrasts),
    "distances": _distances,
    "divergences": _divergences,
}
