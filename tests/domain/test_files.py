"""Files that never end, or are no files, or explode when they are read, are refused at once, whoever reads them."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.agents.judges.labelled_texts import read_labelled_texts
from adaem.agents.judges.local.model_file import load_model
from adaem.domain.errors import FileError
from adaem.domain.reading.files import LARGEST_TEXT, read_bytes, read_text
from adaem.domain.reading.yaml_records import (
    LARGEST_YAML,
    load_framework,
    load_pool,
    load_settings,
    parse_override,
    read_yaml,
)
from adaem.pool.replies.recorded_text import read_answer
from adaem.prompts import load_prompts
from adaem.records.given_questions import read_questions
from adaem.records.recorded_answers import read_recorded
from small_world import framework

READERS: dict[str, Callable[[Path], object]] = {
    "settings": lambda path: load_settings(path, {}),
    "pool": lambda path: load_pool(str(path)),
    "framework": lambda path: load_framework(str(path)),
    "questions": read_questions,
    "answers": lambda path: read_recorded(path, {}, read_answer),
    "labelled": lambda path: read_labelled_texts([path], framework()),
    "local judge": lambda path: load_model(path, framework()),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_pipe_is_refused_before_anybody_writes_to_it(tmp_path: Path, reader: str) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(FileError, match="is a pipe, not a file"):
        READERS[reader](pipe)


@pytest.mark.parametrize("reader", READERS)
def test_a_device_is_refused(tmp_path: Path, reader: str) -> None:
    endless = tmp_path / "endless.yaml"
    endless.symlink_to("/dev/zero")
    with pytest.raises(FileError, match="is a device, not a file"):
        READERS[reader](endless)


def test_a_prompt_that_is_a_pipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set.yaml").write_text("inherit: default\n", encoding="utf-8")
    os.mkfifo(tmp_path / "answer.md")
    with pytest.raises(FileError, match="is a pipe"):
        load_prompts(str(tmp_path))


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # its name may be no longer than 108 characters
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("here")
        with pytest.raises(FileError, match="is a socket"):
            read_bytes(Path("here"))


def test_what_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    for most, read in ((LARGEST_TEXT, read_text), (LARGEST_YAML, read_yaml)):
        path = tmp_path / "long.yaml"
        with path.open("wb") as file:
            file.truncate(most + 1)
        with pytest.raises(FileError, match="is larger than"):
            read(path)


def test_a_file_of_the_kernel_which_tells_no_size_is_bounded_too() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("there are no files of the kernel's own here")
    assert len(read_bytes(Path("/proc/self/status"))) > 100
    with pytest.raises(FileError, match="is larger than 10 bytes"):
        read_bytes(Path("/proc/self/status"), most=10)


def test_a_name_that_no_path_has_is_one_line(tmp_path: Path) -> None:
    for name in ("a\0b", "x" * 5000):
        with pytest.raises(FileError):
            read_bytes(tmp_path / name)


@pytest.mark.parametrize("reader", ["questions", "answers", "labelled"])
def test_a_gzip_file_of_nothing_is_refused(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b" " * 60_000_000))
    with pytest.raises(FileError, match="decompresses to more than"):
        READERS[reader](path)


def test_a_gzip_file_with_much_repetition_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"question": "Is it right?"}\n' + b" \n" * 5_000_000))
    assert len(read_questions(path).questions) == 1


ALIASES = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
MERGES = "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 40))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (ALIASES, "with its aliases expanded it has more than"),
        (MERGES, "with its aliases expanded it has more than"),
        ("a: &a [*a]\n", "with its aliases expanded it has more than"),
        ("a: &a {b: *a}\n", "with its aliases expanded it has more than"),
        ("a: &a {<<: *a}\n", "with its aliases expanded it has more than"),
        (f"seed: {'9' * 5000}\n", "a number of 5000 characters"),
        (f"seed: 0x{'f' * 5000}\n", "a number of 5002 characters"),
        (f"seed: 0b{'1' * 5000}\n", "a number of 5002 characters"),
        (f"seed: {'1:' * 2500}1\n", "a number of 5001 characters"),
        (f"money: {'9' * 5000}.5\n", "a number of 5002 characters"),
        (f"seed: !!int '{'9' * 5000}'\n", "a number of 5000 characters"),
        ("a: " + "[" * 5000, "not valid YAML"),
    ],
    ids=[
        "aliases",
        "merges",
        "itself",
        "in itself",
        "merged",
        "long",
        "hex",
        "binary",
        "base 60",
        "point",
        "tag",
        "deep",
    ],
)
def test_yaml_that_explodes_is_one_line(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=problem):
        read_yaml(path)


def test_aliases_and_merges_that_people_write_are_read(tmp_path: Path) -> None:
    path = tmp_path / "pool.yaml"
    path.write_text("base: &base {a: 1, b: 2}\nothers:\n- {<<: *base, b: 3}\n- *base\n", encoding="utf-8")
    assert read_yaml(path)["others"] == [{"a": 1, "b": 3}, {"a": 1, "b": 2}]


@pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000, str(2**63), "-1"])
def test_a_number_on_the_command_line_that_no_run_can_hold_is_one_line(number: str) -> None:
    with pytest.raises(FileError, match="seed"):
        load_settings(None, dict([parse_override(f"seed={number}")]))


def test_the_largest_seed_is_taken() -> None:
    assert load_settings(None, {"seed": 2**63 - 1}).seed == 2**63 - 1


@pytest.mark.parametrize("key", ["budget.money", "step_timeout", "search.beta"])
@pytest.mark.parametrize("value", [".inf", ".nan"])
def test_a_number_without_an_end_is_no_setting(key: str, value: str) -> None:
    with pytest.raises(FileError, match=key):
        load_settings(None, dict([parse_override(f"{key}={value}")]))


def test_the_command_refuses_a_pipe_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.yaml")
    command = [sys.executable, "-m", "adaem.main", "settings", "show", "settings.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("adaem: settings.yaml: is a pipe, not a file")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("key", "most"),
    [
        ("samples.search", 1_000),
        ("samples.confirm", 1_000),
        ("samples.evaluate", 1_000),
        ("search.moves_per_round", 10_000),
        ("search.permutations", 100_000),
        ("search.new_topics", 10_000),
        ("questions", 1_000_000),
    ],
)
def test_what_sizes_the_memory_has_an_end(key: str, most: int) -> None:
    load_settings(None, {key: most})
    with pytest.raises(FileError, match=key):
        load_settings(None, {key: most + 1})


def test_a_bound_of_a_fields_own_counts_beside_the_one_of_all_numbers(tmp_path: Path) -> None:
    path = tmp_path / "pool.yaml"
    path.write_text("members: [{id: a, model: 'openai:x', roles: [panel], attempts: 21}]\n", encoding="utf-8")
    with pytest.raises(FileError, match="less than or equal to 20"):
        load_pool(str(path))
