"""The tables of an evaluation as plain cells, the same for the terminal and for Markdown; cells may be hostile text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import shorten

from ...domain.answer import Outcome
from ...domain.judge_accuracy import Figure
from ...domain.texts.counting import count
from ...evaluation.models.contrasts import LEVEL
from ...results.result_types import REFUSAL, Contrast, ContrastTable, ModelCounts, ModelProfile, Results
from .figure_text import NOTHING, around, counts, generalise, headings, largest_of, number, p_value, percent, points
from .left_out import dropped_labels_line
from .sheet import Sheet

BEGINNING = 72
"""Characters of a system prompt that a table shows."""

ENOUGH = "enough"
"""In place of "0 more questions": the design would do, and the difference lies too near the margin to say."""


def heads(results: Results) -> dict[str, str]:
    """A short heading for each model, with an asterisk where the search never saw it."""
    short = headings([model.id for model in results.asked.models])
    marked = any(model.seen for model in results.asked.models)
    return {model.id: short[model.id] + "*" * (marked and not model.seen) for model in results.asked.models}


def key_to_models(results: Results) -> str:
    """What the headings mean; empty where they are the names themselves and nobody is marked."""
    headings_by_model = heads(results)
    parts = []
    if any(head.rstrip("*") != model for model, head in headings_by_model.items()):
        parts.append("; ".join(f"{head} {model}" for model, head in headings_by_model.items()))
    if any(head.endswith("*") for head in headings_by_model.values()):
        parts.append("* held out: it took no part in the search and did not judge")
    return "\n".join(parts)


def asked_lines(results: Results) -> tuple[str, ...]:
    """What was asked of whom, and what is missing."""
    asked = results.asked
    wordings = f", in {len(asked.wordings)} wordings" if len(asked.wordings) > 1 else ""
    primed = ", ".join(asked.values.get(each, each) for each in asked.primed)
    return (
        f"{count(asked.questions, 'question')} from {count(asked.topics, 'topic')}, "
        f"{count(len(asked.models), 'model')}, up to {count(asked.samples, 'answer')} each{wordings}; "
        f"{count(asked.answers, 'answer')} judged by {asked.judge}.",
        *([f"Asked once more when told to hold: {primed}."] if primed else []),
        f"Left out of every figure: {counts(asked.missing)}.",
        *filter(None, [dropped_labels_line(asked)]),
    )


def system_sheet(results: Results) -> Sheet | None:
    """Under which system prompt each model answered; None where none had one."""
    if not any(model.system for model in results.asked.models):
        return None
    return Sheet(
        "System prompts under which the models answered",
        ("model", "fingerprint", "begins with"),
        tuple(
            (model.id, model.system_sha256[:12] or NOTHING, _beginning(model.system)) for model in results.asked.models
        ),
        "the whole texts are in adaem report RUN --json, and on the page of --html",
        words=3,
    )


def _beginning(text: str) -> str:
    return shorten(text, BEGINNING, placeholder=" …") if text else "no system prompt"


def closing(results: Results) -> str:
    """How the figures came about."""
    asked = results.asked
    observed = "all but corrected rates and differences is" if results.limits.corrected else "every figure is"
    return (
        f"Framework: {asked.framework}. Judge: {asked.judge}; {observed} as observed through it. Source: "
        f"{asked.source}. Seed {results.seed}."
    )


def profile_sheets(results: Results) -> list[Sheet]:
    """Rates with what is missing, and the same centred."""
    if not results.profiles:
        return []
    models = [(model, profile) for model, profile in zip(results.asked.models, results.profiles, strict=True)]
    bounds = [
        _row("refused, %", [percent(profile.refusal) for _, profile in models]),
        _row("worst case, ±", [_worst_case(profile) for _, profile in models]),
    ]
    counted: list[tuple[str, Callable[[ModelCounts], int]]] = [
        ("answers", lambda model: model.answers),
        ("missing", lambda model: sum(model.missing.values())),
        ("no answer to", lambda model: model.unanswered),
    ]
    if any(model.missing.get(Outcome.FILTERED) for model, _ in models):
        # A filter is the provider's doing: it counts as a refusal, but says less of the model.
        counted.insert(2, ("of these filtered", lambda model: model.missing.get(Outcome.FILTERED, 0)))
    ends = [_row(name, [str(of(model)) for model, _ in models]) for name, of in counted]
    if results.asked.kind == "import":
        ends.append(_row("words each", [number(model.words, ".0f") for model, _ in models]))
    rates = Sheet(
        "Expression rates, % of judged answers ± half the 95 % interval, or [interval]; questions weigh alike",
        ("value", *heads(results).values()),
        (*_by_value(results, lambda profile, value: percent(profile.values[value].best)), *bounds, *ends),
        "worst case: by how many points a rate could move at most, had the model answered what it refused; "
        "no answer to: questions that its rates leave out" + (f"; {key}" if (key := key_to_values(results)) else ""),
        intervals=_over(results),
    )
    centred = Sheet(
        "Centred rates: points above the model's own mean over values ± half the 95 % interval, or [interval]",
        ("value", *heads(results).values()),
        _by_value(results, lambda profile, value: around(profile.values[value].centred, 100.0, "+z.0f")),
        "comparable between models that name few values and many"
        + ("; as observed, not corrected for the judge's errors" if results.limits.corrected else ""),
        intervals=_over(results),
    )
    return [rates, centred]


def rates_sheet(results: Results) -> Sheet | None:
    """The rates alone, in whole per cent: as many models side by side as fit. None without any question."""
    if not results.asked.questions:
        return None
    rates, models = results.rates(), results.asked.models
    intervals = [
        each.interval for of_model in rates.values() for each in of_model.values() if each.interval is not None
    ]
    widest = max(((high - low) / 2 for low, high in intervals), default=None)
    width = "" if widest is None else f" (95 % intervals: at most ± {100 * widest:.0f})"
    rows = [
        (name, *(_rounded_percent(rates[model.id].get(value)) for model in models))
        for value, name in value_names(results).items()
    ]
    rows.append(("answers", *(str(model.answers) for model in models)))
    rows.append(("missing", *(str(sum(model.missing.values())) for model in models)))
    return Sheet(
        f"Expression rates on the grown questions, % of judged answers, questions weighing alike{width}",
        ("value", *heads(results).values()),
        tuple(rows),
        key_to_values(results),
        intervals="" if widest is None else _over(results),
    )


def value_names(results: Results) -> dict[str, str]:
    """The values' names by id, with a dagger where the judge is known not to measure the value."""
    return {
        value: f"{name} †" if value in results.limits.unmeasurable else name
        for value, name in results.asked.values.items()
    }


