"""What a provider's own counts give away is told once a member: over the pool, and by the doctor."""

from __future__ import annotations

from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.calls import Prompt
from adaem.pool.budget.usage_watch import UsageWatch, was_cut
from members import member
from small_pool import asked, pool_of, said

LONG = Prompt(name="answer", fingerprint="f", system="", user="Is it right? " * 1_000)
"""13,000 characters: 3,250 tokens by the rule of thumb."""


@pytest.mark.parametrize(
    ("reported", "counted", "cut"),
    [
        (2048, 2600, True),
        (4096, 9000, True),
        (1300, 3000, True),
        (2500, 2600, False),
        (2047, 2600, False),
        (2048, 2048, False),
        (2048, 1900, False),
        (100, 3000, False),  # a stand-in that does not count
        (0, 3000, False),
    ],
)
def test_a_count_that_only_a_cut_explains(reported: int, counted: int, cut: bool) -> None:
    assert was_cut(reported, counted) is cut


def test_a_prompt_that_was_cut_is_told_once_a_member() -> None:
    pool, _, _ = pool_of(*[said(tokens=(2048, 9))] * 2)
    for sample in range(2):
        assert asked(pool, prompt=LONG, sample=sample).outcome is Outcome.ANSWERED
    [notice] = pool.notices
    assert notice.startswith("a truncates long prompts: it reported 2048 tokens where about 3250 were sent")


def test_one_that_was_read_whole_is_not() -> None:
    pool, _, _ = pool_of(said(tokens=(3300, 9)))
    asked(pool, prompt=LONG)
    assert pool.notices == []


def test_a_limit_that_is_not_kept_is_told() -> None:
    pool, _, _ = pool_of(said(tokens=(20, 5000)), max_tokens=100)
    asked(pool)
    assert "a exceeds max_tokens: it reported 5000 tokens where 100 were allowed" in pool.notices[0]


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": None, "output_tokens": None}])
def test_who_reports_nothing_gives_nothing_away(usage: Any) -> None:
    assert UsageWatch().notices(member(), usage, 3000) == []
