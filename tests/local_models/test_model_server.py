"""The server of real models: what is refused before weights are loaded, and how a real model is served."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import jinja2
import pytest
from adaem.domain.errors import InputError
from adaem.local_models.model_server import PLAIN_TEMPLATE, ServedModel, check_ports, start_server
from loopback import LoopbackServer
from places import ROOT
from small_weights import free_port, require_weights

Command = Callable[..., tuple[int, str, str]]


def served(file: Path, port: int = 1) -> ServedModel:
    return ServedModel("tiny", file, port, context=64, slots=1, threads=1)


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "no such file"), (b"", "is no GGUF file"), (b"PK\x03\x04", "is no GGUF file")]
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes | None, problem: str) -> None:
    file = tmp_path / "tiny.gguf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        start_server(served(file))


def test_a_port_that_is_taken_or_none_is_one_line(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        taken = httpx.URL(server.url).port
        assert taken is not None
        with pytest.raises(InputError, match=rf"port {taken}, for tiny: address already in use — .*--port"):
            check_ports([served(tmp_path, taken)])
    with pytest.raises(InputError, match="port 70000, for tiny: there is no such port"):
        check_ports([served(tmp_path, 70000)])


def test_a_base_model_reads_a_conversation_as_a_text_to_continue() -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Is it right?"}]
    text = jinja2.Template(PLAIN_TEMPLATE).render(messages=messages, add_generation_prompt=True)
    assert text == "Be brief.\n\nQuestion: Is it right?\n\nAnswer:"


def test_commands_that_cannot_be_done_are_one_line(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADAEM_MODELS", str(tmp_path))
    for words, problem in {
        "serve": "no model is on this machine — 'adaem local pull smollm2-135m'",
        "serve smollm2-135m": "smollm2-135m is not on this machine",
        "serve minilm": "minilm makes vectors",
        "serve smollm3": "no local model is called 'smollm3'",
        "pull smollm3": "no local model is called 'smollm3'",
        "serve a/x.gguf b/x.gguf": "a model is named twice",
    }.items():
        code, out, err = adaem("local", *words.split())
        assert (code, out) == (2, ""), words
        assert problem in err
        assert err.count("\n") == 1
    code, out, _ = adaem("local", "list", "--json")
    assert code == 0
    assert [row["pulled"] for row in json.loads(out)["models"]] == [False, False, False]
    assert "smollm2-135m" in adaem("local", "list")[1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_real_model_keeps_to_a_schema_counts_its_tokens_and_ends_in_order() -> None:
    require_weights("smollm2-135m")
    port = free_port()
    command = [sys.executable, str(ROOT / "main.py"), "local", "serve", "smollm2-135m", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--json", "--context", "512", "--repeatable"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            listing = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
            (member,) = [each["member"] for each in listing["models"]]
            assert member["base_url"] == f"http://127.0.0.1:{port}/v1"
            address = f"{member['base_url']}/chat/completions"
            stances = {"type": "object", "properties": {"stance": {"enum": ["yes", "no"]}}, "required": ["stance"]}
            form = {"type": "json_schema", "json_schema": {"name": "stance", "schema": stances, "strict": True}}
            body = {
                "model": "smollm2-135m",
                "messages": [{"role": "user", "content": "Is it right to eat meat?"}],
                "response_format": form,
                "max_tokens": 40,
                "seed": 1,
            }
            first, again = (httpx.post(address, json=body, timeout=60).json() for _ in range(2))
            answer = first["choices"][0]["message"]["content"]
            assert json.loads(answer)["stance"] in ("yes", "no")
            assert again["choices"][0]["message"]["content"] == answer
            usage = first["usage"]
            assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
            assert 0 < usage["completion_tokens"] <= 40
            body["messages"] = [{"role": "user", "content": "word " * 600}]
            long = httpx.post(address, json=body, timeout=60)
            assert (long.status_code, long.json()["error"]["type"]) == (400, "exceed_context_size_error")
            origin = {"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "POST"}
            allowed = httpx.options(address, headers=origin).headers["access-control-allow-origin"]
            assert allowed == "http://127.0.0.1"
            with pytest.raises(OSError, match=r"refused|timed out|unreachable|assign"):
                socket.create_connection(("127.0.0.2", port), timeout=2)  # where it listens everywhere, here too
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 143
