"""A run's folder: what is refused before a run starts, and a manifest that is whole or said not to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.errors import FileError, StoreError
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.settings import Settings
from adaem.records import Manifest, RunFolder, RunRecords, create_run, open_run
from adaem.records.folder import lock_run
from small_world import framework, pool_data

MANIFEST = Manifest(
    run_id="r1",
    adaem_version="0",
    created_at="2026-01-01T00:00:00Z",
    simulated=False,
    settings=Settings(),
    framework=framework(),
    framework_sha256="0" * 64,
    pool=PoolSpec.model_validate(pool_data()),
    prompts={"answer": {"fingerprint": "f", "system": "s", "user": "u"}},
    embedder="hashing",
    packages={"adaem": "0"},
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = create_run(tmp_path / "new" / "run")
    folder.write_manifest(MANIFEST)
    RunRecords(folder.records_path).close()
    return folder


def test_a_run_is_its_folder_wherever_it_lies(run: RunFolder, tmp_path: Path) -> None:
    assert open_run(run.path).read_manifest() == MANIFEST
    run.path.rename(tmp_path / "moved")
    assert open_run(tmp_path / "moved").read_manifest() == MANIFEST
    assert sorted(path.name for path in (tmp_path / "moved").iterdir()) == ["manifest.json", "run.sqlite"]


def test_parts_of_earlier_manifests_have_their_present_names(run: RunFolder) -> None:
    named = MANIFEST.settings.model_copy(
        update={
            "agents": MANIFEST.settings.agents.model_copy(update={"critic": "paper"}),
            "search": MANIFEST.settings.search.model_copy(update={"policy": "paper"}),
        }
    )
    run.write_manifest(MANIFEST.model_copy(update={"settings": named}))
    now = run.read_manifest().settings
    assert (now.agents.critic, now.search.policy) == ("paper", "paper")
    earlier = json.loads(run.manifest_path.read_text(encoding="utf-8"))
    del earlier["names_version"]
    run.manifest_path.write_text(json.dumps(earlier), encoding="utf-8")
    then = run.read_manifest()
    assert (then.settings.agents.critic, then.settings.search.policy) == ("overlap", "ucb1")
    # Written once more, as when the run goes on, they stay what they are.
    run.write_manifest(then)
    assert run.read_manifest() == then
    earlier["settings"]["agents"]["critic"] = "package.module:Critic"
    run.manifest_path.write_text(json.dumps(earlier), encoding="utf-8")
    assert run.read_manifest().settings.agents.critic == "package.module:Critic"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert create_run(tmp_path / "empty").path == tmp_path / "empty"


def test_a_run_that_was_killed_before_it_had_a_manifest_can_be_started_again(tmp_path: Path) -> None:
    lock_run(create_run(tmp_path / "run")).release()
    (tmp_path / "run" / "manifest.json.partial").write_text("{", encoding="utf-8")
    assert create_run(tmp_path / "run").path == tmp_path / "run"


def test_folders_that_are_not_free_are_left_alone(run: RunFolder, tmp_path: Path) -> None:
    other, file = tmp_path / "other", tmp_path / "file"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    file.write_text("mine")
    for path, what in ((run.path, "holds another run"), (other, "not an empty folder"), (file, "not an empty folder")):
        with pytest.raises(StoreError, match=f"{what} — name another folder with --out"):
            create_run(path)
    assert (other / "thesis.txt").read_text() == file.read_text() == "mine"
    assert run.read_manifest() == MANIFEST


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError, match="cannot be made"):
        create_run(tmp_path / "file" / "run")
    with pytest.raises(StoreError, match=r"cannot be made \(File name too long\)"):
        create_run(tmp_path / ("x" * 300))


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_that_is_not_writable(tmp_path: Path, exists: bool) -> None:
    parent = tmp_path / "sealed"
    parent.mkdir()
    parent.chmod(0o500)
    try:
        (parent / "probe").touch()
    except OSError:
        with pytest.raises(StoreError, match="name a writable folder with --out"):
            create_run(parent if exists else parent / "run")
    else:
        pytest.skip("this user may write everywhere")
    finally:
        parent.chmod(0o700)


def test_folders_that_are_no_runs(run: RunFolder, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", run.manifest_path):
        with pytest.raises(FileError, match=r"is not a run: it has no readable manifest\.json"):
            open_run(path)
    run.records_path.unlink()
    with pytest.raises(FileError, match=r"run\.sqlite is missing — copy the whole folder"):
        open_run(run.path)


def changed(**changes: Any) -> bytes:
    return json.dumps(MANIFEST.model_dump(mode="json") | changes).encode()


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", ""),
        (b"{", ""),
        (changed()[:-40], ""),
        (b"\xff\xfe{}", ""),
        (b"{}", "run_id"),
        (changed(schema_version=3), "schema_version"),
        (changed(status="flying"), "status"),
        (changed(settings={"questions": 0}), "settings.questions"),
        (changed(**{"from_the_future\x1b[31m": 1}), "from_the_future[31m"),
    ],
)
def test_a_damaged_manifest_is_told_with_its_place(run: RunFolder, content: bytes, place: str) -> None:
    run.manifest_path.write_bytes(content)
    with pytest.raises(FileError, match="is damaged, or was written by another version of adaem") as caught:
        open_run(run.path)
    assert caught.value.place == place
    assert str(caught.value).isprintable()


def test_a_run_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "frost").mkdir()
    with pytest.raises(FileError, match=r"did you mean .*/first\?$"):
        open_run(tmp_path / "frist")
    with pytest.raises(FileError, match="made by 'adaem run'"):
        open_run(tmp_path / "nothing like it")
    with pytest.raises(FileError, match="made by 'adaem run'"):
        open_run(tmp_path / "frost")
