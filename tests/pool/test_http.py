"""The real provider path: langchain-openai over HTTP against a server on loopback."""

from __future__ import annotations

import json
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.calls import Call
from adaem.domain.reply_types import AnswerReply, LabelsReply, ProposalReply, Reply, RewriteReply
from http_calls import GOOD, KEY, ask_all
from http_calls import server as server
from loopback import (
    Behaviour,
    LoopbackServer,
    Served,
    completion,
    failing,
    raw,
    refusing_schemas,
    reset,
    structured,
)


def ask_one(server: LoopbackServer, *behaviours: Behaviour, **of_member: Any) -> Call[Any]:
    [call], _ = ask_all(server, *behaviours, **of_member)
    return call


@pytest.mark.parametrize("schema", [AnswerReply, LabelsReply, ProposalReply, RewriteReply])
def test_structured_output(server: LoopbackServer, schema: type[Reply]) -> None:
    [call], _ = ask_all(server, structured(), schema=schema)
    assert call.outcome is Outcome.ANSWERED, call.detail
    assert isinstance(call.reply, schema)
    assert (call.attempts, call.model_name, call.finish_reason) == (1, "m", "stop")
    assert (call.usage.input_tokens, call.usage.output_tokens) == (11, 7)
    form = server.requests["m"][0].body["response_format"]
    assert (form["type"], form["json_schema"]["name"]) == ("json_schema", schema.__name__)
    assert form["json_schema"]["strict"] is True


def test_all_that_is_sent(server: LoopbackServer) -> None:
    ask_one(server, completion(GOOD), temperature=0.7, max_tokens=99, parameters={"top_p": 0.5, "min_p": 0.1})
    [request] = server.requests["m"]
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert {name: value for name, value in request.body.items() if name != "response_format"} == {
        "model": "m",
        "messages": [{"role": "system", "content": "You answer."}, {"role": "user", "content": "Is it right?"}],
        "temperature": 0.7,
        "max_tokens": 99,
        "top_p": 0.5,
        "min_p": 0.1,
        "stream": False,
    }


def test_what_is_not_set_is_not_sent(server: LoopbackServer) -> None:
    ask_one(server, completion(GOOD), temperature=None, max_tokens=None)
    assert set(server.requests["m"][0].body) == {"model", "messages", "response_format", "stream"}


def test_the_seed_is_in_the_body(server: LoopbackServer) -> None:
    ask_all(server, completion(GOOD), times=2, send_seed=True)
    one, other = (request.body["seed"] for request in server.requests["m"])
    assert one != other
    assert all(isinstance(seed, int) and 0 <= seed < 2**31 for seed in (one, other))


# --- keys -------------------------------------------------------------------------------------------------------------


