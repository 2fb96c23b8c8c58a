"""Every call of Chroma goes through here: its faults are one line, and a server's passing ones are tried again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import ParamSpec, TypeVar

from pydantic import ValidationError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from ..domain.errors import StoreError
from ..domain.reading.isolated_import import import_away

P = ParamSpec("P")
T = TypeVar("T")

Place = Path | str
"""A memory's folder, or the address of its server."""

DAMAGED = "move the folder away (the run's records stay the truth), or name another with --memory"
SERVER_SILENT = "start it with 'chroma run --path DIR', or check the address"

ATTEMPTS_AT_SERVER = 8
FIRST_WAIT, LONGEST_WAIT_FOR_SERVER = 0.05, 2.0
"""Seconds between two attempts, doubled each time: some five seconds in all, in which a server can be started again."""


def is_url(place: Place) -> bool:
    """Whether a memory is a server's."""
    return isinstance(place, str) and place.startswith(("http://", "https://"))


def load_chroma() -> None:
    """Imports Chroma so that no memory decides what it does.

    It reads a file of settings in the current folder, and would make whatever embedder a memory's schema names, with
    the models, addresses and keys that stand there. Ours hand it vectors, so that it needs to know none.
    """
    import_away("chromadb")
    from chromadb.utils import embedding_functions

    embedding_functions.known_embedding_functions.clear()
    embedding_functions.sparse_known_embedding_functions.clear()


class Access:
    """Makes calls of Chroma at one place. Whatever is called must change nothing when it is made twice.

    Raises ``StoreError``, one line that names the place.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._gone = False

    def __call__(self, call: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """What ``call`` returns; on a server that fails for a moment it is made again."""
        with store_errors(self.place):
            return self._again(call, *given, **named) if is_url(self.place) else call(*given, **named)

    def _again(self, call: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        import httpx

        try:
            result = Retrying(
                # One that was waited for in vain is asked once a call until it answers: a round has many calls.
                stop=stop_after_attempt(1 if self._gone else ATTEMPTS_AT_SERVER),
                wait=wait_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT_FOR_SERVER),
                retry=retry_if_exception(passing),
                reraise=True,
            )(call, *given, **named)
        except httpx.TransportError:
            self._gone = True
            raise
        self._gone = False
        return result


def passing(error: BaseException) -> bool:
    """Whether a server's fault may be gone in a moment: by its kind, since Chroma says more only in words.

    An internal error is one: the server knows the length of a collection's vectors, and shows new rows, a moment before
    it can search them, and fails whoever asks in between.
    """
    import httpx
    from chromadb.errors import InternalError, RateLimitError

    status = _status(error)
    return (
        isinstance(error, (InternalError, RateLimitError, httpx.TransportError))
        or status == HTTPStatus.TOO_MANY_REQUESTS
        or (status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR)
    )


def _status(error: BaseException) -> int | None:
    """The HTTP status behind what Chroma's client raises as a bare ``Exception``: it knows no word for it."""
    import httpx

    cause = error.__context__
    return cause.response.status_code if isinstance(cause, httpx.HTTPStatusError) else None


@contextmanager
def store_errors(place: Place) -> Iterator[None]:
    """Chroma's errors as one line that names the place. Its Rust side reports every fault as a ``ChromaError``."""
    import httpx

    load_chroma()
    from chromadb.errors import ChromaError

    served = is_url(place)
    try:
        yield
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise StoreError(
            f"memory {place}: contains data that adaem did not write ({error.title}.{where}: "
            f"{error.errors()[0]['msg']}) — {'name another server' if served else DAMAGED}"
        ) from error
    except (ChromaError, sqlite3.Error, OSError) as error:
        problem = " ".join(str(error).split())
        remedy = SERVER_SILENT if served else DAMAGED
        raise StoreError(f"memory {place}: cannot be read or written ({problem}) — {remedy}") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        if served:
            raise _silent(place, type(error).__name__) from error
        raise
    except (KeyError, TypeError, AttributeError) as error:
        if served:  # an answer in another shape than Chroma's
            raise _silent(place, "it answers, but not as Chroma does") from error
        raise
    except Exception as error:  # the bare class itself is what Chroma's client raises for an answer unknown to it
        if type(error) is Exception and served:
            raise _silent(place, f"HTTP status {_status(error)}") from error
        raise


def _silent(place: Place, problem: str) -> StoreError:
    return StoreError(f"memory {place}: the server does not answer ({problem}) — {SERVER_SILENT}")
