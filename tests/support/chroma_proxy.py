"""A proxy before a Chroma server that fails as Chroma does: before the server has seen a request, or after it has."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

NOTHING_ON_DISK = {
    "error": "InternalError",
    "message": "Error executing plan: Internal error: Error creating hnsw segment reader: Nothing found on disk",
}


class Faults:
    """Every ``every``-th request fails, by turns before and after the server has dealt with it; 0 lets all through."""

    def __init__(self) -> None:
        self.every = 0
        self.failed = 0
        self._seen = 0
        self._lock = threading.Lock()

    def next(self) -> str:
        """What becomes of the next request: "", "before" or "after"."""
        with self._lock:
            self._seen += 1
            if not self.every or self._seen % self.every:
                return ""
            self.failed += 1
            return ("before", "after")[self.failed % 2]


@contextmanager
def failing_proxy(url: str) -> Iterator[tuple[str, Faults]]:
    """The proxy's address, and what makes it fail."""
    faults = Faults()

    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        fate = faults.next()
        if fate != "before":
            asked = _asked(Request(url + path, body or None, {"content-type": "application/json"}, method=method))
        return (500, json.dumps(NOTHING_ON_DISK).encode()) if fate else asked

    with answering(answer) as own:
        yield own, faults


@contextmanager
def answering(answer: Callable[[str, str, bytes], tuple[int, bytes]]) -> Iterator[str]:
    """The address of a server: ``answer`` makes a status and a body of a request's method, path and body."""

    class Handler(BaseHTTPRequestHandler):
        # HTTP/1.0: every connection ends with its answer, so that a client that gives up leaves none open.

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, payload = answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - names that the library asks for

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _asked(request: Request) -> tuple[int, bytes]:
    try:
        with urlopen(request, timeout=30) as response:
            return response.status, response.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()
