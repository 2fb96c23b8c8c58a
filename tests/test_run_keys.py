"""A key reaches no file and no screen, whatever a server does with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from adaem.domain.errors import RunFailed
from growing import Quiet, grow, write_pool
from loopback import LoopbackServer, Request, Served, completion, failing, structured

KEYS = {"FIRST_KEY": "sk-planted-aaaa1111bbbb2222", "SECOND_KEY": "another planted key 0987654321"}


def repeating(status: int) -> Any:
    """An error that repeats the request's own key, as some servers do."""

    def serve(request: Request) -> Served:
        return failing(status, f"your key {request.headers['authorization']} is not known")(request)

    return serve


def chatting(request: Request) -> Served:
    """An answer that holds the key, and is no reply."""
    return completion(f"You sent me {request.headers['authorization']}")(request)


def test_planted_keys_are_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with LoopbackServer() as server:
        server.behave("one", structured())
        server.behave("two", structured(), chatting, structured(), repeating(400), structured())
        server.behave("three", repeating(401))
        roles = ["scout", "panel"]
        members: list[dict[str, Any]] = [
            {"id": name, "model": f"openai:{name}", "roles": roles, "base_url": server.url, "key_variable": variable}
            for name, variable in (("one", "FIRST_KEY"), ("two", "SECOND_KEY"), ("three", "FIRST_KEY"))
        ]
        for kind in ("author", "judge"):
            parameters = {"world": 1, kind: 1}
            members.append({"id": kind, "model": f"simulated:{kind}", "roles": [kind], "parameters": parameters})
        pool = write_pool(tmp_path / "pool.yaml", members)
        listener = Quiet()
        said: list[str] = []
        try:
            grow(tmp_path / "run", listener, pool=pool, questions=2, budget__calls=500)
        except RunFailed as error:
            said = [str(error)]
        sent = {request.headers["authorization"] for heard in server.requests.values() for request in heard}
    assert sent == {f"Bearer {value}" for value in KEYS.values()}  # they really travelled
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 5
    shown = "".join([*capfd.readouterr(), *said]) + repr(listener.events)
    for value in KEYS.values():
        assert value not in shown
        for path in written:
            assert value.encode() not in path.read_bytes(), path.name
