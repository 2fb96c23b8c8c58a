"""Every table with intervals says over what they generalise, and how much of it lies between wordings."""

import re

import pytest
from adaem.reports.markdown import results_markdown
from adaem.reports.sheets.all_sheets import all_sheets
from adaem.reports.sheets.figure_text import generalise
from adaem.results.compute import results
from adaem.results.interval_scope import IntervalScope, interval_scope
from adaem.results.reliability.reliability_types import VarianceShare
from answered import apart

INTERVAL = re.compile(r"±\d|\[[-+]?\d")
OVER = "Intervals generalise over topics, questions and answers"


def test_every_table_with_intervals_says_over_what_and_no_other_does() -> None:
    found = results(apart(), 0)
    sheets = all_sheets(found)
    texts = {sheet.title: " ".join([sheet.note, *(cell for row in sheet.rows for cell in row)]) for sheet in sheets}
    shown = {title: bool(INTERVAL.search(text)) for title, text in texts.items()}
    assert sum(shown.values()) > 4
    assert {sheet.title: bool(sheet.intervals) for sheet in sheets} == shown
    assert f"{OVER}." in results_markdown(found)
    assert found.model_dump(mode="json")["intervals"] == {
        "averages": ["topics", "questions", "answers"],
        "one_question": ["answers"],
        "wording_share": None,
    }


def test_the_share_of_a_rates_variance_between_wordings_by_hand() -> None:
    sources = {
        "model": 0.3,
        "value × topic": 0.2,
        "question": 0.1,
        "wording": 0.3,
        "sample": 0.4,
        "model × topic": -0.1,
    }
    shares = [VarianceShare(name=name, share=share, standard_error=None) for name, share in sources.items()]
    design = {"topics": 20, "questions": 40, "answers": 400}
    assert interval_scope(shares, wordings=40, **design) == IntervalScope()
    several = interval_scope(shares, wordings=80, **design)
    # 0.2 / 20, 0.1 / 40, 0.3 / 80, 0.4 / 400: models are given, and a variance below 0 is none
    assert several.wording_share == pytest.approx(0.00375 / (0.01 + 0.0025 + 0.00375 + 0.001))
    assert generalise(several.averages, several.wording_share) == (
        "Intervals generalise over topics, questions, wordings and answers; 22 % of a rate's sampling variance lies "
        "between wordings"
    )
    assert several.one_question == ("wordings", "answers")
    unknown = interval_scope([VarianceShare(name="sample", share=0.4, standard_error=None)], wordings=80, **design)
    assert unknown.wording_share is None
