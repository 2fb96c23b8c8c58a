"""The agents in the terminal: who there is, and which rules of a role a class keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table

from ..plain_text import plain


class Finding(Protocol):
    """A rule and what is wrong, as ``agents.conformance`` has it."""

    @property
    def method(self) -> str:
        """The method that the rule is about."""
        ...

    @property
    def rule(self) -> str:
        """What it must do."""
        ...

    @property
    def problem(self) -> str:
        """What is wrong; empty where the rule is kept."""
        ...


def agent_list(rows: Sequence[Mapping[str, str]]) -> RenderableType:
    """Role, name, class, and the package that it comes from."""
    table = Table(box=SIMPLE, pad_edge=False)
    for name in ("role", "name", "from", "class"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(plain(row[key]) for key in ("role", "name", "from", "path")))
    return table


def agent_findings(path: str, role: str, findings: Sequence[Finding]) -> RenderableType:
    """One row a rule, each verdict a mark and a word."""
    table = Table(box=SIMPLE, pad_edge=False)
    for name in ("method", "rule", "verdict"):
        table.add_column(name, overflow="fold")
    for each in findings:
        table.add_row(plain(each.method), plain(each.rule), plain(f"✗ {each.problem}" if each.problem else "✓ kept"))
    broken = sum(bool(each.problem) for each in findings)
    verdict = f"{broken} of {len(findings)} rules are broken." if broken else f"All {len(findings)} rules are kept."
    return Group(plain(f"{path} as {role}, with simulated models", style="bold"), table, plain(verdict))
