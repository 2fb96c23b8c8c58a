"""A run's folder from a stranger: no verb runs its code, sends a request, leaves the folder, or ends in a traceback."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from adaem.domain.errors import FileError
from adaem.domain.reading.files import check_plain
from foreign import CHANGING, Tamper, deleting, plant, small_run, tampers, verbs, watched
from loopback import LoopbackServer

Command = Callable[..., tuple[int, str, str]]

NAMES = tuple(tampers(Path("outside"), "http://127.0.0.1:1"))

FAST = (
    "nothing",
    "manifest.json: memory, a server",
    "manifest.json: judge, code",
    "manifest.json: members by plain http in one's own network",
    "run.sqlite: a view without end",
    "checkpoints.sqlite: poison",
    "memory: a journal that deletes",
)
"""Those that stand for the rest."""

PARTS = 3


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    small_run(folder)
    return folder


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as answering:
        yield answering


def outside(folder: Path) -> Path:
    made = folder / "outside"
    (made / "pipes").mkdir(parents=True)
    (made / "secret").write_text("mine\n", encoding="utf-8")
    os.mkfifo(made / "pipes" / "manifest.json")
    return made


def checked(
    home: Path, tmp_path: Path, adaem: Command, server: LoopbackServer, name: str, wanted: tuple[str, ...] = ()
) -> dict[str, int]:
    """Exit codes by verb. Fails for whatever a stranger's folder may not bring about."""
    beyond = outside(tmp_path)
    before = {path: path.lstat().st_mtime_ns for path in sorted(beyond.rglob("*"))}
    tamper: Tamper = tampers(beyond, server.url)[name]
    codes = {}
    whole = verbs(tmp_path / "run", home / "run", home / "pool.yaml", tmp_path / "out")
    shutil.copytree(home / "run", tmp_path / "run", symlinks=True)
    tamper(tmp_path / "run")
    for verb, arguments in whole.items():
        if wanted and verb not in wanted:
            continue
        if verb in CHANGING:
            shutil.rmtree(tmp_path / "run")
            shutil.copytree(home / "run", tmp_path / "run", symlinks=True)
            tamper(tmp_path / "run")
        (tmp_path / "out").mkdir(exist_ok=True)
        with watched() as done:
            code, out, told = adaem(*arguments)
        codes[verb] = code
        assert done == [], (verb, told)
        assert code in (0, 1, 2), (verb, told)
        assert code == 0 or out or len(told.splitlines()) >= 1, verb
        assert "\x1b]0;" not in out + told, verb
        assert "\x1b[2J" not in out + told, verb
        shutil.rmtree(tmp_path / "out")
    assert server.count == 0
    assert {path: path.lstat().st_mtime_ns for path in sorted(beyond.rglob("*"))} == before
    assert not (beyond / "proof").exists()
    assert (beyond / "secret").read_text(encoding="utf-8") == "mine\n"
    return codes


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", NAMES)
def test_verbs_on_changed_folders(
    home: Path, tmp_path: Path, adaem: Command, server: LoopbackServer, name: str
) -> None:
    """All verbs on the folders that stand for the rest. Each of the others meets a third of the verbs, the next one the
    next third, so that every verb meets changes of every file."""
    every = tuple(verbs(tmp_path / "run", home / "run", home / "pool.yaml", tmp_path / "out"))
    wanted = every if name in FAST else every[NAMES.index(name) % PARTS :: PARTS]
    codes = checked(home, tmp_path, adaem, server, name, wanted)
    if name == "nothing":
        assert codes == dict.fromkeys(every, 0)


def test_a_journal_of_sqlites_would_delete_what_it_names(tmp_path: Path) -> None:
    """So that the folders above that hold one can fail."""
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as database, database:
        database.execute("CREATE TABLE questions (id TEXT)")
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    deleting("run.sqlite", victim)(tmp_path)
    with pytest.raises(FileError, match="is a journal that names another file, to be deleted"):
        check_plain(tmp_path)
    assert victim.exists()
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as database:
        database.execute("SELECT count(*) FROM questions").fetchall()
    assert not victim.exists()
    check_plain(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", ".", "--html", "report.html"),
        ("trace", ".", "--html", "trace.html"),
        ("export", ".", "--to", "csv"),
        ("memory", "stats", "."),
        ("agents", "list"),
        ("resume", "."),
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_nothing_that_lies_in_the_folder_one_stands_in_is_run(
    home: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    run, proof = tmp_path / "run", tmp_path / "proof"
    shutil.copytree(home / "run", run)
    plant(run, proof)
    (run / "matplotlibrc").unlink()  # a run's folder with a pipe is refused before anything
    (run / "matplotlibrc").write_text("text.usetex: True\nbackend: module://touching\n", encoding="utf-8")
    command = [str(Path(sys.executable).with_name("adaem")), *arguments]
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(command, cwd=run, env=environment, capture_output=True, text=True, timeout=110)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert not proof.exists()
    assert "evil" not in done.stdout
