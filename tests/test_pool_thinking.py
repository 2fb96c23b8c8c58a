from __future__ import annotations

import time
from typing import Any

import pytest
from adaem.pool.thinking import apart, split_thinking, thinking_of
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("", "", ""),
        (" Yes. ", "", " Yes. "),
        ("<think>Hm.</think>Yes.", "Hm.", "Yes."),
        ("\n<THINK>\nHm.\n</THINK>\n\nYes.\n", "Hm.", "Yes."),
        ("<think></think>\n\nYes.", "", "Yes."),
        ("<thinking>Hm.</thinking>Yes.", "Hm.", "Yes."),
        ("[THINK]Hm.[/THINK]Yes.", "Hm.", "Yes."),
        ("<think>One.</think> <think>Two.</think> Yes.", "One.\n\nTwo.", "Yes."),
        ("opened in the prompt</think>Yes.", "opened in the prompt", "Yes."),
        ("<think>I close with </think> later</think>Yes.", "I close with\n\nlater", "Yes."),
        ("<think>Never closed: {}", "Never closed: {}", ""),
        ("<think>One.</think><think>Two", "One.\n\nTwo", ""),
        ('<think>a</think>{"point": "it said </think>"}', "a", '{"point": "it said </think>"}'),
        ('{"point": "the tag </think> ends it"}', "", '{"point": "the tag </think> ends it"}'),
        ("Use <think> to think.", "", "Use <think> to think."),
    ],
)
def test_thinking_in_the_text(text: str, thinking: str, answer: str) -> None:
    assert split_thinking(text) == (thinking, answer)


@given(st.text(max_size=80), st.text(alphabet=st.characters(exclude_characters="<["), max_size=80))
def test_what_stands_after_the_tag_is_the_answer(thinking: str, answer: str) -> None:
    assert split_thinking(f"<think>{thinking}</think>{answer}")[1] == answer.strip()


@pytest.mark.parametrize("part", ["<think>", "</think>", "<think></think>", "[THINK]", " ", "x</think>"])
def test_hostile_texts_cost_little(part: str) -> None:
    started = time.perf_counter()
    thinking, _ = split_thinking(part * 50_000)
    assert len(thinking) <= 100_000
    assert time.perf_counter() - started < 1


DEEP: Any = "x"
for _ in range(2_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("message", "thinking"),
    [
        ({"content": "Yes."}, ""),
        ({"reasoning_content": None, "reasoning": "Hm."}, "Hm."),
        ({"reasoning_content": "Hm.", "reasoning": "Hm."}, "Hm."),
        ({"reasoning_details": [{"type": "reasoning.text", "text": "a"}, {"type": "x", "data": "secret"}]}, "a"),
        ({"reasoning": "Hm.", "reasoning_details": [{"type": "reasoning.summary", "summary": "Hm."}]}, "Hm."),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]}, "Hm."),
        (
            {"content": [{"type": "thinking", "thinking": "Hm.", "signature": "s"}, {"type": "text", "text": "Y"}]},
            "Hm.",
        ),
        ({"content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}]}, "Hm."),
        ({"content": [{"type": "reasoning_content", "reasoning_content": {"text": "Hm."}}]}, "Hm."),
        ({"reasoning_content": 7, "content": [None, 3, {"type": []}]}, ""),
        ({"reasoning": {"unknown": "x"}, "reasoning_details": DEEP}, ""),
    ],
)
def test_thinking_beside_the_text(message: dict[str, Any], thinking: str) -> None:
    assert thinking_of(message) == thinking


def test_a_response_is_taken_apart_wherever_its_thinking_stands() -> None:
    blocks = AIMessage([{"type": "reasoning", "reasoning": "Hm."}, {"type": "text", "text": "Yes."}])
    assert [block["type"] for block in blocks.content_blocks] == ["reasoning", "text"]
    assert apart(blocks) == ("Hm.", "Yes.")
    assert apart(AIMessage("Yes.", additional_kwargs={"reasoning_content": "Hm."})) == ("Hm.", "Yes.")
    assert apart(AIMessage("Yes."), heard="Hm.") == ("Hm.", "Yes.")
    assert apart(AIMessage("<think>b</think>Yes."), heard="a") == ("a\n\nb", "Yes.")
    assert apart(AIMessage("<think>b")) == ("b", "")
    assert apart(AIMessage("Yes.")) == ("", "Yes.")
