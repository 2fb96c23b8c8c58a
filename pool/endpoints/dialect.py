"""What one member's endpoint takes, learnt from what it refuses: how a schema and a system message travel, and the name
of the limit.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

REFUSED_SCHEMA = "schema"
"""What was refused, when it was the reply schema in the request's body."""

REFUSED_SYSTEM = "system"
"""What was refused, when it was a message of the role ``system``: some chat templates (Gemma 2's) know none."""

LIMITS = ("max_tokens", "max_completion_tokens")
"""The names of the most tokens that a reply may take. OpenAI's newer models refuse the first, many others do not know
the second: some refuse it, some ignore it."""

_OPENAI_MODELS = (
    "api.openai.com",
    "openai.azure.com",
    "openai.azure.us",
    "cognitiveservices.azure.com",
    "services.ai.azure.com",
)
"""Hosts, with all below them, of OpenAI's models: they take the second name, and no bound on a string's length."""


def runs_openai_models(address: str) -> bool:
    """Whether OpenAI's models answer at ``address``, told by its host alone.

    >>> runs_openai_models("https://EU.api.openai.com:443/v1/"), runs_openai_models("http://localhost:8000/v1")
    (True, False)
    """
    host = (urlsplit(address).hostname or "").rstrip(".").lower()
    return any(host == each or host.endswith(f".{each}") for each in _OPENAI_MODELS)


def limit_name(address: str) -> str:
    """The name under which the limit is sent to ``address`` at first, told by its host alone.

    >>> limit_name("https://EU.api.openai.com:443/v1/"), limit_name("http://localhost:8000/v1")
    ('max_completion_tokens', 'max_tokens')
    """
    return LIMITS[1] if runs_openai_models(address) else LIMITS[0]


class Dialect:
    """What is known of one endpoint. Each thing is learnt once, for the whole run and by those who wait.

    ``own`` is the body that the member's model sends with every request; the limit is in it under its first name.
    """

    def __init__(self, own: dict[str, Any], *, schema_in_words: bool) -> None:
        self.schema_in_words = schema_in_words
        self.system_in_user = False
        self._own = own
        self._first = self._name = next((name for name in LIMITS if name in own), "")

    @property
    def limit(self) -> str:
        """The name that the next request gives the limit; "" where its body holds none."""
        return self._name

    @property
    def other_limit(self) -> bool:
        """Whether a request whose limit is refused may give it the other name."""
        return bool(self._name) and self._name == self._first

    def body(self) -> dict[str, Any]:
        """The body's own part of the next request."""
        if self._name == self._first:
            return dict(self._own)
        return {self._name if name == self._first else name: value for name, value in self._own.items()}

    def learn(self, refused: str) -> bool:
        """``refused`` is ``REFUSED_SCHEMA``, ``REFUSED_SYSTEM`` or a limit's name. Says whether the next request will
        be another.
        """
        if refused == REFUSED_SCHEMA:
            self.schema_in_words = True
            return True
        if refused == REFUSED_SYSTEM:
            was, self.system_in_user = self.system_in_user, True
            return not was
        if refused == self._name and self.other_limit:
            self._name = next(name for name in LIMITS if name != refused)
        return refused != self._name
