"""The answer in a few sentences, made from the statistics: only what is significant is said of any model."""

from __future__ import annotations

from collections.abc import Iterable

from ..domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ..domain.judge_accuracy import Figure
from ..domain.texts.counting import count, verb
from ..domain.texts.safe_text import one_line
from ..evaluation.models.contrasts import LEVEL
from .judges.judge_limits import REMEDY, left_out_words
from .models.difference_phrases import RATE, literal, rate_difference
from .result_types import Contrast, ContrastTable, Distance, Results

ALONE = LEVEL / 4
"""What a difference as a whole, or in refusing, must meet to be said where no value differs. With one level for each
kind, 8 % of evaluations of identical models said that something differs (docs/STATISTICS.md)."""


def sentences(results: Results) -> tuple[str, ...]:
    """At most three parts: the largest difference in a value and how many there are, how far apart the models lie and
    what they refuse, what stays open."""
    models, table = len(results.asked.models), results.contrasts
    simulated = "simulated " if results.asked.simulated and results.asked.kind != "import" else ""
    if models < 2:
        return (f"Only one {simulated}model was asked: there is nothing to compare it with.",)
    if results.asked.topics < FEWEST_TOPICS_FOR_A_VERDICT:
        return (
            f"No difference between the {models} {simulated}models can be settled: these questions come from "
            f"{count(results.asked.topics, 'topic')}, and at least {FEWEST_TOPICS_FOR_A_VERDICT} are needed.",
        )
    parts = (_differences(results, f"{models} {simulated}models"), _apart(results), _open(table))
    return tuple(each for each in parts if each)


def _differences(results: Results, models: str) -> str:
    if not results.compared:
        return _nothing_measured(results)
    table, surviving = results.contrasts, results.contrasts.surviving
    most = max((each.topics for each in table.contrasts), default=0)
    if most < FEWEST_TOPICS_FOR_A_VERDICT:
        return (
            f"No difference between the {models} in a value can be settled: at least {FEWEST_TOPICS_FOR_A_VERDICT} "
            f"topics are needed, and no two models have judged answers to the same questions of more than {most}."
        )
    tests = f"{count(table.tested, 'comparison')} of two models on a value"
    if not surviving:
        return f"No significant difference between the {models} ({tests}, {RATE})."
    largest, rates = surviving[0], results.rates()
    value = largest.value
    figures = {model: of_model[value] for model, of_model in rates.items() if value in of_model}
    name = one_line(results.asked.values.get(value, value))
    only = "It is the only" if len(surviving) == 1 else f"It is the largest of {len(surviving)}"
    return (
        f"{_phrase(largest, f'appeals to {literal(name)} in {{}} of its answers', figures)}. {only} significant "
        f"{verb(len(surviving), 'difference', 'differences')} among {models} in {tests} ({RATE})."
    )


def _nothing_measured(results: Results) -> str:
    """Where no value is left to be compared: why, and what would help."""
    why = left_out_words(results.limits, results.asked.values)
    if not results.limits.unmeasurable:
        return f"No difference in any value can be found with these questions. Not compared: {why}."
    return f"Whether the models differ in any value cannot be said with this judge. Not compared: {why}. {REMEDY}"


def _phrase(contrast: Contrast, does: str, rates: dict[str, Figure]) -> str:
    """The model that does so more often comes first.

    Rates that were cut at 0 or 100 % when they were corrected do not differ by the difference, and are left out.
    """
    more, less, difference = contrast.ordered
    assert difference is not None
    more_rate, less_rate = (rates[model].estimate if model in rates else None for model in (more, less))
    corrected = contrast.observed is not None and abs(contrast.observed.estimate) != abs(difference.estimate)
    if corrected and {more_rate, less_rate} & {0.0, 1.0}:
        more_rate = less_rate = None
    return rate_difference(one_line(more), does, more_rate, one_line(less), less_rate, difference)


def _apart(results: Results) -> str:
    """Who lies farthest apart as a whole, and who refuses more."""
    parts = []
    settled = [each for each in results.distances if each.q_value is not None and each.q_value <= LEVEL]
    level = LEVEL if results.contrasts.different else ALONE
    if _least(each.q_value for each in settled) <= level:
        farthest = max(settled, key=_length)
        assert farthest.distance is not None
        interval = farthest.distance.interval
        labels = ", as this judge labels them" if results.limits.unmeasurable else ""
        sure = "" if interval is None else f", 95 % interval {interval[0]:z.2f} to {interval[1]:z.2f}"
        parts.append(
            f"{len(settled)} of {count(len(results.distances), 'pair')} of models "
            f"{verb(len(settled), 'answers', 'answer')} these questions differently as a whole{labels}; "
            f"{one_line(farthest.first)} and {one_line(farthest.second)} are farthest apart (distance "
            f"{farthest.distance.estimate:z.2f}{sure}; 0 is identical)."
        )
    refusing = results.refusals.surviving
    if _least(each.q_value for each in refusing) <= level:
        number = f"{len(refusing)} pairs differ" if len(refusing) > 1 else "One pair differs"
        rates = {each.model: each.refusal for each in results.profiles if each.refusal is not None}
        most = _phrase(refusing[0], "refuses to answer in {} of all cases", rates)
        parts.append(f"{number} in how often they refuse{', most of all' if len(refusing) > 1 else ''}: {most}.")
    return " ".join(parts)


def _least(q_values: Iterable[float | None]) -> float:
    return min((each for each in q_values if each is not None), default=1.0)


def _length(distance: Distance) -> float:
    return -1.0 if distance.distance is None else distance.distance.estimate


def _open(table: ContrastTable) -> str:
    """What is not different: alike, or inconclusive, and what it would take."""
    if not table.contrasts:
        return ""
    other = "other " if table.different else ""
    margin = f"{100 * table.margin:.0f} points"
    if not table.unsettled:
        return f"Every other comparison shows no difference larger than {margin}." if table.different else ""
    more = (
        ""
        if not table.more_questions
        else f"; half of {'these' if table.alike else 'them'} would need at least "
        f"{count(table.more_questions, 'more question')}, on new topics, to show a difference of {margin}"
    )
    inconclusive = f"{table.unsettled} {verb(table.unsettled, 'is', 'are')} inconclusive{more}"
    if table.alike:
        alike = f"{table.alike} {verb(table.alike, 'shows', 'show')} no difference larger than {margin}"
        return f"Of the {other}comparisons, {alike} and {inconclusive}."
    comparisons = verb(table.unsettled, "comparison is", "comparisons are")
    return f"The {other}{table.unsettled} {comparisons} inconclusive{more}."
