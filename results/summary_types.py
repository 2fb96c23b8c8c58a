"""The summaries of a run and of an import: what ``--json`` prints beside the results."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ..domain.forecast import Forecast
from ..domain.record import Record
from ..records.folder import ForkOf
from ..records.recorded_answers import RecordedSource
from .call_statistics import CallStatistics
from .grown_and_seeds import Estimate, SeedComparison
from .judges.judge_results import Agreement, QuadraticDivergence
from .spending import SpentRow


class Rate(Record):
    """How often a model expresses a value: share of its judged answers, every question weighing alike."""

    rate: float
    interval: tuple[float, float] | None


class RunProfile(Record):
    """A member's expression rates on the evaluated grown questions, by value id: those of ``Results.rates``."""

    member: str
    group: str
    answers: int
    missing: int
    rates: dict[str, Rate]


class RecordedProfile(Record):
    """A model's expression rates by value id, those of ``Results.rates``, and how many words an answer has."""

    model: str
    answers: int
    missing: int
    words: float | None
    rates: dict[str, Rate]


class FolderSummary(Record):
    """What any folder is, and how it was made."""

    run_id: str
    folder: str
    status: str
    stop_reason: str
    simulator_version: str | None
    seed: int
    framework: str
    judge: str
    values: dict[str, str]
    notices: tuple[str, ...]
    files: dict[str, str]


class RunSummary(FolderSummary, CallStatistics):
    """What a run has beside the results: its search, its budget, grown questions against seeds."""

    simulated: bool
    rounds: int
    moves: dict[str, int]
    duplicates_refused: int
    drafts_refused: dict[str, int] = Field(default_factory=dict)
    questions_confirmed: int
    topics_confirmed: int
    separating: int
    questions_published: int
    topics_published: int
    separating_published: int
    questions_linked: int
    confirmed: Estimate | None
    shrinkage: Estimate | None
    comparisons: tuple[SeedComparison, ...]
    profiles: tuple[RunProfile, ...]
    agreement: Agreement | None
    quadratic: QuadraticDivergence | None
    best: tuple[dict[str, Any], ...]
    forecast: Forecast | None
    spent: tuple[SpentRow, ...]
    warnings: dict[str, int]
    replay_of: str
    fork: ForkOf | None = None


class ImportSummary(FolderSummary):
    """What an import has beside the results. Divergences in bits, as observed through the judge.

    ``missing`` counts what enters no figure, by reason; ``unscored`` counts questions without a score, and those with a
    score of fewer models, by reason; ``warnings`` counts the questions that carry each.
    """

    simulated_judge: bool
    recorded: RecordedSource
    judged: int
    missing: dict[str, int]
    no_divergence: str
    divergence: Estimate | None
    separating: int
    tested: int
    unscored: dict[str, int]
    warnings: dict[str, int]
    best: tuple[dict[str, Any], ...]
    profiles: tuple[RecordedProfile, ...]
    calls: int
    seconds: float
