"""No response fills the memory, the records or the next prompt: over the real client and a server on loopback."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.pool.replies.reply_parser import LONGEST_REPLY_TEXT
from adaem.pool.replies.response_body import LARGEST_BODY
from adaem.pool.sending.conversation import LONGEST_MISFIT
from http_calls import asked
from loopback import Behaviour, LoopbackServer, Served, completion, raw
from members import member
from small_pool import GOOD

GZIP = {"content-encoding": "gzip"}
TOO_LARGE = "the response is larger than 8 MB"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def bomb(megabytes: int, *, status: int = 200) -> Behaviour:
    """So much of nothing, packed about a thousand to one."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    blanks = b" " * 1_000_000
    return raw(
        b"".join([*(packer.compress(blanks) for _ in range(megabytes)), packer.flush()]), status=status, headers=GZIP
    )


@pytest.mark.slow
@pytest.mark.parametrize("status", [200, 500])
def test_a_small_packed_body_fills_no_memory(server: LoopbackServer, status: int, tmp_path: Path) -> None:
    server.behave("m", bomb(300, status=status))
    tracemalloc.start()
    try:
        call, ledger = asked(server, tmp_path, attempts=5)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (call.outcome, call.detail, call.faults) == (Outcome.FAILED, TOO_LARGE, ("body too large",))
    assert call.attempts == 1, "the same request would bring the same again, and be paid for again"
    assert call.uncounted == call.tokens == ledger.settled.tokens > 0
    assert most < 6 * LARGEST_BODY


def test_a_large_plain_body_is_an_outcome(server: LoopbackServer, tmp_path: Path) -> None:
    server.behave("m", completion("x" * LARGEST_BODY))
    call, _ = asked(server, tmp_path, attempts=5)
    assert (call.outcome, call.detail, call.attempts, call.text) == (Outcome.FAILED, TOO_LARGE, 1, "")


@pytest.mark.parametrize(
    ("packing", "packed", "kind"),
    [
        ("br", b"\x8b\x02\x80", "unknown packing"),
        ("zstd", b"\x28\xb5\x2f\xfd", "unknown packing"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "unknown packing"),
        ("deflate", zlib.compress(b"{}"), "unknown packing"),
        ("gzip", b"{}", "broken packing"),
    ],
)
def test_only_what_was_asked_for_is_unpacked(
    server: LoopbackServer, packing: str, packed: bytes, kind: str, tmp_path: Path
) -> None:
    server.behave("m", raw(packed, headers={"content-encoding": packing}))
    call, _ = asked(server, tmp_path, attempts=5)
    assert (call.outcome, call.faults) == (Outcome.FAILED, (kind,))
    (sent,) = server.requests["m"]
    assert sent.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("packing", ["gzip", "GZIP", "identity", ""])
def test_an_ordinary_body_is_read(server: LoopbackServer, packing: str, tmp_path: Path) -> None:
    def serve(request: Any) -> Served:
        body = json.dumps(completion(GOOD)(request).body).encode()
        packed = gzip.compress(body) if packing.lower() == "gzip" else body
        return Served(packed, headers={"content-encoding": packing} if packing else {})

    server.behave("m", serve)
    assert asked(server, tmp_path)[0].outcome is Outcome.ANSWERED


def test_a_packed_body_that_is_cut_off_is_broken(server: LoopbackServer, tmp_path: Path) -> None:
    def serve(request: Any) -> Served:
        return Served(gzip.compress(json.dumps(completion(GOOD)(request).body).encode())[:-40], headers=GZIP)

    server.behave("m", serve)
    call, _ = asked(server, tmp_path)
    assert (call.outcome, call.faults) == (Outcome.FAILED, ("broken body",))


def test_a_long_text_is_cut_in_the_records_and_in_its_repair(server: LoopbackServer, tmp_path: Path) -> None:
    server.behave("m", completion("y" * (LARGEST_BODY // 2)), completion("z" * 300_000))
    call, _ = asked(server, tmp_path)
    assert (call.outcome, call.attempts, len(call.text)) == (Outcome.UNPARSABLE, 2, LONGEST_REPLY_TEXT)
    _, repair = server.requests["m"]
    assert len(json.dumps(repair.body)) < 2 * LONGEST_MISFIT


@pytest.mark.parametrize(
    "change",
    [
        {"model": "m-" + "9" * 10**6},
        {"system_fingerprint": "f" * 10**6},
        {"provider": "p" * 10**6},
        {"id": "i" * 10**6, "object": "o" * 10**6},
        {"choices": [{"finish_reason": "r" * 10**6, "message": {"role": "assistant", "content": GOOD}}]},
        {"choices": [{"message": {"role": "assistant", "content": "", "refusal": "no " * 10**6}}]},
        {"choices": [{"message": {"role": "assistant", "content": "", "reasoning": "hm " * 10**6}}]},
        {"choices": [{"message": {"role": "assistant", "content": json.dumps({"k" * 90_000: 1})}}]},
        {"error": {"message": "e" * 10**6, "code": 400}},
    ],
)
def test_every_field_that_is_recorded_has_a_length(server: LoopbackServer, change: Any, tmp_path: Path) -> None:
    server.behave("m", lambda request: Served(completion(GOOD)(request).body | change))
    call, _ = asked(server, tmp_path)
    fields = call.model_dump(exclude={"prompt", "reply"})
    lengths = {name: len(value) for name, value in fields.items() if isinstance(value, str)}
    assert {name for name, length in lengths.items() if length > 500} <= {"text", "thinking"}
    assert max(lengths.values()) <= LONGEST_REPLY_TEXT
    assert (tmp_path / "run.sqlite").stat().st_size < 500_000


def test_azure_models_take_no_endless_body_either() -> None:
    azure = member(model="azure_openai:m", key_variable=None)
    settings = {
        "AZURE_OPENAI_API_KEY": "k" * 20,
        "AZURE_OPENAI_ENDPOINT": "https://host.example",
        "OPENAI_API_VERSION": "v1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        model = make_model(azure)
    client = model.http_async_client  # type: ignore[attr-defined]
    assert (type(client).__name__, client.follow_redirects) == ("BoundedClient", False)
    asyncio.run(close_models([model]))
