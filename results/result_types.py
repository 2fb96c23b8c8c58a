"""The results of an evaluation as data: what the terminal, Markdown, the page, ``--json`` and notebooks show.

Everywhere: shares and rates lie in [0, 1]; intervals are 95 % with topics as the unit; divergences are in bits and
distances in their square root. All is as observed through the judge, but for what ``Results.limits`` says is corrected.
None means that nothing can be said, and ``Results.notes`` says why. Models and values are named by id;
``Design.values`` has the values' names. Ids, texts and outcomes come from models and files: hostile text, to be shown
through ``reports.plain_text``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..domain.judge_accuracy import Figure
from ..domain.record import Record
from .grown_and_seeds import Estimate
from .interval_scope import IntervalScope
from .judges.judge_limits import JudgeLimits
from .reliability.reliability_types import PrimingEffect, ReliabilityFigures, StructureFigures

ContrastVerdict = Literal["different", "no difference larger than the margin", "cannot be settled"]

REFUSAL = "refusal"
"""Stands for the value in a contrast of refusal rates."""


class ModelCounts(Record):
    """One model. ``answers`` were judged and enter the figures; ``missing`` counts the rest by what became of them.

    ``questions`` were asked and answered at least once, ``unanswered`` are those without an answer, which its figures
    leave out. ``seen``: it took part in the search, or judged. ``words``: mean length of a judged answer. ``system`` is
    the system prompt under which it answered, "" without one.
    """

    id: str
    seen: bool
    answers: int
    missing: dict[str, int]
    questions: int
    unanswered: int
    words: float | None = None
    system: str = ""
    system_sha256: str = ""


class Design(Record):
    """What was asked of whom. ``samples``: the most answers of one model to one question in one wording.

    ``status`` is the manifest's. ``simulated``: respondents are simulated (in an import: the judge is). ``primed``
    values have answers of their own, which enter nothing but ``Results.priming``. ``labels`` of the judge hold;
    ``labels_dropped`` do not: their quote is not in the answer, or there is no such value.
    """

    kind: Literal["run", "evaluation", "import"]
    source: str
    status: str
    simulated: bool
    simulator_version: str | None
    framework: str
    judge: str
    values: dict[str, str]
    circle: tuple[str, ...]
    models: tuple[ModelCounts, ...]
    questions: int
    topics: int
    samples: int
    wordings: tuple[str, ...]
    primed: tuple[str, ...]
    answers: int
    missing: dict[str, int]
    labels: int = 0
    labels_dropped: int = 0


class WorstCase(Record):
    """A rate's bounds, had every refused answer expressed the value never (``least``) or always (``most``)."""

    least: float
    most: float
    interval: tuple[float, float] | None


class ValueRate(Record):
    """How often one model expresses one value. ``centred``: minus the model's mean over values, in [-1, 1].

    ``worst_case`` is None where nothing was refused. These are as observed; ``corrected`` is the rate corrected for the
    judge's errors, None where it is not (``Results.limits`` says why).
    """

    rate: Figure | None
    centred: Figure | None
    worst_case: WorstCase | None
    corrected: Figure | None = None

    @property
    def best(self) -> Figure | None:
        """The corrected rate where there is one, else the observed."""
        return self.rate if self.corrected is None else self.corrected


class ModelProfile(Record):
    """One model's rates by value id, and the share of its answers that it refused."""

    model: str
    values: dict[str, ValueRate]
    refusal: Figure | None


class Contrast(Record):
    """One pair of models on one value, or on refusal: first minus second over the questions that both answered.

    ``difference`` is corrected for the judge's errors where ``Results.limits`` says so; ``observed`` is it as the judge
    sees it, with its 95 % interval. Where the verdict is "different" the interval of ``difference`` is adjusted for its
    selection (``ContrastTable.selected_level``). ``verdict`` holds after control of false discoveries over all pairs x
    values. ``detectable``: the least difference that this evaluation would find four times in five. ``more_questions``:
    to add, in new topics, so that a difference as large as the margin would be found; 0 where settled.
    """

    first: str
    second: str
    value: str
    difference: Figure | None
    observed: Figure | None
    p_value: float | None
    q_value: float | None
    verdict: ContrastVerdict
    questions: int
    topics: int
    detectable: float | None
    more_questions: int | None

    @property
    def ordered(self) -> tuple[str, str, Figure | None]:
        """The model with more, the one with less, and by how much; as it stands where the difference is not known."""
        if self.difference is not None and self.difference.estimate < 0:
            return self.second, self.first, self.difference.negated
        return self.first, self.second, self.difference


