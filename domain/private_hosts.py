"""Which hosts a pool file may have asked without encryption: those of one's own network.

The rule alone, without a look-up: what a name leads to is checked where it is connected to
(``pool/endpoints/private_names.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

HTTP_PORT = 80

_NETWORKS = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"))
)
"""RFC 1918, RFC 4193 and link-local ones. Python's ``is_private`` has more, of which none is a network of one's own."""

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that ``host`` is written as, an IPv4 address in IPv6's form as IPv4; None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Whether what is sent to ``address`` stays on this machine or in one's own network."""
    return address.is_loopback or any(address in network for network in _NETWORKS)


def reads_as_number(name: str) -> bool:
    """Whether a name ends in a number, which resolvers read as an IPv4 address: 3232235796, 0xC0A80114, 192.168.276."""
    return _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2].lower()) is not None


def allowed_host(text: str) -> str:
    """An entry of ``allowed_hosts`` as it is compared: a host in lower case, and its port where one is named.

    Raises ``ValueError`` for what is neither a name nor a private IP address, each with an optional port.
    """
    bare_ipv6 = text.count(":") > 1 and not text.startswith("[")
    try:
        parts = urlsplit(f"//[{text}]" if bare_ipv6 else f"//{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    address, name = literal(host), host.removesuffix(".")
    more = not text.isascii() or not text.isprintable() or set(text) & set(" /\\@?#%")
    if more or not (address or _NAME.fullmatch(name)):
        raise ValueError("is no host: write a name or an IP address, with :port behind it if you like")
    if address is None and reads_as_number(name):
        raise ValueError("is a number: write the address as four numbers from 0 to 255")
    if address is not None and not is_private(address):
        raise ValueError(
            "is no private address: prompts and keys would cross the internet unencrypted; reach it by https, and "
            "remove it here"
        )
    return with_port(host, port)


def with_port(host: str, port: int | None) -> str:
    """``host`` in lower case, in one spelling of its address, and ``port`` behind it where there is one."""
    address = literal(host)
    name = str(address) if address is not None else host.lower().removesuffix(".")
    bracketed = f"[{name}]" if ":" in name and port is not None else name
    return bracketed if port is None else f"{bracketed}:{port}"


def allows(allowed: Iterable[str], host: str, port: int) -> bool:
    """Whether one of the ``allowed`` (as ``allowed_host`` has them) is ``host``, at any port or at this one."""
    return not {with_port(host, None), with_port(host, port)}.isdisjoint(allowed)
