"""What differs between two folders, as data; figures, units and None as in ``result_types``."""

from __future__ import annotations

from typing import Literal

from ...domain.judge_accuracy import Figure
from ...domain.record import Record
from ..interval_scope import IntervalScope
from ..result_types import ContrastVerdict
from .comparison_types import ComparedFolder

Survival = Literal["survives", "lost", "open", "reversed", "new", "none"]
"""What became of a finding of the first folder in the second.

survives  the models differ in both, the same way round; by how much is another matter
lost      only in the first, a change away from it is shown, and the second's interval leaves nothing of it for sure
open      only in the first, and no such change is shown: the second cannot say, not even by finding them alike
reversed  the models differ in both, the other way round
new       only in the second
none      in neither
"""


class SettingDifference(Record):
    """Something that the two were made with, and that is not the same; empty where one has nothing there."""

    key: str
    first: str
    second: str


class StepDifferences(Record):
    """The traces, but for times and the runs' own ids. ``alike`` steps come before the first that differs.

    ``first_change`` is its id, empty where there is none; ``changed`` have the same id and not the same content.
    """

    first: int
    second: int
    alike: int
    first_change: str
    changed: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


class QuestionName(Record):
    """A question that only one of the folders has."""

    id: str
    question: str


class QuestionOverlap(Record):
    """Questions that are in both folders (the same words, the same fact), and those that are in one alone."""

    both: int
    only_first: tuple[QuestionName, ...]
    only_second: tuple[QuestionName, ...]


class ScoreChange(Record):
    """A question that both have scored: its divergence in bits and its rank there; None where it has none.

    ``id`` is that of the first. ``reworded``: a control asked it in other words, or without its fact; the ``second_``
    ones are then what it asked.
    """

    id: str
    question: str
    fact: str
    second_question: str
    second_fact: str
    reworded: bool
    first: Figure | None
    second: Figure | None
    first_rank: int | None
    second_rank: int | None
    changed: bool


class ContrastSurvival(Record):
    """One pair of models on one value: first model minus other, on the questions of each folder.

    ``change``: second folder minus first; ``paired`` on the same questions, else as if the two were independent.
    ``alike``: the figures are the very same.
    """

    model: str
    other: str
    value: str
    first: Figure | None
    first_verdict: ContrastVerdict
    second: Figure | None
    second_verdict: ContrastVerdict
    change: Figure | None
    p_value: float | None
    q_value: float | None
    change_shown: bool
    alike: bool
    became: Survival


class FolderDiff(Record):
    """The second folder beside the first. ``sentences`` say in words what follows; ``notes`` what cannot be said.

    ``steps`` is None unless both are runs. ``asked``, ``confirmed`` and ``published`` are questions; only ``asked`` is
    there unless both are runs. ``paired``: changes are on the same questions.
    """

    folders: tuple[ComparedFolder, ComparedFolder]
    values: dict[str, str]
    nothing_differs: bool
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    settings: tuple[SettingDifference, ...]
    steps: StepDifferences | None
    asked: QuestionOverlap
    confirmed: QuestionOverlap | None
    published: QuestionOverlap | None
    scored: tuple[ScoreChange, ...]
    paired: bool
    findings: tuple[ContrastSurvival, ...]
    intervals: IntervalScope = IntervalScope()

    def became(self, *which: Survival) -> tuple[ContrastSurvival, ...]:
        """The findings that became so, the largest first."""
        chosen = [each for each in self.findings if each.became in which]
        return tuple(sorted(chosen, key=lambda each: -max(_size(each.first), _size(each.second))))


def _size(figure: Figure | None) -> float:
    return 0.0 if figure is None else abs(figure.estimate)
