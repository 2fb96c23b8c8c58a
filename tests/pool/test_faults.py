from __future__ import annotations

import json
from typing import Any

import httpx2
import openai
import pytest
from adaem.pool.replies.faults import Fault, fault

REQUEST = httpx2.Request("POST", "https://host.example/v1")
NOON = "Wed, 21 Oct 2026 12:00:00 GMT"


def http(status: int, message: str = "no luck", *, code: str | None = None, **headers: str) -> openai.APIStatusError:
    body = {"message": message, "code": code, "type": code}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx2.Response(status, json={"error": body}, headers=named, request=REQUEST)
    return openai.AsyncOpenAI(api_key="x")._make_status_error_from_response(response)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def unconnected(cause: Exception) -> Exception:
    return caused(openai.APIConnectionError(request=REQUEST), cause)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 520, 524, 529])
def test_statuses_that_may_pass(status: int) -> None:
    found = fault(http(status))
    assert found == Fault(f"HTTP {status}", passing=True, limited=status == 429)


@pytest.mark.parametrize("status", [302, 400, 405, 413, 415, 422, 501])
def test_statuses_that_will_not(status: int) -> None:
    assert fault(http(status)) == Fault(f"HTTP {status}")


@pytest.mark.parametrize(
    "error",
    [
        http(401, "Incorrect API key"),
        http(402, "Insufficient credits"),
        http(403),
        http(404, "The model does not exist", code="model_not_found"),
        http(404, "Not Found"),
        http(429, "You exceeded your current quota", code="insufficient_quota"),
        http(400, "Your credit balance is too low to access the API"),
    ],
)
def test_errors_after_which_no_request_will_do_better(error: openai.APIStatusError) -> None:
    assert fault(error) == Fault(f"HTTP {error.status_code}", hopeless=True)


def test_gemini_words_a_limit_per_minute_as_a_quota() -> None:
    assert fault(http(429, "You exceeded your current quota, please check your plan", code="429")).passing


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "the request exceeds the available context size",
        "Please reduce the length of the messages or completion",
        "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000",
        "The input token count (2000000) exceeds the maximum number of tokens allowed",
        "context_length_exceeded",
    ],
)
@pytest.mark.parametrize("status", [400, 413, 429, 500, 503])
def test_a_prompt_that_is_too_long_stays_so_whatever_the_status(message: str, status: int) -> None:
    assert fault(http(status, message)) == Fault(f"HTTP {status}")


