from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import Member, PoolSpec, Role
from adaem.domain.reading.yaml_records import parse_override
from adaem.pool.endpoints.endpoint import check_keys, is_loopback, secrets
from adaem.pool.endpoints.providers import PROVIDERS


def pool(**settings: Any) -> PoolSpec:
    roles = (Role.SCOUT, Role.PANEL, Role.JUDGE)
    member = Member(**({"id": "m", "model": "openai:x", "roles": roles} | settings))
    return PoolSpec(members=(member, Member(id="other", model="simulated:x", roles=roles, key_variable="AWS_KEY")))


def at(host: str, **settings: Any) -> PoolSpec:
    scheme = "http" if is_loopback(host) else "https"
    address = f"[{host}]" if ":" in host else host
    return pool(base_url=f"{scheme}://{address}:8443/v1", **settings)


@pytest.mark.parametrize(
    ("variable", "host"),
    [(variable, host) for provider in PROVIDERS for variable in provider.variables for host in provider.hosts],
)
def test_a_providers_key_goes_to_its_own_addresses(variable: str, host: str) -> None:
    check_keys(at(host, key_variable=variable), ())


@pytest.mark.parametrize(
    "spec",
    [
        pool(),
        pool(key_variable="OPENAI_API_KEY"),
        pool(model="anthropic:claude"),
        pool(model="anthropic:claude", key_variable="ANTHROPIC_API_KEY"),
        pool(model="nobody:x"),
        at("host.example"),
        at("api.openai.com.", key_variable="OPENAI_API_KEY"),
        at("API.OpenAI.com", key_variable="OPENAI_API_KEY"),
        *(at(host, key_variable="VLLM_KEY") for host in ("127.0.0.1", "localhost", "::1")),
    ],
)
def test_what_needs_no_permission(spec: PoolSpec) -> None:
    check_keys(spec, ())


@pytest.mark.parametrize(
    ("host", "variable"),
    [
        ("evil.example", "OPENAI_API_KEY"),
        ("evil.example", "openai_api_key"),
        ("evil.example", "SOME_KEY"),
        ("evil.example", "GITHUB_TOKEN"),
        ("api.openai.com", "GITHUB_TOKEN"),
        ("api.openai.com", "ANTHROPIC_API_KEY"),
        ("api.openai.com.evil.example", "OPENAI_API_KEY"),
        ("notopenrouter.ai", "OPENROUTER_API_KEY"),
        ("sub.openrouter.ai", "OPENROUTER_API_KEY"),
        ("evil.openai.azure.com", "AZURE_OPENAI_API_KEY"),
        ("127.0.0.1", "OPENAI_API_KEY"),
        ("::1", "HF_TOKEN"),
        ("localhost", "GITHUB_TOKEN"),
        ("localhost", "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_a_key_goes_nowhere_else_unless_the_user_allows_the_host(host: str, variable: str) -> None:
    spec = at(host, key_variable=variable)
    with pytest.raises(InputError) as caught:
        check_keys(spec, ["another.example"])
    line = str(caught.value)
    assert "\n" not in line
    for named in ("'m'", variable, f" {host},"):
        assert named in line
    # The remedy works as it stands, on a shell, and keeps what was allowed before.
    [remedy] = re.findall(r"-s '.*'$", line)
    key, hosts = parse_override(shlex.split(remedy)[1])
    assert key == "allowed_hosts"
    assert set(hosts) == {host, "another.example"}
    check_keys(spec, hosts)


def test_allowed_hosts_are_compared_as_hosts_are() -> None:
    for said in ("Host.Example", "host.example.", " host.example "):
        check_keys(at("HOST.example", key_variable="SOME_KEY"), [said])
    check_keys(at("::1", key_variable="HF_TOKEN"), ["[::1]"])
    with pytest.raises(InputError):
        check_keys(at("sub.host.example", key_variable="SOME_KEY"), ["host.example"])


def test_another_variable_at_a_providers_own_client() -> None:
    with pytest.raises(InputError, match=r"GITHUB_TOKEN would be sent to api\.anthropic\.com"):
        check_keys(pool(model="anthropic:claude", key_variable="GITHUB_TOKEN"), ())
    with pytest.raises(InputError, match=r"ANTHROPIC_API_KEY would be sent to api\.openai\.com"):
        check_keys(pool(key_variable="ANTHROPIC_API_KEY"), ())
    check_keys(pool(key_variable="MY_OPENAI_KEY"), ["api.openai.com"])
    with pytest.raises(InputError, match="leave key_variable out"):
        check_keys(pool(model="nobody:x", key_variable="SOME_KEY"), ["nobody.example"])


def test_no_variable_and_no_host_has_two_owners() -> None:
    for field in ("variables", "hosts", "names"):
        everything = [each for provider in PROVIDERS for each in getattr(provider, field)]
        assert len(everything) == len(set(everything))


def test_the_keys_that_a_providers_client_finds_itself_are_kept_out_of_records_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "anthropic-0123456789")
    monkeypatch.setenv("OPENAI_API_KEY", "openai-0123456789")
    monkeypatch.setenv("VLLM_KEY", "EMPTY")
    assert secrets(pool(model="anthropic:claude").members) == ("anthropic-0123456789",)
    assert secrets(at("localhost", key_variable="VLLM_KEY").members) == ()
    assert secrets(at("localhost").members) == ()
    assert secrets(pool().members) == ("openai-0123456789",)
