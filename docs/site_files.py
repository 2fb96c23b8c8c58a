"""Gives the site the tree of the repository, so that a relative link leads to the same place in both.

mkdocs takes its files from docs/ alone; README.md and its neighbours would be out of reach, and so would files of the
program that a page links to. With all of them in place ``mkdocs build --strict`` checks every relative link and anchor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(([^)#\s]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Replaces the files of docs/ by all pages, and what they link to, each under its path in the repository."""
    for file in (*files.documentation_pages(), *files.media_files()):
        if file.src_uri and file.abs_src_path and Path(file.abs_src_path).is_relative_to(config.docs_dir):
            files.remove(file)
    pages = {*ROOT.glob("*.md"), *Path(config.docs_dir).glob("**/*.md")}
    for path in sorted(pages | {target for page in pages for target in linked_files(page)}):
        files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    return files


def linked_files(page: Path) -> Iterator[Path]:
    """The files of the repository that a page links to or shows. Others are left to mkdocs, which reports them."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / target).resolve()
        if path.is_file() and path.is_relative_to(ROOT):
            yield path
