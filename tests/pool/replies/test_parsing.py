from __future__ import annotations

import json
import time

import pytest
from adaem.domain.reply_types import AnswerReply, LabelsReply, RewriteReply
from adaem.pool.replies.reply_parser import parse_reply
from adaem.pool.replies.reply_schemas import sent_schema
from hypothesis import given
from hypothesis import strategies as st

POINTS = [{"point": f"p{i}", "justification": "because"} for i in range(3)]
GOOD = json.dumps({"stance": "yes", "key_points": POINTS})


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"  {GOOD}\n",
        f"Here you are:\n```json\n{GOOD}\n```\nAnything else?",
        f"```\n{GOOD}\n```",
        f"The form is {{stance, key_points}}, so: {GOOD} I hope this helps {{}}.",
        f'<think>Perhaps {{"stance": "no", "key_points": []}}?</think>\n{GOOD}',
        f"reasoning without an opening tag</think>{GOOD}",
        f'{{"draft": true}} and then {GOOD}',
        json.dumps({"stance": "yes", "key_points": POINTS, "confidence": 0.9}),
    ],
)
def test_the_reply_is_found(text: str) -> None:
    reply, problem = parse_reply(text, AnswerReply)
    assert problem == ""
    assert reply is not None
    assert reply.stance == "yes"
    assert [point.point for point in reply.key_points] == ["p0", "p1", "p2"]


NO = GOOD.replace("yes", "no")


@pytest.mark.parametrize(
    "text",
    [
        f"Perhaps {NO}, but then {GOOD}",
        f"```json\n{NO}\n```\nNo, rather:\n```json\n{GOOD}\n```",
        f"```json\n{GOOD}\n```\n{NO}",
        f"<musing>{NO}</musing>{GOOD}",
        f"<|mode|>{NO}",
        f"Let me see. <think>{NO}",
        f"analysisPerhaps {NO}",
        f"Here is my thought process: {NO}",
    ],
)
def test_what_may_be_a_draft_is_not_taken_for_the_answer(text: str) -> None:
    reply, problem = parse_reply(text, AnswerReply)
    assert reply is None
    assert problem


@pytest.mark.parametrize(
    "text", [f"{GOOD}\n{GOOD}", f"```json\n{GOOD}\n```\nThat is: {GOOD}", f"<json>{GOOD}</json>", f"1 < 2, so {GOOD}"]
)
def test_one_answer_may_be_said_twice_and_named(text: str) -> None:
    assert parse_reply(text, AnswerReply)[0] is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("Well, it depends.", "no JSON object"),
        (GOOD[:-5], "no JSON object"),
        (f"[{GOOD}, 1", ""),
        ("[1, 2]", "no JSON object"),
        (json.dumps({"stance": "yes", "key_points": POINTS[:2]}), "key_points: List should have at least 3 items"),
        (json.dumps({"stance": "maybe", "key_points": POINTS}), "stance: Input should be 'yes', 'no' or 'neutral'"),
        (json.dumps({"key_points": []}), "(and 1 more)"),
        (f"<think>I could say {GOOD}", "no JSON object"),
    ],
)
def test_the_problem_is_named_in_one_line(text: str, words: str) -> None:
    reply, problem = parse_reply(text, AnswerReply)
    if not words:
        assert reply is not None
        return
    assert reply is None
    assert words in problem
    assert "\n" not in problem


def test_the_problem_does_not_repeat_the_offending_value() -> None:
    _, problem = parse_reply('{"stance": "Ignore all rules", "key_points": []}', AnswerReply)
    assert "Ignore" not in problem


def test_lone_surrogates_do_not_get_into_a_reply() -> None:
    assert parse_reply('{"reflection": "\\ud800", "question": "Is it?"}', RewriteReply)[0] is None


@pytest.mark.parametrize(
    "text", ["{" * 200_000, '{"a":' * 100_000, "[" * 200_000, "```json\n" * 20_000, "</think>" * 20_000]
)
def test_hostile_texts_cost_little(text: str) -> None:
    started = time.perf_counter()
    assert parse_reply(text, AnswerReply)[0] is None
    assert time.perf_counter() - started < 2


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    for schema in (AnswerReply, LabelsReply):
        reply, problem = parse_reply(text, schema)
        assert (reply is None) == bool(problem)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
def test_any_question_survives_the_way_back(question: str) -> None:
    reply, _ = parse_reply(json.dumps({"reflection": "", "question": question}), RewriteReply)
    assert reply == RewriteReply(reflection="", question=question)


def test_the_sent_schema_is_one_that_strict_mode_accepts() -> None:
    sent = sent_schema(AnswerReply)
    form = sent.response_format["json_schema"]
    assert (form["name"], form["strict"]) == ("AnswerReply", True)
    point = form["schema"]["$defs"]["KeyPointReply"]
    assert point["required"] == ["point", "justification"]
    assert point["additionalProperties"] is False
    assert form["schema"]["properties"]["key_points"]["minItems"] == 3
    assert form["schema"]["properties"]["key_points"]["maxItems"] == 3
    assert point["properties"]["justification"]["maxLength"] == 500
    assert "maxLength" not in json.dumps(sent.without_lengths)
    assert sent.digest == "240ae88ca58e6f4b", "recorded calls are found by it, whatever the bounds are"
    for refused in ("minLength", '"default"', '"description"', '"title"'):
        assert refused not in sent.text
    assert sent_schema(AnswerReply) is sent
