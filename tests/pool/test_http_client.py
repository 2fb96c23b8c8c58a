"""What the connections of members keep to themselves: no cookie of a server, and no key on a SOCKS port."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from contextlib import suppress

import httpx2
import pytest
from adaem.domain.answer import Outcome
from adaem.pool.endpoints.http_client import bounded_client
from http_calls import GOOD, KEY, ask_all
from http_calls import server as server
from loopback import LoopbackServer, Request, Served, completion


def with_cookie(request: Request) -> Served:
    served = completion(GOOD)(request)
    return Served(served.body, headers={"set-cookie": "session=of-the-first-call; Path=/"})


@pytest.mark.parametrize("way", ["direct", "proxy"])
def test_a_cookie_is_neither_kept_nor_sent(server: LoopbackServer, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server.behave("m", with_cookie)
    named = server.url.replace("127.0.0.1", "localhost")  # aiohttp keeps no cookie of a host without a name
    address = "http://host.example/v1" if way == "proxy" else named
    monkeypatch.setenv("HTTP_PROXY", named.removesuffix("/v1") if way == "proxy" else "")

    async def ask_twice() -> None:
        async with bounded_client(timeout=10) as client:
            for _ in range(2):
                reply = await client.post(f"{address}/chat/completions", json={"model": "m"})
                assert "set-cookie" in reply.headers

    asyncio.run(ask_twice())
    assert len(server.requests["m"]) == 2
    assert all("cookie" not in request.headers for request in server.requests["m"])


def test_calls_of_a_member_share_no_cookie(server: LoopbackServer) -> None:
    address = server.url.replace("127.0.0.1", "localhost")
    for call in ask_all(server, with_cookie, times=3, base_url=address, concurrency=1)[0]:
        assert call.outcome is Outcome.ANSWERED, call.detail
    assert all("cookie" not in request.headers for request in server.requests["m"])


@pytest.mark.filterwarnings("ignore:unclosed")  # httpx leaves a connection open that a SOCKS proxy refused
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_gets_httpx_own_transport_and_no_http(scheme: str) -> None:
    """Without the package socksio there is no such transport, and nothing is sent at all."""
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def listen() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    heard.extend(connection.recv(4096))
                    connection.sendall(b"\x05\xff")  # no way to log in is good enough

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()

        async def ask() -> None:
            async with bounded_client(proxy=f"{scheme}://127.0.0.1:{listening.getsockname()[1]}", timeout=5) as client:
                await client.get("http://host.example/v1", headers={"Authorization": f"Bearer {KEY}"})

        with pytest.raises((ImportError, httpx2.TransportError)):
            asyncio.run(ask())
        listening.shutdown(socket.SHUT_RDWR)
        listener.join(5)
    gc.collect()
    assert heard[:1] in (b"", b"\x05")  # the greeting of SOCKS 5
    assert KEY.encode() not in heard


def test_the_transport_behind_a_socks_proxy_is_httpx_own(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def own(client: object, proxy: httpx2.Proxy, **settings: object) -> httpx2.AsyncBaseTransport:
        given.append(str(proxy.url))
        return httpx2.MockTransport(lambda _: httpx2.Response(204))

    monkeypatch.setattr(httpx2.AsyncClient, "_init_proxy_transport", own)

    bounded_client(proxy="socks5://127.0.0.1:1080")
    assert given == ["socks5://127.0.0.1:1080"]
