"""Where a member's requests go, and which key goes with them.

A pool file may come from a stranger: no key travels that the member does not name, nor over an open line.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from ..domain.errors import InputError, KeyMissing
from ..domain.pool import Member, PoolSpec

OPENAI = "openai"
OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY_VARIABLE = "OPENAI_API_KEY"
NO_KEY = "not-needed"
"""Sent to a server whose member names no key variable: the client insists on some key."""

_SHORTEST_SECRET = 8
"""Shorter values ("EMPTY", "ollama") are placeholders of local servers; hiding them would mutilate answers."""


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine: ``localhost``, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def base_url(member: Member) -> str | None:
    """The address that an OpenAI-compatible member's requests go to; None for a provider's own address.

    Raises InputError for a base_url of another provider (its client's redirects could not be held), plain http beyond
    loopback, and credentials in the address, which would end up in the run's records.
    """
    if member.base_url is None:
        return OPENAI_URL if member.provider == OPENAI else None
    where = f"member {member.id!r}: base_url"
    if member.provider != OPENAI:
        raise InputError(
            f'{where} works with OpenAI-compatible servers only — write the model as "openai:{_name(member)}" '
            "and the address that ends in /v1"
        )
    try:
        parts = urlsplit(member.base_url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError(f"{where} is no address ({error})") from None
    if parts.scheme not in ("http", "https") or not host:
        raise InputError(f"{where} is no http(s) address — give one like https://host/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(f"{where} holds more than an address — put the key into a variable and name it key_variable")
    if parts.scheme == "http" and not is_loopback(host):
        raise InputError(f"{where} is plain http to {host}: prompts and key would be readable — use https")
    return member.base_url


def key_variable(member: Member) -> str | None:
    """The environment variable whose key is sent; None where no key of the user's may be."""
    if member.key_variable or member.base_url is not None or member.provider != OPENAI:
        return member.key_variable
    return OPENAI_KEY_VARIABLE


def key(member: Member) -> str | None:
    """The key to send, ``NO_KEY`` for a server that needs none, None to leave it to the provider's own variable.

    Raises KeyMissing when the named variable is not set.
    """
    if (variable := key_variable(member)) is None:
        return NO_KEY if member.base_url is not None else None
    if not (value := os.environ.get(variable, "").strip()):
        raise KeyMissing(member.id, variable)
    return value


def key_destinations(spec: PoolSpec) -> tuple[tuple[str, str, str], ...]:
    """(member id, key variable, host) for each member that sends a key to an address of the pool file's choosing.

    What the command line shows, and has confirmed, before it uses a pool file that the user did not write.
    """
    return tuple(
        (member.id, member.key_variable, urlsplit(address).hostname or "")
        for member in spec.members
        if member.key_variable and (address := base_url(member)) and address != OPENAI_URL
    )


def secrets(members: Iterable[Member]) -> tuple[str, ...]:
    """The key values to be kept out of every record, longest first."""
    names = {name for member in members if not member.simulated and (name := key_variable(member))}
    values = {os.environ.get(name, "").strip() for name in names}
    return tuple(sorted((value for value in values if len(value) >= _SHORTEST_SECRET), key=len, reverse=True))


def _name(member: Member) -> str:
    return member.model.split(":", 1)[1]
