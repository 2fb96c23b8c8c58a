"""A pool file's judge gets no well-known key at another address, whatever verb asks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loopback import LoopbackServer

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, LoopbackServer]]:
    """A pool whose judge is a stranger's server, which would be sent the user's own key."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-aaaa1111bbbb2222")
    with LoopbackServer() as server:
        member = {"id": "judge", "model": "openai:m", "roles": ["judge"], "base_url": server.url}
        file = tmp_path / "pool.json"
        file.write_text(json.dumps({"name": "p", "members": [{**member, "key_variable": "OPENAI_API_KEY"}]}))
        yield file, server


def test_neither_an_import_nor_a_check_sends_a_key_elsewhere(
    pool: tuple[Path, LoopbackServer], tmp_path: Path, adaem: Command
) -> None:
    file, server = pool
    answers, labelled = tmp_path / "answers.jsonl", tmp_path / "labelled.jsonl"
    row = {"model": "a", "question_id": "1", "question": "Is it right?", "answer": "Yes, because rules keep us safe."}
    answers.write_text(json.dumps(row) + "\n", encoding="utf-8")
    labelled.write_text(json.dumps({"text": "Rules keep us safe.", "values": ["security"]}) + "\n", encoding="utf-8")
    for arguments in (
        ("import", answers, "--framework", "schwartz", "--judge", "llm", "--pool", file, "--out", tmp_path / "out"),
        ("judge", "check", labelled, "--pool", file),
    ):
        code, out, err = adaem(*arguments)
        assert (code, out) == (2, "")
        assert "the key in OPENAI_API_KEY would be sent to 127.0.0.1" in err
        assert err.count("\n") == 1
    assert server.count == 0
    assert not (tmp_path / "out").exists()
    adaem("judge", "check", labelled, "--pool", file, "-s", 'allowed_hosts=["127.0.0.1"]')
    assert server.count > 0
