"""The answer in three sentences, made from the statistics: only what survives the tests is said of any model."""

from __future__ import annotations

from ..domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ..domain.texts.counting import count, verb
from ..domain.texts.safe_text import one_line
from ..evaluation.models.contrasts import LEVEL
from .result_types import REFUSAL, Contrast, ContrastTable, Distance, Results

ALONE = LEVEL / 4
"""What a difference as a whole, or in refusing, must meet to be said where no value differs. With one level for each
kind, 8 % of evaluations of identical models said that something differs (docs/STATISTICS.md)."""


def sentences(results: Results) -> tuple[str, ...]:
    """Three sentences: the differences in values, how far apart the models lie or what they refuse, what stays open."""
    models, table = len(results.asked.models), results.contrasts
    simulated = "simulated " if results.asked.simulated and results.asked.kind != "import" else ""
    if models < 2:
        return (f"Only one {simulated}model was asked: there is no difference to speak of.",)
    if results.asked.topics < FEWEST_TOPICS_FOR_A_VERDICT:
        return (
            f"No difference between the {models} {simulated}models can be settled: these questions come from "
            f"{count(results.asked.topics, 'topic')}, and {FEWEST_TOPICS_FOR_A_VERDICT} are the least.",
        )
    found = (_differences(results, f"{models} {simulated}models"), _apart(results), _open(table))
    return tuple(each for each in found if each)


def _differences(results: Results, models: str) -> str:
    table, surviving = results.contrasts, results.contrasts.surviving
    tests = f"{count(table.tested, 'comparison')} of two models on a value"
    rate = f"false discovery rate of {100 * LEVEL:.0f} %"
    if not surviving:
        return f"No difference between the {models} survives the tests ({tests}, {rate})."
    largest = surviving[0]
    number = f"{len(surviving)} differ" if len(surviving) > 1 else "one differs"
    return (
        f"Of {tests} among {models}, {number} at a {rate}, most of all {_value(results, largest)}: {_points(largest)}."
    )


def _value(results: Results, contrast: Contrast) -> str:
    return one_line(results.asked.values.get(contrast.value, contrast.value))


def _points(contrast: Contrast) -> str:
    """ "a expresses it 23 points more often than b [12, 34]"."""
    assert contrast.difference is not None
    more, less = (contrast.first, contrast.second)
    sign = 1.0
    if contrast.difference.estimate < 0:
        more, less, sign = less, more, -1.0
    low, high = sorted(100 * sign * end for end in contrast.difference.interval or (float("nan"),) * 2)
    form = "z.0f" if abs(contrast.difference.estimate) >= 0.05 else "z.1f"
    verb = "refuses" if contrast.value == REFUSAL else "expresses it"
    return (
        f"{one_line(more)} {verb} {100 * abs(contrast.difference.estimate):{form}} points more often than "
        f"{one_line(less)} [{low:{form}}, {high:{form}}]"
    )


def _apart(results: Results) -> str:
    """Who lies farthest apart as a whole, and who refuses more."""
    parts = []
    settled = [each for each in results.distances if each.q_value is not None and each.q_value <= LEVEL]
    level = LEVEL if results.contrasts.different else ALONE
    if min((each.q_value for each in settled if each.q_value is not None), default=1.0) <= level:
        farthest = max(settled, key=_length)
        assert farthest.distance is not None
        interval = farthest.distance.interval
        shown = "" if interval is None else f" [{interval[0]:z.2f}, {interval[1]:z.2f}]"
        parts.append(
            f"{len(settled)} of {count(len(results.distances), 'pair')} of models "
            f"{verb(len(settled), 'answers', 'answer')} these questions differently as a whole, "
            f"farthest apart {one_line(farthest.first)} and {one_line(farthest.second)} "
            f"({farthest.distance.estimate:z.2f}{shown} root bits)"
        )
    refusing = results.refusals.surviving
    if min((each.q_value for each in refusing if each.q_value is not None), default=1.0) <= level:
        number = f"{len(refusing)} pairs differ" if len(refusing) > 1 else "one pair differs"
        parts.append(f"{number} in how often they refuse, most of all: {_points(refusing[0])}")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _length(distance: Distance) -> float:
    return -1.0 if distance.distance is None else distance.distance.estimate


def _open(table: ContrastTable) -> str:
    if not table.unsettled:
        return "Every other comparison is settled: no difference larger than the margin." if table.different else ""
    margin = f"{100 * table.margin:.0f} points"
    alike = (
        f"{table.alike} {verb(table.alike, 'shows', 'show')} no difference larger than {margin}, and "
        if table.alike
        else ""
    )
    more = (
        ""
        if not table.more_questions
        else f"; half of them would need at least {count(table.more_questions, 'more question')}, in new topics, to "
        f"find a difference of {margin}"
    )
    text = f"{alike if table.alike else ''}{table.unsettled} cannot be settled{more}."
    return f"Of the others, {text}" if table.different else f"{text[0].upper()}{text[1:]}"
