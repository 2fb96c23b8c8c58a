"""A response's body as it comes in: bounded in bytes, whatever it unpacks to, and with a usage that can be read."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Any

from ...domain.errors import UnusableResponse
from .raw_response import take_extras

LARGEST_BODY = 8_000_000
"""Bytes, unpacked. A reply of 100,000 tokens with as much thinking has about one million."""

ENCODING = "gzip"
"""The one packing that is asked for: it can be undone in steps of bounded size."""

_DESCRIBE_PACKING = ("content-encoding", "content-length", "transfer-encoding")


async def send_bounded(send: Any, request: Any, **options: Any) -> Any:
    """What ``send`` (an HTTP client's method) answers to ``request``, its body read in full within ``LARGEST_BODY``.

    Raises UnusableResponse for a body that is larger, or packed in a way that was not asked for.
    """
    request.headers["accept-encoding"] = ENCODING
    response = await send(request, **{**options, "stream": True})
    try:
        body = await _read(response)
    finally:
        await response.aclose()
    if response.status_code == 200:
        body = take_extras(body, response.headers.get("content-type", ""))
    extensions = {
        name: response.extensions[name] for name in ("http_version", "reason_phrase") if name in response.extensions
    }
    whole = type(response)(
        response.status_code,
        headers=[pair for pair in response.headers.multi_items() if pair[0].lower() not in _DESCRIBE_PACKING],
        content=body,
        request=response.request,
        extensions=extensions,
    )
    whole.elapsed = response.elapsed
    return whole


async def _read(response: Any) -> bytes:
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", ENCODING):
        raise UnusableResponse(
            "unknown packing", f"the response has the encoding {packing:.40}, which was not requested"
        )
    chunks = response.aiter_raw()
    return b"".join([chunk async for chunk in _bounded(_unpacked(chunks) if packing == ENCODING else chunks)])


async def _bounded(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        if (size := size + len(chunk)) > LARGEST_BODY:
            raise UnusableResponse("body too large", f"the response is larger than {LARGEST_BODY // 10**6} MB")
        yield chunk


async def _unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A small packed chunk can hold any amount of blanks, so no step unpacks more than a body may have."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: gzip, or zlib, which some servers call gzip
    async for chunk in chunks:
        try:
            unpacked = unpacking.decompress(chunk, LARGEST_BODY + 1)
        except zlib.error:
            raise UnusableResponse("broken packing", "the response claims to be gzip and is not") from None
        yield unpacked
