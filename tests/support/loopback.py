"""An OpenAI-compatible chat-completions server on 127.0.0.1, with a scripted behaviour for each model name.

with LoopbackServer() as server:
    server.behave("good", structured())
    server.behave("flaky", failing(500), completion("{}"))     # in this order, the last one for ever
    … requests to server.url …
    server.requests["good"][0].body["response_format"]
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Served:
    """One response: a JSON body, or raw bytes; ``delay`` seconds before it; ``reset`` cuts the connection instead.

    ``withheld`` bytes at its end are announced but never sent: the connection closes before them. ``sent`` is called
    once the response has left.
    """

    body: Any
    status: int = 200
    delay: float = 0.0
    reset: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    withheld: int = 0
    sent: Callable[[], None] | None = None


@dataclass(frozen=True)
class Request:
    """One received request; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Behaviour = Callable[[Request], Served]


def completion(
    text: str | None,
    *,
    model: str | None = None,
    finish_reason: str = "stop",
    refusal: str | None = None,
    delay: float = 0.0,
) -> Behaviour:
    """A well-formed completion that says ``text``."""

    def serve(request: Request) -> Served:
        message = {"role": "assistant", "content": text, "refusal": refusal}
        return Served(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 0,
                "model": model or request.body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
                "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
            },
            delay=delay,
        )

    return serve


def structured() -> Behaviour:
    """Fills in the schema of ``response_format``; without one, chats."""

    def serve(request: Request) -> Served:
        if (wanted := request.body.get("response_format")) is None:
            return completion("Well, it depends.")(request)
        schema = wanted["json_schema"]["schema"]
        return completion(json.dumps(example(schema, schema.get("$defs", {}))))(request)

    return serve


def refusing_schemas(text: str, *, message: str = "Unknown field: response_format", status: int = 400) -> Behaviour:
    """Says ``text``, but turns down every request that holds a ``response_format``."""

    def serve(request: Request) -> Served:
        return failing(status, message)(request) if "response_format" in request.body else completion(text)(request)

    return serve


def failing(status: int, message: str = "no luck", *, code: str | None = None) -> Behaviour:
    """An error as OpenAI words it."""
    return lambda _: Served({"error": {"message": message, "type": "error", "param": None, "code": code}}, status)


def raw(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Behaviour:
    """These bytes, said to be JSON."""
    return lambda _: Served(body, status, headers=headers or {})


def reset() -> Behaviour:
    """The connection is cut without a response."""
    return lambda _: Served(None, reset=True)


def example(schema: dict[str, Any], definitions: dict[str, Any], item: int = 0) -> Any:
    """The plainest value that fits a JSON schema; the items of an array differ, since equal key points say nothing."""
    if "$ref" in schema:
        return example(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions, item)
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            return {name: example(of, definitions, item) for name, of in schema["properties"].items()}
        case "array":
            return [example(schema["items"], definitions, number) for number in range(schema.get("minItems", 0))]
        case "integer":
            return 1
        case _:
            return f"some words of {('pebbles', 'lanterns', 'walnuts')[item]}"


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # a burst of connections beyond it would wait a second for its next try

    def __init__(self, *of: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*of)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client may be killed at any time
            super().handle_error(request, client_address)


class LoopbackServer:
    """Serves from a thread until the ``with`` block ends. ``latency`` seconds are added to every response."""

    def __init__(self, *, latency: float = 0.0) -> None:
        self.latency = latency
        self.requests: defaultdict[str, list[Request]] = defaultdict(list)
        self.pages: dict[str, Any] = {}
        self._behaviours: dict[str, list[Behaviour]] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._up = True
        self._http = _HTTPServer(("127.0.0.1", 0), self._handler())
        self._address = ("127.0.0.1", int(self._http.server_address[1]))
        self.url = f"http://127.0.0.1:{self._address[1]}/v1"

    @property
    def count(self) -> int:
        return sum(map(len, self.requests.values()))

    def behave(self, model: str, *behaviours: Behaviour) -> None:
        self._behaviours[model] = list(behaviours)

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        if self._up:
            self._http.shutdown()
            self._http.server_close()

    def die(self) -> None:
        """As a killed process: nobody listens any more, and every connection is cut, whatever was under way."""
        self._up = False
        self._http.shutdown()
        self._http.server_close()
        for connection in list(self._http.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def rise(self) -> None:
        """Serves at the same address again."""
        self._http = _HTTPServer(self._address, self._handler())
        self._up = True
        self.__enter__()

    def _serve(self, request: Request) -> Served:
        name = request.body.get("model", "")
        with self._lock:
            self.requests[name].append(request)
            behaviours = self._behaviours.get(name) or [failing(404, f"no model {name}", code="model_not_found")]
            behaviour = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
        served = behaviour(request)
        self._closing.wait(self.latency + served.delay)
        return served

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        serve, pages = self._serve, self.pages

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                if len(received := self.rfile.read(length)) < length:
                    self.close_connection = True  # the client died while it was sending
                    return
                body = json.loads(received)
                served = serve(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                if served.reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    self.close_connection = True
                    return
                payload = served.body if isinstance(served.body, bytes) else json.dumps(served.body).encode()
                try:
                    self.send_response(served.status)
                    for name, value in {"content-type": "application/json", **served.headers}.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload[: len(payload) - served.withheld])
                except OSError:
                    self.close_connection = True  # the client gave up waiting
                    return
                if served.withheld:
                    self.close_connection = True
                if served.sent:
                    served.sent()

            def do_GET(self) -> None:
                found = pages.get(self.path)
                payload = json.dumps(found).encode()
                self.send_response(404 if found is None else 200)
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
