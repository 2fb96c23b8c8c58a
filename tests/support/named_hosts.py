"""Names of hosts in one's own network, as a test has the system's resolver read them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

import pytest

Resolver = Callable[[Sequence[str]], None]


@pytest.fixture
def leads_to(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """Makes each name lead to the addresses of one answer after the other; the last answer stays."""
    answers: list[Sequence[str]] = []

    def resolve(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        families = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in found]
        more = ((), (0, 0))
        return [
            (family, socket.SOCK_STREAM, 6, "", (each, port or 0, *more[family is socket.AF_INET6]))
            for family, each in zip(families, found, strict=True)
        ]

    def lead(*given: Sequence[str]) -> None:
        answers[:] = given
        monkeypatch.setattr(socket, "getaddrinfo", resolve)

    return lead
