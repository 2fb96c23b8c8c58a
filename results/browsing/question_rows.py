"""Every question of a folder as one row that can be sorted and searched: what it is, its score, the models' rates.

All of it is read from the records, where the critic has left the rates of each question: no answer is opened. A folder
that grows is read on from where the last look ended.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...domain.answer import Phase
from ...domain.critique import Critique, Score
from ...domain.pool_spec import Role
from ...domain.question import Origin, Question
from ...records import Manifest, MoveRecord, RunFolder
from ...records.growing_records import GrowingRecords

Rates = NDArray[np.floating]
"""Half as long as other arrays of numbers: a large folder has two million rates."""

SCORED_IN = (Phase.CONFIRM, Phase.EVALUATE, Phase.SEARCH)
"""Whose score stands for a question: the published one first, and the one that it was chosen on last."""

RATED_IN = (Phase.EVALUATE, Phase.CONFIRM, Phase.SEARCH)
"""Whose answers' rates stand for a question: those that enter the findings first."""


SEEDS_EVALUATED = "evaluate seeds"
"""Stands for the phase of seeds that were evaluated for comparison."""


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question. Divergences in bits; None is unknown, never 0.

    ``status``: published, confirmed, kept, or why it was dropped; seed; asked or waiting in an evaluation or import.
    ``scored_in`` and ``rated_in`` name the phases of its score and its rates, empty without one. ``missing`` counts
    answers and judgements that enter none of them. ``words`` is what a search looks through.
    """

    id: str
    text: str
    fact: str
    topic_id: str
    topic: str
    area: str
    region: str
    origin: str
    status: str
    rank: int | None
    scored_in: str
    divergence: float | None
    interval: tuple[float, float] | None
    q_value: float | None
    score: float | None
    unscored: str
    rated_in: str
    missing: int
    words: str


@dataclass(frozen=True)
class QuestionTable:
    """The rows at one moment, and ``rates`` (Q, K, d) of ``models`` on ``values``: NaN where there is none.

    ``searched`` are the search scores by question, in bits.
    """

    rows: tuple[QuestionRow, ...]
    models: tuple[str, ...]
    values: dict[str, str]
    rates: Rates
    searched: dict[str, float] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[str, int]:
        """Each question's place in ``rows``."""
        return {row.id: place for place, row in enumerate(self.rows)}

    def choices(self, name: str) -> tuple[str, ...]:
        """The values that a column has, sorted; without the empty one."""
        return tuple(sorted({str(getattr(row, name)) for row in self.rows} - {""}))


@dataclass(frozen=True, slots=True)
class _Scored:
    """What is used of a critique: a sixth of its size."""

    phase: Phase
    group: Role
    score: Score | None
    unscored: str
    missing: int
    models: tuple[str, ...]
    rates: Rates


@dataclass
class _Parts:
    """What was read so far, by question."""

    questions: dict[str, Question] = field(default_factory=dict)
    critiques: dict[str, dict[tuple[Phase, Role], _Scored]] = field(default_factory=dict)
    moves: dict[str, MoveRecord] = field(default_factory=dict)
    question_row: int = 0
    critique_row: int = 0
    move_row: int = 0


class QuestionIndex:
    """The table of one folder, read on when the folder has grown. May be used by several threads."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._parts = _Parts()
        self._stamp: tuple[object, ...] = ()
        self._table: QuestionTable | None = None

    def table(self) -> QuestionTable:
        """The table as the records are now. Raises ``FileError`` for a folder that is no run any more."""
        with self._lock:
            stamp = records_stamp(self._folder)
            if self._table is None or stamp != self._stamp:
                if self._stamp[:1] != stamp[:1]:  # another file has taken its place
                    self._parts = _Parts()
                self._table = self._read()
                self._stamp = stamp
            return self._table

    def _read(self) -> QuestionTable:
        manifest, parts = self._folder.read_manifest(), self._parts
        with GrowingRecords(self._folder.records_path) as records:
            for row, question in records.questions_after(parts.question_row):
                parts.question_row, parts.questions[question.id] = row, question
            for row, critique in records.critiques_after(parts.critique_row):
                parts.critique_row = row
                of_question = parts.critiques.setdefault(critique.question_id, {})
                of_question[critique.phase, critique.group] = _scored(critique)
            for row, move in records.moves_after(parts.move_row):
                parts.move_row, parts.moves[move.question_id] = row, move
            names = ("confirmed", "published", "evaluated", "recorded", "evaluated_seeds")
            lists = {name: records.ids(name) for name in names}
        return _table(manifest, parts, lists)


def records_stamp(folder: RunFolder) -> tuple[object, ...]:
    """Changes when the records or the manifest do; its first part when another file has taken the records' place."""
    stamp: list[object] = []
    wal = folder.records_path.with_name(f"{folder.records_path.name}-wal")
    for path in (folder.records_path, wal, folder.manifest_path):
        try:
            status = path.stat()
        except OSError:
            stamp.append(None)
            continue
        if path == folder.records_path:
            stamp.append((status.st_dev, status.st_ino))
        stamp.append((status.st_mtime_ns, status.st_size))
    return tuple(stamp)


