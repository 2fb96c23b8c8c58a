"""Why a search brought little, told from what its records count."""

from __future__ import annotations

import pytest
from adaem.graph.search.shortfalls import SILENT_AFTER, shortfalls, silent_member
from adaem.records import MoveRecord


def moves(**statuses: int) -> list[MoveRecord]:
    return [
        MoveRecord(
            round=1,
            dispatch=number,
            kind="propose",
            topic_id="t",
            question_id=f"q{number}",
            status=status,
            detail="not a question" if status == "failed" else "",
        )
        for status, how_many in statuses.items()
        for number in range(how_many)
    ]


def test_refused_drafts_and_lost_replies_are_causes_with_counts_and_a_remedy() -> None:
    found = shortfalls(moves(failed=7, unscored=2), {"tiny": {"answered": 2, "truncated": 3, "unparsable": 1}})
    assert found == [
        "7 of 9 drafts were refused (7 × not a question): give the role author to a more capable model",
        "4 of 6 replies of tiny are no answer: 3 cut off, 1 not in the form asked for (raise its max_tokens, or take a "
        "model that says less)",
    ]


def test_what_is_rare_is_no_cause() -> None:
    assert shortfalls(moves(failed=1, kept=9), {"good": {"answered": 90, "refused": 10}}) == []
    assert shortfalls([], {}) == []


@pytest.mark.parametrize(
    ("outcomes", "silent"),
    [
        ({"truncated": SILENT_AFTER}, True),
        ({"truncated": SILENT_AFTER - 2, "unparsable": 2}, True),
        ({"truncated": SILENT_AFTER - 1}, False),
        ({"truncated": SILENT_AFTER, "answered": 1}, False),
        ({"refused": SILENT_AFTER}, False),
        ({"failed": SILENT_AFTER}, False),
    ],
)
def test_a_member_that_never_answers_ends_the_search_and_a_refusal_is_a_finding(
    outcomes: dict[str, int], silent: bool
) -> None:
    assert bool(silent_member({"good": {"answered": 5}, "tiny": outcomes})) is silent
