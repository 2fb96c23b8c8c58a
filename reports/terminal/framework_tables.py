"""Value theories in the terminal: the list, one in full, and what a check of one found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from ...domain.checkup import Checkup
from ...domain.framework import Framework, Value
from ..plain_text import plain
from .doctor_table import checkup_table

CALIBRATED = (
    "Values were planted in simulated respondents, who speak in the first, third … examples; a simulated judge knew "
    "the second, fourth … and the definitions, by their words. So this tries the texts, not the theory. J is "
    "P(found | meant) − P(found | the other meant instead), with a 99 % interval over worlds; told apart: J ≥ .5."
)


def framework_list(theories: Mapping[str, Framework]) -> RenderableType:
    """One row a theory."""
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("name", no_wrap=True)
    for column in ("values", "topics"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("opposites", no_wrap=True)
    table.add_column("circle", no_wrap=True)
    table.add_column("theory", ratio=1, overflow="fold")
    for name, theory in theories.items():
        table.add_row(
            plain(name),
            f"{len(theory.values)}",
            f"{len(theory.topics)}",
            "yes" if any(value.opposites for value in theory.values) else "none",
            "yes" if theory.circle else "none",
            plain(theory.name),
        )
    return table


def framework_page(theory: Framework) -> RenderableType:
    """Sources, values, circle and seed topics of one theory."""
    groups = {group.id: group.name for group in theory.groups}
    parts: list[RenderableType] = [
        plain(f"{theory.name} ({theory.id}, version {theory.version})", style="bold"),
        *(Padding(plain(" ".join(source.split())), (0, 0, 0, 2)) for source in theory.sources),
    ]
    for value in theory.values:
        parts += _value(value, groups)
    names = {value.id: value.name for value in theory.values}
    circle = " – ".join(names[value] for value in theory.circle) if theory.circle else "none: the theory names none"
    areas = Counter(topic.area for topic in theory.topics)
    parts += [
        plain(f"\nCircle: {circle}"),
        plain(f"Seed topics: {len(theory.topics)}, by area: " + ", ".join(f"{n} {area}" for area, n in areas.items())),
        Padding(plain(f"for example: {theory.topics[0].text}"), (0, 0, 0, 2)),
    ]
    return Group(*parts)


def _value(value: Value, groups: Mapping[str, str]) -> list[RenderableType]:
    group = f"; {groups[value.group]}" if value.group else ""
    opposites = ", ".join(value.opposites) or "none"
    examples = [f"- {example}" for example in value.examples]
    return [
        plain(f"\n{value.name} ({value.id}{group})", style="bold"),
        Padding(plain(value.definition), (0, 0, 0, 2)),
        Padding(plain(f"Opposites: {opposites}. {len(examples)} examples{':' if examples else '.'}"), (0, 0, 0, 2)),
        Padding(plain("\n".join(examples)), (0, 0, 0, 4)),
    ]


def framework_checkup(theory: Framework, checkup: Checkup) -> RenderableType:
    """The doctor's table on a theory."""
    title = plain(f"{theory.name} ({theory.id}, version {theory.version})", style="bold")
    table = checkup_table(checkup.model_copy(update={"simulated": False}))
    return Group(title, table, plain(CALIBRATED)) if checkup.simulated else Group(title, table)


def topic_list(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """One row a set of topics, and what names those that are made of a framework's values."""
    table = Table(box=SIMPLE, pad_edge=False)
    for name in ("name", "topics", "areas", "regions"):
        table.add_column(name, justify="left" if name == "name" else "right")
    for row in rows:
        table.add_row(plain(row["name"]), *(plain(f"{row[name]:,}") for name in ("topics", "areas", "regions")))
    return Group(table, plain("pairs: made of a framework's own values, what comes first when two of them conflict"))


def topics_made(counts: Mapping[str, Any]) -> RenderableType:
    """What became of each text of a file."""
    by = "by an author" if counts["asked"] else "by rule"
    simulated = " (simulated)" if counts["simulated"] else ""
    lines = [
        (counts["read"], "texts read"),
        (counts["topics"], f"topics, of which {counts['turned']:,} were turned into yes/no questions {by}{simulated}"),
        (counts["duplicates"], "were the words of another"),
        (counts["alike"], f"were near copies of another (embedder {counts['embedder']})"),
        *((number, why) for why, number in counts["unfit"].items()),
    ]
    width = max(len(f"{number:,}") for number, _ in lines)
    return plain("\n".join(f"{number:>{width},} {what}" for number, what in lines))
