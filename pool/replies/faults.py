"""Whether what went wrong may pass: what a failed request's error says about asking again, and about the bill."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..endpoints.refused_schema import refuses_schema
from ..endpoints.refused_settings import refused_setting
from .content_filters import about_filter
from .error_details import causes, error_words, status_code, wording
from .outcomes import is_timeout

_PASSING = frozenset({408, 409, 425, 429})
_HOPELESS = frozenset({401, 402, 403, 404})
_LIMITED_IF_TOLD_TO_WAIT = frozenset({503, 529})
_LONGEST_WAIT = 86_400.0

_TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|maximum context|(?:prompt|input|request) (?:is )?too (?:long|large)"
    r"|input (?:length|token count)[^.]{0,60}exceed|reduce the length",
    re.IGNORECASE,
)
_NOBODY_BEHIND = frozenset({502, 503, 504})
"""What a gateway says while the server behind it restarts, and a server while it loads its model."""

_NO_QUOTA = re.compile(r"insufficient[_ ](?:quota|balance)|billing_(?:hard_limit|not_active)|credit balance is too low")

_NEVER_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ConnectionRefusedError", "gaierror"})
_CONNECTION = frozenset({"APIConnectionError", "TransportError", "OSError"})
_OUR_OWN_FAULT = frozenset({"LocalProtocolError", "UnsupportedProtocol", "ProxyError", "InvalidURL"})
_CERTIFICATE = "SSLCertVerificationError"
_CUT_OFF = "without sending complete message body"
_BROKEN_BODY = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


TIME_OUT = "time-out"
"""The kind of a request to which nothing came in time."""

NO_CONNECTION = "no connection"
CONNECTION_BROKEN = "connection broken"
"""The kinds of a request that could not be sent, and of one to which no byte came back before the line broke."""


@dataclass(frozen=True)
class Fault:
    """A failed request. ``kind`` is a few words for counting, never the server's own.

    ``passing``: the same request may succeed later. ``hopeless``: no request to this member will. ``limited``: the
    endpoint asks for fewer requests. ``retry_after``: seconds that it asks to wait, in [0, 86400]; None where it says
    nothing, or nothing sensible. ``charged``: whether the provider may have charged for the request; where a reply
    was under way nobody knows, so then it is true. ``setting``: the one of the member's settings that was refused.
    ``status``: the HTTP status, or that of an error in a 200. ``of_schema``: what was refused is the schema in the
    request's body, if it held one.
    """

    kind: str
    passing: bool = False
    hopeless: bool = False
    limited: bool = False
    retry_after: float | None = None
    charged: bool = False
    setting: str = ""
    status: int | None = field(default=None, compare=False)
    of_schema: bool = field(default=False, compare=False)

    @property
    def unreachable(self) -> bool:
        """Whether the request came to no model: it was never sent, or a gateway says that no server answers.

        A server that names a time to wait is there, and busy.
        """
        if not self.passing or self.charged or self.limited:
            return False
        return self.kind in (NO_CONNECTION, TIME_OUT) or self.status in _NOBODY_BEHIND

    @property
    def reached(self) -> bool:
        """Whether it shows that the endpoint is there."""
        return self.status is not None and not self.unreachable


BROKEN_BODY = Fault("broken body", passing=True, charged=True)
"""What an unreadable 200 is; also one that reads well but holds no assistant's message, which raises nothing."""

HALF_A_REPLY = Fault("server failed", passing=True, charged=True)
"""A 200 whose finish reason says that the server broke off: the text is no answer of the model's."""


def fault(error: Exception, settings: Collection[str] = ()) -> Fault:
    """What an error of ``outcomes.request_errors`` says. An error in the body of a 200 counts by its own code.

    ``settings`` are the names of those that the request held: an endpoint that refuses one refuses every request.

    >>> fault(TimeoutError()) == Fault("time-out", passing=True, charged=True)
    True
    """
    statuses = (code for cause in causes(error) if (code := status_code(cause)) is not None)
    if (status := next(statuses, None)) is not None:
        return _of_status(error, status, f"HTTP {status}", settings, charged=False)
    names = {name for cause in causes(error) for name in _class_names(cause)}
    sent = not names & _NEVER_SENT
    if is_timeout(error):
        return Fault(TIME_OUT, passing=True, charged=sent)
    if _CERTIFICATE in names:
        return Fault("certificate refused")
    if not names.isdisjoint(_OUR_OWN_FAULT):
        return Fault("request not sent")
    if names & _CONNECTION:
        cut_off = any(_CUT_OFF in str(cause) for cause in causes(error))
        if cut_off:
            return BROKEN_BODY
        return Fault(CONNECTION_BROKEN if sent else NO_CONNECTION, passing=True, charged=sent)
    words = error_words(error)
    if words.status is not None:
        return _of_status(error, words.status, f"error {words.status} in a 200", settings, charged=True)
    if isinstance(error, _BROKEN_BODY) or "APIResponseValidationError" in names:
        return replace(BROKEN_BODY, passing=not _TOO_LONG.search(wording(error)))
    return Fault(type(error).__name__, charged=True)


def _of_status(error: Exception, status: int, kind: str, settings: Collection[str], *, charged: bool) -> Fault:
    by_words = _by_words(error, status, kind, settings, charged=charged)
    return replace(by_words, of_schema=refuses_schema(error_words(error), wording(error)))


def _by_words(error: Exception, status: int, kind: str, settings: Collection[str], *, charged: bool) -> Fault:
    words = error_words(error)
    text = f"{words.text} {wording(error)}"
    wait = _retry_after(error)
    if _NO_QUOTA.search(text):
        return Fault(kind, hopeless=True, charged=charged, status=status)
    if about_filter(words):
        return Fault(kind, charged=True, status=status)  # Azure and xAI charge for prompts that they filter
    if _TOO_LONG.search(text):
        return Fault(kind, charged=charged, status=status)
    if setting := refused_setting(words, settings):
        return Fault(kind, hopeless=True, charged=charged, setting=setting, status=status)
    limited = status == 429 or (status in _LIMITED_IF_TOLD_TO_WAIT and wait is not None)
    passing = status in _PASSING or (status >= 500 and status != 501)
    return Fault(kind, passing, status in _HOPELESS, limited, wait, charged, status=status)


def _retry_after(error: Exception) -> float | None:
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return _sensible(milliseconds / 1000)
    header = headers.get("retry-after")
    if (seconds := _number(header)) is not None:
        return _sensible(seconds)
    if (moment := _moment(header)) is None:
        return None
    # Against the server's own clock where it tells: the two may differ by more than the wait.
    now = _moment(headers.get("date")) or datetime.now(UTC)
    return _sensible(max(0.0, (moment - now).total_seconds()))


def _sensible(seconds: float) -> float | None:
    return seconds if 0 <= seconds <= _LONGEST_WAIT else None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _moment(value: Any) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _class_names(error: BaseException) -> Iterator[str]:
    return (kind.__name__ for kind in type(error).__mro__)
