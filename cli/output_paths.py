"""The files that a verb is told to write: refused before any work where their name would hide a mistake."""

from __future__ import annotations

from pathlib import Path

from ..domain.errors import FileError
from ..records.whole_file import check_folder_of

HTML_PAGE = ("a page", (".html", ".htm"))
MARKDOWN = ("Markdown", (".md", ".markdown"))
INSPECT_LOG = ("a log of Inspect", (".eval",))


def check_output(path: Path | None, kind: tuple[str, tuple[str, ...]]) -> None:
    """Refuses a file that does not carry an ending of its ``kind`` (what is written, and its endings), or a folder.

    An earlier file of that ending may be written over, so that a report can be made again; anything else, such as a
    run's own records, is another file that was named by mistake. Raises ``FileError``.
    """
    if path is None:
        return
    what, endings = kind
    remedy = f"name a file that ends in {endings[0]}"
    if path.is_dir():
        raise FileError(path, f"is a folder, and {what} would be written under this name", remedy=remedy)
    if path.suffix.lower() not in endings:
        over = " over it" if path.exists() else ""
        raise FileError(path, f"{what} would be written{over} under this name", remedy=remedy)
    check_folder_of(path)