def _table(manifest: Manifest, parts: _Parts, lists: dict[str, tuple[str, ...]]) -> QuestionTable:
    models = _models(manifest, parts)
    place_of = {model: place for place, model in enumerate(models)}
    values = {value.id: value.name for value in manifest.framework.values}
    rates = np.full((len(parts.questions), len(models), len(values)), np.nan, dtype=np.float32)
    about = {topic.id: (topic.area, topic.region or "") for topic in manifest.framework.topics}
    ranks = {question: rank for rank, question in enumerate(lists["confirmed"], start=1)}
    seeds = set(lists["evaluated_seeds"])
    published, asked = set(lists["published"]), {*lists["evaluated"], *lists["recorded"]}
    rows = []
    for place, (question_id, question) in enumerate(sorted(parts.questions.items())):
        critiques = parts.critiques.get(question_id, {})
        scored = _first(critiques, SCORED_IN)
        rated = _of_first_phase(critiques, RATED_IN)
        for critique in rated:
            if critique.rates.shape == (len(critique.models), len(values)):
                rates[place, [place_of[model] for model in critique.models]] = critique.rates
        score = None if scored is None else scored.score
        area, region = about.get(question.topic_id, ("", ""))
        if manifest.evaluation is not None or manifest.recorded is not None:
            status = "asked" if question_id in asked else "waiting"
        else:
            status = _status(question, parts.moves.get(question_id), ranks, published)
        rows.append(
            QuestionRow(
                id=question_id,
                text=question.text,
                fact=question.fact,
                topic_id=question.topic_id,
                topic=question.topic,
                area=area,
                region=region,
                origin="edited by hand" if question.edited else ORIGINS[question.origin],
                status=status,
                rank=ranks.get(question_id),
                scored_in="" if scored is None or score is None else scored.phase.value,
                divergence=None if score is None else score.divergence,
                interval=None if score is None else score.interval,
                q_value=None if score is None else score.q_value,
                score=None if score is None else score.total,
                unscored="" if scored is None else scored.unscored,
                rated_in=_rated_in(rated[0].phase, question_id in seeds) if rated else "",
                missing=sum(each.missing for each in rated),
                words=f"{question_id} {question.text} {question.fact} {question.topic}".casefold(),
            )
        )
    searched = {
        question: scored.score.total
        for question, critiques in parts.critiques.items()
        if (scored := critiques.get((Phase.SEARCH, Role.SCOUT))) is not None and scored.score is not None
    }
    return QuestionTable(tuple(rows), models, values, rates, searched)


ORIGINS = {
    Origin.SEED: "seed",
    Origin.PROPOSE: "proposed",
    Origin.REFINE: "rewritten",
    Origin.RECORDED: "given",
}
"""How a question came about, in words."""


def _models(manifest: Manifest, parts: _Parts) -> tuple[str, ...]:
    judged = {model for each in parts.critiques.values() for critique in each.values() for model in critique.models}
    members = [member.id for member in manifest.pool.members] if manifest.pool else []
    members = list(manifest.recorded.models) if manifest.recorded is not None else members
    return (*(member for member in members if member in judged), *sorted(judged - set(members)))


def _rated_in(phase: Phase, seed: bool) -> str:
    """Seeds are evaluated beside the grown questions, and enter no finding."""
    return SEEDS_EVALUATED if seed and phase is Phase.EVALUATE else phase.value


def _scored(critique: Critique) -> _Scored:
    return _Scored(
        phase=critique.phase,
        group=critique.group,
        score=critique.score,
        unscored=critique.unscored,
        missing=sum(critique.missing.values()),
        models=tuple(map(sys.intern, critique.models)),
        rates=np.array(critique.rates, dtype=np.float32),
    )


def _first(critiques: dict[tuple[Phase, Role], _Scored], phases: tuple[Phase, ...]) -> _Scored | None:
    return next(iter(_of_first_phase(critiques, phases)), None)


def _of_first_phase(critiques: dict[tuple[Phase, Role], _Scored], phases: tuple[Phase, ...]) -> tuple[_Scored, ...]:
    """The critiques of the first of ``phases`` that has any; the panel's before the others'."""
    for phase in phases:
        if of_phase := tuple(
            each for (asked_in, _), each in sorted(critiques.items(), key=_panel_first) if asked_in is phase
        ):
            return of_phase
    return ()


def _panel_first(critique: tuple[tuple[Phase, Role], _Scored]) -> tuple[bool, str]:
    (_, group), _ = critique
    return group is not Role.PANEL, group.value


def _status(question: Question, move: MoveRecord | None, ranks: dict[str, int], published: set[str]) -> str:
    if question.origin is Origin.SEED:
        return "seed"
    if question.id in published:
        return "published"
    if question.id in ranks:
        return "confirmed"
    return "at work" if move is None else move.status
