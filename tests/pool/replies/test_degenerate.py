"""Answers that say nothing are told from those that say something, in any language (pool/replies/degenerate.py)."""

from __future__ import annotations

import pytest
from adaem.domain.answer import Outcome
from adaem.pool.replies.degenerate import without_content, without_reasons
from adaem.pool.replies.recorded_text import read_answer

QUESTION = "Should couples live together before marriage?"
PROMPT = f"""You answer one yes/no question with your own position and your reasons. Say what matters to you.
{QUESTION}
Reply with your stance and exactly three key points: {{"stance": "yes" | "no", "key_points": [{{"point": "…"}}]}}"""

ENGLISH = (
    "Honesty: Both learn early how the other lives.",
    "Money: One flat costs less than two.",
    "Freedom: Nobody should need a certificate to share a home.",
)
GERMAN = (
    "Ehrlichkeit: Beide lernen früh, wie der andere lebt.",
    "Geld: Eine Wohnung kostet weniger als zwei.",
    "Freiheit: Niemand sollte ein Papier brauchen, um zusammen zu wohnen.",
)
CHINESE = ("诚实：双方早早了解对方的生活习惯。", "节俭：一套公寓比两套便宜。", "自由：同住不应该需要证书。")
HINDI = ("ईमानदारी: दोनों जल्दी जान लेते हैं।", "पैसा: एक घर दो से सस्ता है।", "आज़ादी: साथ रहने के लिए काग़ज़ नहीं चाहिए।")
SHORT = ("Honesty", "Thrift", "Freedom")


@pytest.mark.parametrize("points", [ENGLISH, GERMAN, CHINESE, HINDI, SHORT])
def test_three_reasons_are_an_answer(points: tuple[str, ...]) -> None:
    assert without_reasons(points, PROMPT) == ""


@pytest.mark.parametrize(
    ("points", "which"),
    [
        (("…", "...", "…"), 3),
        (("1: 1", "2: 2", "3: 3"), 3),
        (("point 1", "point 2", "point 3"), 3),
        (("yes: yes", "no: no", "no"), 3),
        ((QUESTION, QUESTION, QUESTION), 3),
        ((ENGLISH[0], ENGLISH[1], ENGLISH[0]), 1),
        ((ENGLISH[0], ENGLISH[1], "2. both learn EARLY how the other lives!"), 1),
        ((GERMAN[0], GERMAN[0], GERMAN[0]), 2),
        ((CHINESE[0], CHINESE[1], CHINESE[1]), 1),
        ((HINDI[0], HINDI[0], HINDI[2]), 1),
        ((ENGLISH[0], ENGLISH[1], "It is a matter of ethics but " * 12), 1),
        ((ENGLISH[0], "Say what matters to you", ENGLISH[2]), 1),
        ((ENGLISH[0], "!!!! ???? #### a ;;;; ****", ENGLISH[2]), 1),
    ],
)
def test_a_key_point_that_says_nothing_of_its_own_is_named(points: tuple[str, ...], which: int) -> None:
    assert without_reasons(points, PROMPT).count("key point") == which


@pytest.mark.parametrize("text", [" ".join(ENGLISH), " ".join(GERMAN), "".join(CHINESE), "Yes.", "Nein, niemals."])
def test_a_recorded_text_that_says_something_is_an_answer(text: str) -> None:
    assert read_answer(text, QUESTION).outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        "privilege " * 40,
        "自由" * 30,
        "```json```",
        "answer",
        "<string>",
        '{"stance": "yes", "key_points": [{"point": "1"}, {"point": "2"}, {"point": "3"}]}',
    ],
)
def test_a_recorded_text_that_says_nothing_is_degenerate(text: str) -> None:
    found = read_answer(text, QUESTION)
    assert found.outcome is Outcome.DEGENERATE
    assert found.detail


def test_a_text_that_loops_only_at_its_end_still_says_what_it_began_with() -> None:
    assert without_content(" ".join(ENGLISH) + " and so on" * 4, QUESTION) == ""
