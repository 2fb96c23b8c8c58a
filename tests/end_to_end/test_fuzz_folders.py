"""A run's folder with any bytes changed: every verb reads it or refuses it in one line, and does nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from foreign import CHANGING, small_run, verbs, watched
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.timeout(900)

Command = Callable[..., tuple[int, str, str]]
FILES = (
    "manifest.json",
    "run.sqlite",
    "checkpoints.sqlite",
    "trace.jsonl",
    "memory/chroma.sqlite3",
    "memory/texts.sqlite",
)
QUICK = (
    "report --json",
    "trace",
    "trace STEP",
    "trace --question",
    "export csv",
    "memory stats",
    "run --replay",
    "resume",
)
PIECES = st.binary(max_size=40) | st.sampled_from(
    (
        b"null",
        b"-1",
        b"1e999",
        b"9" * 400,
        b'"',
        b"{",
        b"[",
        b"\\ud800",
        b"\x00" * 40,
        b"../..",
        b"\x1b[2J",
        b"\xc7\x10\x00",
    )
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    small_run(folder)
    return folder


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_folder_of_any_bytes(home: Path, tmp_path: Path, adaem: Command, data: st.DataObject) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    for folder in (run, out):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(home / "run", run)
    out.mkdir()
    path = run / data.draw(st.sampled_from(FILES), label="file")
    content = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 5), label="changes")):
        start = data.draw(st.integers(0, len(content)), label="start")
        length = data.draw(st.integers(0, 40), label="length")
        content = content[:start] + data.draw(PIECES, label="piece") + content[start + length :]
    path.write_bytes(content)
    verb = data.draw(st.sampled_from(QUICK), label="verb")
    assert verb not in CHANGING or verb == "resume"
    with watched() as done:
        code, _, told = adaem(*verbs(run, home / "run", home / "pool.yaml", out)[verb])
    assert done == []
    assert code in (0, 1, 2), told
