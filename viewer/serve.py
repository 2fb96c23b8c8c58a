"""Starts the server on this machine alone, tells its address with the token, and opens it in the user's browser."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from ..domain.errors import InputError
from ..results.browsing.listed_folders import check_roots, is_shown
from .shelf import Shelf

HOST = "127.0.0.1"

PORT = 8610
"""Taken where it is free, so that a link which a colleague sends opens in the colleague's own server."""

NEEDED_PACKAGES = ("starlette", "uvicorn", "jinja2", "matplotlib")

GRACE = 1
"""Seconds that open pages get when the server ends."""


def serve(roots: Sequence[Path], port: int | None, *, browser: bool, say: Callable[[str], None]) -> None:
    """Serves the folders below ``roots`` until it is stopped.

    Raises ``InputError`` without the extra ``view``, for a root that is none, and where ``port`` is taken; without one
    it is ``PORT``, or any free one.
    """
    check_roots(roots)
    for package in NEEDED_PACKAGES:
        if find_spec(package) is None:
            raise InputError(
                f"adaem view needs more packages, and {package} is not installed — pip install 'adaem[view]'"
            )
    import uvicorn

    from .application import Viewer, application
    from .background import Background
    from .screens import Screens, address

    listening = listen_on(port)
    number = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    shelf = Shelf(roots)
    app = application(Viewer(shelf, Screens(), Background()), token, number)
    one = shelf.entries() if len(roots) == 1 and is_shown(roots[0]) else []
    first = address("run", one[0].key, token=token) if one else address(token=token)
    say(f"http://{HOST}:{number}{first}")
    if browser:
        # The socket listens already: what asks before the server is ready waits.
        threading.Thread(target=webbrowser.open, args=(f"http://{HOST}:{number}{first}",), daemon=True).start()
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=GRACE, lifespan="on"
    )
    server = uvicorn.Server(config)
    # Pages that are open then are cut off, and uvicorn prints a traceback of each.
    logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)
    server.run(sockets=[listening])


def listen_on(port: int | None) -> socket.socket:
    """A socket on this machine alone: on ``port``, or where that is None on ``PORT`` or any free one."""
    for number in (PORT, 0) if port is None else (port,):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, number))
        except OSError:
            listening.close()
            continue
        listening.listen(128)
        return listening
    raise InputError(f"--port {port}: is taken, or not yours to take — name another, or leave it out for a free one")
