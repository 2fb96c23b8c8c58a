from __future__ import annotations

import time
from typing import Any

import pytest
from adaem.pool.replies.thinking import apart, split_thinking, thinking_of
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

HOSTILE = ("<|channel|>a", "<|start|> ", "analysis", "assistantfinal", "{<a ", "<|end|>", "<answer>", "</answer> ")


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
        ("<seed:think>Hm.</seed:think>Yes.", "Hm.", "Yes."),
        ("<longcat_think>Hm.</longcat_think>Yes.", "Hm.", "Yes."),
        ('<reasoning kind="deep">Hm.</reasoning>Yes.', "Hm.", "Yes."),
        ("<thinking>a<reflection>b</reflection>c</thinking><output>Yes.</output>", "a<reflection>b\n\nc", "Yes."),
        ("◁think▷Hm.◁/think▷Yes.", "Hm.", "Yes."),
        ("<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>Yes.<|END_RESPONSE|>", "Hm.", "Yes."),
        ("<|START_RESPONSE|>Yes.<|END_RESPONSE|><|END_OF_TURN_TOKEN|>", "", "Yes."),
        ("<|begin_of_thought|>Hm.<|end_of_thought|>\n<|begin_of_solution|>Yes.<|end_of_solution|>", "Hm.", "Yes."),
        ("<|channel>thought\nHm.<channel|>Yes.", "Hm.", "Yes."),
        ("<unused94>thought\nHm.<unused95>Yes.", "Hm.", "Yes."),
        ("<|think|>Hm.<|end|><|begin|>assistant<|content|>Yes.<|end|>", "Hm.", "Yes."),
        ("<think>Hm.</think>\n<answer>\nYes.\n</answer>", "Hm.", "Yes."),
        ("<think>Hm.</think>\n\n<response>\nYes.", "Hm.", "Yes."),
        ("<answer>Yes.</answer>", "", "<answer>Yes.</answer>"),
        ("Here is my thought process: Hm.\nHere is my response: Yes.", "Hm.", "Yes."),
        ("Here's my thought process:\nHm.", "Hm.", ""),
        ("Sure. Here is my response: Yes.", "", "Sure. Here is my response: Yes."),
        ("Thinking...\nHm.\n...done thinking.\n\nYes.", "Hm.", "Yes."),
        ("Thinking... about it, yes.", "", "Thinking... about it, yes."),
        ("<|im_start|>think\nHm.<|im_start|>answer\nYes.", "Hm.", "Yes."),
        ("Sure! <think>Hm.</think>Yes.", "Hm.", "Sure! Yes."),
        ('{"draft": 1} Hm.</think>{"final": 1}', '{"draft": 1} Hm.', '{"final": 1}'),
        ("```json\n{}\n```\nHm.</think>{}", "```json\n{}\n```\nHm.", "{}"),
        ("analysisHm. No.assistantfinalYes.", "Hm. No.", "Yes."),
        ("analysisHm.assistantcommentaryWell.assistantfinalYes.", "Hm.assistantcommentaryWell.", "Yes."),
        ("analysisThe user asks", "The user asks", ""),
        ("analysis, however, is hard.", "", "analysis, however, is hard."),
        ('final{"a": 1}', "", '{"a": 1}'),
        ("finally, yes.", "", "finally, yes."),
        (
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Y",
            "Hm.",
            "Y",
        ),
        ("<|channel|>analysis<|message|>Hm.<|end|>", "Hm.", ""),
        ("<|channel|>final <|constrain|>json<|message|>{}", "", "{}"),
        ("Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes.", "Hm.", "Yes."),
    ],
)
def test_thinking_in_the_text(text: str, thinking: str, answer: str) -> None:
    assert split_thinking(text) == (thinking, answer)


@given(st.lists(st.sampled_from([*HOSTILE, "<think>", "</think>", "x", '{"a": 1}', "`" * 3, "\n"]), max_size=30))
def test_no_text_raises_and_nothing_is_made_up(parts: list[str]) -> None:
    text = "".join(parts)
    thinking, answer = split_thinking(text)
    assert set(thinking + answer) <= set(text) | {"\n"}
    assert len(answer) <= len(text)


@given(st.text(max_size=80), st.text(alphabet=st.characters(exclude_characters="<["), max_size=80))
def test_what_stands_after_the_tag_is_the_answer(thinking: str, answer: str) -> None:
    assert split_thinking(f"<think>{thinking}</think>{answer}")[1] == answer.strip()


@pytest.mark.parametrize("part", ["<think>", "</think>", "<think></think>", "[THINK]", " ", "x</think>", *HOSTILE])
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
    assert apart(AIMessage("Yes."), in_body="Hm.") == ("Hm.", "Yes.")
    assert apart(AIMessage("<think>b</think>Yes."), in_body="a") == ("a\n\nb", "Yes.")
    assert apart(AIMessage("<think>b")) == ("b", "")
    assert apart(AIMessage("Yes.")) == ("", "Yes.")