def test_nothing_of_the_users_environment_reaches_a_foreign_server(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer() as elsewhere:
        for name, value in {
            "OPENAI_API_KEY": "sk-of-the-user-0123456789",
            "OPENAI_ADMIN_KEY": "sk-admin-0123456789",
            "OPENAI_ORG_ID": "org-of-the-user",
            "OPENAI_PROJECT_ID": "project-of-the-user",
            "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer custom-secret\nX-Gateway: custom-secret",
            "OPENAI_BASE_URL": elsewhere.url,
            "OPENAI_API_BASE": elsewhere.url,
            "OPENAI_PROXY": elsewhere.url,
            "HTTP_PROXY": elsewhere.url,
            "ALL_PROXY": elsewhere.url,
            "LANGSMITH_GATEWAY": elsewhere.url,
            "LANGSMITH_GATEWAY_API_KEY": "lsv2_0123456789",
        }.items():
            monkeypatch.setenv(name, value)
        assert ask_one(server, completion(GOOD), key_variable=None).outcome is Outcome.ANSWERED
        assert elsewhere.count == 0
    [request] = server.requests["m"]
    assert request.headers["authorization"] == "Bearer not-needed"
    everything = json.dumps([request.headers, request.body])
    for trace in ("of-the-user", "custom-secret", "admin", "lsv2_", "x-gateway"):
        assert trace not in everything


def test_a_redirect_is_not_followed(server: LoopbackServer) -> None:
    with LoopbackServer() as elsewhere:
        elsewhere.behave("m", completion(GOOD))
        for status in (302, 307, 308):
            target = {"location": f"{elsewhere.url}/chat/completions"}
            call = ask_one(server, raw(b"{}", status=status, headers=target))
            assert call.outcome is Outcome.FAILED
        assert elsewhere.count == 0


@pytest.mark.parametrize(
    "behaviour",
    [
        failing(401, f"Incorrect API key provided: {KEY}."),
        failing(500, f"headers were Authorization: Bearer {KEY}"),
        lambda request: completion(f"You sent {request.headers['authorization']}")(request),
        completion(GOOD, model=KEY),
        completion(None, refusal=f"No, {KEY}"),
        completion(GOOD, finish_reason=KEY),
        completion(GOOD.replace("pa", KEY)),
        raw(KEY.encode()),
    ],
)
def test_the_key_is_in_no_record_even_if_a_server_repeats_it(server: LoopbackServer, behaviour: Behaviour) -> None:
    calls, pool = ask_all(server, behaviour, times=6)
    assert any(KEY in request.headers["authorization"] for request in server.requests["m"])
    assert "planted-key" not in "".join(call.model_dump_json() for call in calls)
    assert "planted-key" not in repr([pool.out, pool.notices])


# --- outcomes ---------------------------------------------------------------------------------------------------------


def choices(value: Any) -> Behaviour:
    return lambda request: Served({**completion(GOOD)(request).body, "choices": value})


@pytest.mark.parametrize(
    ("behaviour", "outcome", "words"),
    [
        (completion(None, refusal="I must decline."), Outcome.REFUSED, "I must decline."),
        (completion("I'm sorry, but I can't help with that."), Outcome.REFUSED, "declines"),
        (completion("", finish_reason="content_filter"), Outcome.FILTERED, "content_filter"),
        (failing(400, "The prompt was filtered", code="content_filter"), Outcome.FILTERED, "HTTP 400"),
        (completion(GOOD[:40], finish_reason="length"), Outcome.TRUNCATED, "length"),
        (completion(GOOD, model="quite-another"), Outcome.MISROUTED, "quite-another"),
        (failing(401), Outcome.FAILED, "HTTP 401"),
        (failing(404), Outcome.FAILED, "HTTP 404"),
        (failing(429, "slow down"), Outcome.FAILED, "HTTP 429: "),
        (failing(500), Outcome.FAILED, "HTTP 500: "),
        (failing(400, "maximum context length exceeded"), Outcome.FAILED, "HTTP 400: "),
        (raw(b"<html>gateway", status=502), Outcome.FAILED, "HTTP 502: "),
        (reset(), Outcome.FAILED, ""),
        (completion(GOOD, delay=5), Outcome.FAILED, "no response within 1.5 s"),
        (raw(b""), Outcome.FAILED, ""),
        (raw(b"{"), Outcome.FAILED, ""),
        (raw(b"null"), Outcome.FAILED, ""),
        (raw(b"[]"), Outcome.FAILED, ""),
        (raw(b"{}"), Outcome.FAILED, ""),
        (raw(b"\xff\xfe"), Outcome.FAILED, ""),
        (raw(b'{"error": "overloaded"}'), Outcome.FAILED, "overloaded"),
        (choices(None), Outcome.FAILED, ""),
        (choices([]), Outcome.FAILED, ""),
        (choices([{}]), Outcome.FAILED, ""),
        (choices([{"message": {"role": "weird", "content": "x"}}]), Outcome.FAILED, ""),
        (choices([{"message": {"role": "assistant", "content": 5}}]), Outcome.FAILED, ""),
    ],
)
def test_each_outcome_in_one_request(
    server: LoopbackServer, behaviour: Behaviour, outcome: Outcome, words: str
) -> None:
    calls, pool = ask_all(server, behaviour, timeout=1.5)
    assert (calls[0].outcome, calls[0].reply) == (outcome, None), calls[0].detail
    assert words in calls[0].detail
    assert calls[0].detail
    assert "\n" not in calls[0].detail
    assert (server.count, calls[0].attempts, pool.ledger.total) == (1, 1, 1)


def test_a_misfit_is_repaired_over_the_wire(server: LoopbackServer) -> None:
    call = ask_one(server, completion("Well, it depends."), completion(GOOD))
    assert (call.outcome, call.attempts) == (Outcome.ANSWERED, 2)
    assert (call.usage.input_tokens, call.usage.output_tokens) == (22, 14)
    assert [(message["role"], message["content"]) for message in server.requests["m"][1].body["messages"]] == [
        ("system", "You answer."),
        ("user", "Is it right?"),
        ("assistant", "Well, it depends."),
        ("user", "REPAIR the reply holds no JSON object"),
    ]


def test_a_repair_that_fails_says_so(server: LoopbackServer) -> None:
    call = ask_one(server, completion("Well."), failing(500))
    assert (call.outcome, call.attempts, call.text) == (Outcome.FAILED, 2, "")


# --- how the schema travels -------------------------------------------------------------------------------------------

REFUSALS = [
    (400, "Unknown field: response_format"),
    (400, "'response_format' of type 'json_schema' is not supported with this model"),
    (400, "Invalid schema for response_format 'AnswerReply'"),
    (422, "body -> response_format: extra fields not permitted"),
]


@pytest.mark.parametrize(("status", "message"), REFUSALS)
def test_an_endpoint_that_takes_no_schema_gets_it_in_words(server: LoopbackServer, status: int, message: str) -> None:
    call = ask_one(server, refusing_schemas(GOOD, message=message, status=status))
    assert (call.outcome, call.attempts) == (Outcome.ANSWERED, 2)
    first, second = server.requests["m"]
    assert "response_format" in first.body
    assert "response_format" not in second.body
    assert second.body["messages"][1]["content"].startswith('Is it right?\n\nSCHEMA {"')


def test_it_is_learnt_once_for_the_run_and_by_those_who_wait(server: LoopbackServer) -> None:
    calls, pool = ask_all(server, refusing_schemas(GOOD), times=9, concurrency=2)
    assert {call.outcome for call in calls} == {Outcome.ANSWERED}
    refused = sum("response_format" in request.body for request in server.requests["m"])
    assert 1 <= refused <= 2
    assert server.count == pool.ledger.total == sum(call.attempts for call in calls) == 9 + refused


def test_a_fixed_mode_does_not_fall_back(server: LoopbackServer) -> None:
    call = ask_one(server, refusing_schemas(GOOD), schema_mode="body")
    assert (call.outcome, call.attempts) == (Outcome.FAILED, 1)
    assert ask_one(server, refusing_schemas(GOOD), schema_mode="text").attempts == 1


def reply_of(points: list[str]) -> str:
    return json.dumps({"stance": "no", "key_points": [{"point": each, "justification": "it lasts"} for each in points]})


@pytest.mark.parametrize(
    ("text", "reason", "outcome", "detail"),
    [
        (reply_of(["Trust"] * 3), "stop", Outcome.DEGENERATE, "key point 2 repeats"),
        (
            reply_of(["Trust", "…", "Order"]).replace("it lasts", "…"),
            "stop",
            Outcome.DEGENERATE,
            "key point 2 holds no",
        ),
        (reply_of(["Trust", "Thrift", "Order", "Care"])[:-20], "length", Outcome.ANSWERED, "cut off after three whole"),
        (reply_of(["Trust", "Thrift", "Order", "Care"])[:-20], "stop", Outcome.ANSWERED, "cut off after three whole"),
        (reply_of(["Trust"] * 4)[:-20], "length", Outcome.DEGENERATE, "key point 2 repeats"),
        (reply_of(["Trust", "Thrift", "Order"])[:-20], "length", Outcome.TRUNCATED, "finish reason length"),
    ],
)
def test_an_answer_counts_with_three_key_points_that_each_say_something(
    server: LoopbackServer, text: str, reason: str, outcome: Outcome, detail: str
) -> None:
    call = ask_one(server, completion(text, finish_reason=reason))
    assert (call.outcome, call.attempts) == (outcome, 1)
    assert call.detail.startswith(detail)
    assert (call.reply is not None) is (outcome is Outcome.ANSWERED)
