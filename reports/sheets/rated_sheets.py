"""The tables of imported ratings as plain cells, for the terminal and for Markdown; cells may be hostile text."""

from __future__ import annotations

from ...domain.texts.counting import count
from ...domain.texts.safe_text import one_line
from ...evaluation.models.contrasts import LEVEL
from ...results.models.rated_types import RatedResults, RatedValue
from ...results.result_types import Contrast
from .figure_text import counts, headings, largest_of, p_value, percent, points
from .sheet import Sheet

MOST_SCORE_ROWS = 12
"""Values, and differences, that are shown where not all are wanted."""


def rated_sheets(results: RatedResults, most: int | None = None) -> list[Sheet]:
    """Scores by value, what is missing, and the significant differences; at most ``most`` rows of the first and last.

    The values with the most items come first where not all are shown.
    """
    sheets = [_scores(results, most), _missing(results), _differences(results, most)]
    return [sheet for sheet in sheets if sheet is not None]


def rated_lines(results: RatedResults) -> tuple[str, ...]:
    """Whose ratings of what, and what is missing."""
    asked, source = results.asked, results.asked.source
    low, high = source.scale
    rated = sum(model.rated for model in asked.models)
    key = headings([model.id for model in asked.models])
    lines = [
        f"{count(rated, 'rating')} from {low:g} to {high:g} by {count(len(asked.models), 'model')} of "
        f"{count(asked.items, 'item')}, on {count(len(asked.values), 'value')}"
        f"{f' of {one_line(source.framework)}' if source.framework else ''}, from {one_line(source.file)}; no model "
        "was called, and no judge.",
        f"Items without a value, which enter no figure: {asked.untagged}.",
    ]
    if any(head != model for model, head in key.items()):
        lines.append("; ".join(f"{head} {one_line(model)}" for model, head in key.items()))
    return tuple(lines)


def rated_closing(results: RatedResults) -> str:
    """Where the ratings came from, by digest."""
    return f"Source: {results.asked.source.file}, sha256 {results.asked.source.sha256}."


def _scores(results: RatedResults, most: int | None) -> Sheet:
    values = sorted(results.asked.values, key=lambda value: -value.items) if most else list(results.asked.values)
    shown = values[:most]
    more = f"{len(shown)} of {len(values)} values, those with the most items; --full shows all. "
    left = more if len(values) > len(shown) else ""
    return Sheet(
        "Scores, % of the scale ± half the 95 % interval, or [interval]; items weigh alike",
        ("value", "items", *_heads(results).values()),
        tuple((value.name, str(value.items), *_row(results, value)) for value in shown),
        f"{left}100: every item was answered as the value would have it; items keyed against it are turned round",
    )


def _row(results: RatedResults, value: RatedValue) -> tuple[str, ...]:
    return tuple(percent(profile.values[value.id].rate) for profile in results.profiles)


def _missing(results: RatedResults) -> Sheet | None:
    if not any(model.missing for model in results.asked.models):
        return None
    rows = tuple((model.id, str(model.rated), counts(model.missing)) for model in results.asked.models)
    return Sheet("Ratings that enter no figure", ("model", "rated", "missing"), rows)


def _differences(results: RatedResults, most: int | None) -> Sheet | None:
    surviving = results.contrasts.surviving
    if not surviving:
        return None
    largest = surviving[:most]
    names = {value.id: value.name for value in results.asked.values}
    return Sheet(
        "Significant differences, in points of 100",
        ("on", "more", "less", "difference", "q"),
        tuple(_contrast(each, names, _heads(results)) for each in largest),
        f"{largest_of(len(largest), len(surviving))}95 % intervals, adjusted for selection; q ≤ {LEVEL} over "
        f"{results.contrasts.tested} tests",
        words=3,
    )


def _contrast(contrast: Contrast, names: dict[str, str], heads: dict[str, str]) -> tuple[str, ...]:
    more, less, difference = contrast.ordered
    return names[contrast.value], heads[more], heads[less], points(difference), p_value(contrast.q_value)


def _heads(results: RatedResults) -> dict[str, str]:
    return headings([model.id for model in results.asked.models])
