"""``langgraph dev`` runs the graph: LangGraph's own server, in an environment of the test's own, through its API."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from adaem.records import RunFolder, read_trace
from places import ROOT

SERVER = "langgraph-cli[inmem]==0.4.40"
SMALL = {"budget.rounds": 2, "budget.calls": 1500, "questions": 3, "search.permutations": 99}
Command = Callable[..., tuple[int, str, str]]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that sees the present one's packages and has the server besides."""
    folder = tmp_path_factory.mktemp("served") / "environment"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    [packages] = folder.glob("lib/python*/site-packages")
    here = sysconfig.get_path("purelib")
    (packages / "sitecustomize.py").write_text(f"import site\nsite.addsitedir({here!r})\n", encoding="utf-8")
    python = folder / "bin" / "python"
    uv = shutil.which("uv")
    install: list[str | Path] = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    done = subprocess.run([*install, "--quiet", SERVER], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "bin"


@pytest.fixture(scope="module")
def served(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a server started as docs/TRACES.md has it, and the folder that it was started in."""
    folder, port = tmp_path_factory.mktemp("work"), free_port()
    shutil.copy(ROOT / "langgraph.json", folder)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    quiet = {"LANGSMITH_TRACING": "false", "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGGRAPH_NO_VERSION_CHECK": "true"}
    command = ["langgraph", "dev", "--no-browser", "--no-reload", "--allow-blocking", "--port", str(port)]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [programs / command[0], *command[1:]],
            cwd=folder,
            env={**os.environ, **quiet, "PATH": path},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(300):
            assert server.poll() is None, (folder / "server.log").read_text()
            with closing(socket.socket()) as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}", folder
    finally:
        server.terminate()
        server.wait(30)


def asked(url: str, path: str, body: dict[str, Any]) -> Any:
    import httpx

    reply = httpx.post(f"{url}{path}", json=body, timeout=300)
    assert reply.status_code == 200, reply.text
    return reply.json()


def waited(url: str, thread: str, step: str | None = None, **given: Any) -> Any:
    configurable = {"settings": SMALL, **({"step": step} if step else {})}
    config = {"configurable": configurable, "recursion_limit": 10_000}
    return asked(url, f"/threads/{thread}/runs/wait", {"assistant_id": "adaem", "config": config, **given})


def test_a_thread_is_a_run_that_every_verb_works_on(served: tuple[str, Path], adaem: Command) -> None:
    url, folder = served
    thread = asked(url, "/threads", {})["thread_id"]
    state = waited(url, thread, input={})
    run = RunFolder(folder / "runs" / f"thread-{thread}")
    manifest = run.read_manifest()
    assert (state["stop_reason"], manifest.status) == ("2 rounds done", "finished")
    assert manifest.settings.budget.rounds == 2
    assert {event.node for event in read_trace(run.trace_path)[0]} >= {"explore", "probe", "confirm", "evaluate"}
    code, out, _ = adaem("report", str(run.path), "--json")
    assert code == 0
    assert json.loads(out)["questions_confirmed"] > 0


def test_it_pauses_where_it_is_asked_to_and_hears_what_is_said(served: tuple[str, Path]) -> None:
    url, folder = served
    thread = asked(url, "/threads", {})["thread_id"]
    (pause,) = waited(url, thread, "policy", input={})["__interrupt__"]
    assert pause["value"]["step"] == "1.explore"
    (pause,) = waited(url, thread, "policy", command={"resume": {"do": "go"}})["__interrupt__"]
    assert pause["value"]["step"] == "2.explore"
    run = RunFolder(folder / "runs" / f"thread-{thread}")
    assert run.read_manifest().status == "interrupted"
    assert {event.position[0] for event in read_trace(run.trace_path)[0]} == {1}
