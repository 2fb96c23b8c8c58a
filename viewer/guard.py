"""Who may see the pages: whoever has the token, from this machine, by the server's own name. Nobody may write.

A page of a stranger in the same browser could point its own name at 127.0.0.1 (DNS rebinding) or send requests here:
the first shows in ``Host``, the second in ``Origin`` and ``Sec-Fetch-Site``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script but the two files of the package. Styles in attributes are the shades and pictures that we draw."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

TOKEN_PARAMETER = "token"  # noqa: S105 - a parameter's name

Refuse = Callable[[int, str, str], Response]
"""Makes the page for a status, what is wrong, and what to do."""


class Guard:
    """Around the whole app. ``refuse`` makes the pages that say no."""

    def __init__(self, app: ASGIApp, token: str, port: int, refuse: Refuse) -> None:
        self._app = app
        self._token = token
        self._cookie = f"adaem-view-{port}"  # cookies of one host are shared by all of its ports
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._verdict(scope)
        await (answer or self._app)(scope, receive, _with_headers(send))

    def _verdict(self, scope: Scope) -> Response | None:
        """What to answer in the app's place; None lets the request through."""
        headers = Headers(scope=scope)
        if headers.get("host", "") not in self._hosts:
            return self._refuse(421, "This server has another name.", "Open the address that adaem view printed.")
        if not self._own(headers, scope):
            return self._refuse(403, "Another site has sent you here.", "Open the address that adaem view printed.")
        if scope["method"] not in ("GET", "HEAD"):
            return self._refuse(405, "Nothing can be changed here.", "Use adaem's other commands for that.")
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == TOKEN_PARAMETER]
        if given and self._right(given[0]):
            rest = urlencode([pair for pair in query if pair[0] != TOKEN_PARAMETER])
            # Not beginning with two slashes, which would name another host.
            path = "/" + scope.get("raw_path", scope["path"].encode()).decode("latin-1").lstrip("/\\")
            redirect = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
            redirect.set_cookie(self._cookie, self._token, httponly=True, samesite="lax")
            return redirect
        if not self._right(_cookies(headers).get(self._cookie, "")):
            return self._refuse(
                403,
                "This page needs the token of the server.",
                "Open the whole address that adaem view printed when it started; each start has a new one.",
            )
        return None

    def _own(self, headers: Headers, scope: Scope) -> bool:
        """Whether the request comes from our own pages, from the address bar, or by following a link."""
        origin = headers.get("origin")
        if origin is not None and origin.removeprefix("http://") not in self._hosts:
            return False
        if headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
            return True
        return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"

    def _right(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode())


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Any = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
