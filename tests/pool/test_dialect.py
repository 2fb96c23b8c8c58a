"""What an endpoint does not take is learnt once a member, and what would change the measurement is never left out."""

from __future__ import annotations

from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.calls import Prompt
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import Member, PoolSpec, Role
from adaem.domain.reply_types import AnswerReply
from adaem.pool.endpoints.chat_models import make_model
from adaem.pool.endpoints.dialect import LIMITS, REFUSED_SCHEMA, Dialect, limit_name
from adaem.pool.endpoints.endpoint import check_keys, is_openai
from adaem.pool.endpoints.refused_settings import refused_setting, refuses_name
from adaem.pool.replies.error_details import ErrorWords
from adaem.pool.replies.reply_schemas import sent_schema
from adaem.pool.sending.exchange import Exchange, options_of
from http_calls import GOOD, ask_all
from http_calls import server as server
from loopback import Behaviour, LoopbackServer, Served, completion, failing
from members import member

OLD, NEW = LIMITS


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://api.openai.com/v1", NEW),
        ("https://api.openai.com/v1/", NEW),
        ("https://API.OpenAI.com:443/v1", NEW),
        ("https://api.openai.com./v1", NEW),
        ("https://eu.api.openai.com/v1", NEW),
        ("https://mine.openai.azure.com/openai/v1/", NEW),
        ("https://mine.cognitiveservices.azure.com/openai/v1", NEW),
        ("https://mine.services.ai.azure.com/openai/v1", NEW),
        ("https://api.openai.com.evil.example/v1", OLD),
        ("https://evil-api.openai.com.example/v1", OLD),
        ("https://notapi.openai.company/v1", OLD),
        ("https://api.mistral.ai/v1", OLD),
        ("http://localhost:8000/v1", OLD),
        ("http://[::1]:8000/v1", OLD),
    ],
)
def test_the_limits_first_name_is_that_of_the_hosts_family(address: str, name: str) -> None:
    assert limit_name(address) == name


@pytest.mark.parametrize("address", [None, "https://api.openai.com/v1/", "https://API.openai.com:443/v1"])
def test_openai_is_known_however_its_address_is_written(address: str | None) -> None:
    assert is_openai(address)


def test_the_key_may_go_to_openais_regions_and_to_nobody_who_sounds_like_them() -> None:
    def pool(host: str) -> PoolSpec:
        of_openai = {"model": "openai:gpt", "base_url": f"https://{host}/v1", "key_variable": "OPENAI_API_KEY"}
        return PoolSpec(members=(Member(id="m", roles=(Role.SCOUT,), **of_openai),))

    check_keys(pool("au.api.openai.com"), ())
    with pytest.raises(InputError, match="allowed_hosts"):
        check_keys(pool("xapi.openai.com"), ())


def refusing(name: str, other: str, *, message: str = "Unsupported parameter: '{}'. Use '{}' instead.") -> Behaviour:
    """An endpoint that takes the limit by one of its names only."""

    def serve(request: Any) -> Served:
        refused = name in request.body
        return failing(400, message.format(name, other))(request) if refused else completion(GOOD)(request)

    return serve


@pytest.mark.parametrize(
    "message",
    [
        "'{}' is not supported with this model. Use '{}'.",
        "Unsupported parameter: '{}' is not supported with this model. Use '{}' instead.",
        "Unrecognized request argument supplied: {}",
        "{}: Extra inputs are not permitted",
    ],
)
def test_the_other_name_is_learnt_once_and_by_those_who_wait(server: LoopbackServer, message: str) -> None:
    calls, pool = ask_all(server, refusing(OLD, NEW, message=message), times=9, concurrency=2, max_tokens=99)
    assert {call.outcome for call in calls} == {Outcome.ANSWERED}
    bodies = [request.body for request in server.requests["m"]]
    assert 1 <= sum(OLD in body for body in bodies) <= 2
    assert [body[NEW] for body in bodies if NEW in body] == [99] * 9
    assert not any(OLD in body and NEW in body for body in bodies)
    assert server.count == pool.ledger.total
    assert not any(call.faults for call in calls)


def test_who_takes_neither_name_is_asked_twice_and_no_more(server: LoopbackServer) -> None:
    calls, pool = ask_all(server, failing(400, f"Unsupported parameter: '{OLD}', '{NEW}'"), attempts=3)
    assert (calls[0].outcome, server.count) == (Outcome.FAILED, 2)
    assert "set max_tokens: null" in pool.out["m"]


