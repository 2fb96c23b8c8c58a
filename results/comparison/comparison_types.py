"""What a comparison of evaluations found, as data; units and None as in ``result_types``."""

from __future__ import annotations

from typing import Literal

from ...domain.judge_accuracy import Figure
from ...domain.record import Record
from ..grown_and_seeds import Estimate
from ..interval_scope import IntervalScope
from ..result_types import ContrastVerdict


class ComparedFolder(Record):
    """One folder. ``name`` is how sentences and tables call it. ``models`` were asked, of which ``seen`` took part in a
    search or judged; ``questions`` were asked in all.

    ``anchors`` of them the baseline asked too, in the same words with the same fact; the rest enters nothing. Of the
    baseline itself ``anchors`` are those that at least one other folder shares.
    """

    name: str
    kind: Literal["run", "evaluation", "import"]
    run_id: str
    created_at: str
    status: str
    simulated: bool
    judge: str
    samples: int
    models: tuple[str, ...]
    seen: tuple[str, ...]
    questions: int
    anchors: int


class RateChange(Record):
    """One value, one model of ``folder`` and one of the baseline, on their anchors: rate in ``folder`` minus baseline.

    With the same model on both sides it is a drift. ``before`` and ``after`` are rates over the anchors that both
    answered. ``q_value`` and ``verdict`` are over everything that the comparison tests. ``detectable`` and
    ``more_questions`` as in ``result_records.Contrast``.
    """

    folder: str
    model: str
    baseline_model: str
    value: str
    before: float | None
    after: float | None
    change: Figure | None
    p_value: float | None
    q_value: float | None
    verdict: ContrastVerdict
    questions: int
    topics: int
    detectable: float | None
    more_questions: int | None

    @property
    def is_drift(self) -> bool:
        """Whether it is one model at two times, not two models."""
        return self.model == self.baseline_model


class DivergenceChange(Record):
    """How far the shared ``models`` lie apart on the anchors, then and now, in bits.

    Only questions on which each of them has two answers on both sides; None where there are no such, or no such models.
    """

    folder: str
    models: tuple[str, ...]
    before: Estimate | None
    after: Estimate | None
    change: Estimate | None


class FolderComparison(Record):
    """Folders against the first. ``values``: names by id, of those that are compared.

    ``sentences`` name only what is significant.

    ``notes``: what else differs between the folders and may be behind a change, and what cannot be said.
    """

    folders: tuple[ComparedFolder, ...]
    values: dict[str, str]
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    changes: tuple[RateChange, ...]
    tested: int
    margin: float
    divergences: tuple[DivergenceChange, ...]
    intervals: IntervalScope = IntervalScope()

    def surviving(self, *, drift: bool) -> tuple[RateChange, ...]:
        """Drifts, or contrasts between models, that are different: largest first."""
        significant = [each for each in self.changes if each.verdict == "different" and each.is_drift is drift]
        return tuple(sorted(significant, key=lambda each: -abs(each.change.estimate) if each.change else 0.0))
