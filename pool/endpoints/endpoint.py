"""Where a member's requests go, and which key goes with them.

A pool file may come from a stranger: no key travels that the member does not name, nor over an open line, nor to an
address that is neither its own nor allowed by the user.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from ...domain.errors import InputError, KeyMissing
from ...domain.pool_spec import Member, PoolSpec
from ...domain.private_hosts import HTTP_PORT, allows, is_private, literal, reads_as_number
from ...domain.texts.hiding import SHORTEST_KEY, name_key_variables
from .providers import OPENAI_ITSELF, PROVIDERS, owner, provider

OPENAI = "openai"
OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY_VARIABLE = "OPENAI_API_KEY"
NO_KEY = "not-needed"
"""Sent to a server whose member names no key variable: the client insists on some key."""

LOADING = frozenset({"huggingface"})
"""Providers whose LangChain classes load a model from a path or a download, and run it here."""


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine: ``localhost``, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_openai(address: str | None) -> bool:
    """Whether requests to ``address`` (None: where they go without one) reach OpenAI itself, in whatever region."""
    return address is None or OPENAI_ITSELF.serves(_plain(urlsplit(address).hostname or ""))


def base_url(member: Member) -> str | None:
    """The address that an OpenAI-compatible member's requests go to; None for a provider's own address.

    Whether it may be asked there is for ``check_plain_http`` to say. Raises InputError for a base_url of another
    provider (its client's redirects could not be held) and credentials in the address, which would end up in the run's
    records.
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
        raise InputError(f"{where} is not a valid address ({error})") from None
    if not (member.base_url.isascii() and member.base_url.isprintable()) or set(member.base_url) & set(" \\"):
        # Look-alike letters, and what URL parsers read in different ways.
        raise InputError(
            f"{where} has a character that an address may not have — write other scripts in their xn-- form"
        )
    if parts.scheme not in ("http", "https") or not host:
        raise InputError(f"{where} is not an http(s) address — write one like https://host/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(f"{where} has a user name, query or fragment — give the key by key_variable")
    return member.base_url


def is_plain(address: str) -> bool:
    """Whether what is sent to ``address`` leaves this machine unencrypted."""
    parts = urlsplit(address)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def check_plain_http(member: Member, allowed_hosts: Iterable[str]) -> None:
    """Refuse plain http beyond this machine, but to those hosts of one's own network that the pool file allows.

    Looks nothing up: ``private_names`` holds a name to the addresses of one's own network. Raises InputError, which
    says what to add where the host may be allowed.
    """
    if (address := base_url(member)) is None or not is_plain(address):
        return
    parts = urlsplit(address)
    host = parts.hostname or ""
    problem = f"member {member.id!r}: base_url is plain http to {host}"
    ip, name = literal(host), _plain(host)
    if ip is None and (reads_as_number(name) or ":" in name):
        raise InputError(f"{problem}, a number in another form — write the address with four numbers, or use https")
    if (ip is not None and ("%" in host or not is_private(ip))) or any(each.serves(name) for each in PROVIDERS):
        raise InputError(f"{problem}, no private address: prompts and key would be readable on the way — use https")
    if not allows(allowed_hosts, host, parts.port or HTTP_PORT):
        entry = json.dumps(name) if ":" in name else name
        raise InputError(
            f"{problem}: prompts and key would be readable on the network — use https, or, where that host is in your "
            f"own network, add to the pool file: allowed_hosts: [{entry}]"
        )


def unencrypted_notice(spec: PoolSpec) -> str:
    """A sentence that names the hosts to which requests leave this machine unencrypted, and whose; empty for none.

    A member whose address is refused is never asked, and left out.
    """
    asked_by: dict[str, list[str]] = {}
    for member in spec.members:
        with suppress(InputError):
            check_plain_http(member, spec.allowed_hosts)
            if (address := base_url(member)) is not None and is_plain(address):
                asked_by.setdefault(urlsplit(address).netloc, []).append(member.id)
    hosts = ", ".join(f"{host} (for {', '.join(ids)})" for host, ids in asked_by.items())
    return f"unencrypted to {hosts}: prompts and keys can be read on the network" if hosts else ""


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


def check_keys(spec: PoolSpec, allowed_hosts: Iterable[str]) -> None:
    """Refuse a pool in which a key would go to a host that is not its own and that the user has not allowed, or
    anything by plain http to a host that the pool does not allow.

    A provider's well-known variable may go to that provider's own addresses, any other to this machine; everything
    else must be in ``allowed_hosts``, the user's own setting. Not even this machine may have a well-known one unasked:
    the pool's author may be running something here. Nothing is read from the environment. Raises InputError.
    """
    allowed = {_plain(host) for host in allowed_hosts}
    for member in spec.members:
        if member.simulated:
            continue
        check_plain_http(member, spec.allowed_hosts)
        if (variable := key_variable(member)) is None:
            continue
        if (hosts := _destinations(member)) is None:
            raise InputError(
                f"member {member.id!r}: it is not known where {member.provider!r} sends the key in {variable} "
                "— leave key_variable out: its client finds the key of its own variable"
            )
        its_owner = owner(variable)
        for host in hosts:
            own = its_owner.serves(host) if its_owner else is_loopback(host)
            if not own and host not in allowed:
                permission = json.dumps(sorted({*allowed, host}), separators=(",", ":"))
                raise InputError(
                    f"member {member.id!r}: the key in {variable} would be sent to {host}, which is not its own "
                    f"address — if you trust it, allow it with -s {shlex.quote(f'allowed_hosts={permission}')}"
                )


def unnamed_host(spec: PoolSpec, allowed: Iterable[str]) -> tuple[str, str] | None:
    """The first member, and where it would be asked, that is neither a known provider's address nor ``allowed``.

    None where there is none. For pools that nobody but a folder names: even a request without a key is one that the
    user has not asked for. A provider whose client finds its own way is told by its name.
    """
    known = {host for each in PROVIDERS for host in each.hosts} | {_plain(host) for host in allowed}
    for member in spec.members:
        if member.simulated or member.recorded or member.given:  # a given one is asked by its own program alone
            continue
        if address := base_url(member):
            if (host := _plain(urlsplit(address).hostname or "")) not in known:
                return member.id, host
        elif member.provider not in known and (member.provider in LOADING or provider(member.provider) is None):
            return member.id, member.provider
    return None


def plain_hosts(spec: PoolSpec) -> frozenset[str]:
    """The hosts, as ``unnamed_host`` names them, that members are asked at unencrypted. Raises as ``base_url``."""
    asked = [base_url(member) for member in spec.members if not (member.simulated or member.recorded or member.given)]
    return frozenset(_plain(urlsplit(each).hostname or "") for each in asked if each is not None and is_plain(each))


def secrets(members: Iterable[Member]) -> tuple[str, ...]:
    """The key values to be kept out of every record, longest first; every way out hides them from now on."""
    names = {name for member in members if not member.simulated for name in _variables(member)}
    name_key_variables(names)
    values = {os.environ.get(name, "").strip() for name in names}
    return tuple(sorted((value for value in values if len(value) >= SHORTEST_KEY), key=len, reverse=True))


def _variables(member: Member) -> tuple[str, ...]:
    """The variables whose keys may be sent: the named one, or those that the provider's own client looks into."""
    if variable := key_variable(member):
        return (variable,)
    known = provider(member.provider) if member.base_url is None else None
    return known.variables if known else ()


def _destinations(member: Member) -> tuple[str, ...] | None:
    """The hosts that a member's key goes to; None where only the provider's client knows."""
    if address := base_url(member):
        return (_plain(urlsplit(address).hostname or ""),)
    known = provider(member.provider)
    return known.hosts[:1] if known and known.hosts else None


def _plain(host: str) -> str:
    return host.strip().strip("[]").rstrip(".").lower()


def _name(member: Member) -> str:
    return member.model.split(":", 1)[1]
