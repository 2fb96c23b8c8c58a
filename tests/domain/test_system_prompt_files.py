"""What a pool file may name and a run's records may not: the file of a member's system prompt, beside it or below it.
And what only older records hold.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from adaem.domain.errors import FileError
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reading.yaml_records import load_pool
from small_world import member_data, pool_data


def written(folder: Path, system: object) -> str:
    folder.mkdir(exist_ok=True)
    path = folder / "pool.yaml"
    members = [member_data("a", "scout", "panel", system=system), *pool_data()["members"]]
    path.write_text(yaml.safe_dump({"members": members}), encoding="utf-8")
    return str(path)


def test_the_text_of_the_file_is_the_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "pools", {"file": "personas/guardian.md"})
    (tmp_path / "pools" / "personas").mkdir()
    (tmp_path / "pools" / "personas" / "guardian.md").write_text(
        "You like order: überall.\r\nAlways.\n", encoding="utf-8"
    )
    monkeypatch.chdir("/")
    found = load_pool(path)
    assert found.members[0].system == "You like order: überall.\nAlways."
    assert found == load_pool(written(tmp_path / "pools", "You like order: überall.\nAlways."))


@pytest.mark.parametrize(
    ("system", "problem"),
    [
        ({"file": "../secret.md"}, "the file ../secret.md lies outside the pool file's folder"),
        ({"file": "/etc/hostname"}, "the file /etc/hostname lies outside the pool file's folder"),
        ({"file": "link.md"}, "the file link.md lies outside the pool file's folder"),
        ({"file": "none.md"}, "none.md: no such file"),
        ({"file": "empty.md"}, "the file empty.md is empty"),
        ({"file": "long.md"}, "is larger than 80,000 bytes"),
        ({"file": "bytes.md"}, "is not UTF-8 text"),
        ({"file": "."}, "is a folder, not a file"),
        ({"path": "a.md"}, "is neither a text nor {file: NAME}"),
        ({"file": 7}, "is neither a text nor {file: NAME}"),
        (["a"], "members.0.system"),
    ],
)
def test_what_cannot_be_taken_is_one_line(system: object, problem: str, tmp_path: Path) -> None:
    path = written(tmp_path / "pools", system)
    (tmp_path / "secret.md").write_text("Secret.", encoding="utf-8")
    (tmp_path / "pools" / "link.md").symlink_to(tmp_path / "secret.md")
    (tmp_path / "pools" / "empty.md").write_text(" \n", encoding="utf-8")
    (tmp_path / "pools" / "long.md").write_text("x" * 80_001, encoding="utf-8")
    (tmp_path / "pools" / "bytes.md").write_bytes(b"\xff\xfe")
    with pytest.raises(FileError) as caught:
        load_pool(path)
    assert str(caught.value).startswith(f"{path}, line 8, members.0.system: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["culture", "date"])
def test_a_key_that_is_gone_is_one_line_in_a_pool_file_and_no_matter_in_older_records(key: str, tmp_path: Path) -> None:
    members = [member_data("a", "scout", "panel", **{key: "Norway"}), *pool_data()["members"]]
    path = tmp_path / "pool.yaml"
    path.write_text(yaml.safe_dump({"members": members}), encoding="utf-8")
    with pytest.raises(
        FileError, match=rf"line \d, members\.0\.{key}: is a key that nothing used, and that is gone — "
    ):
        load_pool(str(path))
    assert PoolSpec.model_validate({"members": members}).members[0].id == "a"
