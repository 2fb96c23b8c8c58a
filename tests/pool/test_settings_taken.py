"""No setting is dropped in silence: not by a provider's package, not by YAML, not by the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from adaem.domain.errors import InputError
from adaem.domain.reading.yaml_records import load_pool, parse_override
from adaem.pool.endpoints import chat_models as models
from adaem.pool.endpoints.proxy_environment import check_certificates, check_proxies
from adaem.pool.endpoints.request_fields import body_fields
from langchain_core.language_models import FakeListChatModel
from members import member
from pydantic import Field


class OllamaLike(FakeListChatModel):
    """Takes what langchain-ollama takes, and drops the rest."""

    responses: list[str] = Field(default_factory=list)
    temperature: float | None = None
    num_predict: int | None = None
    top_k: int | None = None
    client_kwargs: dict[str, Any] = Field(default_factory=dict)


class Deaf(FakeListChatModel):
    responses: list[str] = Field(default_factory=list)
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    temperature: float | None = None


class PassingOn(Deaf):
    """As langchain-groq: unknown settings travel with the request."""

    max_tokens: int | None = None

    @property
    def _default_params(self) -> dict[str, Any]:
        return {"top_k": 5}


def made(kind: type[Any], monkeypatch: pytest.MonkeyPatch, **of_member: Any) -> Any:
    monkeypatch.setattr("langchain.chat_models.init_chat_model", lambda name, *, model_provider, **given: kind(**given))
    return models.make_model(member(model="elsewhere:m", **of_member))


def test_a_package_gets_settings_by_its_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made(OllamaLike, monkeypatch, max_tokens=55, timeout=7, temperature=0.3, parameters={"top_k": 5})
    assert (model.num_predict, model.client_kwargs, model.temperature, model.top_k) == (55, {"timeout": 7.0}, 0.3, 5)


@pytest.mark.parametrize(
    ("kind", "of_member", "words"),
    [
        (Deaf, {}, "takes no max_tokens, and would ignore it — set max_tokens: null"),
        (OllamaLike, {"parameters": {"min_p": 0.1}}, "takes no min_p.*remove min_p from its parameters"),
        (OllamaLike, {"parameters": {"reasoning_effort": "low"}}, "takes no reasoning_effort"),
        (PassingOn, {"parameters": {"min_p": 0.1}}, "takes no min_p"),
    ],
)
def test_what_a_package_would_ignore_is_refused(
    kind: type[Any], of_member: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=words):
        made(kind, monkeypatch, **of_member)


def test_what_it_passes_on_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(PassingOn, monkeypatch, parameters={"top_k": 5}).max_tokens == 1024
    assert made(Deaf, monkeypatch, max_tokens=None).temperature == 1.0


# --- as it is written -------------------------------------------------------------------------------------------------


def written(tmp_path: Path, parameters: str, more: str = "") -> dict[str, Any]:
    """The body of the pool file's one member."""
    path = tmp_path / "pool.yaml"
    path.write_text(
        f"members:\n- id: no\n  model: openai:m\n  roles: [scout]\n  parameters: {{{parameters}}}\n{more}",
        encoding="utf-8",
    )
    return dict(body_fields(load_pool(str(path)).members[0]))


@pytest.mark.parametrize(
    ("parameters", "sent"),
    [
        ("reasoning_effort: off", {"reasoning_effort": "off"}),
        ("reasoning_effort: no", {"reasoning_effort": "no"}),
        ("verbosity: on", {"verbosity": "on"}),
        ("enable_thinking: off", {"enable_thinking": False}),
        ("enable_thinking: Yes", {"enable_thinking": True}),
        ("enable_thinking: false", {"enable_thinking": False}),
        ("top_p: 0.5, top_k: 3", {"top_p": 0.5, "top_k": 3}),
        ("keep_alive: 5m", {"keep_alive": "5m"}),
    ],
)
def test_text_stays_text_and_switches_switch(parameters: str, sent: dict[str, Any], tmp_path: Path) -> None:
    assert written(tmp_path, parameters) == sent


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("reasoning_effort: false", "'reasoning_effort' is False, but takes text: put it in quotes"),
        ("reasoning_effort: 3", "takes text"),
        ("enable_thinking: maybe", "takes true or false"),
        ("top_p: true", "takes a number"),
        ("top_p: '0.5'", "takes a number"),
    ],
)
def test_a_value_of_another_type_is_refused(parameters: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        written(tmp_path, parameters)


def test_switches_and_dates_of_a_pool_file_are_read_as_they_are_meant(tmp_path: Path) -> None:
    written(tmp_path, "", "  send_seed: yes\n  answers_as: [2026-01-31, no]\n")
    found = load_pool(str(tmp_path / "pool.yaml")).members[0]
    assert (found.id, found.send_seed, found.answers_as) == ("no", True, ("2026-01-31", "no"))
    assert parse_override("a.b=off") == ("a.b", "off")
    assert parse_override("a.b=true") == ("a.b", True)


# --- around it --------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1080", "needs the package socksio"),
        ("all_proxy", "socks5h://127.0.0.1:1080", "needs the package socksio"),
        ("HTTPS_PROXY", "ht!tp://planted-secret", "not a valid address of a proxy"),
        ("HTTPS_PROXY", "http://[::1", "not a valid address of a proxy"),
        ("HTTP_PROXY", "http://", "not a valid address of a proxy"),
        ("https_proxy", "http://user:planted-secret@host:99999", "not a valid address of a proxy"),
        ("HTTPS_PROXY", "socks4://host:1", r"unknown kind \(socks4\)"),
    ],
)
def test_a_proxy_that_no_client_can_use_is_named_by_its_variable(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=words) as refused:
        models.make_model(member(base_url="https://host.example/v1"))
    assert f"the environment variable {name} " in str(refused.value)
    assert "planted-secret" not in str(refused.value)
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "value", ["http://host:8080", "host:8080", "http://user:word@host:8080", "https://[::1]:1", ""]
)
def test_proxies_that_can_be_used(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    check_proxies()


def test_this_machine_is_reached_without_a_proxy_whatever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    models.make_model(member(base_url="http://127.0.0.1:9/v1"))


@pytest.mark.parametrize("address", ["https://host.example/v1", "http://127.0.0.1:9/v1"])
def test_stale_certificates_are_named_by_their_variable(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_certificates = tmp_path / "words.pem"
    no_certificates.write_text("words")
    for name, value in (("FILE", tmp_path / "gone.pem"), ("FILE", no_certificates), ("DIR", tmp_path / "gone")):
        monkeypatch.setenv(f"SSL_CERT_{name}", str(value))
        with pytest.raises(InputError, match=f"the environment variable SSL_CERT_{name} names .*unset it"):
            models.make_model(member(base_url=address))
        monkeypatch.delenv(f"SSL_CERT_{name}")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    check_certificates()
