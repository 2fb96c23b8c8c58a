"""A 200 with a broken body is an outcome like any other: over the real client and a server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.pool.replies import raw_response as raw_bodies
from adaem.pool.replies.faults import BROKEN_BODY, Fault, fault
from adaem.pool.replies.outcomes import failure, request_errors
from loopback import Behaviour, LoopbackServer, Served, completion, failing, raw, reset
from members import member

HTML = {"content-type": "text/html"}


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def error_of(server: LoopbackServer, behaviour: Behaviour, *, url: str = "", timeout: float = 5) -> Exception:
    """What one request to an endpoint that behaves so raises."""
    server.behave("m", behaviour)

    async def run() -> Exception:
        model = make_model(member(model="openai:m", base_url=url or server.url, timeout=timeout))
        try:
            with raw_bodies.collect_extras():
                await model.ainvoke("Is it right?")
        except request_errors() as error:
            return error
        finally:
            await close_models([model])
        raise AssertionError("the request did not fail")

    return asyncio.run(run())


def choices(value: Any) -> Behaviour:
    return lambda request: Served(completion("x")(request).body | {"choices": value})


def without_choices(request: Any) -> Served:
    body = completion("x")(request).body
    del body["choices"]
    return Served(body)


def cut_off(request: Any) -> Served:
    return Served(completion("x" * 200)(request).body, withheld=50)


@pytest.mark.parametrize(
    "behaviour",
    [
        raw(b""),
        raw(b"{"),
        raw(b"null"),
        raw(b"[]"),
        raw(b'"words"'),
        raw(b"7"),
        raw(b"{}"),
        raw(b"\xff\xfe"),
        raw(b"<html>gateway</html>"),
        raw(b"<html>gateway</html>", headers=HTML),
        raw(b"", headers=HTML),
        raw(b"plain words", headers={"content-type": "text/plain"}),
        raw(b'{"error": "overloaded"}'),
        raw(b'{"error": {"message": "overloaded", "type": "server_error"}}'),
        raw(b'{"detail": "not what you asked for"}'),
        without_choices,
        choices(None),
        choices([]),
        choices({}),
        choices("words"),
        choices([None]),
        choices([{}]),
        choices([{"message": None, "finish_reason": "stop"}]),
        choices([{"message": "words"}]),
        choices([{"message": []}]),
        choices([{"message": {}}]),
        choices([{"message": {"role": "assistant", "content": 5}}]),
        cut_off,
        raw(b'{"choices":' + b"[" * 5_000),
    ],
)
def test_a_broken_body_fails_may_pass_and_may_have_been_charged(server: LoopbackServer, behaviour: Behaviour) -> None:
    error = error_of(server, behaviour)
    outcome, detail = failure(error, (), timeout=5)
    assert outcome is Outcome.FAILED
    assert detail
    assert "\n" not in detail
    assert fault(error) == BROKEN_BODY, (type(error), error)


@pytest.mark.parametrize(
    ("behaviour", "found"),
    [
        (raw(b'{"error": {"message": "x", "code": 429}}'), Fault("error 429 in a 200", True, False, True, None, True)),
        (raw(b'{"error": {"message": "x", "code": 401}}'), Fault("error 401 in a 200", hopeless=True, charged=True)),
        (raw(b'{"error": "maximum context length is 10"}'), Fault("broken body", charged=True)),
        (reset(), Fault("connection broken", passing=True, charged=True)),
        (failing(429, code="insufficient_quota"), Fault("HTTP 429", hopeless=True)),
        (failing(429), Fault("HTTP 429", passing=True, limited=True)),
        (failing(500, "Input exceeds the context window"), Fault("HTTP 500")),
        (failing(400, code="context_length_exceeded"), Fault("HTTP 400")),
        (failing(404), Fault("HTTP 404", hopeless=True)),
        (raw(b"<html>gateway", status=502, headers=HTML), Fault("HTTP 502", passing=True)),
        (raw(b"", status=503, headers={"retry-after": "2"}), Fault("HTTP 503", True, False, True, 2.0)),
        (raw(b"{}", status=307, headers={"location": "http://127.0.0.1:9/"}), Fault("HTTP 307")),
    ],
)
def test_other_faults_over_the_wire(server: LoopbackServer, behaviour: Behaviour, found: Fault) -> None:
    assert fault(error_of(server, behaviour)) == found


def test_a_time_out_and_a_closed_port(server: LoopbackServer) -> None:
    slow = error_of(server, completion("x", delay=2), timeout=0.2)
    assert fault(slow) == Fault("time-out", passing=True, charged=True)
    nobody = error_of(server, completion("x"), url="http://127.0.0.1:9/v1")
    assert fault(nobody) == Fault("no connection", passing=True)


def test_a_json_body_of_a_wrong_type_is_read_all_the_same(server: LoopbackServer) -> None:
    def serve(request: Any) -> Served:
        return Served(completion("Yes.")(request).body, headers=HTML)

    with pytest.raises(AssertionError, match="did not fail"):
        error_of(server, serve)
