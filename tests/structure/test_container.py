"""The files of the container agree with the project: what is copied, installed, started and documented."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from adaem.memory.chroma_access import is_url
from adaem.memory.chroma_client import place_of
from places import ROOT

Command = Callable[..., tuple[int, str, str]]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKED = dict(
    re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
)
IGNORED = [
    line
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
COMPOSE: Any = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "REAL-MODELS.md").read_text(encoding="utf-8")


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of the Dockerfile, each as its name and what follows, by stage."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: list[list[tuple[str, str]]] = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            if name == "FROM":
                found.append([])
            found[-1].append((name, rest.strip()))
    return found


def ignored(path: str) -> bool:
    """Whether Docker leaves a path of the repository out: it, or a folder above it, fits a pattern."""
    parts = path.split("/")
    places = ["/".join(parts[: number + 1]) for number in range(len(parts))]
    return any(
        fnmatch(place.rpartition("/")[2], pattern[3:])
        if pattern.startswith("**/")
        else place == pattern or ("/" not in place and fnmatch(place, pattern))
        for place in places
        for pattern in IGNORED
    )


def test_what_the_image_is_made_of_is_there() -> None:
    build, final = stages()
    sources = [word for name, rest in build if name == "COPY" for word in rest.split()[:-1]]
    assert sources == ["requirements.lock", "."]
    assert all((ROOT / source).exists() for source in sources)
    assert [rest for name, rest in final if name == "COPY"] == ["--from=build /opt/adaem /opt/adaem"]
    needed = [each.replace(".", "/").removeprefix("adaem/") for each in PROJECT["tool"]["setuptools"]["packages"][1:]]
    needed += ["__init__.py", "py.typed", "pyproject.toml", "README.md", "LICENSE", "requirements.lock"]
    assert all((ROOT / each).exists() for each in needed)
    assert [each for each in needed if ignored(each)] == []


def test_neither_secrets_nor_results_nor_tools_reach_the_build() -> None:
    for path in (
        ".env",
        ".git/config",
        ".venv/bin/python",
        "runs/first/run.sqlite",
        "tests/conftest.py",
        "cli/__pycache__/x",
    ):
        assert ignored(path), path
    unversioned = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    made = [each.strip("/") for each in unversioned if each.endswith("/") and "*" not in each]
    assert [each for each in made if not ignored(f"{each}/file")] == []


def test_the_project_is_installed_from_the_locks_packages_alone() -> None:
    build, final = stages()
    commands = [part.strip() for name, rest in build if name == "RUN" for part in rest.split("&&")]
    lock, own, _, install = map(shlex.split, commands)
    assert lock[:2] == own[:2] == ["pip", "wheel"]
    assert {"--require-hashes", "requirements.lock"} <= set(lock)
    assert {"--no-deps", "--no-index", "."} <= set(own)
    assert install[:2] == ["/opt/adaem/bin/pip", "install"]
    assert "--no-index" in install
    assert {("--wheel-dir", "/wheels"), ("--find-links", "/wheels")} <= {*pairwise(own)}
    assert ("--wheel-dir", "/wheels") in pairwise(lock)
    assert ("--find-links", "/wheels") in pairwise(install)
    package, extras = re.fullmatch(r"(\w+)\[(.*)\]", install[-1]).groups()  # type: ignore[union-attr]
    assert package == PROJECT["project"]["name"]
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"]) - {"dev", "docs"}
    assert "pip" not in " ".join(rest for _, rest in final)


def test_the_image_runs_the_command_as_a_user_who_is_not_root() -> None:
    build, final = stages()
    bases = {rest.split()[0] for name, rest in (build[0], final[0]) if name == "FROM"}
    (version,) = {re.fullmatch(r"python:(3\.\d+)-slim", base).group(1) for base in bases}  # type: ignore[union-attr]
    assert f"Programming Language :: Python :: {version}" in PROJECT["project"]["classifiers"]
    names = [name for name, _ in final]
    said = dict(final)
    assert yaml.safe_load(said["ENTRYPOINT"]) == [*PROJECT["project"]["scripts"]]
    assert re.search(rf"useradd .*\b{said['USER']}\b", said["RUN"])
    assert names.index("RUN") < names.index("USER") < names.index("ENTRYPOINT")
    assert yaml.safe_load(said["VOLUME"]) == [f"{said['WORKDIR']}/runs"]
    assert f"chown -R {said['USER']} {said['WORKDIR']}" in said["RUN"]


def test_compose_starts_the_locked_chroma_and_names_it_as_the_memory() -> None:
    chroma, program = COMPOSE["services"]["chroma"], COMPOSE["services"]["adaem"]
    assert chroma["image"] == f"chromadb/chroma:{LOCKED['chromadb']}"
    assert "ports" not in chroma | program
    assert program["build"] == "."
    assert program["depends_on"] == {"chroma": {"condition": "service_healthy"}}
    verb, option, address = program["command"]
    assert (verb, option, address) == ("run", "--memory", "http://chroma:8000")
    assert is_url(address)
    assert place_of(address) == address
    mounted = dict(volume.split(":") for service in (chroma, program) for volume in service["volumes"])
    assert set(mounted) == set(COMPOSE["volumes"])
    assert mounted["runs"] == yaml.safe_load(dict(stages()[1])["VOLUME"])[0]
    assert program["environment"]["NO_PROXY"] == program["environment"]["no_proxy"] == "chroma"


def test_the_page_shows_commands_that_there_are(adaem: Command) -> None:
    (block,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    lines = [shlex.split(line) for line in block.splitlines()]
    asked = [line[line.index("adaem") + 1 :] for line in lines if line[:2] != ["docker", "build"] and "adaem" in line]
    assert [words[0] for words in asked] == ["run", "run", "report", "doctor"]
    for verb, *words in asked:
        code, out, _ = adaem(verb, "--help")
        assert code == 0
        assert [word for word in words if word.startswith("-") and not re.search(rf"(?<!\S){word}\b", out)] == []
    addresses = {word for words in asked for word in words if word.startswith("http")}
    assert addresses == {COMPOSE["services"]["adaem"]["command"][-1]}
    host = COMPOSE["services"]["adaem"]["extra_hosts"][0].partition(":")[0]
    assert f"allowed_hosts: [{host}]" in PAGE


def ci_container(folder: Path, docker: str | None) -> tuple[int, list[str]]:
    """The exit code of ``.ci/container`` with ``docker`` as the command of that name, and how that was called."""
    tools = folder / "bin"
    tools.mkdir()
    for tool in ("bash", "dirname", "env"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    calls = folder / "calls"
    calls.touch()
    if docker is not None:
        script = tools / "docker"
        script.write_text(f'#!/usr/bin/env bash\necho "$*" >> {shlex.quote(str(calls))}\n{docker}\n', encoding="utf-8")
        script.chmod(0o755)
    command = [str(ROOT / ".ci" / "container")]
    done = subprocess.run(command, env={**os.environ, "PATH": str(tools)}, capture_output=True, text=True, check=False)
    return done.returncode, calls.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("docker", [None, "exit 1"])
def test_ci_fails_nowhere_for_want_of_docker(docker: str | None, tmp_path: Path) -> None:
    assert ci_container(tmp_path, docker) == (0, [] if docker is None else ["info"])


def test_ci_builds_the_image_and_runs_it_alone_and_beside_chroma(tmp_path: Path) -> None:
    code, calls = ci_container(tmp_path, "exit 0")
    assert code == 0
    assert calls[:2] == ["info", "build --tag adaem ."]
    assert calls[2].startswith("run --rm adaem run ")
    assert calls[4].endswith("--memory http://chroma:8000")
    assert calls[-1] == "compose --project-name adaem-ci down --volumes"
    assert ".ci/container" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_ci_fails_where_the_image_cannot_be_built(tmp_path: Path) -> None:
    code, calls = ci_container(tmp_path, '[ "$1" != build ]')
    assert (code, calls[-1]) == (1, "build --tag adaem .")