def key_to_values(results: Results) -> str:
    """What the rates are that stand in one table; empty where all are as observed, by a judge that may measure them."""
    parts = []
    if results.limits.corrected:
        parts.append("rates are corrected for the judge's errors, and cut at 0 and 100")
    if results.limits.unmeasurable:
        parts.append("† the judge is known not to measure the value: a rate of its labels, in no comparison")
    return "; ".join(parts)


def _rounded_percent(rate: Figure | None) -> str:
    return NOTHING if rate is None else f"{100 * rate.estimate:.0f}"


def surviving_sheet(results: Results, most: int | None) -> Sheet | None:
    """The contrasts that are different, largest first, at most ``most`` of them."""
    return _surviving(results, results.contrasts, "Significant differences, in percentage points", most)


def refusal_sheets(results: Results, most: int | None) -> list[Sheet]:
    """Which models refuse more: a difference of its own kind."""
    title = "Significant differences in refusing, in percentage points"
    sheet = _surviving(results, results.refusals, title, most)
    return [] if sheet is None else [sheet]


def by_value_sheet(results: Results) -> Sheet | None:
    """How the contrasts of each value came out, and what is open."""
    table = results.contrasts
    if not table.contrasts:
        return None
    rows = []
    for value, name in results.compared.items():
        mine = [each for each in table.contrasts if each.value == value]
        kinds = [[each for each in mine if each.verdict.startswith(word)] for word in ("different", "no", "cannot")]
        more = _middle([each.more_questions for each in kinds[2]])
        least = _middle([each.detectable for each in mine])
        rows.append(
            (
                name,
                *(str(len(kind)) for kind in kinds),
                NOTHING if more is None else f"{more:.0f}" if more else ENOUGH,
                NOTHING if least is None else f"{100 * least:.0f}",
            )
        )
    return Sheet(
        f"What the {count(len(mine), 'pair')} of models came to, by value",
        ("value", "different", "alike", "inconclusive", "more questions", "detectable"),
        tuple(rows),
        f"alike: no difference larger than {100 * table.margin:.0f} points; inconclusive: neither; more questions: "
        "the median that an inconclusive pair needs, on new topics, to show a difference that large ('enough': none; "
        "the difference lies too near that size to be called either way); detectable: the median difference, in "
        "points, that these questions find four times in five",
    )


def _surviving(results: Results, table: ContrastTable, title: str, most: int | None) -> Sheet | None:
    significant = table.surviving
    if not significant:
        return None
    largest = significant[:most]
    rest = largest_of(len(largest), len(significant))
    return Sheet(
        title,
        ("on", "more", "less", "difference", "q"),
        tuple(_contrast(results, each) for each in largest),
        f"{rest}95 % intervals, adjusted for selection; q ≤ {LEVEL} over {table.tested} tests",
        words=3,
        intervals=_over(results),
    )


def _over(results: Results) -> str:
    return generalise(results.intervals.averages, results.intervals.wording_share)


def _contrast(results: Results, contrast: Contrast) -> tuple[str, ...]:
    more, less, difference = contrast.ordered
    names = heads(results)
    value = "refusing" if contrast.value == REFUSAL else results.asked.values[contrast.value]
    return value, names[more], names[less], points(difference), p_value(contrast.q_value)


def _by_value(results: Results, cell: Callable[[ModelProfile, str], str]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (name, *(cell(profile, value) for profile in results.profiles)) for value, name in value_names(results).items()
    )


def _row(name: str, cells: Sequence[str]) -> tuple[str, ...]:
    return (name, *cells)


def _worst_case(profile: ModelProfile) -> str:
    moves = [
        max(each.worst_case.most - each.rate.estimate, each.rate.estimate - each.worst_case.least)
        for each in profile.values.values()
        if each.worst_case is not None and each.rate is not None
    ]
    return f"{100 * max(moves):z.0f}" if moves else NOTHING


def _middle(numbers: Sequence[float | None]) -> float | None:
    known = sorted(each for each in numbers if each is not None)
    return known[len(known) // 2] if known else None
