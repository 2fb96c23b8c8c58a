"""What stands in a recorded answer's place: an answer in some dress, thinking, a refusal, an error, nothing."""

from __future__ import annotations

import json

import pytest
from adaem.domain.answer import Outcome
from adaem.pool.replies.recorded_text import EMPTY, THINKING_ONLY, read_answer
from adaem.pool.replies.refusals import TEXT_REFUSAL
from hypothesis import given
from hypothesis import strategies as st

PLAIN = "Yes. Care for others matters most."
REPLY = json.dumps(
    {"stance": "yes", "key_points": [{"point": "Care", "justification": "it binds us"}, {"point": "b"}, {"point": "c"}]}
)


@pytest.mark.parametrize(
    ("text", "kept", "thinking"),
    [
        (PLAIN, PLAIN, False),
        (f"<think>Power decides.</think>\n{PLAIN}", PLAIN, True),
        (f"```\n{PLAIN}\n```", PLAIN, False),
        (f"<think>Hm.</think>```text\n{PLAIN}\n```", PLAIN, True),
        (REPLY, "Care: it binds us\nb\nc", False),
        (f"<think>Power.</think>\n```json\n{REPLY}\n```", "Care: it binds us\nb\nc", True),
        ("No.", "No.", False),
        ("Nothing justifies it.", "Nothing justifies it.", False),
        ("None of this is fair.", "None of this is fair.", False),
        ("Terror: nobody should live in it.", "Terror: nobody should live in it.", False),
        ("Too many requests are made of nurses.", "Too many requests are made of nurses.", False),
        ("An error is human, so yes.", "An error is human, so yes.", False),
        ("[Yes] because it is fair", "[Yes] because it is fair", False),
    ],
)
def test_answers_in_whatever_dress(text: str, kept: str, thinking: bool) -> None:
    found = read_answer(text)
    assert (found.outcome, found.text, found.thinking, found.detail) == (Outcome.ANSWERED, kept, thinking, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "null",
        "None",
        "N/A",
        "nan",
        "NaN",
        "#N/A",
        "[no response]",
        "-",
        "…",
        "'none'",
        "undefined",
        "```text\n\n```",
    ],
)
def test_missing_cells_are_empty(text: str) -> None:
    found = read_answer(text)
    assert (found.outcome, found.detail, found.text) == (Outcome.UNPARSABLE, EMPTY, "")


@pytest.mark.parametrize(
    "text", ["<think>Power decides.</think>", "<think>Power decides; never closed", "<think>a</think> N/A"]
)
def test_thinking_alone_is_no_answer(text: str) -> None:
    found = read_answer(text)
    assert (found.outcome, found.detail, found.text) == (Outcome.UNPARSABLE, THINKING_ONLY, "")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Error code: 429 - {'error': {'message': 'Rate limit reached'}}", Outcome.FAILED),
        ("openai.RateLimitError: Error code: 429", Outcome.FAILED),
        ("APIConnectionError: Connection error.", Outcome.FAILED),
        ('{"error": {"message": "overloaded"}}', Outcome.FAILED),
        ("HTTP 503: Service Unavailable", Outcome.FAILED),
        ("502 Bad Gateway", Outcome.FAILED),
        ("Traceback (most recent call last):\n  File …", Outcome.FAILED),
        ("[ERROR] no reply", Outcome.FAILED),
        ("Request timed out.", Outcome.FAILED),
        ("<think>Hm.</think>Error code: 500 - internal", Outcome.FAILED),
        ("Error code: 400 - {'error': {'code': 'content_filter'}}", Outcome.FILTERED),
        ("[Filtered]", Outcome.FILTERED),
        ("<content filtered>", Outcome.FILTERED),
        ("[REDACTED]", Outcome.FILTERED),
        ("[Refused]", Outcome.REFUSED),
        ("[declined to answer]", Outcome.REFUSED),
    ],
)
def test_errors_and_marks_in_an_answers_place(text: str, outcome: Outcome) -> None:
    found = read_answer(text)
    assert found.outcome is outcome
    assert found.detail
    assert found.text == ""


def test_a_refusal_behind_thinking_and_one_in_key_points() -> None:
    found = read_answer("<think>They ask for power.</think>As an AI language model, I do not have personal opinions.")
    assert (found.outcome, found.detail, found.thinking) == (Outcome.REFUSED, TEXT_REFUSAL, True)
    assert "power" not in found.text
    point = {"point": "As an AI, I don't have personal opinions."}
    assert read_answer(json.dumps({"stance": "neutral", "key_points": [point] * 3})).outcome is Outcome.REFUSED


def test_a_reply_that_was_cut_off_is_unparsable_as_a_live_one_is() -> None:
    found = read_answer(REPLY[:60])
    assert (found.outcome, found.detail) == (Outcome.UNPARSABLE, "incomplete JSON")


@given(st.text(max_size=300))
def test_any_text_comes_to_one_outcome_and_only_answers_and_refusals_keep_a_text(text: str) -> None:
    found = read_answer(text)
    assert (found.outcome is Outcome.ANSWERED) == (found.detail == "")
    if found.outcome is Outcome.ANSWERED:
        assert found.text.strip()
