"""SECURITY.md: every test that it names is there."""

from __future__ import annotations

import re

import pytest
from places import ROOT

NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_the_test_that_holds_a_promise_exists(path: str, name: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert f"def {name}(" in text if name else "def test_" in text


def test_promises_are_named() -> None:
    assert len(NAMED) > 20
