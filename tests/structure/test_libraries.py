"""Each third-party library has one home (ARCHITECTURE.md), and starting the command loads no heavy one."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache

import pytest
from places import NOT_SHIPPED, ROOT

ANYWHERE = ("",)
HOMES: dict[str, tuple[str, ...]] = {
    "aiohttp": ("pool",),  # its errors: what openai's transport makes of them says less
    "aiosqlite": ("graph",),  # the type of the checkpointer's connection
    "aiolimiter": ("pool",),
    "chromadb": ("memory",),
    "filelock": ("memory", "records"),
    "jinja2": ("reports",),
    "inspect_ai": ("records",),  # reads its own logs
    "httpx2": ("pool",),  # openai's own copy of httpx
    "httpx": ("pool", "memory"),  # memory: the errors of its embedders that download or ask a server
    "langchain": ("pool",),
    "langchain_core": ("agents", "pool", "api"),  # its message and model types, which these share
    "langchain_openai": ("pool", "memory"),  # memory: its embedder
    "langgraph": ("graph",),
    "langsmith": ("pool",),  # to switch its tracing off
    "langgraph_sdk": ("jobs",),  # the type of what LangGraph's server hands to a factory
    "markupsafe": ("reports",),
    "matplotlib": ("reports",),
    "numpy": ANYWHERE,  # arrays and generators are how the parts speak to each other
    "openskill": ("evaluation",),
    "openai": ("pool", "memory"),  # memory: the errors of its embedder
    "opentelemetry": ("pool",),
    "ormsgpack": ("graph",),  # what a checkpoint names is looked at before anything is made of it
    "pandas": ("reports",),
    "pyarrow": ("records", "reports"),  # reads and writes Parquet
    "platformdirs": ("domain",),
    "pydantic": ANYWHERE,  # whoever subclasses domain's Record needs Field and ValidationError
    "rich": ("cli", "reports"),
    "safetensors": ("memory",),
    "scipy": ("evaluation", "agents", "calibration", "memory"),  # memory: the error function of its sentence model
    "sentence_transformers": ("memory",),
    "sklearn": ("memory", "agents"),
    "starlette": ("viewer",),
    "sqlite3": ("records", "graph", "memory"),  # graph: the checkpointer; memory: texts by their digest
    "tenacity": ("pool", "memory"),  # memory: a server's passing faults
    "threadpoolctl": ("memory", "agents"),  # one thread for the small matrices of a sentence model and a regression
    "tiktoken": ("pool",),
    "tokenizers": ("memory",),
    "transformers": ("memory",),
    "typer": ("cli",),
    "uvicorn": ("viewer",),
    "xllamacpp": ("local_models",),
    "yaml": ("domain", "cli"),
}
DISTRIBUTIONS = {"opentelemetry": "opentelemetry-sdk", "yaml": "pyyaml", "sklearn": "scikit-learn"}
UNDECLARED = {
    "aiosqlite": "langgraph-checkpoint-sqlite",
    "openai": "langchain-openai",
    "httpx2": "openai",
    "langgraph_sdk": "langgraph",
    "langsmith": "langchain-core",
    "ormsgpack": "langgraph",
    "threadpoolctl": "scikit-learn",
    "transformers": "sentence-transformers",
}  # comes with a library that we declare
PLUGINS = {
    "langgraph-checkpoint-sqlite",  # imported as a part of langgraph
    "opentelemetry-exporter-otlp-proto-grpc",  # and of opentelemetry
}

OUTSIDE_DEV = ("dev", "inspect", "sentence-transformers")

HEAVY = (
    "chromadb",
    "jinja2",
    "langchain",
    "langchain_core",
    "langchain_openai",
    "langgraph",
    "inspect_ai",
    "matplotlib",
    "openai",
    "opentelemetry.sdk",
    "pandas",
    "pyarrow",
    "scipy.stats",
    "sentence_transformers",
    "sklearn",
    "starlette",
    "tiktoken",
    "uvicorn",
    "xllamacpp",
)


@cache
def imports() -> frozenset[tuple[str, str]]:
    """Every absolute import of the package, those inside functions too: (place, top-level name)."""
    return frozenset(walk_imports())


def walk_imports() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        place = path.relative_to(ROOT)
        if place.parts[0] in NOT_SHIPPED or place.parts[0].startswith("."):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((place.as_posix(), alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield place.as_posix(), (node.module or "").split(".")[0]


def is_third_party(library: str) -> bool:
    return library not in sys.stdlib_module_names and library != "adaem"


def at_home(place: str, homes: tuple[str, ...]) -> bool:
    return homes == ANYWHERE or any(place.startswith(f"{home}/") for home in homes)


@pytest.mark.parametrize("library", HOMES)
def test_a_library_stays_at_home(library: str) -> None:
    homes = HOMES[library]
    strays = {place for place, name in imports() if name == library and not at_home(place, homes)}
    assert sorted(strays) == [], f"{library} lives in {', '.join(homes)}"


def test_every_library_has_a_home() -> None:
    assert sorted({(place, name) for place, name in imports() if is_third_party(name) and name not in HOMES}) == []


def test_declared_dependencies_are_those_that_are_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = project["optional-dependencies"].items()
    extras = [each for name, extra in groups if name not in ("dev", "docs") for each in extra]
    required = (*project["dependencies"], *extras)
    declared = {re.split(r"[\[<>=!~; ]", requirement)[0].lower() for requirement in required}
    imported = {name for _, name in imports() if is_third_party(name)} - set(UNDECLARED)
    assert {DISTRIBUTIONS.get(name, name).replace("_", "-") for name in imported} | PLUGINS == declared


@pytest.mark.parametrize("arguments", [["--version"], ["framework", "list"], ["runs"]], ids=" ".join)
def test_a_small_command_loads_no_heavy_library(arguments: list[str]) -> None:
    code = (
        "import sys; from adaem.cli import main\n"
        "try: main()\n"
        f"finally: print('loaded', *[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout
    assert done.stderr.split() == ["loaded"]


def test_the_lock_files_extra_holds_what_every_other_one_does() -> None:
    """``make lock`` locks ``dev``; left out are the sentence models and Inspect, which bring much (DECISIONS.md)."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    others = {each for name, extra in extras.items() if name not in OUTSIDE_DEV for each in extra}
    assert others <= {*extras["dev"]}
