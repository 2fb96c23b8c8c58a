"""The HTTP client of OpenAI-compatible members: no redirect, no endless body, and errors that say what happened.

Its connections are aiohttp's (``openai.DefaultAioHttpClient``), which take less than half the processor time of
httpx's. That transport calls every lost connection a time-out of connecting; here each becomes what it was again, since
a request that was never sent is not paid for and one that was may have been. A SOCKS proxy, which aiohttp does not
know, gets httpx's own transport.
"""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

from ..replies.response_body import send_bounded
from .private_names import private_resolver


def bounded_client(*, private_only: bool = False, **settings: Any) -> Any:
    """A client with OpenAI's defaults and these ``settings`` of an ``httpx.AsyncClient``; it follows no redirect
    and keeps no cookie: calls are independent of each other.

    With ``private_only`` no name is connected to that leads out of one's own network. A body is read in full and
    bounded (``response_body.send_bounded``). Errors are those of httpx; raises ``ImportError`` for a SOCKS proxy
    without the package socksio.
    """
    import httpx2
    import openai
    from aiohttp import ClientError, ClientSession, DummyCookieJar, TCPConnector
    from openai._vendor.httpx_aiohttp import AiohttpTransport

    class CookielessTransport(AiohttpTransport):
        def get_client(self) -> ClientSession:
            if private_only:
                own = TCPConnector(
                    limit=self.limits.max_connections or 0,
                    keepalive_timeout=self.limits.keepalive_expiry,
                    resolver=private_resolver(),
                )
                return ClientSession(connector=own, cookie_jar=DummyCookieJar())
            session = super().get_client()
            connector = session.connector
            session.detach()
            return ClientSession(connector=connector, cookie_jar=DummyCookieJar())

    class BoundedClient(openai.DefaultAioHttpClient):
        def _init_transport(self, transport: Any = None, **given: Any) -> Any:  # type: ignore[override]
            return transport or CookielessTransport(**given)

        def _init_proxy_transport(self, proxy: Any, **given: Any) -> Any:  # type: ignore[override]
            if proxy.url.scheme.startswith("socks"):
                return httpx2.AsyncClient._init_proxy_transport(self, proxy, **given)
            return CookielessTransport(proxy=proxy, **given)

        async def send(self, request: Any, **options: Any) -> Any:
            try:
                return await send_bounded(super().send, request, **options)
            except (httpx2.TransportError, ClientError) as error:
                failure = _true_error(error, request)
            # Outside the handler: what is read of an error is read of those it comes from, too, and of a body that
            # ended early aiohttp's claims a status of 400.
            raise failure

    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return BoundedClient(follow_redirects=False, cookies=no_cookies, **settings)


def _true_error(error: Exception, request: Any) -> Exception:
    """The error of httpx for what happened; one that does not come from aiohttp as it is."""
    from aiohttp import ClientConnectionError, ClientError

    cause = error if isinstance(error, ClientError) else error.__cause__
    if not isinstance(cause, ClientError):
        return error
    failure: Exception = _error_of(cause)(_words(cause), request=request)
    if isinstance(cause, ClientConnectionError):
        failure.__cause__ = cause  # a certificate that was refused, say
    return failure


def _error_of(error: Exception) -> Any:
    """The error of httpx that says what an error of aiohttp's means."""
    import aiohttp
    import httpx2

    meanings = (
        (aiohttp.ClientHttpProxyError, httpx2.ProxyError),
        (aiohttp.ConnectionTimeoutError, httpx2.ConnectTimeout),
        (aiohttp.ServerTimeoutError, httpx2.ReadTimeout),
        (aiohttp.ClientConnectorError, httpx2.ConnectError),
        (aiohttp.InvalidURL, httpx2.UnsupportedProtocol),
    )
    return next((meaning for kind, meaning in meanings if isinstance(error, kind)), httpx2.RemoteProtocolError)


def _words(error: Exception) -> str:
    """What to say of it: a body that ends early is named as httpx names it, since ``faults`` knows it by that."""
    from aiohttp import ClientPayloadError

    if isinstance(error, ClientPayloadError):
        return f"peer closed connection without sending complete message body ({error})"
    return str(error) or type(error).__name__