def test_a_refused_prompt_says_nothing_of_the_next_one() -> None:
    flagged = http(403, "Your chosen model requires moderation and your input was flagged for harassment")
    assert fault(flagged) == Fault("HTTP 403", charged=True)
    assert fault(http(400, "filtered", code="content_filter")) == Fault("HTTP 400", charged=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": "7"}, 7),
        ({"retry_after": "0.5"}, 0.5),
        ({"retry_after": "0"}, 0),
        ({"retry_after_ms": "250", "retry_after": "7"}, 0.25),
        ({"retry_after": "Wed, 21 Oct 2026 12:01:30 GMT", "date": NOON}, 90),
        ({"retry_after": "Wed, 21 Oct 2026 11:00:00 GMT", "date": NOON}, 0),
        ({"retry_after": "Wed, 21 Oct 2026 12:01:30 -0000", "date": NOON}, 90),
        ({"retry_after": "Thu, 21 Oct 2100 12:00:00 GMT"}, None),
        ({"retry_after": "-1"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "inf"}, None),
        ({"retry_after": "1e9"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": ""}, None),
        ({"retry_after": "Wed, 99 Oct 2026 12:00:00 GMT"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert fault(http(429, **headers)).retry_after == seconds
    assert fault(http(429, **headers)).limited


@pytest.mark.parametrize(("status", "limited"), [(503, True), (529, True), (500, False), (429, True)])
def test_who_asks_to_wait_asks_for_less(status: int, limited: bool) -> None:
    assert fault(http(status, retry_after="3")).limited is limited
    assert fault(http(status, retry_after="3")).retry_after == 3


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (TimeoutError(), Fault("time-out", passing=True, charged=True)),
        (httpx2.ReadTimeout("late"), Fault("time-out", passing=True, charged=True)),
        (
            caused(openai.APITimeoutError(REQUEST), httpx2.ReadTimeout("")),
            Fault("time-out", passing=True, charged=True),
        ),
        (caused(openai.APITimeoutError(REQUEST), httpx2.ConnectTimeout("")), Fault("time-out", passing=True)),
        (caused(openai.APITimeoutError(REQUEST), httpx2.PoolTimeout("")), Fault("time-out", passing=True)),
        (unconnected(httpx2.ReadError("")), Fault("connection broken", passing=True, charged=True)),
        (unconnected(httpx2.ConnectError("")), Fault("no connection", passing=True)),
        (ConnectionResetError(), Fault("connection broken", passing=True, charged=True)),
        (ConnectionRefusedError(), Fault("no connection", passing=True)),
        (unconnected(httpx2.LocalProtocolError("bad header")), Fault("request not sent")),
        (
            unconnected(httpx2.RemoteProtocolError("peer closed connection without sending complete message body")),
            Fault("broken body", passing=True, charged=True),
        ),
        (json.JSONDecodeError("Expecting value", "<html>", 0), Fault("broken body", passing=True, charged=True)),
        (KeyError("choices"), Fault("broken body", passing=True, charged=True)),
        (IndexError(), Fault("broken body", passing=True, charged=True)),
        (ValueError("This model's maximum context length is 10"), Fault("broken body", charged=True)),
        (RuntimeError("Event loop is closed"), Fault("RuntimeError", charged=True)),
        (ValueError({"message": "x", "code": 502}), Fault("error 502 in a 200", passing=True, charged=True)),
        (ValueError({"message": "x", "code": "busy"}), Fault("broken body", passing=True, charged=True)),
        (
            ValueError({"message": "x", "code": 429}),
            Fault("error 429 in a 200", passing=True, limited=True, charged=True),
        ),
        (ValueError({"message": "x", "code": 401}), Fault("error 401 in a 200", hopeless=True, charged=True)),
    ],
)
def test_errors_without_a_status(error: Exception, found: Fault) -> None:
    assert fault(error) == found


def test_a_refused_certificate_does_not_pass() -> None:
    import ssl

    cause = caused(httpx2.ConnectError("certificate verify failed"), ssl.SSLCertVerificationError("self-signed"))
    assert fault(unconnected(cause)) == Fault("certificate refused")


@pytest.mark.parametrize(
    "headers", [None, {}, {"retry-after": 5}, {"retry-after": object()}], ids=["none", "empty", "number", "object"]
)
def test_other_clients_keep_their_headers_otherwise(headers: Any) -> None:
    class Strange(RuntimeError):
        status_code = 429
        response = type("Response", (), {"headers": headers})()

    found = fault(Strange("slow down"))
    assert (found.kind, found.passing) == ("HTTP 429", True)
    assert found.retry_after == (5 if headers == {"retry-after": 5} else None)


def test_httpx_and_google_keep_the_status_elsewhere() -> None:
    import httpx

    request = httpx.Request("POST", "https://host.example")
    error = httpx.HTTPStatusError("bad", request=request, response=httpx.Response(503, request=request))
    assert fault(error) == Fault("HTTP 503", passing=True)
    google = type("APIError", (RuntimeError,), {"code": 429, "message": "slow"})()
    assert fault(google) == Fault("HTTP 429", passing=True, limited=True)


def test_the_kind_is_never_the_servers_words() -> None:
    for error in (http(418, "sk-secret words"), ValueError("sk-secret words"), ValueError({"message": "sk-secret"})):
        assert "secret" not in fault(error).kind
