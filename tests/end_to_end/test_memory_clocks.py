"""Processes that share a memory do not share their clocks: who speaks last has the last word all the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from adaem.memory import standings as life
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.items import Remembered
from chroma_server import chroma_server
from clocked import Clock
from places import SUPPORT

Command = Callable[..., tuple[int, str, str]]
TOPIC = "environment-01"
CLOCKS = [(1, 0), (0, -1), (1, -1)]
"""Hours by which the clock of who withdraws, and of who restores, is ahead."""


def filled(place: Path | str) -> None:
    with Memory.open(place, HashingEmbedder(), "schwartz") as memory:
        memory.remember([Remembered(id="r/q1", text="Is it?", topic_id=TOPIC, topic="T?", run_id="r")])


@pytest.mark.parametrize(("withdrawing", "restoring"), CLOCKS)
def test_a_restored_topic_is_in_use_whatever_the_clocks(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, withdrawing: int, restoring: int
) -> None:
    place = tmp_path / "shared"
    filled(place)
    monkeypatch.setattr(life, "datetime", Clock)
    for verb, hours, standing in (
        ("withdraw", withdrawing, "withdrawn"),
        ("restore", restoring, "used"),
        ("withdraw", restoring, "withdrawn"),
        ("restore", withdrawing - 2, "used"),
    ):
        monkeypatch.setattr(Clock, "ahead", timedelta(hours=hours))
        assert adaem("memory", verb, place, TOPIC, "--why", "so it is")[0] == 0
        found = json.loads(adaem("memory", "show", place, TOPIC, "--json")[1])
        assert found["standing"] == standing
        assert found["life"][-1]["standing"] == standing
    assert json.loads(adaem("memory", "stats", place, "--json")[1])["retired"] == []
    assert [each["counter"] for each in found["life"]] == [1, 2, 3, 4]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with chroma_server(tmp_path) as address:
        filled(address)
        yield address


def test_a_topic_restored_by_another_process_on_a_server_is_in_use(url: str) -> None:
    def command(hours: int, *given: str) -> str:
        script = SUPPORT / "clocked.py"
        done = subprocess.run([sys.executable, str(script), str(hours), *given], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    for withdrawing, restoring in CLOCKS:
        command(withdrawing, "memory", "withdraw", url, TOPIC, "--why", "for now")
        command(restoring, "memory", "restore", url, TOPIC, "--why", "argued about again")
        assert json.loads(command(0, "memory", "show", url, TOPIC, "--json"))["standing"] == "used"
