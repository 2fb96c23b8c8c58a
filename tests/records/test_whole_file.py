"""Files come about whole or not at all, and nothing half-written stays beside them."""

from __future__ import annotations

import resource
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from adaem.domain.errors import FileError
from adaem.records.whole_file import new_file, whole_file, write_whole, written


def fails() -> None:
    raise RuntimeError("in the middle")


@pytest.mark.parametrize("kind", [whole_file, new_file])
def test_a_file_that_was_begun_is_removed_when_writing_fails(
    kind: Callable[[Path], AbstractContextManager[Path]], tmp_path: Path
) -> None:
    def write(then: Callable[[], None]) -> None:
        with kind(tmp_path / "table.csv") as path:
            path.write_text("half", encoding="utf-8")
            then()

    with pytest.raises(RuntimeError):
        write(fails)
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_takes_nobody_elses_place(tmp_path: Path) -> None:
    path = tmp_path / "judge.npz"
    with new_file(path) as place:
        place.write_text("first", encoding="utf-8")
    with pytest.raises(FileError, match="exists already"), written(path), new_file(path):
        raise AssertionError("nothing is written")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("judge.npz", "first")]


def test_a_folder_in_the_way_keeps_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with (
        pytest.raises(FileError, match=r"page.html: cannot be written \(Is a directory\)"),
        written(tmp_path / "page.html"),
    ):
        write_whole(tmp_path / "page.html", "new")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_a_full_disk_keeps_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_whole(path, "old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(FileError, match="File too large"), written(path):
            write_whole(path, "new" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("page.html", "old")]


def test_a_link_in_the_place_of_the_unfinished_file_leads_nowhere(tmp_path: Path) -> None:
    path, other = tmp_path / "page.html", tmp_path / "other"
    other.write_text("mine")
    path.with_name("page.html.partial").symlink_to(other)
    write_whole(path, "new")
    assert (path.read_text(), other.read_text()) == ("new", "mine")
    assert not path.is_symlink()


def test_writing_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    path.with_name(path.name + ".partial").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(path, "new")
    assert path.read_text() == "old"


def test_writing_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_whole(path, "a long old text")
    write_whole(path, "new")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("manifest.json", "new")]
