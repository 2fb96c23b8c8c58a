"""Nouns and verbs go with their numbers, and no rounded figure is a negative zero."""

from __future__ import annotations

import pytest
from adaem.domain.judge_accuracy import Figure
from adaem.domain.texts.counting import count, verb
from adaem.reports.page import figure_formats as formats
from adaem.reports.sheets.figure_text import around, number, points, with_interval
from adaem.results.grown_and_seeds import Estimate


@pytest.mark.parametrize(
    ("many", "told"), [(0, "0 topics are"), (1, "1 topic is"), (2, "2 topics are"), (1200, "1,200 topics are")]
)
def test_noun_and_verb_go_with_the_number(many: int, told: str) -> None:
    assert f"{count(many, 'topic', form=',')} {verb(many)}" == told


def test_other_verbs() -> None:
    assert [verb(many, "has", "have") for many in (0, 1, 2)] == ["have", "has", "have"]


def test_no_rounded_figure_is_a_negative_zero() -> None:
    tiny = Figure(estimate=-1e-9, interval=(-1e-9, 2e-9))
    mean = Estimate(mean=-1e-9, interval=(-1e-9, 2e-9), questions=1, topics=1)
    shown = [points(tiny), around(tiny), around(tiny, 100.0, "+z.0f"), number(-1e-9), with_interval(mean)]
    shown += [formats.points(tiny), formats.percent(tiny), formats.decimal(tiny), formats.bits(mean)]
    for told in shown:
        assert "-" not in told
        assert formats.MINUS not in told
    assert points(Figure(estimate=-0.1, interval=None)) == "-10"
    assert formats.bits(Estimate(mean=-0.25, interval=None, questions=1, topics=1)).startswith(f"{formats.MINUS}0.250")
