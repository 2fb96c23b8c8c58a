"""What a run is expected to spend, as data: kept with the run, so that it can be held against what was spent."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from .record import Record


class ForecastStep(StrEnum):
    """What members are asked for, in the order of a run."""

    PROPOSE = "propose"
    REFINE = "refine"
    SECOND_LOOK = "second looks"
    JUDGE_QUESTION = "judge questions"
    SEARCH_ANSWERS = "search: answers"
    SEARCH_JUDGEMENTS = "search: judgements"
    CONFIRM_ANSWERS = "confirm: answers"
    CONFIRM_JUDGEMENTS = "confirm: judgements"
    EVALUATE_ANSWERS = "evaluate: answers"
    EVALUATE_JUDGEMENTS = "evaluate: judgements"


class Amount(Record):
    """An expected amount and the range in which it may well lie."""

    expected: float = Field(ge=0)
    low: float = Field(ge=0)
    high: float = Field(ge=0)


class ForecastRow(Record):
    """What one member will spend in one step.

    ``calls`` counts requests, repairs and retries included. ``purpose`` is the one under which its calls are recorded.
    ``cost`` is None without a price. ``seconds`` is how long the member is at work, its limits respected: rough.
    """

    step: ForecastStep
    purpose: str
    member: str
    calls: int = Field(ge=0)
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    cost: float | None = Field(default=None, ge=0)
    seconds: float = Field(ge=0)

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens


class Forecast(Record):
    """What a run will spend under its settings, and what ends its search.

    ``planned_calls`` is the budget as calls, fewer than ``budget.calls`` where tokens or money end sooner.
    ``questions`` are asked in the search, ``confirmed`` of them confirmed, ``evaluated`` compared with as many seeds.
    ``cost`` is that of the members with a price; ``unpriced`` names the real ones without. ``simulated`` names the
    members that are no real models. ``pilot`` is the earlier run that lengths and times were taken from,
    ``timed`` names the members whose times the doctor measured.
    """

    rows: tuple[ForecastRow, ...]
    planned_calls: int
    calls: int
    tokens: Amount
    cost: Amount
    currency: str
    seconds: float
    unpriced: tuple[str, ...] = ()
    simulated: tuple[str, ...] = ()
    ends_by: Literal["rounds", "calls", "tokens", "money", "topics"]
    rounds: int
    questions: int
    confirmed: int
    published: int
    evaluated: int
    pilot: str = ""
    timed: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
