"""`adaem view` on a large folder, and what watching a run costs it (simulated models).

The folder holds 12,000 questions that 16 models answered twice each, copied from a run of about a hundred; the figures
in it mean nothing. Timed on the server: from the command to the first page, each page cold and warm, filters and
searches; in Chromium: until a page is laid out. Memory is the server's largest, the process beside it apart.

Watching: runs against a loopback server whose answers take 50 ms, in turns with a live page open and without; printed
are the ratio of their throughput, and the processor time that the server spent beside what the run did.

    python experiments/viewer.py [--folder FOLDER] [--questions 12000] [--watching 3]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adaem.records import RunFolder

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from browser import opened_address
from growing import grow, write_pool
from served import ServedPool

MODELS = 16
SEEDS = 5
MARK = 300
"""Milliseconds for a list, a filter or a search."""

COPIED = {
    "questions": 'id || ?1, replace(body, \'"id":"\' || id, \'"id":"\' || id || ?1)',
    "answers": "question_id || ?1, phase, member, wording, sample, "
    'replace(replace(body, question_id, question_id || ?1), \'"call_id":"\', \'"call_id":"\' || ?2), '
    'replace(judgement, \'"call_id":"\', \'"call_id":"\' || ?2)',
    "critiques": 'question_id || ?1, phase, "group", replace(body, question_id, question_id || ?1)',
    "question_judgements": "question_id || ?1, body",
    "moves": 'round + ?3, dispatch, status, replace(replace(body, \'"question_id":"\' || json_extract(body, '
    "'$.question_id'), '\"question_id\":\"' || json_extract(body, '$.question_id') || ?1), '\"round\":', "
    "'\"round\":' || ?2)",
    "calls": "?2 || id, member, purpose, sample, prompt, fingerprint, system_sha256, user, outcome, text, thinking, "
    "detail, model_name, system_fingerprint, route, finish_reason, input_tokens, output_tokens, tokens, uncounted, "
    "cost, attempts, faults, seconds",
}
"""How a row of each table is copied: ?1 ends an id, ?2 begins one, ?3 is added to a round."""


def make_large(folder: Path, questions: int) -> Path:
    """A run of so many questions in ``folder``, made of copies of a small one."""
    members: list[dict[str, Any]] = [
        {"id": f"model-{n:02}", "model": "simulated:respondent", "roles": ["scout", "panel"], "send_seed": True}
        | {"parameters": {"world": 1, "respondent": n}}
        for n in range(1, MODELS + 1)
    ]
    members += [
        {
            "id": role,
            "model": f"simulated:{role}",
            "roles": [role],
            "send_seed": True,
            "parameters": {"world": 1, role: 1},
        }
        for role in ("author", "judge")
    ]
    pool = write_pool(folder / "pool.yaml", members)
    small: dict[str, Any] = {
        "samples__search": 2,
        "samples__confirm": 2,
        "samples__evaluate": 2,
        "budget__calls": 8_000,
    }
    run, _ = grow(folder / "large", pool=pool, questions=12, search__moves_per_round=12, **small)
    with closing(sqlite3.connect(run.records_path)) as records:
        (there,) = records.execute("SELECT count(*) FROM questions").fetchone()
        (rounds,) = records.execute("SELECT max(round) FROM moves").fetchone()
        copies = -(-questions // there) - 1
        lists = {name: body.split("\n") for name, body in records.execute("SELECT name, body FROM lists") if body}
        for table in COPIED:
            records.execute(f"CREATE TEMP TABLE first_{table} AS SELECT * FROM {table}")
        for copy in range(1, copies + 1):
            for table, row in COPIED.items():
                given = (f"-{copy}", f"{copy}" if table == "moves" else f"{copy}-", 1_000_000 * copy)
                used = given if "?3" in row else given[:2] if "?2" in row else given[:1]
                records.execute(f"INSERT OR REPLACE INTO {table} SELECT {row} FROM first_{table}", used)
            records.commit()
        for name, ids in lists.items():
            whole = [*ids, *(f"{each}-{copy}" for copy in range(1, copies + 1) for each in ids)]
            records.execute("UPDATE lists SET body = ? WHERE name = ?", ("\n".join(whole), name))
        records.commit()
    _copy_trace(run.trace_path, copies, rounds)
    return run.path


def _copy_trace(path: Path, copies: int, rounds: int) -> None:
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open("a", encoding="utf-8") as file:
        for copy in range(1, copies + 1):
            for event in events:
                number, _, rest = event["id"].partition(".")
                moved = event | {"id": f"{int(number) + rounds * copy}.{rest}"}
                moved["position"] = [event["position"][0] + rounds * copy, *event["position"][1:]]
                moved["question_id"] = event["question_id"] and f"{event['question_id']}-{copy}"
                moved["call_ids"] = [f"{copy}-{each}" for each in event["call_ids"]]
                file.write(json.dumps(moved) + "\n")


def _late_critique(path: Path) -> str:
    """The last step of a critic."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4_000_000))
        ids = [json.loads(line)["id"] for line in file.read().split(b"\n")[1:] if b'"critique"' in line]
    return str(next(each for each in reversed(ids) if each.endswith("critique")))


