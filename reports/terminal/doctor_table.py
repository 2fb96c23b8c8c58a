"""The doctor's table: one row a check, each verdict a word and a mark, at 80 columns and without colour."""

from __future__ import annotations

from collections import Counter

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table

from ...domain.checkup import Check, Checkup, CheckVerdict
from ..plain_text import plain

VERDICT_MARKS = {CheckVerdict.OK: "✓", CheckVerdict.WARNING: "!", CheckVerdict.PROBLEM: "✗", CheckVerdict.SKIPPED: "–"}
VERDICT_STYLES = {
    CheckVerdict.OK: "green",
    CheckVerdict.WARNING: "yellow",
    CheckVerdict.PROBLEM: "bold red",
    CheckVerdict.SKIPPED: "dim",
}
PLURALS = {CheckVerdict.WARNING: "warnings", CheckVerdict.PROBLEM: "problems"}

SIMULATED_MEMBERS = "SIMULATED MEMBERS in this pool: what they say is about no real model."

_FORECAST = (
    "A forecast with these speeds, each command with the options given here:\n"
    "  adaem doctor --probes 10 --json > doctor.json; adaem plan --from doctor.json"
)


def checkup_table(checkup: Checkup) -> RenderableType:
    """All checks, then what they come to."""
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("check", max_width=24, overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("detail, and → what to do", ratio=1, overflow="fold")
    for check in checkup.checks:
        mark = plain(f"{VERDICT_MARKS[check.verdict]} {check.verdict.value}", VERDICT_STYLES[check.verdict])
        table.add_row(plain(check.what), mark, plain(_detail(check)))
    parts: list[RenderableType] = [plain(SIMULATED_MEMBERS, style="bold")] if checkup.simulated else []
    return Group(*parts, table, plain(_total(checkup)), *([plain(_FORECAST)] if checkup.speeds else []))


def _detail(check: Check) -> str:
    return f"{check.detail}\n→ {check.remedy}" if check.remedy else check.detail


def _total(checkup: Checkup) -> str:
    verdicts = Counter(check.verdict for check in checkup.checks)
    counts = [
        f"{verdicts[verdict]} {PLURALS.get(verdict, verdict.value) if verdicts[verdict] != 1 else verdict.value}"
        for verdict in CheckVerdict
        if verdicts[verdict]
    ]
    asked = f"; requests sent to real models: {checkup.requests}" if checkup.requests else ""
    return f"{len(checkup.checks)} checks: {', '.join(counts)}{asked}."
