"""A key reaches no file and no screen, whatever a server does with it."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import tiktoken
from adaem.domain.errors import RunFailed
from adaem.domain.texts.hiding import hide
from growing import Quiet, grow, write_pool
from loopback import LoopbackServer, Request, Served, completion, failing, structured

KEYS = {"FIRST_KEY": "sk-planted-aaaa1111bbbb2222", "SECOND_KEY": "another planted key 0987654321"}


def repeating(status: int) -> Any:
    """An error that repeats the request's own key, as some servers do."""

    def serve(request: Request) -> Served:
        return failing(status, f"your key {request.headers['authorization']} is not known")(request)

    return serve


def spelt(request: Request) -> list[str]:
    """The request's own key as servers and encoders may spell it."""
    key = request.headers["authorization"].removeprefix("Bearer ")
    return [
        key,
        key.replace("-", "\\u002d").replace(" ", "\\u0020"),
        "".join(f"\\u{ord(each):04x}" for each in key),
        quote(key, safe="").replace("-", "%2D"),
        base64.b64encode(f"x{key}".encode()).decode(),
        key[: len(key) // 2],
    ]


def repeating_everywhere(request: Request) -> Served:
    """A good answer to the schema, in whose every field the key stands, each time spelt in another way."""
    spellings = spelt(request)
    served = structured()(request)
    reply = json.loads(served.body["choices"][0]["message"]["content"])
    for point, spelling in zip(reply.get("key_points", []), spellings[3:], strict=False):
        point["point"], point["justification"] = spelling, f"because {spelling}"
    words = json.dumps(reply)
    # Escapes that are undone only when the reply is read.
    words = words.replace("some words", spellings[1]).replace("because ", f"because {spellings[2]}")
    message = {"role": "assistant", "content": words, "reasoning": spellings[1], "reasoning_details": spellings[0]}
    choice = {"index": 0, "message": message, "finish_reason": f"stop {spellings[0]}"}
    told = {"system_fingerprint": spellings[2], "provider": spellings[0], "id": spellings[0], "choices": [choice]}
    return Served({**served.body, **told}, headers={"x-request-id": quote(spellings[0])})


def answering_as_the_key(request: Request) -> Served:
    return Served({**structured()(request).body, "model": spelt(request)[0]})


def out_of_reach(_: str) -> Any:
    raise OSError


def chatting(request: Request) -> Served:
    """An answer that holds the key, and is no reply."""
    return completion(f"You sent me {request.headers['authorization']}")(request)


def test_planted_keys_are_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], adaem: Any
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tiktoken, "get_encoding", out_of_reach)
    with LoopbackServer() as server:
        server.behave("one", structured(), repeating_everywhere)
        server.behave("two", repeating_everywhere, chatting, answering_as_the_key, repeating(400), repeating_everywhere)
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
        shown = "".join([*capsys.readouterr(), *said]) + repr(listener.events)
        shown += "".join(map(str, adaem("doctor", "--pool", pool)))
        sent = {request.headers["authorization"] for heard in server.requests.values() for request in heard}
    assert sent == {f"Bearer {value}" for value in KEYS.values()}  # they really travelled
    folder = tmp_path / "run"
    for verb in (
        ("report", folder, "--full"),
        ("report", folder, "--json"),
        ("report", folder, "--html", tmp_path / "report.html"),
        ("trace", folder),
        ("trace", folder, "--html", tmp_path / "trace.html"),
        ("export", folder, "--to", "csv"),
    ):
        code, out, err = adaem(*verb)
        assert code in (0, 1), err
        shown += out + err
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 10
    with closing(sqlite3.connect(folder / "run.sqlite")) as database:
        texts = ["".join(database.iterdump())]
    texts += [path.read_bytes().decode("utf-8", "replace") for path in written]
    assert "[hidden]" in texts[0]
    for text in (shown, *texts):
        assert hide(text, KEYS.values()) == text


@pytest.mark.parametrize(
    "key", ["gsk_0a1b2c3d4e5f6g7h8i9j", "AIzaSyA1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q", "sk-proj-0123456789ab"]
)
@pytest.mark.parametrize("verb", ["doctor", "run", "plan"])
def test_a_key_in_the_place_of_its_variable_is_not_shown(key: str, verb: str, tmp_path: Path, adaem: Any) -> None:
    member = {"id": "one", "model": "openai:one", "roles": ["scout", "panel"], "base_url": "http://127.0.0.1:9/v1"}
    pool = tmp_path / "pool.yaml"
    pool.write_text(json.dumps({"name": "pool", "members": [{**member, "key_variable": key}]}), encoding="utf-8")
    code, out, err = adaem(verb, "--pool", pool)
    assert code in (1, 2)
    assert "key_variable" in out + err
    assert key not in out + err
    assert hide(out + err, [key]) == out + err
