"""A server that is away is waited for in sight: evaluations and imports tell of it as runs do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import tiktoken
from adaem.pool.sending import reachability
from asking import write_asked
from growing import write_pool
from loopback import LoopbackServer, structured
from recorded_rows import rows, write

Command = Callable[..., tuple[int, str, str]]


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["evaluate", "import"])
def test_a_server_that_is_away_is_told_of(
    verb: str, adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tiktoken.Encoding(
        "bytes", pat_str=r".", mergeable_ranks={bytes([n]): n for n in range(256)}, special_tokens={}
    )
    monkeypatch.setattr(tiktoken, "get_encoding", lambda _: plain)
    monkeypatch.setattr(reachability, "WORTH_TELLING", 0.1)
    waited = reachability.Reachability.wait
    risen = threading.Event()

    async def rising(self: reachability.Reachability, tries: int, began: float, reason: str) -> bool:
        if tries == 2 and not risen.is_set():
            risen.set()
            threading.Timer(0.2, server.rise).start()
        return await waited(self, tries, began, reason)

    monkeypatch.setattr(reachability.Reachability, "wait", rising)
    with LoopbackServer() as server:
        members = {"a": ["scout", "panel"], "b": ["scout", "panel"], "judge": ["judge"]}
        for name in members:
            server.behave(name, structured())
        pool = write_pool(
            tmp_path / "pool.yaml",
            [
                {"id": name, "model": f"openai:{name}", "base_url": server.url, "roles": roles, "timeout": 5.0}
                for name, roles in members.items()
            ],
        )
        given = {
            "evaluate": [write_asked(tmp_path / "q.jsonl", 2), "--samples", 2],
            "import": [write(tmp_path / "a.jsonl", rows(1, 1)), "--framework", "schwartz", "--judge", "llm"],
        }[verb]
        server.die()
        code, _, told = adaem(verb, *given, "--pool", pool, "--out", tmp_path / "out", "--json")
    assert code == 0, told
    waiting = [line for line in told.splitlines() if server.url in line]
    assert waiting[0].startswith(f"waiting for {server.url}, which cannot be reached (")
    assert waiting[1].startswith(f"{server.url} answers again after ")