def test_a_schema_and_a_name_may_both_be_refused(server: LoopbackServer) -> None:
    def serve(request: Any) -> Served:
        if "response_format" in request.body:
            return failing(400, "Unknown field: response_format")(request)
        return refusing(OLD, NEW)(request)

    calls, _ = ask_all(server, serve)
    assert (calls[0].outcome, server.count) == (Outcome.ANSWERED, 3)


def test_googles_array_refuses_a_schema_too(server: LoopbackServer) -> None:
    words = [{"error": {"code": 400, "message": "Unknown name at 'generation_config.response_schema'"}}]

    def serve(request: Any) -> Served:
        return Served(words, 400) if "response_format" in request.body else completion(GOOD)(request)

    calls, _ = ask_all(server, serve)
    assert (calls[0].outcome, server.count) == (Outcome.ANSWERED, 2)


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: 8192. This model supports at most 4096 completion tokens",
        "`max_tokens` must be less than or equal to `8192`",
    ],
)
def test_a_value_that_is_refused_is_no_unknown_name(server: LoopbackServer, message: str) -> None:
    _, pool = ask_all(server, failing(400, message))
    assert server.count == 1
    assert "the endpoint refuses max_tokens" in pool.out["m"]


def test_a_setting_that_shapes_answers_is_never_left_out(server: LoopbackServer) -> None:
    message = "Unsupported value: 'temperature' does not support 0.7 with this model."
    calls, pool = ask_all(server, failing(400, message), temperature=0.7)
    assert "set temperature: null, or to what this model takes" in calls[0].detail
    assert "set temperature: null" in pool.out["m"]
    assert all(request.body["temperature"] == 0.7 for request in server.requests["m"])


def test_an_error_about_another_thing_names_no_setting() -> None:
    assert not refused_setting(ErrorWords(("The user must be known",), (), 400), ["user", "stop"])
    assert refused_setting(ErrorWords(("Unknown parameter: 'user'",), (), 400), ["stop", "user"]) == "user"
    assert not refuses_name(ErrorWords(("unsupported max_tokens",), (), 500), OLD)


def test_what_a_dialect_knows() -> None:
    dialect = Dialect({OLD: 5, "top_p": 0.5}, schema_in_words=False)
    assert (dialect.limit, dialect.other_limit, dialect.body()) == (OLD, True, {OLD: 5, "top_p": 0.5})
    assert dialect.learn(OLD)
    assert dialect.learn(OLD), "another request was under way with the old name"
    assert (dialect.limit, dialect.other_limit, dialect.body()) == (NEW, False, {NEW: 5, "top_p": 0.5})
    assert not dialect.learn(NEW)
    assert dialect.learn(REFUSED_SCHEMA)
    assert dialect.schema_in_words
    assert Dialect({}, schema_in_words=True).limit == ""


@pytest.mark.parametrize("name", ["max_completion_tokens", "max_output_tokens", "num_predict"])
def test_a_limit_that_the_budget_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="set max_tokens, on which the budget relies"):
        make_model(member(base_url="http://localhost:1/v1", parameters={name: 9999}))


def test_a_budget_for_thinking_comes_on_top_of_the_limit() -> None:
    assert member(max_tokens=100, parameters={"thinking_budget": 400}).most_output == 500
    assert member(max_tokens=100, parameters={"thinking_budget": -1}).most_output == 100
    assert member(max_tokens=None, parameters={"thinking_budget": 400}).most_output is None


@pytest.mark.parametrize(
    ("address", "bounded"),
    [
        ("http://localhost:8000/v1", True),
        ("https://api.mistral.ai/v1", True),
        ("https://api.openai.com/v1", False),
        (None, False),
    ],
)
def test_texts_are_bounded_in_the_schema_where_the_host_takes_that(address: str | None, bounded: bool) -> None:
    asked = Member(id="m", roles=(Role.SCOUT,), model="openai:m", base_url=address)
    prompt = Prompt(name="answer", fingerprint="", system="", user="")
    exchange = Exchange("id", asked, prompt, AnswerReply, sent_schema(AnswerReply), "search", 1)
    sent = str(options_of(exchange, Dialect({}, schema_in_words=False)))
    assert ("maxLength" in sent) is bounded
    assert "'maxItems': 3" in sent
