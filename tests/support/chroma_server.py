"""A Chroma server on loopback, for the tests of a memory that several runs share."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from adaem.memory.chroma_client import close_client, served_client

_running: dict[str, subprocess.Popen[bytes]] = {}


@contextmanager
def chroma_server(folder: Path, port: int | None = None) -> Iterator[str]:
    """The server's address; it is ended afterwards. ``port``: a free one unless it is given."""
    if port is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = Path(sys.executable).with_name("chroma")
    given = [str(command), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = _running[url] = subprocess.Popen(given, stdout=log, stderr=log)
        try:
            wait_for(f"{url}/api/v2/heartbeat", process)
            yield url
        finally:
            kill_server(url)


def kill_server(url: str) -> None:
    """Ends the server at ``url`` at once, as a crash would; one that has ended already stays so."""
    if (process := _running.pop(url, None)) is not None:
        process.kill()
        process.wait()


def emptied(url: str) -> None:
    """Takes everything from the server."""
    client = served_client(url)
    for collection in client.list_collections():
        client.delete_collection(collection.name)
    close_client(client)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Returns when ``url`` answers."""
    for _ in range(300):
        assert process.poll() is None, "the server has ended"
        try:
            with urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
