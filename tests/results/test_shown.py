"""The results in the terminal and as Markdown: what stands there, at 80 columns, with hostile names."""

from __future__ import annotations

import pytest
from adaem.reports.markdown import escaped, results_markdown
from adaem.reports.terminal.evaluation_report import results_tables, significant_differences
from adaem.results.compute import results
from answered import apart, evaluated, primed_evaluation, said
from printed import shown
from small_world import HOSTILE


def test_the_short_report_has_the_answer_and_the_differences() -> None:
    out = shown(results_tables(results(apart(), 0), 80))
    words = " ".join(out.split())
    assert "24 questions from 24 topics, 2 models, up to 2 answers each; 96 answers judged by scale." in words
    assert "Left out of every figure: none." in words
    assert "zebra appeals to Care in 100 % of its answers, okapi in 0 %: 100 points more (95 % interval" in words
    assert next(line.split() for line in out.splitlines() if line.startswith(" Care")) == [
        "Care",
        "100",
        "[85,",
        "100]",
        "0",
        "[0,",
        "15]",
    ]
    assert "Note: Expressed by no model: safety." in words
    assert max(map(len, out.splitlines())) <= 80


def test_all_tables_fit_and_show_no_nan() -> None:
    for found in (results(apart(), 0), results(primed_evaluation(), 0), results(apart(3), 0)):
        out = shown(results_tables(found, 80, full=True))
        assert max(map(len, out.splitlines())) <= 80
        assert "…" not in out
        assert "nan" not in out.casefold().replace("finance", "")
        assert "nan" not in results_markdown(found)


def test_markdown_tables_have_as_many_cells_in_every_row() -> None:
    text = results_markdown(results(primed_evaluation(), 0))
    assert "| told to hold | rate of | model | before | primed | effect | h | q |" in text
    assert "| Power | own | zebra\\* | 0 | 100 |" in text
    for block in text.split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({row.replace("\\|", "").count("|") for row in rows}) <= 1


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_cannot_steer_a_report(name: str) -> None:
    hostile = HOSTILE[name]
    found = results(
        evaluated(24, lambda _: [said(hostile, "care"), said(hostile, "care"), said("okapi"), said("okapi")]), 0
    )
    for out in (shown(results_tables(found, 80, full=True), terminal=True), shown(significant_differences(found, 80))):
        assert not set(out.replace("\x1b[1m", "").replace("\x1b[3m", "").replace("\x1b[0m", "")) & set(
            "\x1b\x00\x07\x9b\u202e"
        )
    text = results_markdown(found)
    assert not set(text) & set("\x1b\x00\x07\x9b\u202e")
    assert "<script" not in text
    assert "](http" not in text
    assert "\n# system" not in text


def test_markdown_is_escaped() -> None:
    assert escaped("a|b [c](http://d.e) @f <g>\n#1") == r"a\|b \[c\](http:&#47;&#47;d.e) &#64;f &lt;g&gt; \#1"
