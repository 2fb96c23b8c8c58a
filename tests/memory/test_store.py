"""The memory on disk: reopening, its stamp, its lock, and folders that cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from adaem.domain.errors import StampMismatch, StoreError, StoreLocked
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.items import Remembered

EMBEDDER = HashingEmbedder()


def item(identifier: str, text: str = "Is it right?") -> Remembered:
    return Remembered(id=identifier, text=text, topic_id="t", topic="T?", run_id="r", score=0.5)


def made(folder: Path, count: int = 3) -> Path:
    with Memory.open(folder, EMBEDDER, "schwartz") as memory:
        memory.remember([item(f"q{number}", f"Should number {number} be asked?") for number in range(count)])
    return folder


class Changed(HashingEmbedder):
    """The default embedder with one part of its stamp changed."""

    def __init__(self, **changes: object) -> None:
        super().__init__()
        for name, value in changes.items():
            setattr(self, name, value)


def metadata(folder: Path, **changes: object) -> None:
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(folder.resolve()), Settings(_env_file=None, anonymized_telemetry=False))
    collection = client.get_collection("questions", embedding_function=None)
    kept = {name: value for name, value in (collection.metadata | changes).items() if value is not None}
    collection.modify(metadata=kept or {"of": "someone else"})
    client.close()  # type: ignore[attr-defined]  # ClientAPI does not declare it; every client has it


def test_reopening_finds_everything(tmp_path: Path) -> None:
    folder = made(tmp_path / "deep" / "memory")
    with Memory.open(folder, EMBEDDER, "schwartz") as memory:
        assert memory.count() == 3
        assert memory.contains_text("should NUMBER 1 be asked")
        assert memory.nearest(["Should number 2 be asked?"], 1)[0][0].id == "q2"
        assert memory.get(["q2"]) == [item("q2", "Should number 2 be asked?")]


def test_a_run_folder_may_be_moved(tmp_path: Path) -> None:
    shutil.move(made(tmp_path / "here"), tmp_path / "there")
    with Memory.open(tmp_path / "there", EMBEDDER, "schwartz") as memory:
        assert memory.nearest(["Should number 2 be asked?"], 1)[0][0].id == "q2"


@pytest.mark.parametrize(
    ("framework", "changes", "part"),
    [
        ("moral-foundations", {}, "framework"),
        ("schwartz", {"fingerprint": "hashing/other"}, "embedder"),
        ("schwartz", {"dimension": 256}, "dimension"),
    ],
)
def test_another_stamp_is_refused_and_nothing_changes(
    tmp_path: Path, framework: str, changes: dict[str, object], part: str
) -> None:
    folder = made(tmp_path / "memory")
    with pytest.raises(StampMismatch, match=f"its {part} is .* --memory") as caught:
        Memory.open(folder, Changed(**changes), framework)
    assert str(folder) in str(caught.value)
    assert ("adaem memory rebuild" in str(caught.value)) == (part == "embedder"), "the same embedder, other weights"
    with Memory.open(folder, EMBEDDER, "schwartz") as memory:
        assert memory.count() == 3


def test_another_schema_or_no_stamp_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path / "memory")
    metadata(folder, adaem_schema_version=2)
    with pytest.raises(StampMismatch, match="its schema version is 2, this run's is 1"):
        Memory.open(folder, EMBEDDER, "schwartz")
    metadata(
        folder, **dict.fromkeys([f"adaem_{part}" for part in ("schema_version", "framework", "embedder", "dimension")])
    )
    with pytest.raises(StampMismatch, match="not made by adaem"):
        Memory.open(folder, EMBEDDER, "schwartz")


def test_a_newer_chroma_is_refused_and_an_older_one_noted(tmp_path: Path) -> None:
    folder = made(tmp_path / "memory")
    metadata(folder, written_by_chromadb="0.9.1")
    Memory.open(folder, EMBEDDER, "schwartz").close()
    metadata(folder, written_by_chromadb="99.0.0")
    with pytest.raises(StoreError, match=r"chromadb 99\.0\.0.*upgrade"):
        Memory.open(folder, EMBEDDER, "schwartz")


@pytest.mark.slow
def test_one_process_owns_a_memory(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from adaem.memory.chroma_memory import Memory\n"
        "from adaem.memory.embedders.hashing_embedder import HashingEmbedder\n"
        "from adaem.domain.errors import StoreLocked\n"
        "try: Memory.open(Path(sys.argv[1]), HashingEmbedder(), 'schwartz').close(); print('opened')\n"
        "except StoreLocked as error: print('locked:', error)\n"
    )

    def other() -> str:
        command = [sys.executable, "-c", code, str(tmp_path / "memory")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with Memory.open(tmp_path / "memory", EMBEDDER, "schwartz") as memory:
        memory.remember([item("a")])
        with pytest.raises(StoreLocked):
            Memory.open(tmp_path / "memory", EMBEDDER, "schwartz")
        said = other()
        assert said.startswith("locked:")
        assert "another process has it open" in said
        assert memory.count() == 1
    assert other() == "opened"


@pytest.mark.slow
def test_a_killed_owner_leaves_no_lock(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from adaem.memory.chroma_memory import Memory\n"
        "from adaem.memory.embedders.hashing_embedder import HashingEmbedder\n"
        "from adaem.memory.items import Remembered\n"
        "memory = Memory.open(Path(sys.argv[1]), HashingEmbedder(), 'schwartz')\n"
        "memory.remember([Remembered(id='a', text='Is it?', topic_id='t', topic='T', run_id='r')]); os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "memory")]).returncode == 9
    with Memory.open(tmp_path / "memory", EMBEDDER, "schwartz") as memory:
        assert memory.contains_text("is it")


def test_a_refused_opening_lets_the_lock_go(tmp_path: Path) -> None:
    folder = made(tmp_path / "memory")
    for _ in range(2):
        with pytest.raises(StampMismatch):
            Memory.open(folder, EMBEDDER, "other")


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("precious")
    for folder in (tmp_path / "memory", tmp_path / "memory" / "below"):
        with pytest.raises(StoreError, match="cannot be opened for writing") as caught:
            Memory.open(folder, EMBEDDER, "schwartz")
        assert str(folder) in str(caught.value)
    assert (tmp_path / "memory").read_text() == "precious"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission(tmp_path: Path) -> None:
    folder = made(tmp_path / "memory")
    folder.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="write"):
            Memory.open(folder, EMBEDDER, "schwartz")
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("damage", ["garbage", "cut short", "zeroed"])
def test_a_damaged_database_is_one_clear_line(tmp_path: Path, damage: str) -> None:
    folder = made(tmp_path / "memory")
    database = folder / "chroma.sqlite3"
    content = database.read_bytes()
    if damage == "garbage":
        content = b"garbage" * 1_000
    elif damage == "cut short":
        content = content[:20_000]
    else:
        content = content[:100] + bytes(8_000) + content[8_100:]
    database.write_bytes(content)
    with pytest.raises(StoreError, match="move the folder away") as caught:
        Memory.open(folder, EMBEDDER, "schwartz")
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert database.read_bytes() == content


def test_lost_vectors_are_noticed(tmp_path: Path) -> None:
    """Beyond 1,000 rows Chroma keeps vectors in files of their own; without them it answers as if all were well."""
    folder = made(tmp_path / "memory", count=1_100)
    (segment,) = (path for path in folder.iterdir() if path.is_dir())
    shutil.rmtree(segment)
    with pytest.raises(StoreError, match=r"vector of 'q0' is lost.*move the folder away"):
        Memory.open(folder, EMBEDDER, "schwartz")


def test_a_crash_between_chroma_and_the_index_of_texts_is_mended(tmp_path: Path) -> None:
    folder = made(tmp_path / "memory", count=3)
    with closing(sqlite3.connect(folder / "texts.sqlite")) as texts, texts:
        texts.execute("DELETE FROM texts WHERE id = 'q1'")
        assert texts.total_changes == 1
    with Memory.open(folder, EMBEDDER, "schwartz") as memory:
        (second,) = memory.get(["q1"])
        assert memory.ids_of_text(second.text.upper()) == ("q1",)
    (folder / "texts.sqlite").unlink()
    with Memory.open(folder, EMBEDDER, "schwartz") as memory:
        assert memory.ids_of_text(second.text) == ("q1",)


def test_a_closed_memory_says_so(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "memory", EMBEDDER, "schwartz")
    memory.close()
    for use in (
        memory.count,
        lambda: memory.remember([item("a")]),
        lambda: memory.nearest(["x"], 1),
        lambda: memory.get(["a"]),
    ):
        with pytest.raises(StoreError, match="is closed"):
            use()


def test_settings_of_a_stray_env_file_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("CHROMA_API_IMPL=chromadb.api.fastapi.FastAPI\n")
    monkeypatch.chdir(tmp_path)
    assert made(Path("memory")).is_dir()
