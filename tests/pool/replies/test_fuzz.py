"""Whatever a response holds, a call ends recorded with an outcome: random bodies over the real client, on loopback.

Bodies are made of a good completion in which any part is replaced by anything, of any JSON, and of any bytes; with any
status, and with headers that our code reads.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.pool_spec import PoolSpec, Price, Role
from adaem.domain.reply_types import AnswerReply
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.pool.replies.reply_parser import LONGEST_REPLY_TEXT
from adaem.records import RunRecords
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from kept import PlainWords
from loopback import LoopbackServer, Request, Served
from members import member
from small_pool import GOOD, PROMPT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EXAMPLES = 600

COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 0,
    "model": "m",
    "system_fingerprint": "fp",
    "provider": "p",
    "service_tier": "default",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "logprobs": None,
            "message": {
                "role": "assistant",
                "content": GOOD,
                "refusal": None,
                "reasoning": "hm",
                "tool_calls": None,
                "reasoning_details": [{"type": "reasoning.text", "text": "hm"}],
            },
        }
    ],
    "usage": {
        "prompt_tokens": 11,
        "completion_tokens": 70,
        "total_tokens": 81,
        "completion_tokens_details": {"reasoning_tokens": 3},
    },
}
HOSTILE = [
    "\ud800",
    "\x00",
    "<think>",
    "</think>",
    "sensitive",
    "content_filter",
    "9" * 5_000,
    "<|channel|>",
    "{" * 3_000,
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**30, -(10**30), 2**63, 1e308, 5e-324])
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(HOSTILE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "type", "message", "code", "content", "error", "k"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every part of ``data``."""
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield (*at, key)
        yield from places(data[key], (*at, key))


PLACES = [*places(COMPLETION), ("error",), ("detail",)]


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """The completion with up to three of its parts replaced or removed."""
    data = deepcopy(COMPLETION)
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from(PLACES))
        part: Any = data
        for key in path:
            part = part.get(key) if isinstance(part, dict) else part[key] if isinstance(part, list) and part else None
        if isinstance(part, dict):
            if draw(st.booleans()):
                part[last] = draw(VALUES)
            else:
                part.pop(last, None)
        elif isinstance(part, list) and part:
            part[0] = draw(VALUES)
    return data


def body_of(data: Any) -> bytes:
    return json.dumps(data).encode()


BODIES = spoilt().map(body_of) | VALUES.map(body_of) | st.binary(max_size=200) | st.just(b"[" * 200_000)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(["text/html", "text/event-stream", "application/json; charset=utf-99", "x"]),
        "content-encoding": st.sampled_from(["gzip", "br", "identity"]),
        "retry-after": st.sampled_from(
            ["-1", "1e400", "nan", "9" * 400, "Wed, 99 Foo 0000", "Fri, 31 Dec 9999 23:59:59"]
        ),
        "retry-after-ms": st.sampled_from(["x", "-5", "inf"]),
        "date": st.sampled_from(["", "Mon, 01 Jan 0001 00:00:00 +2359"]),
        "x-request-id": st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10),
    },
)
STATUS = st.sampled_from([200, 200, 200, 200, 201, 204, 302, 400, 401, 404, 413, 422, 429, 500, 503, 529, 599])


class Bench:
    """One member behind a server that serves what it is told to, its pool, records and books."""

    def __init__(self, server: LoopbackServer, folder: Path) -> None:
        self.next: tuple[bytes, int, dict[str, str]] = b"", 200, {}
        self.server, self.asked = server, 0
        server.behave("m", self.serve)
        price = Price(input=1, output=2)
        self.member = member(
            model="openai:m", base_url=server.url, roles=(Role.SCOUT,), attempts=1, price=price, timeout=30
        )
        self.ledger = Ledger(money=10.0**9)
        self.records = RunRecords(folder / "run.sqlite")

    def serve(self, request: Request) -> Served:
        body, status, headers = self.next
        packed = gzip.compress(body) if headers.get("content-encoding") == "gzip" and len(body) % 2 else body
        return Served(packed, status, headers=headers)

    async def ask(self) -> Any:
        # A breaker would turn a member that only talks nonsense away unasked: each call has a pool of its own.
        model = make_model(self.member)
        spec = PoolSpec.model_construct(members=(self.member,))
        pool = Pool(spec, {"m": model}, words=PlainWords(), recorder=self.records, ledger=self.ledger, seed=0)
        self.asked += 1
        try:
            return await pool.ask(self.member, PROMPT, AnswerReply, purpose="search", sample=self.asked)
        finally:
            await close_models([model])


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with LoopbackServer() as server:
        bench = Bench(server, tmp_path_factory.mktemp("fuzz"))
        yield bench
        bench.records.close()


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, status=STATUS, headers=HEADERS)
@example(body=body_of(COMPLETION), status=200, headers={})
def test_any_response_is_an_outcome_that_is_recorded(
    bench: Bench, body: bytes, status: int, headers: dict[str, str]
) -> None:
    bench.next = body, status, headers
    before, requests = bench.ledger.settled, bench.server.count
    call = asyncio.run(bench.ask())
    sent = bench.server.count - requests
    (kept,) = bench.records.calls([call.id])
    assert kept.model_copy(update={"reply": call.reply}) == call
    assert call.outcome in Outcome
    assert (call.reply is not None) is (call.outcome is Outcome.ANSWERED)
    assert 1 <= call.attempts == sent <= 3
    assert max(map(len, (call.text, call.thinking))) <= LONGEST_REPLY_TEXT
    assert max(map(len, (call.detail, call.model_name, call.route, call.finish_reason))) <= 500
    after = bench.ledger.settled
    assert (after.calls - before.calls, after.tokens - before.tokens) == (sent, call.tokens)
    assert call.cost is not None
    assert math.isfinite(call.cost)
    assert bench.records.unknown().requests == 0
    if body == body_of(COMPLETION) and status == 200 and not headers:
        assert (call.outcome, call.tokens) == (Outcome.ANSWERED, 81)
