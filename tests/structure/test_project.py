"""The files beside the code agree: what CI runs, what runs before a commit, and how the program is cited."""

import re
import tomllib
from typing import Any

import adaem
import yaml
from places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read_yaml(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def recipe(target: str) -> list[str]:
    """The commands of a target of the Makefile, with the folder of the environment written out."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(BIN)", ".venv/bin")
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert found, target
    return [line.removeprefix("\t") for line in found.group(1).splitlines()]


def test_ci_runs_its_one_script_on_every_python_that_we_promise() -> None:
    (job,) = read_yaml(".github/workflows/ci.yml")["jobs"].values()
    promised = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d", each)]
    assert job["strategy"]["matrix"]["python"] == promised
    assert f">={promised[0]}" == PROJECT["requires-python"]
    assert job["steps"][-1] == {"run": ".ci/run"}
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_ci_runs_every_check_that_the_makefile_has() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert {"make run", "make check", "make docs", "make slow"} <= set(lines)


def test_checks_before_a_commit_are_those_of_make_check() -> None:
    hooks = [hook for repo in read_yaml(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    ran = {" ".join(word for word in hook["entry"].split() if word != "--force-exclude") for hook in hooks}
    checks = {re.sub(r"( --check)?( \.)?$", "", line) for line in recipe("check")}
    assert ran == {check for check in checks if check.startswith(".venv/bin/")}


def test_a_citation_names_this_version_and_the_paper() -> None:
    citation = read_yaml("CITATION.cff")
    assert citation["version"] == adaem.__version__
    assert citation["license"] == PROJECT["license"]
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in PROJECT["authors"]]
    (paper,) = citation["references"]
    assert paper["url"] == PROJECT["urls"]["Paper"]
    assert paper["authors"]
