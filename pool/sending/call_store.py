"""Where finished calls are kept, as the pool sees it."""

from __future__ import annotations

from typing import Any, Protocol

from ...domain.calls import Call, InFlight


class RecordedCalls(Protocol):
    """Finished calls by their ids."""

    def recorded(self, call_id: str) -> Call[Any] | None:
        """The call with this id (its reply need not be restored), None when it was never made."""
        ...


class Recorder(RecordedCalls, Protocol):
    """Keeps finished calls."""

    def record(self, call: Call[Any]) -> None:
        """Keep ``call`` in the place of any with its id, and forget what was in flight for it.

        Called as soon as a call is finished. It was paid for, so this never raises: what cannot be written now is kept
        in memory until it can.
        """
        ...

    async def note(self, request: InFlight) -> None:
        """Keep what a call may have cost once its next request is sent; it replaces what was noted for the call.

        Waits while others have locked the records. Raises NotWritten when it cannot be kept: then nothing may be sent.
        """
        ...

    def abandon(self, request: InFlight) -> None:
        """The call will not be finished: this is what it has cost. Never raises, as ``record``."""
        ...

    def withdraw(self, call_id: str) -> None:
        """What was noted for the call was not sent, and nothing before it. Never raises, as ``record``."""
        ...


class WithoutNotes:
    """A part of recorders that outlive no process: what is in flight when theirs ends is of no account."""

    async def note(self, request: InFlight) -> None:
        """Drops the note."""

    def abandon(self, request: InFlight) -> None:
        """Drops what the call cost."""

    def withdraw(self, call_id: str) -> None:
        """There is no note."""


class Unrecorded(WithoutNotes):
    """A recorder that keeps nothing, for calls outside of any run."""

    def record(self, call: Call[Any]) -> None:
        """Drops the call."""

    def recorded(self, call_id: str) -> None:
        """Nothing was kept."""
