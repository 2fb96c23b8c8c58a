"""A constant's name means one thing: no two modules give one name different values."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from places import NOT_SHIPPED, ROOT


def constants() -> Iterator[tuple[str, str, Path]]:
    """Name, value as it is written, and file of every public constant of a module."""
    for path in sorted(ROOT.rglob("*.py")):
        inside = path.relative_to(ROOT)
        if inside.parts[0] in NOT_SHIPPED or inside.parts[0].startswith("."):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for name, value in (pair for target in targets for pair in _pairs(target, getattr(node, "value", None))):
                written = ast.unparse(value)
                # A type's name means nothing beyond its own signatures.
                if name.isupper() and name[0] != "_" and not written.startswith("TypeVar("):
                    yield name, written, inside


def _pairs(target: ast.expr | None, value: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    """The names that an assignment gives, each with its value; those of ``A, B = 1, 2`` one by one."""
    if isinstance(target, ast.Name) and value is not None:
        yield target.id, value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for each, part in zip(target.elts, value.elts, strict=True):
            yield from _pairs(each, part)


def test_no_name_has_two_values() -> None:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, value, path in constants():
        found[name][value].append(str(path))
    assert list(found["FEWEST_TOPICS_FOR_AN_INTERVAL"]) == ["5"]  # the search itself finds constants
    assert not {name: dict(values) for name, values in found.items() if len(values) > 1}
