"""What the raw body tells: over the real client and a server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.pool.replies import raw_response as raw
from adaem.pool.replies.outcomes import system_fingerprint
from adaem.pool.replies.thinking import apart
from loopback import Behaviour, LoopbackServer, Served, completion
from members import member


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def thinking_aloud(text: str, *, message: dict[str, Any], delay: float = 0.0, **top: Any) -> Behaviour:
    def serve(request: Any) -> Served:
        body = completion(text)(request).body
        body["choices"][0]["message"] |= message
        return Served(body | top, delay=delay)

    return serve


def heard_from(server: LoopbackServer, *models: str) -> list[tuple[str, str, str, str]]:
    """(thinking, answer, route, fingerprint) of one request to each model, all at once."""

    async def one(name: str) -> tuple[str, str, str, str]:
        model = make_model(member(model=f"openai:{name}", base_url=server.url))
        try:
            with raw.collect_extras() as extras:
                message = await model.ainvoke("Is it right?")
        finally:
            await close_models([model])
        return (*apart(message, extras.thinking), extras.route, system_fingerprint(message))

    async def all_at_once() -> list[tuple[str, str, str, str]]:
        return await asyncio.gather(*map(one, models))

    return asyncio.run(all_at_once())


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning", "thinking"])
def test_thinking_route_and_fingerprint(server: LoopbackServer, name: str) -> None:
    server.behave("m", thinking_aloud("Yes.", message={name: "Hm."}, provider="Cerebras", system_fingerprint="fp_1"))
    assert heard_from(server, "m") == [("Hm.", "Yes.", "Cerebras", "fp_1")]


def test_thinking_in_content_blocks_on_the_wire(server: LoopbackServer) -> None:
    blocks = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Yes."}]
    server.behave("m", thinking_aloud("", message={"content": blocks}))
    assert heard_from(server, "m") == [("Hm.", "Yes.", "", "")]


def test_thinking_without_an_answer(server: LoopbackServer) -> None:
    server.behave("m", thinking_aloud("", message={"content": None, "reasoning_content": "Hm."}))
    assert heard_from(server, "m") == [("Hm.", "", "", "")]


def test_requests_under_way_at_once_do_not_hear_each_other(server: LoopbackServer) -> None:
    names = [f"m{i}" for i in range(8)]
    for i, name in enumerate(names):
        said = {"reasoning": f"thought {i}"} if i % 2 else {}
        server.behave(name, thinking_aloud(f"Yes {i}.", message=said, delay=(8 - i) * 0.01, provider=f"route {i}"))
    assert heard_from(server, *names) == [
        (f"thought {i}" if i % 2 else "", f"Yes {i}.", f"route {i}", "") for i in range(8)
    ]


def test_who_does_not_listen_hears_nothing(server: LoopbackServer) -> None:
    server.behave("m", thinking_aloud("Yes.", message={"reasoning": "Hm."}))

    async def run() -> str:
        model = make_model(member(model="openai:m", base_url=server.url))
        with raw.collect_extras() as extras:
            pass
        message = await model.ainvoke("Is it right?")
        await close_models([model])
        return f"{extras.thinking}{message.text}"

    assert asyncio.run(run()) == "Yes."


def test_a_stream_is_left_as_it_is() -> None:
    body = b'{"provider": "x", "usage": {"prompt_tokens": NaN}}'
    with raw.collect_extras() as extras:
        assert raw.take_extras(body, "text/event-stream; charset=utf-8") == body
        assert extras.route == ""
        assert json.loads(raw.take_extras(body, "application/json")) == {"provider": "x", "usage": None}
        assert extras.route == "x"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'"provider"',
        b'["reasoning"]',
        b'{"provider": {"name": "x"}, "choices": null}',
        b'{"provider": 1, "choices": [{"message": null}]}',
        b'{"choices": [null], "reasoning": 1}',
        b'{"choices": [{"message": {"reasoning": {"a": []}}}]}',
        b'{"provider": "\xff"',
        b'{"provider":' + b"[" * 100_000,
    ],
)
def test_broken_bodies_tell_nothing_and_come_back_as_they_are(body: bytes) -> None:
    with raw.collect_extras() as extras:
        assert raw.take_extras(body, "application/json") == body
    assert extras == raw.ResponseExtras()


def test_a_route_is_a_name() -> None:
    assert raw.thinking_and_route({"provider": "x" * 10_000}) == ("", "x" * 100)
