"""Proxies and certificates that the environment names: what is wrong with them is told before a client trips over it.

The clients read these variables when they are made, and fail with words of their own, or not until they connect.
"""

from __future__ import annotations

import os
import ssl
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from ...domain.errors import InputError

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SCHEMES = ("http", "https", "socks5", "socks5h")
_HOW = "write it as http://host:port, or unset it"


def check_proxies() -> None:
    """Refuse a proxy variable that no client can use. Its value is never repeated: it may hold a password.

    Raises InputError that names the variable.
    """
    for name in (spelling for variable in _PROXIES for spelling in (variable, variable.lower())):
        if value := os.environ.get(name, "").strip():
            _check_proxy(name, value)


def check_certificates() -> None:
    """Refuse a certificate variable that names nothing readable. Raises InputError that names the variable."""
    if file := os.environ.get("SSL_CERT_FILE"):
        try:
            ssl.create_default_context(cafile=file)
        except ssl.SSLError:
            raise _wrong_certificates("SSL_CERT_FILE", file, "holds no certificates") from None
        except OSError as error:
            raise _wrong_certificates("SSL_CERT_FILE", file, error.strerror or "cannot be read") from None
    if (folder := os.environ.get("SSL_CERT_DIR")) and not any(Path(each).is_dir() for each in folder.split(os.pathsep)):
        raise _wrong_certificates("SSL_CERT_DIR", folder, "no such folder")


def _check_proxy(name: str, value: str) -> None:
    where = f"the environment variable {name}"
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or set(value) & set(" \t\\"):
        raise InputError(f"{where} is not a valid address of a proxy — {_HOW}")
    if parts.scheme.lower() not in _SCHEMES:
        raise InputError(f"{where} names a proxy of an unknown kind ({parts.scheme}) — {_HOW}")
    if parts.scheme.lower().startswith("socks") and find_spec("socksio") is None:
        raise InputError(
            f"{where} names a SOCKS proxy, which needs the package socksio — install it with: pip install socksio"
        )


def _wrong_certificates(name: str, value: str, problem: str) -> InputError:
    return InputError(f"the environment variable {name} names {value}: {problem} — correct it, or unset it")
