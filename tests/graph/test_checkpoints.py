"""A checkpoint is data: whatever it names, nothing is imported, called or made of it, and no variable decides that."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
from adaem.domain.errors import FileError
from adaem.graph.checkpoints import RoundCheckpoints
from adaem.graph.plain_checkpoints import ForeignObject, PlainSerializer, check_state
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Interrupt, Send

CONFIG: Any = {"configurable": {"thread_id": "run", "checkpoint_ns": ""}}
READ = """
import asyncio, sys
from pathlib import Path
from adaem.graph.checkpoints import RoundCheckpoints
async def read():
    async with RoundCheckpoints.at(Path(sys.argv[1])) as saver:
        await saver.aget_tuple({"configurable": {"thread_id": "run", "checkpoint_ns": ""}})
asyncio.run(read())
"""


def ext(code: int, *named: Any) -> ormsgpack.Ext:
    return ormsgpack.Ext(code, ormsgpack.packb(named))


def touching(proof: Path) -> dict[str, tuple[str, bytes]]:
    """Poisons that leave a file ``proof`` where they are executed."""
    command = f"touch {proof}"

    class Pickled:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, (command,)

    constructor = {"lc": 2, "type": "constructor", "id": ["os", "system"], "args": [command]}
    within = ormsgpack.Ext(
        1, ormsgpack.packb(("langgraph.types", "Send", ("interrogate", ext(0, "os", "system", command))))
    )
    return {
        "one argument": ("msgpack", ormsgpack.packb(ext(0, "os", "system", command))),
        "arguments": ("msgpack", ormsgpack.packb({"moves": [ext(1, "os", "system", [command])]})),
        "keywords": ("msgpack", ormsgpack.packb(ext(2, "subprocess", "run", {"args": command, "shell": True}))),
        "a method": ("msgpack", ormsgpack.packb(ext(3, "os", "path", command, "expanduser"))),
        "pydantic 1": ("msgpack", ormsgpack.packb(ext(4, "subprocess", "Popen", {"args": command, "shell": True}))),
        "pydantic 2": ("msgpack", ormsgpack.packb(ext(5, "subprocess", "Popen", {"args": command, "shell": True}, ""))),
        "within a mark": ("msgpack", ormsgpack.packb(within)),
        "an import": ("msgpack", ormsgpack.packb(ext(0, "antigravity", "x", 1))),
        "a message": ("msgpack", ormsgpack.packb(ext(5, "langchain_core.messages.human", "HumanMessage", {}, ""))),
        "a pattern": ("msgpack", ormsgpack.packb(ext(1, "re", "compile", ["(a+)+$"]))),
        "an array": ("msgpack", ormsgpack.packb(ext(6, "|O", [1], "C", b"12345678"))),
        "json": ("json", json.dumps(constructor).encode()),
        "pickle": ("pickle", pickle.dumps(Pickled())),
    }


NAMES = tuple(touching(Path("proof")))


@pytest.mark.parametrize("poison", NAMES)
def test_what_names_an_object_is_refused(tmp_path: Path, poison: str) -> None:
    proof = tmp_path / "proof"
    with pytest.raises(ForeignObject):
        PlainSerializer().loads_typed(touching(proof)[poison])
    assert not proof.exists()


def test_the_poison_is_one(tmp_path: Path) -> None:
    """LangGraph's own serialiser, as it comes, carries it out: the test above can fail."""
    proof = tmp_path / "proof"
    JsonPlusSerializer(allowed_msgpack_modules=True).loads_typed(touching(proof)["one argument"])
    assert proof.exists()


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"round": 2, "moves": [{"a": [1.5, None, True]}], "wide": "ä\n"},
        [Send("interrogate", {"move": {"round": 1}}), Interrupt(value={"step": "1.propose"}, id="x")],
    ],
)
def test_what_a_run_keeps_comes_back(value: Any) -> None:
    serializer = PlainSerializer()
    assert serializer.loads_typed(serializer.dumps_typed(value)) == value


async def _stored(path: Path) -> None:
    async with RoundCheckpoints.at(path) as saver:
        checkpoint: Any = {"v": 4, "id": "1", "ts": "", "channel_values": {"round": 1}, "channel_versions": {}}
        checkpoint["versions_seen"] = {}
        await saver.aput(CONFIG, checkpoint, {"source": "loop", "step": 1, "parents": {}}, {})
        await saver.aput_writes(
            {"configurable": {**CONFIG["configurable"], "checkpoint_id": "1"}}, [("wave", 2)], "task"
        )


@pytest.mark.slow
@pytest.mark.parametrize("table", ["checkpoints", "writes"])
@pytest.mark.parametrize("poison", ["one argument", "json", "pickle"])
def test_a_poisoned_file_runs_nothing_in_a_process_of_its_own(tmp_path: Path, table: str, poison: str) -> None:
    path, proof = tmp_path / "checkpoints.sqlite", tmp_path / "proof"
    asyncio.run(_stored(path))
    kind, body = touching(proof)[poison]
    with closing(sqlite3.connect(path)) as database, database:
        column = "checkpoint" if table == "checkpoints" else "value"
        database.execute(f"UPDATE {table} SET type = ?, {column} = ?", (kind, body))
    # Python that would say yes to all: what the environment asks for does not count.
    environment = {**os.environ, "LANGGRAPH_STRICT_MSGPACK": "false"}
    command = [sys.executable, "-c", READ, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert not proof.exists()
    assert done.returncode == 1
    assert "do not open this folder" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "state",
    [
        {"round": "two"},
        {"round": 10**30},
        {"moves": [{"round": 1}]},
        {"results": "all"},
        {"question": {"id": "q"}},
        {"avoid": [1]},
        {"stop_reason": ["x"]},
    ],
)
def test_a_state_that_no_node_leaves_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(state))):
        check_state(state)


@pytest.mark.parametrize(
    "damage", [b"", b"\xc1", b"\x93", ormsgpack.packb([1]), ormsgpack.packb({"channel_values": 3})]
)
def test_a_damaged_checkpoint_is_one_line(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "checkpoints.sqlite"
    asyncio.run(_stored(path))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE checkpoints SET checkpoint = ?", (damage,))

    async def read() -> None:
        async with RoundCheckpoints.at(path) as saver:
            await saver.aget_tuple(CONFIG)

    with pytest.raises(FileError, match=r"checkpoints\.sqlite: cannot be read as a run's checkpoints"):
        asyncio.run(read())
