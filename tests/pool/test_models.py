from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from adaem.domain.errors import InputError, KeyMissing
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.pool.endpoints.endpoint import is_loopback
from adaem.pool.no_tracing import disable_tracing
from members import member


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OPENAI_API_KEY", "of-the-user-0123")
    return "of-the-user-0123"


def made(**settings: Any) -> Any:
    model = make_model(member(**settings))
    asyncio.run(close_models([model]))
    return model


def test_one_attempt_no_cache_no_stream_and_the_members_numbers(key: str) -> None:
    model = made(temperature=0.3, max_tokens=5, timeout=7)
    assert (model.max_retries, model.cache, model.disable_streaming) == (0, False, True)
    assert (model.temperature, model.extra_body, model.request_timeout) == (0.3, {"max_completion_tokens": 5}, 7)
    assert model.root_async_client.max_retries == 0
    assert model.http_async_client.is_closed


def test_the_provider_itself_gets_the_users_key_at_its_own_address(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "LANGSMITH_GATEWAY"):
        monkeypatch.setenv(name, "https://elsewhere.example/v1")
    model = made()
    assert str(model.root_async_client.base_url) == "https://api.openai.com/v1/"
    assert model.root_async_client.api_key == key
    assert key not in repr(model)


def test_another_address_never_gets_it(key: str) -> None:
    assert made(base_url="https://host.example/v1").root_async_client.api_key == "not-needed"


def test_a_named_key_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_KEY", "other-0123456")
    model = made(base_url="https://host.example/v1", key_variable="OTHER_KEY")
    assert model.root_async_client.api_key == "other-0123456"
    assert str(model.root_async_client.base_url) == "https://host.example/v1/"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_key_that_is_not_set_is_missed_by_name(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is not None:
        monkeypatch.setenv("OTHER_KEY", value)
    with pytest.raises(KeyMissing, match="OTHER_KEY"):
        make_model(member(key_variable="OTHER_KEY"))
    with pytest.raises(KeyMissing, match="OPENAI_API_KEY"):
        make_model(member())


@pytest.mark.parametrize(
    "name",
    [
        "api_key",
        "base_url",
        "openai_api_base",
        "custom_url",
        "headers",
        "default_headers",
        "http_client",
        "http_async_client",
        "extra_body",
        "model",
        "messages",
        "max_retries",
        "response_format",
        "n",
        "stream",
        "temperature",
    ],
)
def test_parameters_cannot_reach_beyond_sampling(name: str, key: str) -> None:
    with pytest.raises(InputError, match=f"'m'.*'{name}'"):
        make_model(member(parameters={name: "x"}))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://host.example/v1", "https"),
        ("http://10.0.0.7:8000/v1", "https"),
        ("http://127.0.0.1.evil.example/v1", "https"),
        ("http://localhost.evil.example/v1", "https"),
        ("http://127.0.0.1@evil.example/v1", "a user name, query or fragment"),
        ("https://user:secret@host.example/v1", "a user name, query or fragment"),
        ("https://host.example/v1?key=secret", "a user name, query or fragment"),
        ("ftp://host.example", "not an http"),
        ("host.example/v1", "not an http"),
        ("https://", "not an http"),
        ("http://[::1", "not a valid address"),
        ("https://host.example:port/v1", "not a valid address"),
        ("https://\u0430pi.openai.com/v1", "an address may not have"),
        ("https://evil.example\\.api.openai.com/v1", "an address may not have"),
        ("https://api.openai\t.com/v1", "an address may not have"),
    ],
)
def test_addresses_that_are_refused(address: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make_model(member(base_url=address))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)
    made(base_url=f"http://{f'[{host}]' if ':' in host else host}:11434/v1")


def test_an_unknown_provider_names_member_and_provider() -> None:
    with pytest.raises(InputError, match=r"'m'.*'nobody'"):
        make_model(member(model="nobody:x"))


@pytest.mark.parametrize(("provider", "package"), [("fireworks", "langchain-fireworks"), ("bedrock", "langchain-aws")])
def test_a_missing_package_is_named(provider: str, package: str) -> None:
    with pytest.raises(InputError, match=rf"'m'.*'{provider}'.*pip install {package}"):
        make_model(member(model=f"{provider}:x"))


def test_a_local_server_of_another_provider_is_pointed_to_its_compatible_address() -> None:
    with pytest.raises(InputError, match="openai:llama3"):
        make_model(member(model="ollama:llama3", base_url="http://127.0.0.1:11434"))


def test_tracing_stays_off_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    from langsmith.utils import get_env_var, tracing_is_enabled

    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING"):
        monkeypatch.setenv(name, "true")
    get_env_var.cache_clear()  # type: ignore[attr-defined]  # cached, under a signature that hides it
    assert tracing_is_enabled()
    disable_tracing()
    assert not tracing_is_enabled()
    assert "LANGCHAIN_TRACING" not in os.environ
    monkeypatch.undo()
    get_env_var.cache_clear()  # type: ignore[attr-defined]  # cached, under a signature that hides it


class Collector(BaseHTTPRequestHandler):
    """A tracing service that counts what arrives."""

    arrived: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.arrived.append(self.path)
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


TRACED = """
from adaem.pool.no_tracing import disable_tracing
{off}
from langchain_core.language_models import FakeListChatModel
from langchain_core.tracers.langchain import wait_for_all_tracers
FakeListChatModel(responses=["x"]).invoke("hello")
wait_for_all_tracers()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("off", "traced"), [("disable_tracing()", False), ("", True)])
def test_nothing_is_traced_because_variables_happen_to_be_set(off: str, traced: bool) -> None:
    Collector.arrived.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        variables = dict.fromkeys(("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"), "true")
        address = {"LANGSMITH_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "LANGSMITH_API_KEY": "lsv2_planted"}
        code = [sys.executable, "-c", TRACED.format(off=off)]
        subprocess.run(code, env=os.environ | variables | address, check=True, capture_output=True)
        server.shutdown()
    assert bool(Collector.arrived) is traced


def test_the_advice_of_the_client_is_not_printed(key: str) -> None:
    made()
    warnings.warn("This model does not support OpenAI's structured output feature, which is …", stacklevel=1)


def test_no_provider_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, adaem.pool, adaem.pool.endpoints.chat_models\n"
        "print([m for m in ('openai', 'langchain') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