class Server:
    """``adaem view`` as a user starts it."""

    def __init__(self, folder: Path) -> None:
        began = time.perf_counter()
        command = ["adaem", "view", str(folder), "--no-browser", "--port", str(free_port())]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.root, _, self.token = self.address.partition("?token=")
        self.root = self.root.split("/run/")[0].rstrip("/")
        self.get("/")
        self.up = time.perf_counter() - began

    def request(self, path: str) -> urllib.request.Request:
        """A request with the token in its cookie."""
        port = self.root.rpartition(":")[2]
        return urllib.request.Request(self.root + path, headers={"Cookie": f"adaem-view-{port}={self.token}"})

    def get(self, path: str) -> float:
        """Milliseconds until the page at ``path`` was there."""
        began = time.perf_counter()
        with urllib.request.urlopen(self.request(path)) as response:
            response.read()
        return 1000 * (time.perf_counter() - began)

    @property
    def largest(self) -> float:
        """The most memory that the server itself had so far, MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM"))

    @property
    def worked(self) -> float:
        """Processor seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def served_view(folder: Path) -> Iterator[Server]:
    """A server over ``folder``."""
    server = Server(folder)
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def reading(run: Path) -> None:
    """Prints how long the pages of ``run`` take."""
    key = quote(run.name)
    with closing(sqlite3.connect(f"file:{RunFolder(run).records_path}?mode=ro", uri=True)) as records:
        counts = [
            records.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in ("questions", "answers", "calls")
        ]
        (question,) = records.execute(
            "SELECT id FROM questions WHERE id NOT LIKE 'seed%' LIMIT 1 OFFSET 5000"
        ).fetchone()
    size = sum(each.stat().st_size for each in run.iterdir() if each.is_file())
    print(f"{counts[0]:,} questions, {counts[1]:,} answers, {counts[2]:,} calls; {size / 1e9:.2f} GB\n")
    questions = f"/run/{key}/questions"
    paths = {
        "list of questions": questions,
        "filter: two models": f"{questions}?model=model-01&against=model-02",
        "filter: model and value": f"{questions}?model=model-03&value=power",
        "filter: q and state": f"{questions}?most_q=0.05&status=published",
        "search: one word": f"{questions}?words=citizens",
        "search: three words, sorted": f"{questions}?words=should+public+money&sort=question",
        "last window": f"{questions}?page=999999",
        "one question": f"/run/{key}/question?id={quote(question)}",
        "its life": f"/run/{key}/question/life?id={quote(question)}",
        "trace": f"/run/{key}/trace",
        "trace: search": f"/run/{key}/trace?words=refused",
        "one step": f"/run/{key}/step?id={_late_critique(RunFolder(run).trace_path)}",
        "overview": f"/run/{key}",
    }
    with served_view(run.parent) as server:
        print(f"| up after the command | {server.up:.1f} s | mark 2 s |\n")
        print("| page | first, ms | again, ms (median of 5) | processor, ms | mark, ms |\n|---|---|---|---|---|")
        for name, path in paths.items():
            cold = server.get(path)
            before = server.worked
            warm = statistics.median(server.get(path) for _ in range(5))
            worked = 1000 * (server.worked - before) / 5
            mark = MARK if name.startswith(("list", "filter", "search", "last")) else ""
            print(f"| {name} | {cold:.0f} | {warm:.0f} | {worked:.0f} | {mark} |", flush=True)
        print(f"\n| largest memory of the server | {server.largest:.0f} MB | mark 500 MB |")
        for name in ("list of questions", "one question", "trace"):
            with opened_address(
                f"{server.root}{paths[name]}{'&' if '?' in paths[name] else '?'}token={server.token}"
            ) as page:
                print(f"| {name}, ready in Chromium | {page.seconds:.2f} s | mark 1 s |", flush=True)
        took = server.get(f"/run/{key}/findings/body") / 1000
        again = server.get(f"/run/{key}/findings/body")
        print(f"| findings, computed | {took:.0f} s | |\n| findings, again | {again:.0f} ms | |")
        print(f"| largest memory of the server, at the end | {server.largest:.0f} MB | mark 500 MB |")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    print(f"| largest memory of any process beside it | {children:.0f} MB | |")


