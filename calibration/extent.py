"""How much a calibration does: the quick one for every change, the full one for the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .worlds import SIMULATOR


@dataclass(frozen=True)
class Extent:
    """``worlds`` is the number of default worlds of each half, open and reserved; ``seed`` fixes every draw.

    ``simulator`` is the version of the simulator that draws the worlds.
    """

    quick: bool
    worlds: int
    seed: int
    simulator: int = SIMULATOR

    def pick(self, quick: int, full: int) -> int:
        """A number of draws."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Task:
    """One independent piece of work: a module-level function and its arguments, so that any process can do it."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]

    def run(self) -> Any:
        """The result, which depends on the arguments alone."""
        return self.function(*self.arguments)
