"""The models of this machine in the terminal: which are known and here, and how to ask those that are served."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table

from ..plain_text import plain


def local_models(rows: Sequence[Mapping[str, Any]], folder: Path) -> RenderableType:
    """One row a model, and the folder of those that are here."""
    table = Table(box=SIMPLE, pad_edge=False)
    for name in ("name", "model", "kind", "MB", "licence", "here"):
        table.add_column(name, overflow="fold", justify="right" if name == "MB" else "left")
    for row in rows:
        size, here = f"{row['size'] / 1e6:.0f}", "✓ yes" if row["pulled"] else "– no"
        table.add_row(*(plain(each) for each in (row["name"], row["title"], row["kind"], size, row["licence"], here)))
    return Group(table, plain(f"They are kept in {folder} (ADAEM_MODELS names another folder)."))


def served_models(members: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Each served model as an entry of a pool file."""
    lines = [f"{each['model'].partition(':')[2]} is served at {each['base_url']}" for each in members]
    entries = [f"  - {_flow(each)}" for each in members]
    return plain("\n".join([*lines, "In a pool file, under members:", *entries, "Ctrl-C ends it."]))


def _flow(member: Mapping[str, Any]) -> str:
    """A member as YAML in one line; JSON texts are YAML texts."""
    return "{" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in member.items()) + "}"