class ContrastTable(Record):
    """All pairs x values that are compared, in the order of models and values; and how many came out how.

    ``tested`` counts the tests behind the q-values: those of saturated values among them, though they are not shown.
    ``selected_level``: of the intervals of those that are different; one in twenty of these misses, on average.
    ``more_questions``: the median over the unsettled ones, None where unknown.
    """

    contrasts: tuple[Contrast, ...]
    different: int
    alike: int
    unsettled: int
    tested: int
    margin: float
    more_questions: int | None
    selected_level: float = 0.95

    @property
    def settled(self) -> int:
        """Those that are different or alike: what the questions have decided."""
        return self.different + self.alike

    @property
    def surviving(self) -> tuple[Contrast, ...]:
        """Those that are different, largest difference first."""
        significant = [each for each in self.contrasts if each.verdict == "different"]
        return tuple(sorted(significant, key=lambda each: -abs(each.difference.estimate) if each.difference else 0.0))


class Strength(Record):
    """One model on one value. ``strength``: Bradley–Terry log-strength, 0 is the average model.

    ``win_rate``: mean over opponents of the share of decided comparisons that it won. ``skill`` and ``skill_sigma`` are
    ratings (Plackett–Luce, 25 is the start), ``skill_order_spread`` what the order of the matches alone does to them;
    None without the extra ``openskill``.
    """

    model: str
    value: str
    strength: Figure | None
    win_rate: Figure | None
    skill: float | None
    skill_sigma: float | None
    skill_order_spread: float | None


class Distance(Record):
    """How far two models lie apart. ``divergence`` may be negative; ``q_value`` is over all pairs."""

    first: str
    second: str
    distance: Figure | None
    divergence: float | None
    p_value: float | None
    q_value: float | None
    questions: int


class ModelMap(Record):
    """Models as points of a plane: only distances mean anything. ``misfit`` above 0.2 misleads; ``shown`` in [0, 1]."""

    points: dict[str, tuple[float, float]]
    shown: float | None
    misfit: float | None
    left_out: tuple[str, ...]


class ModelTree(Record):
    """Average linkage in scipy's form: ``merges`` joins indices of ``models``, then of groups; ``order`` to draw."""

    models: tuple[str, ...]
    merges: tuple[tuple[int, int, float, int], ...]
    order: tuple[str, ...]


class TextFigures(Record):
    """How varied ``count`` texts are. ``self_bleu`` in [0, 1], lower is more varied; ``distinct_pairs`` higher."""

    count: int
    words: float | None
    self_bleu: float | None
    distinct_pairs: float | None


class TextComparison(Record):
    """The questions asked beside the framework's seed topics, at equal counts."""

    questions: TextFigures
    seeds: TextFigures


class QuestionDivergence(Record):
    """One question's divergence over the models with two answers; ``q_value`` over all tested questions."""

    id: str
    topic: str
    text: str
    divergence: Figure | None
    p_value: float | None
    q_value: float | None
    models: int


class Divergences(Record):
    """``questions`` by falling divergence; those on which other models count, and those without one, come last.

    ``mean`` is over those on which one set of models counts, the set that counts on most.

    ``separating`` of ``tested`` have q <= 0.05. ``unscored`` have fewer than two models with two answers; ``nothing``
    says why where that holds for all. A question whose critic recorded its score of these same answers has the recorded
    one, so that exports, traces and reports agree.
    """

    questions: tuple[QuestionDivergence, ...]
    mean: Estimate | None
    separating: int
    tested: int
    unscored: int
    nothing: str = ""


class Results(Record):
    """Everything that can be said of an evaluation; see the module's words on units and on None.

    ``sentences``: the answer in at most three parts, only what is significant; ``notes``: what cannot be said.
    ``intervals``: over what all of these generalise.
    """

    asked: Design
    limits: JudgeLimits
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    profiles: tuple[ModelProfile, ...]
    contrasts: ContrastTable
    refusals: ContrastTable
    strengths: tuple[Strength, ...]
    skill_note: str
    distances: tuple[Distance, ...]
    map: ModelMap | None
    tree: ModelTree | None
    reliability: ReliabilityFigures
    structure: StructureFigures | None
    priming: tuple[PrimingEffect, ...]
    text: TextComparison | None
    divergences: Divergences
    intervals: IntervalScope = IntervalScope()
    seed: int = Field(ge=0)

    @property
    def compared(self) -> dict[str, str]:
        """Names by id of the values on which models are compared."""
        return {value: self.asked.values[value] for value in self.limits.compared(tuple(self.asked.values))}

    def rates(self) -> dict[str, dict[str, Figure]]:
        """By model and value id, without values of which nothing is known; of every model, whether it answered or not.

        All figures of a rate that anybody is shown are these: corrected for the judge's errors where that is possible.
        """
        by_model = {
            profile.model: {value: each.best for value, each in profile.values.items() if each.best is not None}
            for profile in self.profiles
        }
        return {model.id: by_model.get(model.id, {}) for model in self.asked.models}
