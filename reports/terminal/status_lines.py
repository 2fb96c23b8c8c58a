"""What stands above every report: that it is simulated or unfinished, degenerate answers; the space between parts."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.padding import Padding

from ...results.result_types import Design
from ..plain_text import plain
from ..sheets.left_out import degenerate_line
from ..simulated_banner import SIMULATED_LABELS, SIMULATED_RESPONDENTS


def status_lines(asked: Design) -> list[RenderableType]:
    """None of a finished folder with real models none of whose answers is degenerate."""
    lines: list[RenderableType] = []
    if asked.simulated:
        banner = SIMULATED_LABELS if asked.kind == "import" else SIMULATED_RESPONDENTS
        lines.append(plain(f"{banner} (simulator version {asked.simulator_version})", style="bold"))
    if asked.status != "finished":
        unfinished = f"This {asked.kind} is {asked.status}: what follows is what it has so far."
        lines.append(plain(unfinished, style="bold"))
    if degenerate := degenerate_line(asked):
        lines.append(plain(degenerate, style="bold"))
    return lines


def spaced(parts: Iterable[RenderableType]) -> list[RenderableType]:
    """Each part with an empty line below it."""
    return [Padding(part, (0, 0, 1, 0)) for part in parts]
