"""Two regenerations of one benchmark beside each other, as data; units and None as in ``result_types``."""

from __future__ import annotations

from ...domain.judge_accuracy import Figure
from ...domain.record import Record
from ..interval_scope import IntervalScope
from .comparison_types import ComparedFolder
from .diff_types import ContrastSurvival


class SignCounts(Record):
    """What became of the contrasts (pairs of models x values) that are significant in one folder or in both.

    ``same_sign`` of the ``significant`` have the same sign in the other folder, ``reversed`` the other sign, whether
    significant there or not; the rest is exactly 0 there, or not known. ``reversed_in_both`` are those of ``reversed``
    that both folders call significant.
    """

    significant: int
    same_sign: int
    reversed: int
    reversed_in_both: int


class ValueRetest(Record):
    """One value: how alike both folders rank the models on it (Spearman, in [-1, 1]), and its contrasts."""

    value: str
    agreement: Figure | None
    signs: SignCounts


class Retest(Record):
    """Two folders on the ``models`` that both measured, and the values, whose names stand in ``values`` by id.

    ``agreement``  Spearman correlation of the models' rates on all values, each value's mean over models removed
    ``same_sign``  share of the significant contrasts that have the same sign in the other folder, in [0, 1]
    ``findings``   every pair and value; their changes are taken as independent, also on questions in both
    ``topics``     of each folder, that any of the models answered a question of; ``shared_topics`` are in both
    ``seed``       of the ``draws`` of topics behind every interval, in a stream of their own

    Figures are None where nothing can be said: of a value on which the models do not differ, say.
    """

    folders: tuple[ComparedFolder, ComparedFolder]
    models: tuple[str, ...]
    values: dict[str, str]
    topics: tuple[int, int]
    shared_topics: int
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    agreement: Figure | None
    by_value: tuple[ValueRetest, ...]
    signs: SignCounts
    same_sign: Figure | None
    findings: tuple[ContrastSurvival, ...]
    seed: int
    draws: int
    intervals: IntervalScope = IntervalScope()