def watching(folder: Path, times: int) -> None:
    """Prints what a live page costs the run that it shows."""
    pace: dict[bool, list[float]] = {True: [], False: []}
    shares = []
    with ServedPool(latency=0.05) as served:
        pool = served.pool_file(folder / "served.yaml", concurrency=16)
        for number in range(times):
            for watched in (True, False) if number % 2 else (False, True):
                run = folder / f"watched-{number}-{watched}"
                with served_view(folder) as server:
                    stop = threading.Event()
                    watcher = threading.Thread(target=_watch, args=(server, run, stop))
                    if watched:
                        watcher.start()
                    own, before = time.process_time(), server.worked
                    began = time.perf_counter()
                    grow(run, pool=pool, questions=8, budget__calls=3_000, seed=SEEDS + number)
                    took = time.perf_counter() - began
                    if watched:
                        shares.append((server.worked - before) / (time.process_time() - own))
                    stop.set()
                    if watched:
                        watcher.join()
                with closing(sqlite3.connect(RunFolder(run).records_path)) as records:
                    pace[watched].append(records.execute("SELECT sum(attempts) FROM calls").fetchone()[0] / took)
    ratio = statistics.median(pace[True]) / statistics.median(pace[False])
    print(f"\n| requests/s watched | {', '.join(f'{each:.1f}' for each in pace[True])} | |")
    print(f"| requests/s not watched | {', '.join(f'{each:.1f}' for each in pace[False])} | |")
    print(f"| throughput watched, of that not watched | {100 * ratio:.1f} % | mark 98 % |")
    print(f"| processor time of the server, of the run's | {100 * statistics.median(shares):.1f} % | |")


def _watch(server: Server, run: Path, stop: threading.Event) -> None:
    """A live page that is open: reads the events as they come."""
    while not RunFolder(run).records_path.exists() or not RunFolder(run).manifest_path.exists():
        time.sleep(0.1)
    with urllib.request.urlopen(server.request(f"/run/{quote(run.name)}/events"), timeout=60) as stream:
        while not stop.is_set() and stream.readline():
            pass


def main() -> None:
    """Prints the tables, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--questions", type=int, default=12_000)
    parser.add_argument("--watching", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        run = folder / "large"
        reading(run if run.exists() else make_large(folder, given.questions))
        if given.watching:
            watching(Path(scratch), given.watching)


if __name__ == "__main__":
    main()
