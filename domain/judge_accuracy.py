"""How well a judge agrees with people, as ``adaem judge train`` and ``check`` measured it (METHOD.md section 4)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field, model_validator

from .record import Record

JUDGE_FORMAT = "adaem local judge"
JUDGE_FORMAT_VERSION = 2


class Figure(Record):
    """An estimate with its 95 % interval; None where the data allow none."""

    estimate: float
    interval: tuple[float, float] | None = None

    @property
    def negated(self) -> Figure:
        """The same with the other sign."""
        low, high = self.interval or (0.0, 0.0)
        return Figure(estimate=-self.estimate, interval=self.interval and (-high, -low))


RatesBy = Literal["labels", "probabilities"]

RATE_ANSWERS = 200
"""Of so many answers is the rate whose error says whether labels or probabilities correct better."""


class ProbabilityAccuracy(Record):
    """How a judge's probabilities of one value stand to people's labels: what sensitivity and J are for its own labels.

    present, absent   mean probability of the rows that express the value, and of the others, in [0, 1]
    variances         of the two means, cluster-robust
    separation        present - absent: by which a difference between two mean probabilities is too small
    label_error, error   the standard error of a corrected rate of ``RATE_ANSWERS`` answers like these rows, by the
                      judge's labels and by its probabilities, the uncertainty of all these figures included; None where
                      nothing can be corrected
    """

    present: float = Field(ge=0, le=1)
    absent: float = Field(ge=0, le=1)
    variances: tuple[float, float]
    separation: Figure
    label_error: float | None
    error: float | None

    @model_validator(mode="after")
    def _check_figures(self) -> Self:
        if not all(0 <= each < math.inf for each in self.variances):
            raise ValueError("variances are 0 or more")
        if not all(math.isfinite(each) for each in (self.separation.estimate, *(self.separation.interval or ()))):
            raise ValueError("the separation is a number")
        return self


class ValueAccuracy(Record):
    """One value's figures. None where nothing can be said: no row that expresses it, or none that does not.

    sensitivity, specificity   shares of the expressing, and of the other rows, that the judge calls right
    variances      of sensitivity and specificity, cluster-robust
    youden         J = sensitivity + specificity - 1
    f1, auc        AUC only where the judge gives scores; F1 at a local judge's own thresholds for it
    measurable     the lower bound of J is at least 0.5: rates may be corrected
    probabilities  None where the judge gives none
    """

    positives: int = Field(ge=0)
    negatives: int = Field(ge=0)
    found: int = Field(ge=0)
    sensitivity: Figure | None
    specificity: Figure | None
    variances: tuple[float, float] | None
    youden: Figure | None
    f1: Figure | None
    auc: Figure | None = None
    measurable: bool
    probabilities: ProbabilityAccuracy | None = None

    @model_validator(mode="after")
    def _check_figures(self) -> Self:
        """A file of figures may come from anybody, and rates are divided by them."""
        for share in (self.sensitivity, self.specificity):
            if share is not None and not all(0 <= each <= 1 for each in (share.estimate, *(share.interval or ()))):
                raise ValueError("sensitivity and specificity lie between 0 and 1")
        if self.variances is not None and not all(0 <= each < math.inf for each in self.variances):
            raise ValueError("variances are 0 or more")
        if self.youden is not None and not all(
            math.isfinite(each) for each in (self.youden.estimate, *(self.youden.interval or ()))
        ):
            raise ValueError("J is a number")
        return self


class ErrorDifference(Record):
    """Whether the judge errs more on one model's texts than on another's, for one value and kind of error.

    ``rates`` are the models' error rates; ``p_value`` permutes models over rows, ``q_value`` is over all such tests.
    """

    value: str
    error: Literal["missed", "false alarm"]
    rates: dict[str, float]
    p_value: float
    q_value: float


class JudgeAccuracy(Record):
    """One judge's agreement with labelled rows.

    judge, mode    who was checked, and in which mode an LLM judge asked ("" for a local one)
    key_points     texts in each row; 0 where that varies. Figures hold for answers with as many key points only
    groups         clusters of rows that share a source; they are the unit of every interval
    left_out       rows that count in no figure, by reason
    weighted       rows count by their weights: by how many answers each was drawn to stand for
    rates_by       whether rates and differences are corrected from the judge's labels or from its probabilities: from
                   what errs less (``smaller_errors``)
    differences    only where the rows say which model wrote them
    measured_by    "check": on texts named for it; "training": by a local judge's own training, on folds of sources that
                   were left out. These say what it cannot measure and correct nothing: they are other texts
    """

    judge: str
    mode: str
    simulated: bool
    framework: str
    data_sha256: str
    rows: int = Field(ge=0)
    groups: int = Field(ge=0)
    key_points: int = Field(ge=0)
    weighted: bool = False
    rates_by: RatesBy = "labels"
    left_out: dict[str, int]
    macro_f1: Figure | None
    macro_auc: Figure | None = None
    values: dict[str, ValueAccuracy]
    differences: tuple[ErrorDifference, ...] = ()
    measured_by: Literal["check", "training"] = "check"

    @property
    def unmeasurable(self) -> tuple[str, ...]:
        """The ids of the values that this judge cannot measure."""
        return tuple(value for value, accuracy in self.values.items() if not accuracy.measurable)


def smaller_errors(values: Iterable[ValueAccuracy]) -> RatesBy:
    """What corrected rates err less by, over all values that the judge measures (over all where it measures none).

    Values weigh alike: the errors' mean ratio is geometric. Labels where probabilities are not known of each value.
    """
    known = list(values)
    counted = [each for each in known if each.measurable] or known
    pairs = [(each.probabilities.label_error, each.probabilities.error) for each in counted if each.probabilities]
    ratios = [math.log(error / labels) for labels, error in pairs if labels and error]
    if not ratios or len(ratios) < len(counted):
        return "labels"
    return "probabilities" if sum(ratios) < 0 else "labels"


class ValueAgreement(Record):
    """How many rows two people gave one value to: ``both``, only the ``first``, only the ``second``.

    ``alpha`` is Krippendorff's: 1 is perfect agreement, 0 what chance gives; None where all labels are alike.
    """

    both: int = Field(ge=0)
    first: int = Field(ge=0)
    second: int = Field(ge=0)
    alpha: Figure | None


class LabelAgreement(Record):
    """The agreement of two people on the ``rows`` that both labelled; ``only_one`` labelled so many others."""

    framework: str
    rows: int = Field(ge=1)
    only_one: int = Field(ge=0)
    values: dict[str, ValueAgreement]


class ValueTraining(Record):
    """One value's figures from cross-validation over folds of whole sources.

    The thresholds that are kept are chosen on all out-of-fold probabilities; for the figures each fold's labels were
    decided by thresholds chosen on the other folds.
    """

    positives: int
    threshold: float = Field(description="probability with the best Youden's J: what every run labels by")
    youden: float = Field(description="J at it")
    f1_threshold: float = Field(description="probability with the best F1")
    precision: float
    recall: float
    f1: float = Field(description="precision, recall and F1 at that")
    auc: float
    f1_of_always: float = Field(description="F1 of labelling every text with the value")


class TrainingReport(Record):
    """What a local judge was trained on, and how well it did on sources that it had not seen.

    ``embedder`` is the name of the embedder that made its features, "" where there is none; ``dimension`` is the length
    of its vectors. ``silent`` is the share of the labelled texts that it takes to say nothing. ``accuracy`` by value is
    that of the labels of the folds at the thresholds that runs use, sources as clusters.
    """

    format: str = JUDGE_FORMAT
    format_version: int = JUDGE_FORMAT_VERSION
    framework: str
    value_ids: tuple[str, ...]
    seed: int
    embedder: str = ""
    embedder_fingerprint: str = ""
    dimension: int = Field(default=0, ge=0)
    data_sha256: str
    read: int
    used: int
    sources: int
    left_out: dict[str, int]
    labels_dropped: dict[str, int]
    features: int
    values: dict[str, ValueTraining]
    accuracy: dict[str, ValueAccuracy]
    macro_f1: float
    macro_auc: float
    macro_f1_of_always: float
    silent: float
