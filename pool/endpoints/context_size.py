"""How large a context a server on this machine says that it has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ...domain.pool_spec import Member
from .endpoint import is_loopback

LONGEST_LOOK = 5.0
"""Seconds that a server on this machine may take to say how large its context is."""

LARGEST_SELF_DESCRIPTION = 1_000_000
_LARGEST_CONTEXT = 100_000_000


async def context_size(member: Member) -> int | None:
    """Tokens of the context that a server on this machine says it has: llama.cpp's of one slot, vLLM's; else None.

    Only this machine is asked, without a key: no other server expects such a question.
    """
    address = member.base_url or ""
    if not is_loopback(urlsplit(address).hostname or ""):
        return None
    root = address.rstrip("/").removesuffix("/v1")
    props = await _read(f"{root}/props")
    if (size := _count(props, "default_generation_settings", "n_ctx")) is not None:
        return size
    name = member.model.split(":", 1)[1]
    for model in _models(await _read(f"{root}/v1/models")):
        if model.get("id") == name:
            return _count(model, "max_model_len") or _count(model, "meta", "n_ctx")
    return None


async def _read(address: str) -> Any:
    """The JSON at ``address``, None where there is none; at most ``LARGEST_SELF_DESCRIPTION`` bytes of it."""
    import httpx

    try:
        async with (
            httpx.AsyncClient(timeout=LONGEST_LOOK, trust_env=False, follow_redirects=False) as client,
            client.stream("GET", address) as response,
        ):
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if response.status_code != 200 or len(body) > LARGEST_SELF_DESCRIPTION:
                    return None
        return json.loads(body)
    except (httpx.HTTPError, ValueError, RecursionError):
        return None


def _models(reported: Any) -> Iterator[dict[str, Any]]:
    data = reported.get("data") if isinstance(reported, dict) else None
    return (model for model in data if isinstance(model, dict)) if isinstance(data, list) else iter(())


def _count(reported: Any, *path: str) -> int | None:
    for name in path:
        reported = reported.get(name) if isinstance(reported, dict) else None
    return (
        reported
        if isinstance(reported, int) and not isinstance(reported, bool) and 0 < reported < _LARGEST_CONTEXT
        else None
    )
