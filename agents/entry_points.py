"""The agents that other packages add by entry points, and the entries that name none. Nothing of them is imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

ENTRY_POINTS = "adaem.agents"
"""The group in which an installed package names agents: ``role.name = "package.module:Class"``."""


@dataclass(frozen=True)
class Entry:
    """What a package declares: ``name`` is the whole of it, ``role.name``; ``why`` it is ignored, "" where it is not.

    ``path`` is a dotted path, without the extras that the entry may name; as it was written where it is none.
    """

    name: str
    path: str
    package: str
    why: str = ""

    @property
    def role(self) -> str:
        """The part before the first dot."""
        return self.name.partition(".")[0]

    @property
    def short_name(self) -> str:
        """The part after the first dot."""
        return self.name.partition(".")[2]


def read_entries(shipped: Mapping[str, Mapping[str, str]]) -> list[Entry]:
    """All entries by name. ``shipped``: role → short name → path; a shipped name cannot be taken."""
    by_name: dict[str, list[Entry]] = defaultdict(list)
    for point in entry_points(group=ENTRY_POINTS):
        by_name[point.name].append(_entry(point, shipped))
    entries = []
    for _, same in sorted(by_name.items()):
        packages = sorted({each.package for each in same})
        # Which of them is found first depends on the order of folders: neither is taken, so that none is by chance.
        clash = f"{len(same)} packages give this name: {', '.join(packages)}" if len(same) > 1 else ""
        entries += [Entry(each.name, each.path, each.package, each.why or clash) for each in same]
    return entries


def _entry(point: EntryPoint, shipped: Mapping[str, Mapping[str, str]]) -> Entry:
    role, _, name = point.name.partition(".")
    path = _path(point)
    why = ""
    if not role or not name:
        why = f"its name is not of the form role.name, with one of {', '.join(shipped)}"
    elif role not in shipped:
        why = f"there is no role {role!r}, only {', '.join(shipped)}"
    elif name in shipped[role]:
        why = f"a shipped {role} is called {name!r}"
    elif ":" in name:
        why = "its name holds a colon, which stands for a dotted path"
    elif not path:
        why = f"{point.value!r} is not of the form package.module:Class"
    return Entry(point.name, path or point.value, point.dist.name if point.dist else "?", why)


def _path(point: EntryPoint) -> str:
    """The dotted path; "" where the entry has none. Newer Pythons raise for what is malformed, or give nothing."""
    try:
        return f"{point.module}:{point.attr}" if point.module and point.attr else ""
    except (AttributeError, ValueError):
        return ""
