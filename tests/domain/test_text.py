"""Texts from models on one line, harmless in a terminal, their words unchanged."""

from __future__ import annotations

import unicodedata

import pytest
from adaem.domain.texts.safe_text import one_line
from hypothesis import given
from hypothesis import strategies as st
from small_world import HOSTILE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  two \t words\r\n", "two words"),
        ("line\u2028separators\u2029and\x85next\x0bline", "line separators and next line"),
        ("a \x00 b", "a b"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\x9b2Jb", "a2Jb"),
        ("\u202eevil\u202c", "evil"),
        ("\u2066x\u2069", "x"),
        ("half a pair \ud800", "half a pair"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🔬 naïve 問題", "👩\u200d🔬 naïve 問題"),
        ("[bold]<b>${x}", "[bold]<b>${x}"),
    ],
)
def test_what_stays_and_what_goes(text: str, expected: str) -> None:
    assert one_line(text) == expected


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(" \n\t\x00\x1b\x85\u2028\u202e"))))
def test_the_result_is_one_line_without_controls_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cs") or c in "\u202a\u202b\u202c\u202d\u202e"]
    assert line == line.strip()
    assert "  " not in line
    assert one_line(line) == line


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_keeps_its_letters(text: str) -> None:
    assert [c for c in one_line(text) if c.isalnum()] == [c for c in text if c.isalnum()]
