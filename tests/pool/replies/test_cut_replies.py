"""Three whole key points are an answer, also where the JSON breaks off behind them (pool/replies/cut_replies.py)."""

from __future__ import annotations

import json

import pytest
from adaem.domain.answer import Outcome, Stance
from adaem.pool.replies.cut_replies import complete_key_points
from adaem.pool.replies.recorded_text import CUT_REPLY, read_answer

SAID = ["Honesty", "Thrift", "Freedom", "Order"]
REPLY = json.dumps({"stance": "no", "key_points": [{"point": each, "justification": "because"} for each in SAID]})
IN_THE_FOURTH = REPLY[: REPLY.index("Order") + 3]
IN_THE_THIRD = REPLY[: REPLY.index("Freedom") + 20]


@pytest.mark.parametrize(
    "text", [IN_THE_FOURTH, f"```json\n{IN_THE_FOURTH}", REPLY[:-2], REPLY.split(', {"point": "Or')[0]]
)
def test_three_whole_key_points_are_kept(text: str) -> None:
    found = complete_key_points(text)
    assert found is not None
    assert found.stance is Stance.NO
    assert [point.point for point in found.key_points] == SAID[:3]


@pytest.mark.parametrize(
    "text",
    [
        IN_THE_THIRD,
        REPLY[:40],
        f"Perhaps so: {IN_THE_FOURTH}",
        '{"key_points": [{"point": "a", "justification": ""}' + ', {"point": "a", "justification": ""}' * 3,
        "[" * 100_000,
        '{"stance": "no", "key_points": "a',
        '{"stance": "no", "key_points": [1, 2, 3, 4',
        "",
    ],
)
def test_whatever_else_is_cut_off_is_no_answer(text: str) -> None:
    assert complete_key_points(text) is None


def test_a_recorded_reply_is_read_by_the_same_rule() -> None:
    assert read_answer(IN_THE_FOURTH).text == "\n".join(f"{each}: because" for each in SAID[:3])
    cut = read_answer(IN_THE_THIRD)
    assert (cut.outcome, cut.detail) == (Outcome.UNPARSABLE, CUT_REPLY)
