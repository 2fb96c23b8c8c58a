"""What lands on a user's disk: sdist, the wheel from it, and the command in a fresh environment. Needs no network."""

import subprocess
import sys
import sysconfig
import tomllib
from configparser import ConfigParser
from email import message_from_string
from email.message import Message
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import NamedTuple

import adaem
import pytest
from places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DATA = ("*.md", "*.toml", "*.yaml", "py.typed")
FOLDERS_WITH_DATA = ("prompts", "frameworks", "pool")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Installed(NamedTuple):
    """A fresh environment that holds the wheel and borrows the libraries of the running one."""

    environment: Path
    site_packages: Path
    new_names: set[str]

    @property
    def package(self) -> Path:
        return self.site_packages / "adaem"

    def run(self, command: str, *arguments: str) -> str:
        return run(self.environment / "bin" / command, *arguments, folder=self.environment)


def run(command: Path | str, *arguments: Path | str, folder: Path) -> str:
    done = subprocess.run([command, *arguments], cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    ignored = ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "runs")
    source = copytree(ROOT, folder / "source", ignore=ignored)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source, folder=folder)
    [wheel] = folder.glob("*.whl")

    environment = folder / "environment"
    run(sys.executable, "-m", "venv", environment, folder=folder)
    [site_packages] = environment.glob("lib/python*/site-packages")
    before = {path.name for path in site_packages.iterdir()}
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", wheel, folder=folder)
    new_names = {path.name for path in site_packages.iterdir()} - before

    # A .pth file adds folders without reading the .pth files in them: no editable adaem comes along.
    libraries = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (site_packages / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    return Installed(environment, site_packages, new_names)


def metadata(installed: Installed) -> Message:
    [file] = installed.site_packages.glob("adaem-*.dist-info/METADATA")
    return message_from_string(file.read_text(encoding="utf-8"))


def test_one_top_level_name_appears(installed: Installed) -> None:
    assert {name for name in installed.new_names if not name.endswith(".dist-info")} == {"adaem"}


def test_the_command_runs_from_the_wheel(installed: Installed) -> None:
    assert installed.run("python", "-c", "import adaem; print(adaem.__file__)").startswith(str(installed.package))
    assert "Usage: adaem" in installed.run("adaem", "--help")


def test_prompts_frameworks_and_pools_come_along(installed: Installed) -> None:
    for folder in FOLDERS_WITH_DATA:
        expected = {path.relative_to(ROOT) for pattern in DATA for path in (ROOT / folder).rglob(pattern)}
        assert expected
        assert [str(path) for path in sorted(expected) if not (installed.package / path).is_file()] == []
    assert (installed.package / "py.typed").is_file()


def test_tests_benchmarks_and_docs_stay_at_home(installed: Installed) -> None:
    shipped = {path.name for path in installed.package.iterdir()}
    assert shipped & {"tests", "experiments", "docs", ".ci", "Makefile", "runs"} == set()


def test_the_metadata_says_who_what_and_where(installed: Installed) -> None:
    found = metadata(installed)
    assert found["Name"] == "adaem"
    assert found["Version"] == adaem.__version__
    assert found["Summary"] == PROJECT["description"]
    assert found["Author"] == "The AdAEM contributors"
    assert sorted(found["Keywords"].split(",")) == sorted(PROJECT["keywords"])
    assert found.get_all("Classifier") == PROJECT["classifiers"]
    assert found.get_all("Project-URL") == [f"{name}, {url}" for name, url in PROJECT["urls"].items()]
    assert set(found.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])


def test_a_tool_runner_finds_one_command_named_like_the_package(installed: Installed) -> None:
    """``uvx adaem`` and ``pipx run adaem`` install a package and run the command of its name."""
    [file] = installed.site_packages.glob("adaem-*.dist-info/entry_points.txt")
    commands = ConfigParser()
    commands.read(file, encoding="utf-8")
    assert dict(commands["console_scripts"]) == {metadata(installed)["Name"]: "adaem.cli:main"}
    assert installed.run("adaem", "--version").strip() == f"adaem {adaem.__version__}"


def test_the_metadata_names_licence_readme_and_python(installed: Installed) -> None:
    found = metadata(installed)
    assert found["License-Expression"] == "MIT"
    assert found["License-File"] == "LICENSE"
    assert found["Requires-Python"] == ">=3.11"
    assert found["Description-Content-Type"] == "text/markdown"
    assert str(found.get_payload()).strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()
