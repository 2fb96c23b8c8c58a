"""Kills and restarts a real model's server in the middle of a run, and compares the run with an undisturbed one.

Two personas on SmolLM2 (``adaem local pull smollm2-135m minilm`` first) are served so that one seed gives one reply
(``--repeatable``). They are asked the framework's topics, since a model this small writes few questions. In the second
run the server is killed with SIGKILL each time another share of the first run's calls is recorded, and is back after
``--down`` seconds and the loading of the weights.

Marks: the run ends as the undisturbed one does (with 1, where a model this small gave no question that was confirmed);
its questions, and the replies to all calls, are the same. The exit code is 1 when one of them falls short.

    python experiments/real_restarts.py [--restarts 3] [--down 10] [--rounds 2]
"""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reading.yaml_records import load_framework, load_pool
from real_run import leave_nothing_behind

ADAEM = (sys.executable, str(Path(__file__).resolve().parents[1] / "main.py"))
MODEL = "smollm2-135m"
PERSONAS = ("guardian", "explorer")
LOOK_EVERY = 0.2


class Server:
    """The model's server in a process of its own, which can be killed and started again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.start()

    def start(self) -> None:
        """Returns once the weights are loaded."""
        command = [*ADAEM, "local", "serve", MODEL, "--json", "--repeatable", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            sys.exit(self._process.wait())

    def kill(self) -> None:
        """At once, in the middle of whatever it does."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def pool_file(path: Path, port: int, tokens: int) -> Path:
    """The author and two personas of the shipped pool, behind this server, one request at a time."""
    kept = [member for member in load_pool("local").members if member.id in ("bare", *PERSONAS)]
    changed = {"base_url": f"http://127.0.0.1:{port}/v1", "concurrency": 1, "max_tokens": tokens}
    members = [member.model_copy(update=changed) for member in kept]
    text = PoolSpec(name="restarts", members=tuple(members)).model_dump_json(exclude_defaults=True)
    path.write_text(text, encoding="utf-8")
    return path


def begin(folder: Path, pool: Path, bank: Path, rounds: int) -> subprocess.Popen[str]:
    """A small run, begun."""
    settings = {
        "agents.judge": "zero_shot",
        "agents.explorer": "bank",
        "agents.refiner": "none",
        "bank": str(bank),
        "search.moves_per_round": "2",
        "samples.search": "2",
        "samples.confirm": "2",
        "samples.evaluate": "2",
        "questions": "1",
        "budget.rounds": str(rounds),
        "budget.calls": "400",
    }
    command = [*ADAEM, "run", "--pool", str(pool), "--out", str(folder)]
    command += [word for key, value in settings.items() for word in ("-s", f"{key}={value}")]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What the run's records say; nothing before there are any."""
    try:
        with closing(sqlite3.connect(f"file:{folder / 'run.sqlite'}?mode=ro", uri=True)) as records:
            return records.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


def recorded(folder: Path) -> int:
    """How many calls are recorded."""
    return sum(number for (number,) in rows(folder, "SELECT count(*) FROM calls"))


def left(folder: Path) -> dict[str, list[Any]]:
    """What two runs must have alike."""
    bodies = [json.loads(body) for (body,) in rows(folder, "SELECT body FROM questions ORDER BY id")]
    return {
        "questions": [(body["id"], body["fact"], body["text"]) for body in bodies],
        "replies": rows(folder, "SELECT id, outcome, text FROM calls ORDER BY id"),
    }


def wait_for(run: subprocess.Popen[str], folder: Path, calls: int) -> bool:
    """Whether so many calls are recorded while the run goes on."""
    while run.poll() is None:
        if recorded(folder) >= calls:
            return True
        time.sleep(LOOK_EVERY)
    return False


def main() -> None:
    """Do both runs; print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restarts", type=int, default=3)
    parser.add_argument("--down", type=float, default=10.0, help="seconds")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=400, help="a reply at most")
    parser.add_argument("--port", type=int, default=8710)
    options = parser.parse_args()
    leave_nothing_behind()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pool = pool_file(folder / "pool.yaml", options.port, options.tokens)
        server = Server(options.port)
        try:
            failed = compare(folder, pool, server, options)
        finally:
            server.kill()
    sys.exit(1 if failed else 0)


def compare(folder: Path, pool: Path, server: Server, options: argparse.Namespace) -> bool:
    """Whether a mark is missed."""
    bank = folder / "bank.jsonl"
    topics = load_framework("schwartz").topics
    bank.write_text("".join(json.dumps({"question": topic.text}) + "\n" for topic in topics), encoding="utf-8")
    start = time.monotonic()
    first = begin(folder / "first", pool, bank, options.rounds)
    _, error = first.communicate()
    calls, whole = recorded(folder / "first"), left(folder / "first")
    print(f"undisturbed: exit code {first.returncode}, {calls} calls in {time.monotonic() - start:.0f} s", flush=True)
    if not whole["questions"]:
        print(f"  of no use for a comparison: {error.strip()[-300:]}")
        return True
    start = time.monotonic()
    second = begin(folder / "second", pool, bank, options.rounds)
    for number in range(1, options.restarts + 1):
        if not wait_for(second, folder / "second", number * calls // (options.restarts + 1)):
            break
        server.kill()
        print(f"  server killed after {recorded(folder / 'second')} calls", flush=True)
        time.sleep(options.down)
        server.start()
    _, error = second.communicate()
    disturbed = left(folder / "second")
    print(
        f"restarted: exit code {second.returncode}, {recorded(folder / 'second')} calls in "
        f"{time.monotonic() - start:.0f} s"
    )
    if second.returncode != first.returncode:
        print(f"  {error.strip()[-300:]}")
    for what, found in whole.items():
        alike = sum(each in disturbed[what] for each in found)
        print(f"  {what}: {alike} of {len(found)} alike, {len(disturbed[what])} in the second run")
    holds = second.returncode == first.returncode and disturbed == whole
    print("holds" if holds else "falls short")
    return not holds


if __name__ == "__main__":
    main()
