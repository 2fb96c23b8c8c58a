"""Which questions somebody wants to see, and in which order: pure functions over a ``QuestionTable``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ...domain.errors import InputError
from .question_rows import QuestionRow, QuestionTable, Rates

ROW_COLUMNS: dict[str, Callable[[QuestionRow], Any]] = {
    "question": lambda row: row.text.casefold(),
    "topic": lambda row: row.topic.casefold(),
    "area": lambda row: row.area,
    "status": lambda row: row.status,
    "rank": lambda row: row.rank,
    "divergence": lambda row: row.divergence,
    "q": lambda row: row.q_value,
    "missing": lambda row: row.missing,
}
"""What rows are sorted by, beside ``APART``; None comes last either way round."""

APART = "apart"
"""Sorts by the figure that the chosen models and value ask for."""

FALLING = ("divergence", "missing", APART)
"""Columns whose large figures come first unless the other way is asked for."""


@dataclass(frozen=True)
class RowChoice:
    """What is asked for; an empty name leaves that open.

    ``words`` must all be in the question, its fact, its topic or its id. ``model``, ``against`` and ``value`` choose
    the figure of each row (``figures``). ``most_q``: at most this q-value. ``sort`` names a column, with a minus sign
    for the other way round.
    """

    words: str = ""
    area: str = ""
    region: str = ""
    origin: str = ""
    status: str = ""
    rated_in: str = ""
    model: str = ""
    against: str = ""
    value: str = ""
    most_q: str = ""
    sort: str = ""

    def with_(self, **changes: str) -> RowChoice:
        """The same with some of it changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class ChosenRows:
    """``places`` of rows in order; ``figures`` (Q,) what the choice asks for, NaN where unknown, None for nothing.

    ``without`` rows fit but for their figure, which they lack. ``about`` says what the figures are.
    """

    places: tuple[int, ...]
    figures: Rates | None
    about: str
    without: int


def read_choice(given: Mapping[str, str]) -> RowChoice:
    """From named texts; names that mean nothing here are left alone."""
    known = {field.name for field in fields(RowChoice)}
    return RowChoice(**{name: text.strip() for name, text in given.items() if name in known})


def choose_rows(table: QuestionTable, choice: RowChoice) -> ChosenRows:
    """The rows that fit. Raises ``InputError`` for a model, a value, a column or a number that is none."""
    figures, about = figures_of(table, choice)
    words = choice.words.casefold().split()
    most_q = _number(choice.most_q)
    exact = [(name, getattr(choice, name)) for name in ("area", "region", "origin", "status", "rated_in")]
    exact = [(name, wanted) for name, wanted in exact if wanted]
    fitting = [
        place
        for place, row in enumerate(table.rows)
        if all(getattr(row, name) == wanted for name, wanted in exact)
        and (most_q is None or (row.q_value is not None and row.q_value <= most_q))
        and all(word in row.words for word in words)
    ]
    known = fitting if figures is None else [place for place in fitting if not np.isnan(figures[place])]
    return ChosenRows(_sorted(table, known, figures, choice), figures, about, len(fitting) - len(known))


def figures_of(table: QuestionTable, choice: RowChoice) -> tuple[Rates | None, str]:
    """For each row a rate in [0, 1] or a difference of rates, and in words what it is.

    A model and a value: its rate. Two models and a value: first minus second. Two models: the largest difference on
    any value, without a sign. A value alone: the largest difference between any two models.
    """
    model = _place(choice.model, table.models, "model")
    against = _place(choice.against, table.models, "model")
    value = _place(choice.value, tuple(table.values), "value")
    name = table.values.get(choice.value, "")
    rates = table.rates
    if model is None and against is not None:
        model, against = against, None
        choice = choice.with_(model=choice.against, against="")
    if model is not None and against is not None and model != against:
        apart = rates[:, model] - rates[:, against]
        if value is not None:
            return apart[:, value], f"{choice.model} − {choice.against} on {name}, points"
        return _largest(np.abs(apart)), f"largest difference of {choice.model} and {choice.against}, points"
    if model is not None and value is not None:
        return rates[:, model, value], f"rate of {choice.model} on {name}, %"
    if value is not None:
        of_value = rates[:, :, value]
        return _largest(of_value) + _largest(-of_value), f"largest difference between models on {name}, points"
    return None, ""


def _largest(figures: Rates) -> Rates:
    """The largest along the last axis, NaN where all are."""
    if not figures.shape[-1]:
        return np.full(figures.shape[:-1], np.nan)
    largest = np.where(np.isnan(figures), -np.inf, figures).max(axis=-1)
    return np.where(np.isinf(largest), np.nan, largest)


def _sorted(table: QuestionTable, places: list[int], figures: Rates | None, choice: RowChoice) -> tuple[int, ...]:
    column = choice.sort.removeprefix("-")
    if not column or (column == APART and figures is None):
        column = APART if figures is not None else "divergence"
    if column == APART:
        assert figures is not None
        keyed: list[tuple[Any, int]] = [(abs(float(figures[place])), place) for place in places]
    elif column in ROW_COLUMNS:
        keyed = [(ROW_COLUMNS[column](table.rows[place]), place) for place in places]
    else:
        raise InputError(f"no column is called {column!r} — take one of {', '.join((*ROW_COLUMNS, APART))}")
    falling = (column in FALLING) != choice.sort.startswith("-")
    known = sorted([each for each in keyed if each[0] is not None], key=lambda each: each[0], reverse=falling)
    return (*(place for _, place in known), *(place for key, place in keyed if key is None))


def _place(name: str, names: tuple[str, ...], what: str) -> int | None:
    if not name:
        return None
    if name not in names:
        raise InputError(f"no {what} here is called {name!r} — choose one of {', '.join(names)}")
    return names.index(name)


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = float("nan")
    if not 0 <= number <= 1:
        raise InputError(f"a q-value is a number from 0 to 1, not {text!r}")
    return number
