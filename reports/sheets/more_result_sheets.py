"""The tables beyond the profiles and contrasts: strength, distances, reliability, structure, priming, questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...domain.texts.counting import count, verb
from ...evaluation.models.contrasts import LEVEL
from ...results.reliability.reliability_types import Alpha
from ...results.result_types import Results, Strength
from .figure_text import NOTHING, around, generalise, number, p_value, percent, points, with_interval
from .result_sheets import heads
from .sheet import Sheet

BEST_QUESTIONS = 10

STATISTIC_NAMES = {
    "quadratic": "G per question, unbiased",
    "profiles": "profiles, double-centred",
    "raw_profiles": "raw profiles *",
}

MISLEADING = 0.2
"""A map with more misfit (stress) is not to be trusted."""


def strength_sheets(results: Results) -> list[Sheet]:
    """Bradley–Terry strengths, win rates, and skill ratings where there are any."""
    if not results.strengths:
        return []
    sheets = [
        _matrix(
            results,
            "Relative strength, Bradley–Terry, log-odds ± half the 95 % interval, or [interval]",
            lambda each: around(each.strength, 1.0, "+z.1f"),
            "0 is the average model; 1 more means odds of 2.7 to 1 that it is this model that expresses the value "
            "where only one of two does",
            interval=True,
        ),
        _matrix(
            results,
            "Win rates, % of decided comparisons ± half the 95 % interval, or [interval]",
            lambda each: percent(each.win_rate),
            "mean over the other models; where there is no interval fewer than five topics decide anything",
            interval=True,
        ),
    ]
    if any(each.skill is not None for each in results.strengths):
        sheets.append(_matrix(results, "Skill ratings (25 is the start)", lambda each: number(each.skill, "z.1f"), ""))
    spreads = [each.skill_order_spread for each in results.strengths if each.skill_order_spread is not None]
    order = f" The order of the matches alone moves a rating by up to {max(spreads):.1f} (SD)." if spreads else ""
    sheets[-1] = replace(sheets[-1], note=f"{results.skill_note}{order}")
    return sheets


def distance_sheets(results: Results) -> list[Sheet]:
    """The distances of all pairs, and the order in which the tree joins the models."""
    names = heads(results)
    between = {frozenset((each.first, each.second)): each for each in results.distances if each.distance is not None}
    if not between:
        return []

    def cell(one: str, other: str) -> str:
        distance = between.get(frozenset((one, other)))
        if one == other or distance is None or distance.distance is None:
            return NOTHING
        return f"{distance.distance.estimate:.2f}" + (
            "!" if distance.q_value is not None and distance.q_value <= LEVEL else ""
        )

    models = list(names)
    misfit = results.map.misfit if results.map is not None else None
    sheets = [
        Sheet(
            "Distances between models, square root of the divergence in bits",
            ("model", *names.values()),
            tuple((names[one], *(cell(one, other) for other in models)) for one in models),
            f"! the two answer differently as a whole (permutation test, q ≤ {LEVEL}). 0 means no more apart than "
            "chance puts them"
            + (
                ""
                if misfit is None
                else f". Misfit of the map: {misfit:.2f}, {'which misleads' if misfit > MISLEADING else 'fair'}"
            ),
        )
    ]
    if results.tree is not None:
        groups: list[tuple[str, ...]] = [(name,) for name in results.tree.models]
        rows = []
        for one, other, apart, _ in results.tree.merges:
            rows.append((_together(groups[one], names), _together(groups[other], names), f"{apart:.2f}"))
            groups.append((*groups[one], *groups[other]))
        title = "Which models lie nearest: joined one after the other, by mean distance"
        sheets.append(Sheet(title, ("these", "and these", "at"), tuple(rows), words=2))
    return sheets


def reliability_lines(results: Results) -> list[str]:
    """What the tables of reliability come to: whether the judge sees models differ, and what style explains of it."""
    found = results.reliability
    lines = {"Reliability": found.split_half_verdict, "Style": found.style_verdict}
    return [f"{name}: {line}." for name, line in lines.items() if line]


def reliability_sheets(results: Results) -> list[Sheet]:
    """Split halves, alphas, variance shares and structure."""
    reliability, over = results.reliability, generalise(results.intervals.averages)
    sheets: list[Sheet] = []
    if reliability.split_half is not None:
        rows = [
            (
                STATISTIC_NAMES[name],
                number(one.observed, "+z.2f"),
                _null(one.shuffled_mean, one.shuffled_high),
                _null(one.random_mean, one.random_high),
            )
            for name, one in reliability.split_half.correlations.items()
        ]
        note = (
            "Mean (95th percentile) of shuffled models, and of random weights on the words of the same answers. "
            "* not corrected for base rates: high whether or not models differ"
        )
        columns = ("statistic", "observed", "shuffled models", "random judges")
        questions = count(reliability.split_half.questions, "question")
        judges = count(reliability.split_half.random_judges, "random judge")
        title = f"Split-half correlations over {questions}, beside shuffled models and {judges}"
        sheets.append(Sheet(title, columns, tuple(rows), note))
    if reliability.alpha:
        alphas = [(results.asked.values[value], *_alpha(each)) for value, each in reliability.alpha.items()]
        title = f"Cronbach's alpha over parcels of topics, {count(reliability.alpha_models, 'model')}"
        note = "standard error of measurement: of one model's rate, in points, if other topics were drawn"
        columns = ("value", "alpha", "95 % interval", "standard error")
        sheets.append(Sheet(title, columns, tuple(alphas), note, intervals=over))
    if reliability.variance:
        shares = [
            (each.name, _share(each.share, "z.1f"), _share(each.standard_error, "z.1f"))
            for each in reliability.variance
        ]
        note = "– : not estimable with this design; a share slightly below 0 is one near 0"
        title = "Where the variance lies, % of all"
        sheets.append(Sheet(title, ("source", "share", "standard error"), tuple(shares), note))
    return sheets + _structure(results)


def priming_sheets(results: Results) -> list[Sheet]:
    """What telling a model to hold a value did."""
    names = heads(results)
    rows = tuple(
        (results.asked.values[each.value], each.kind, names[each.model], _share(each.baseline), _share(each.primed),
         points(each.effect), number(each.cohen_h, "+z.2f"), p_value(each.q_value))
        for each in results.priming
        if each.primed is not None
    )  # fmt: skip
    if not rows:
        return []
    note = (
        "own: the value itself, should rise; opposite: the mean of its opposites, should fall; others: all the rest; "
        "h: Cohen's, 0.2 small, 0.8 large"
    )
    over = generalise(results.intervals.averages)
    columns = ("told to hold", "rate of", "model", "before", "primed", "effect", "h", "q")
    return [Sheet("Priming, rates in %, effects in percentage points", columns, rows, note, words=3, intervals=over)]


def question_sheets(results: Results) -> list[Sheet]:
    """How far the questions separate the models, and how varied they are as text."""
    return [sheet for sheet in (separating_sheet(results, BEST_QUESTIONS), _text_sheet(results)) if sheet is not None]


def separating_sheet(results: Results, most: int) -> Sheet | None:
    """The ``most`` questions of largest divergence; None where none could be estimated."""
    divergences = results.divergences
    rows = tuple(
        (
            each.text,
            around(each.divergence, 1.0, "z.3f"),
            p_value(each.p_value),
            p_value(each.q_value),
            str(each.models),
        )
        for each in divergences.questions[:most]
        if each.divergence is not None
    )
    if not rows:
        return None
    few = f"{divergences.unscored} {verb(divergences.unscored, 'has', 'have')} too few answers"
    note = (
        f"{divergences.separating} of {count(divergences.tested, 'question')} "
        f"{verb(divergences.separating, 'has', 'have')} q ≤ {LEVEL}; {few}"
    )
    if divergences.mean is not None:
        note = (
            f"Mean {with_interval(divergences.mean)} bits over {count(divergences.mean.questions, 'question')}; {note}"
        )
    over = generalise(results.intervals.one_question)
    if divergences.mean is not None:
        over = f"{over}, that of the mean over {' and '.join(results.intervals.averages[:2])} too"
    columns = ("question", "D*, bits", "p", "q", "models")
    return Sheet("The most separating questions", columns, rows, note, intervals=over)


def _text_sheet(results: Results) -> Sheet | None:
    if results.text is None:
        return None
    sides = (results.text.questions, results.text.seeds)
    figures = (
        ("words each", [number(each.words, ".1f") for each in sides]),
        ("Self-BLEU, less is more varied", [number(each.self_bleu) for each in sides]),
        ("Dist-2, more is more varied", [number(each.distinct_pairs) for each in sides]),
    )
    title = f"The questions as texts, beside the framework's seed topics, {sides[0].count} of each"
    return Sheet(title, ("", "questions", "seeds"), tuple((name, *cells) for name, cells in figures))


def _matrix(
    results: Results, title: str, cell: Callable[[Strength], str], note: str, *, interval: bool = False
) -> Sheet:
    by_place = {(each.model, each.value): each for each in results.strengths}
    names = heads(results)
    rows = tuple((name, *(cell(by_place[model, value]) for model in names)) for value, name in results.compared.items())
    over = generalise(results.intervals.averages) if interval else ""
    return Sheet(title, ("value", *names.values()), rows, note, intervals=over)


def _null(mean: float | None, high: float | None) -> str:
    return f"{number(mean, '+z.2f')} ({number(high, '+z.2f')})"


def _together(models: tuple[str, ...], names: dict[str, str]) -> str:
    return ", ".join(names[model] for model in models)


def _alpha(alpha: Alpha) -> tuple[str, str, str]:
    error = _share(alpha.standard_error, "z.1f")
    if alpha.alpha is None:
        return NOTHING, NOTHING, error
    interval = alpha.alpha.interval
    return (
        number(alpha.alpha.estimate),
        NOTHING if interval is None else f"[{interval[0]:z.2f}, {interval[1]:z.2f}]",
        error,
    )


def _share(rate: float | None, form: str = "z.0f") -> str:
    return NOTHING if rate is None else f"{100 * rate:{form}}"


def _structure(results: Results) -> list[Sheet]:
    structure = results.structure
    if structure is None:
        return []
    rows = tuple(
        (str(step), number(each, "+z.2f"))
        for step, each in enumerate(structure.by_distance, start=1)
        if each is not None
    )
    if not rows:
        return []
    verdict = "unknown: too few values vary"
    if structure.fit is not None:
        low, high = structure.fit.interval or (None, None)
        interval = "" if low is None else f" [{low:z.2f}, {high:z.2f}]"
        fit = f"{structure.fit.estimate:+z.2f}{interval}, p {p_value(structure.p_value)}"
        verdict = f"{fit} (-1 follows the theory, 0 does not)"
    title = "Structure: mean correlation of two values, by their steps apart on the theory's circle"
    over = "" if structure.fit is None else generalise(results.intervals.averages)
    return [Sheet(title, ("steps", "correlation"), rows, f"Fit to the circle: {verdict}", intervals=over)]
