"""Walls: no network beyond loopback, no keys, no tracing. Raised before any test module is imported."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from finished_runs import FinishedRuns

# The same examples in every run: a failure is then the change's, not the luck's.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

_REMOVED = re.compile(
    r"_(API_)?(KEY|TOKEN|SECRET)$|^(OPENAI|ANTHROPIC|AZURE_OPENAI|LANGCHAIN|LANGSMITH)_|^(ALL|HTTPS?)_PROXY$",
    re.IGNORECASE,
)
_LOOPBACK = ("127.", "::1", "localhost")
_patch = pytest.MonkeyPatch()


def _refuse_beyond_loopback(address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else "localhost"
    if not str(host).startswith(_LOOPBACK):
        raise AssertionError(f"a test reached for the network: {address}")


def pytest_configure() -> None:
    for name in [name for name in os.environ if _REMOVED.search(name)]:
        _patch.delenv(name)
    # Started in the background of a script or by nohup, a process and its children ignore these; tests send them.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def walled_connect(self: socket.socket, address: Any) -> None:
        _refuse_beyond_loopback(address)
        connect(self, address)

    def walled_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_beyond_loopback(address)
        return connect_ex(self, address)

    def walled_resolve(host: Any, *rest: Any, **named: Any) -> Any:
        _refuse_beyond_loopback((host or "localhost",))
        return resolve(host, *rest, **named)

    _patch.setattr(socket.socket, "connect", walled_connect)
    _patch.setattr(socket.socket, "connect_ex", walled_connect_ex)
    _patch.setattr(socket, "getaddrinfo", walled_resolve)


def pytest_unconfigure() -> None:
    _patch.undo()


@pytest.fixture(scope="session")
def finished_runs(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> FinishedRuns:
    """Finished runs to begin with. The folder above a process's own is the session's."""
    from finished_runs import FinishedRuns

    own = tmp_path_factory.getbasetemp()
    root = (own if worker_id == "master" else own.parent) / "finished-runs"
    root.mkdir(exist_ok=True)
    return FinishedRuns(root)


@pytest.fixture
def adaem(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Runs the command in this process, 80 columns wide: exit code, standard output, standard error."""
    from adaem.cli import main

    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "path", sys.path.copy())  # the command takes the current folder from it
    # The command has the process to itself; here it has not.
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["adaem", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    yield command
    for number, handler in handlers.items():
        signal.signal(number, handler)
