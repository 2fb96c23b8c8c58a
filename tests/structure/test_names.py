"""A name stands for one thing: no two modules, and no two public classes, of the package are called the same."""

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from places import NOT_SHIPPED, ROOT


def modules() -> list[Path]:
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
    return [path for path in paths if path.parts[0] not in NOT_SHIPPED and not path.parts[0].startswith(".")]


def public_classes(path: Path) -> list[str]:
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    return [node.name for node in body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def duplicates(names: Iterable[tuple[str, Path]]) -> dict[str, list[str]]:
    places = defaultdict(list)
    for name, path in names:
        places[name].append(str(path))
    return {name: sorted(paths) for name, paths in places.items() if len(paths) > 1}


def test_no_two_modules_have_the_same_name() -> None:
    assert duplicates((path.stem, path) for path in modules() if path.name != "__init__.py") == {}


def test_no_two_public_classes_have_the_same_name() -> None:
    assert duplicates((name, path) for path in modules() for name in public_classes(path)) == {}
