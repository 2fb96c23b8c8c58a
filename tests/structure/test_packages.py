"""The root is the package: what is shipped, and how it is imported (ARCHITECTURE.md)."""

import ast
import tomllib
from pathlib import Path

from places import NOT_SHIPPED, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]


def shipped_modules() -> list[Path]:
    """Every module of the package, relative to the root."""
    modules = (path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
    return [path for path in modules if path.parts[0] not in NOT_SHIPPED and not path.parts[0].startswith(".")]


def test_the_package_list_is_the_folders_that_hold_modules() -> None:
    found = {".".join(("adaem", *path.parts[:-1])) for path in shipped_modules()}
    assert set(SETUPTOOLS["packages"]) == found


def test_every_package_has_an_init_file() -> None:
    folders = {path.parent for path in shipped_modules()}
    assert [str(folder) for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()] == []


def test_only_the_entry_point_stands_beside_the_roots_init_file() -> None:
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "main.py"}


def test_the_package_ships_its_types() -> None:
    assert (ROOT / "py.typed").is_file()
    assert "py.typed" in SETUPTOOLS["package-data"]["adaem"]


def test_every_data_file_of_a_package_is_shipped() -> None:
    shipped = {
        path
        for package, patterns in SETUPTOOLS["package-data"].items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")[1:]).glob(pattern)
    }
    folders = {path.parent for path in shipped_modules()} - {Path()}
    data = {path for folder in folders for path in (ROOT / folder).iterdir() if path.is_file() and path.suffix != ".py"}
    assert sorted(str(path.relative_to(ROOT)) for path in data - shipped) == []


def test_imports_inside_the_package_are_relative() -> None:
    absolute = []
    for path in shipped_modules():
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            else:
                continue
            absolute += [f"{path}:{node.lineno}" for name in names if name.split(".")[0] == "adaem"]
    assert [place for place in absolute if not place.startswith("main.py:")] == []


def test_tests_are_no_package() -> None:
    assert not (ROOT / "tests" / "__init__.py").exists()
