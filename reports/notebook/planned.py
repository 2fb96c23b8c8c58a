"""A forecast that shows itself."""

from __future__ import annotations

from dataclasses import dataclass

from ...domain.forecast import Forecast
from ..terminal.forecast_table import forecast_tables
from .as_html import printed_html, printed_text


@dataclass(frozen=True, repr=False)
class Plan:
    """What a run would spend. ``forecast`` has the figures: calls, tokens, cost and seconds, by step and by member."""

    forecast: Forecast

    def __repr__(self) -> str:
        return printed_text(forecast_tables(self.forecast))

    def _repr_html_(self) -> str:
        return printed_html(forecast_tables(self.forecast))
