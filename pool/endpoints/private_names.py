"""Holds a host that is asked without encryption to the addresses of one's own network, whatever its name leads to.

A name can lead elsewhere a moment later, so that one look decides nothing: the look before the first request is for a
clear word at once, and each connection looks again, at the addresses that it then connects to.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any

from ...domain.errors import InputError
from ...domain.private_hosts import is_private, literal


def check_name(where: str, host: str) -> None:
    """Raises ``InputError`` for a ``host`` that now leads out of one's own network; one that nobody knows may come yet.

    ``where`` begins the error. Asks the system's resolver, which may take seconds.
    """
    try:
        addresses = [str(each[4][0]) for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return
    if (public := public_of(addresses)) is not None:
        raise InputError(
            f"{where} is plain http to {host}, which leads to {public}, no private address: prompts and key would "
            "cross the internet unencrypted — use https"
        )


def public_of(addresses: Iterable[str]) -> str | None:
    """The first of the IP ``addresses`` that is not of this machine or one's own network; None where all are."""
    return next((each for each in addresses if (ip := literal(each)) is None or not is_private(ip)), None)


def private_resolver() -> Any:
    """A resolver for ``aiohttp.TCPConnector`` that knows no name with an address outside one's own network.

    It raises ``OSError`` for one, which is to a request as if the name could not be found.
    """
    from aiohttp import ThreadedResolver

    class PrivateResolver(ThreadedResolver):
        async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> Any:
            found = await super().resolve(host, port, family)
            if (public := public_of(each["host"] for each in found)) is not None:
                raise OSError(None, f"{host} leads to {public}, no private address")
            return found

    return PrivateResolver()
