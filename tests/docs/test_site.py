"""The site of the documents: it is made without a warning, and a link that leads nowhere stops it."""

import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from places import ROOT

PAGES = sorted(path.name for path in (ROOT / "docs").glob("*.md"))


def build(root: Path, site: Path) -> "subprocess.CompletedProcess[str]":
    """What ``make docs`` runs, of the documents under ``root``."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A copy of the repository, to be changed."""
    ignored = ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "runs", "tests", "experiments")
    return copytree(ROOT, tmp_path / "documents", ignore=ignored)


def test_every_page_and_every_file_that_one_links_to_is_on_the_site(site: Path) -> None:
    pages = {path.relative_to(site).with_suffix(".md").as_posix() for path in site.rglob("*.html")}
    assert {*(f"docs/{name}" for name in PAGES), "index.md", "ARCHITECTURE.md", "CONTRIBUTING.md"} <= pages
    assert (site / "agents" / "protocols.py").read_bytes() == (ROOT / "agents" / "protocols.py").read_bytes()


def test_reading_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    """No script, style, font or picture; only the script that draws diagrams is fetched, by Material's own."""
    loaded = re.compile(
        r"<(?:script|img|iframe)[^>]*\bsrc=[\"']?(?:https?:)?//|<link[^>]*stylesheet[^>]*(?:https?:)?//"
    )
    assert [path.name for path in site.rglob("*.html") if loaded.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/METHOD.md"])
def test_a_link_that_leads_nowhere_is_an_error(documents: Path, tmp_path: Path, page: str) -> None:
    wrong = ["gone.md", "agents/gone.py", "../outside.md", f"{Path(page).name}#no-such-heading", "#nowhere"]
    with (documents / page).open("a", encoding="utf-8") as file:
        file.writelines(f"\n[a link]({target})\n" for target in wrong)
    done = build(documents, tmp_path / "site")
    assert done.returncode == 1
    warnings = [line for line in done.stderr.splitlines() if line.startswith("WARNING")]
    assert len(warnings) == len(wrong), done.stderr
    assert all(f"'{page}'" in line for line in warnings)
    assert [target for target in wrong if not any(f"'{target}'" in line for line in warnings)] == []


def test_a_page_that_is_not_listed_is_an_error(documents: Path, tmp_path: Path) -> None:
    (documents / "docs" / "NEW.md").write_text("# A new page\n", encoding="utf-8")
    done = build(documents, tmp_path / "site")
    assert done.returncode == 1
    assert "docs/NEW.md" in done.stderr


def test_the_start_page_has_a_line_for_each_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[.+\]\(([^)]+)\): ", index, re.MULTILINE)
    assert sorted(name for name in listed if "/" not in name) == [name for name in PAGES if name != "index.md"]
