"""Plain http beyond this machine: whom a pool may ask so, and that a name which leads elsewhere gets nothing.

A host of one's own network is a name here that the system's resolver, as a test has it, says is loopback.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from adaem.domain.answer import Outcome
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import Member, PoolSpec, Role
from adaem.domain.reply_types import AnswerReply
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from adaem.pool.endpoints.chat_models import close_models, make_model, make_models
from adaem.pool.endpoints.endpoint import check_keys, check_plain_http, unencrypted_notice
from http_calls import GOOD
from http_calls import server as server
from kept import Kept, PlainWords
from loopback import LoopbackServer, completion
from members import member
from named_hosts import Resolver
from named_hosts import leads_to as leads_to
from small_pool import PROMPT
from small_world import framework


def spec_of(address: str, *allowed_hosts: str, **settings: Any) -> PoolSpec:
    roles = (Role.SCOUT, Role.PANEL)
    one = Member(id="m", model="openai:m", roles=roles, base_url=address, attempts=1, **settings)
    return PoolSpec(members=(one,), allowed_hosts=allowed_hosts)


def ask(spec: PoolSpec, between: Callable[[], None] = lambda: None) -> Any:
    """One call to the first member; ``between`` happens after its model was made, and before it is asked."""

    async def run() -> Any:
        models = make_models(spec, framework())
        between()
        pool = Pool(spec, models, words=PlainWords(), recorder=Kept(), ledger=Ledger(), seed=1, patience=0)
        try:
            return await pool.ask(spec.members[0], PROMPT, AnswerReply, purpose="search", sample=0)
        finally:
            await close_models(models.values())

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("http://192.168.1.20:8000/v1", "192.168.1.20"),
        ("http://10.0.0.7/v1", "10.0.0.7"),
        ("http://[fd00::1]:8000/v1", '"fd00::1"'),
        ("http://[::ffff:192.168.1.20]:8000/v1", '"::ffff:192.168.1.20"'),
        ("http://GPU.lan.:8000/v1", "gpu.lan"),
        ("http://localhost.evil.com/v1", "localhost.evil.com"),
        ("HTTP://gpu:8000/v1", "gpu"),
    ],
)
def test_a_host_of_ones_own_network_is_refused_with_the_line_that_allows_it(address: str, entry: str) -> None:
    with pytest.raises(InputError) as caught:
        check_keys(spec_of(address), ())
    line = str(caught.value)
    assert "member 'm': base_url is plain http to" in line
    assert line.endswith(f"add to the pool file: allowed_hosts: [{entry}]")
    given = PoolSpec.model_validate(spec_of(address).model_dump() | yaml.safe_load(line.partition("pool file: ")[2]))
    check_keys(given, ())


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://8.8.8.8/v1", "no private address: prompts and key would be readable"),
        ("http://0.0.0.0:8000/v1", "no private address: prompts and key would be readable"),
        ("http://[::]:8000/v1", "no private address: prompts and key would be readable"),
        ("http://[::ffff:8.8.8.8]/v1", "no private address: prompts and key would be readable"),
        ("http://[2001:4860:4860::8888]/v1", "no private address: prompts and key would be readable"),
        ("http://[fe80::1%25eth0]/v1", "no private address: prompts and key would be readable"),
        ("http://api.openai.com/v1", "no private address: prompts and key would be readable"),
        ("http://EU.api.openai.com./v1", "no private address: prompts and key would be readable"),
        ("http://3232235796:8000/v1", "write the address with four numbers"),
        ("http://0xC0A80114/v1", "write the address with four numbers"),
        ("http://192.168.276/v1", "write the address with four numbers"),
        ("http://0300.0250.1.024/v1", "write the address with four numbers"),
        ("http://192.168.1.20./v1", "write the address with four numbers"),
        ("http://gpu@192.168.1.20/v1", "a user name, query or fragment"),
        ("http://192.168.1.20:80@evil.com/v1", "a user name, query or fragment"),
    ],
)
def test_what_no_word_of_a_pool_allows(address: str, words: str) -> None:
    allowed = ("192.168.1.20", "gpu", "api.openai.com", "eu.api.openai.com")
    with pytest.raises(InputError, match=words):
        check_keys(spec_of(address, *allowed), ())
    with pytest.raises(InputError, match=words):
        make_model(member(base_url=address), allowed)


def test_this_machine_and_https_need_no_word() -> None:
    for address in ("http://localhost:8000/v1", "http://127.0.0.1/v1", "https://192.168.1.20/v1", "https://gpu.lan/v1"):
        check_plain_http(member(base_url=address), ())
    check_plain_http(member(), ())


def test_another_port_or_host_is_not_allowed_with_it() -> None:
    check_keys(spec_of("http://192.168.1.20:8000/v1", "192.168.1.20:8000"), ())
    check_keys(spec_of("http://192.168.1.20/v1", "192.168.1.20:80"), ())
    for address in ("http://192.168.1.20:8001/v1", "http://192.168.1.21:8000/v1", "http://sub.gpu:8000/v1"):
        with pytest.raises(InputError, match="add to the pool file"):
            check_keys(spec_of(address, "192.168.1.20:8000", "gpu"), ())


def test_a_word_of_the_pool_sends_no_key_there() -> None:
    spec = spec_of("http://192.168.1.20:8000/v1", "192.168.1.20", key_variable="LAN_KEY")
    with pytest.raises(InputError, match=r"the key in LAN_KEY would be sent to 192\.168\.1\.20"):
        check_keys(spec, ())
    check_keys(spec, ("192.168.1.20",))


def test_hosts_are_named_with_those_who_are_asked_there() -> None:
    spec = spec_of("http://192.168.1.20:8000/v1", "192.168.1.20")
    said = unencrypted_notice(spec)
    assert said == "unencrypted to 192.168.1.20:8000 (for m): prompts and keys can be read on the network"
    refused = spec.model_copy(update={"allowed_hosts": ()})
    assert unencrypted_notice(refused) == unencrypted_notice(spec_of("http://localhost/v1")) == ""


def test_a_name_of_ones_own_network_is_asked(server: LoopbackServer, leads_to: Resolver) -> None:
    server.behave("m", completion(GOOD))
    leads_to(["127.0.0.1"])
    assert ask(spec_of(server.url.replace("127.0.0.1", "gpu.lan"), "gpu.lan")).outcome is Outcome.ANSWERED
    (request,) = server.requests["m"]
    assert request.headers["authorization"] == "Bearer not-needed"


def test_no_proxy_carries_it(server: LoopbackServer, leads_to: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    server.behave("m", completion(GOOD))
    leads_to(["127.0.0.1"])
    with LoopbackServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        assert ask(spec_of(server.url.replace("127.0.0.1", "gpu.lan"), "gpu.lan")).outcome is Outcome.ANSWERED
        assert proxy.count == 0
    assert server.count == 1


@pytest.mark.parametrize("public", ["93.184.215.14", "0.0.0.0", "2606:2800:21f::1", "::ffff:93.184.215.14"])
def test_a_name_that_leads_to_the_internet_is_refused_at_once(public: str, leads_to: Resolver) -> None:
    for found in ([public], ["192.168.1.20", public]):
        leads_to(found)
        with pytest.raises(InputError, match=r"'m': base_url is plain http to gpu\.lan, which leads to .* — use https"):
            make_models(spec_of("http://gpu.lan:8000/v1", "gpu.lan"), framework())


def test_a_name_that_leads_elsewhere_later_gets_nothing(server: LoopbackServer, leads_to: Resolver) -> None:
    server.behave("m", completion(GOOD))
    address = server.url.replace("127.0.0.1", "gpu.lan")
    leads_to(["127.0.0.1"])
    # The second address is the server's, and would answer: one that is not private is enough to refuse the name.
    call = ask(spec_of(address, "gpu.lan"), between=lambda: leads_to(["93.184.215.14", "127.0.0.1"]))
    assert call.outcome is Outcome.FAILED
    assert server.count == 0


def test_a_name_that_nobody_knows_yet_is_no_defect(server: LoopbackServer, leads_to: Resolver) -> None:
    server.behave("m", completion(GOOD))
    leads_to([])
    address = server.url.replace("127.0.0.1", "gpu.lan")
    call = ask(spec_of(address, "gpu.lan"), between=lambda: leads_to(["127.0.0.1"]))
    assert call.outcome is Outcome.ANSWERED
