"""Texts with what a judge found in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...domain.answer import Outcome
from ...domain.framework import Framework
from ...domain.judgement import Judgement
from ..sheets.sheet import Sheet
from .as_html import sheet_html
from .frames import untyped_frame

SHOWN_CHARACTERS = 120


@dataclass(frozen=True)
class JudgedTexts:
    """``judgements[n]`` belongs to ``texts[n]``; None where there was nothing to judge (a refusal, say)."""

    texts: tuple[str, ...]
    judgements: tuple[Judgement | None, ...]
    framework: Framework

    @property
    def values(self) -> tuple[frozenset[str] | None, ...]:
        """The ids of the values that each text expresses; None where that is not known."""
        return tuple(
            each.values if each is not None and each.outcome is Outcome.ANSWERED else None for each in self.judgements
        )

    def frame(self) -> Any:
        """One row a text and value as a pandas data frame: ``expressed`` is True, False, or missing; with the quote."""
        rows = [
            {
                "text": place,
                "value": value,
                "expressed": None if values is None else value in values,
                "quote": None if judged is None else next((e.quote for e in judged.labels if e.value == value), None),
            }
            for place, (judged, values) in enumerate(zip(self.judgements, self.values, strict=True))
            for value in self.framework.value_ids
        ]
        return untyped_frame(rows, ("text", "value", "expressed", "quote"))

    def _repr_html_(self) -> str:
        names = {value.id: value.name for value in self.framework.values}
        rows = [
            (
                text[:SHOWN_CHARACTERS],
                "not judged" if values is None else ", ".join(names[each] for each in sorted(values)),
            )
            for text, values in zip(self.texts, self.values, strict=True)
        ]
        return sheet_html(Sheet(f"Values of {self.framework.name}", ("text", "expresses"), tuple(rows), words=2))
