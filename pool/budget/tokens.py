"""Tokens before a call: an upper bound for the budget, and an estimate for the forecast.

tiktoken downloads its vocabularies at first use, without a time-out, holding a lock, and tries again on every call. So
they are fetched once, off the event loop, with a deadline; without them, bytes bound the tokens.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import normalize

from ...domain.pool_spec import Member
from ..endpoints.endpoint import OPENAI, is_openai

if TYPE_CHECKING:
    from tiktoken import Encoding

DEADLINE = 5.0
"""Seconds to wait for the vocabularies: enough for 3.6 MB over a slow line, and the longest that a start may hang."""

GENERAL_ENCODING = "o200k_base"
"""The encoding of OpenAI's models since GPT-4o, which stands for every model in a forecast."""

MESSAGE_TOKENS = 4
"""Around each message to an OpenAI model: 3, and 1 for the role's name (OpenAI cookbook, "How to count tokens")."""

REPLY_TOKENS = 3
"""Before an OpenAI model's reply (same source)."""

OTHER_MESSAGE_TOKENS = 32
"""At most around each message to any other model: 5 in the templates of Llama 3 and ChatML, 29 where a server's
tokenizer does not know ChatML's marks and spells them out."""

OTHER_TEMPLATE_TOKENS = 256
"""At most what another model's template adds of its own: dates in Llama 3.1, whole system messages in gpt-oss and
Mistral Small where a prompt has none."""

CHARACTERS_PER_TOKEN = 4
"""OpenAI's rule of thumb, for English."""

_LONGEST_COUNTED = 100_000
"""Characters. tiktoken 0.14 crashes with a PanicException, which is no Exception, on a million blanks."""

_REMEMBERED = 1024
"""Texts whose count is kept: a prompt goes to several members, several times each."""


class TokenCounter:
    """Counts tokens before a call. Make one a run by ``load``; one made without arguments knows no vocabulary.

    ``notice`` says what to tell the user, empty when there is nothing to tell. Counting never raises, whatever the
    text.
    """

    def __init__(
        self,
        encodings: Mapping[str, Encoding] | None = None,
        encoding_names: Mapping[str, str] | None = None,
        notice: str = "",
    ) -> None:
        """``encodings`` by name; ``encoding_names`` maps the names of OpenAI's own models to them."""
        self.notice = notice
        self._counts = {name: _remembering(encoding) for name, encoding in (encodings or {}).items()}
        self._encoding_names = dict(encoding_names or {})

    @classmethod
    async def load(cls, members: Iterable[Member] = (), *, deadline: float = DEADLINE) -> TokenCounter:
        """A counter with the vocabularies of ``members`` that are OpenAI's own, and with the general one.

        What has not come within ``deadline`` seconds is done without until the next run.
        """
        models = sorted({name for member in members if (name := _own_model(member))})
        encodings: dict[str, Encoding] = {}
        encoding_names: dict[str, str] = {}
        fetched: Future[None] = Future()
        fetched.set_running_or_notify_cancel()  # the deadline must not cancel it: the thread sets a result regardless

        def fetch() -> None:
            try:
                _fetch(models, encodings, encoding_names)
            except (ImportError, OSError, ValueError) as error:  # requests' errors are OSErrors
                fetched.set_exception(error)
            else:
                fetched.set_result(None)

        # Not asyncio.to_thread: the threads of an executor are joined at exit, and this one may never come back.
        threading.Thread(target=fetch, name="tiktoken", daemon=True).start()
        try:
            async with asyncio.timeout(deadline):
                await asyncio.wrap_future(fetched)
        except TimeoutError:
            problem = f"no answer within {deadline:g} s"
        except (ImportError, OSError, ValueError) as error:
            problem = type(error).__name__  # its message may hold a proxy's password
        else:
            return cls(encodings, encoding_names)
        # Copies: the thread may still be at work, and bounds that change in mid-run could not be repeated.
        return cls(dict(encodings), dict(encoding_names), _notice(problem))

    @property
    def estimated(self) -> bool:
        """Whether ``about`` is a rule of thumb instead of a count."""
        return GENERAL_ENCODING not in self._counts

    def at_most(self, text: str, member: Member) -> int:
        """An upper bound of the tokens of ``text`` for ``member``.

        For OpenAI's own models whose vocabulary is at hand it is their count; for all others the bytes: no byte-level
        tokenizer makes more tokens than bytes.
        """
        count = self._count_of(member)
        return _bytes(text) if count is None or len(text) > _LONGEST_COUNTED else count(text)

    def prompt_at_most(self, messages: Sequence[str], member: Member, schema_text: str = "") -> int:
        """An upper bound of the input tokens of a request with the texts ``messages``.

        ``schema_text`` is the reply schema where it travels in the request's body. It counts by its bytes: no provider
        says in which words it enters the prompt.
        """
        texts = sum(self.at_most(message, member) for message in messages) + _bytes(schema_text)
        if _own_model(member):
            return texts + MESSAGE_TOKENS * len(messages) + REPLY_TOKENS
        return texts + OTHER_MESSAGE_TOKENS * (len(messages) + 1) + OTHER_TEMPLATE_TOKENS

    def about(self, text: str) -> int:
        """Roughly the tokens of ``text`` for any model; a rule of thumb when ``estimated``."""
        count = self._counts.get(GENERAL_ENCODING)
        if count is None or len(text) > _LONGEST_COUNTED:
            return -(-len(text) // CHARACTERS_PER_TOKEN)
        return count(text)

    def _count_of(self, member: Member) -> Callable[[str], int] | None:
        return self._counts.get(self._encoding_names.get(_own_model(member), ""))


async def load_counter(members: Iterable[Member]) -> TokenCounter:
    """A counter for these members. Vocabularies are fetched only where one of them is OpenAI's own model."""
    real = [member for member in members if _own_model(member)]
    return await TokenCounter.load(real) if real else TokenCounter()


def _fetch(models: Sequence[str], encodings: dict[str, Encoding], encoding_names: dict[str, str]) -> None:
    """Fill both dictionaries, one entry after the other. May take for ever."""
    import tiktoken

    for model in models:
        try:
            encoding_names[model] = tiktoken.encoding_name_for_model(model)
        except KeyError:
            continue  # newer than tiktoken: bounded by its bytes
    for name in dict.fromkeys((GENERAL_ENCODING, *encoding_names.values())):
        encodings[name] = tiktoken.get_encoding(name)


def _own_model(member: Member) -> str:
    """The name of the OpenAI model behind ``member``; empty when it is another's, whatever it is called there."""
    own = member.provider == OPENAI and is_openai(member.base_url)
    return member.model.split(":", 1)[1] if own else ""


def _remembering(encoding: Encoding) -> Callable[[str], int]:
    @lru_cache(maxsize=_REMEMBERED)
    def count(text: str) -> int:
        # Ordinary: "<|endoftext|>" in a text is text, never a mark, and raises nothing.
        return len(encoding.encode_ordinary(text))

    return count


def _bytes(text: str) -> int:
    """The most bytes of UTF-8 that a tokenizer may see: some compose characters first, which can make them more."""
    if text.isascii():
        return len(text)
    forms = (text, normalize("NFC", text), normalize("NFKC", text))
    return max(len(form.encode("utf-8", "surrogatepass")) for form in forms)


def _notice(problem: str) -> str:
    return (
        f"tiktoken's vocabularies cannot be loaded ({problem}): forecasts assume {CHARACTERS_PER_TOKEN} characters a "
        "token, and budgets set aside a token for every byte sent — connect once, or set TIKTOKEN_CACHE_DIR to a "
        "folder that holds them"
    )
