"""Where finished calls are kept, as the pool sees it."""

from __future__ import annotations

from typing import Any, Protocol

from ..domain.calls import Call


class RecordedCalls(Protocol):
    """Finished calls by their ids."""

    def recorded(self, call_id: str) -> Call[Any] | None:
        """The call with this id (its reply need not be restored), None when it was never made."""
        ...


class Recorder(RecordedCalls, Protocol):
    """Keeps finished calls."""

    def record(self, call: Call[Any]) -> None:
        """Keep ``call`` in the place of any with its id. Called as soon as a call is finished."""
        ...


class Unrecorded:
    """A recorder that keeps nothing, for calls outside of any run."""

    def record(self, call: Call[Any]) -> None:
        """Drops the call."""

    def recorded(self, call_id: str) -> None:
        """Nothing was kept."""
