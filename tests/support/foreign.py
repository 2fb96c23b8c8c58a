"""A run's folder as a stranger might send it: whole, and changed in one place."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ormsgpack
from growing import grow, simulated_pool

SMALL: dict[str, Any] = {
    "questions": 2,
    "budget__calls": 260,
    "search__moves_per_round": 4,
    "samples__search": 2,
    "samples__confirm": 2,
    "samples__evaluate": 2,
}

Tamper = Callable[[Path], None]


def small_run(folder: Path) -> Path:
    """A run that was stopped, so that there is something to resume, with a question published."""
    run, _ = grow(folder / "run", pool=simulated_pool(folder / "pool.yaml"), **SMALL)
    edit_manifest(run.path, lambda data: data.update(status="interrupted"))
    return run.path


def edit_manifest(run: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = run / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def settings(**changes: Any) -> Tamper:
    """``__`` stands for the dot of a nested key."""

    def edit(data: dict[str, Any]) -> None:
        for key, value in changes.items():
            *groups, name = key.split("__")
            group = data["settings"]
            for part in groups:
                group = group[part]
            group[name] = value

    return lambda run: edit_manifest(run, edit)


def manifest(**changes: Any) -> Tamper:
    return lambda run: edit_manifest(run, lambda data: data.update(changes))


def members(**changes: Any) -> Tamper:
    """Makes every member a real one, with these changes."""

    def edit(data: dict[str, Any]) -> None:
        for number, member in enumerate(data["pool"]["members"]):
            member.update(model=f"openai:m{number}", parameters={}, **changes)

    return lambda run: edit_manifest(run, edit)


def plain_members(run: Path) -> None:
    """Every member unencrypted at a host of the reader's own network, which the folder's pool allows by itself."""
    members(base_url="http://192.168.1.20:8000/v1")(run)
    edit_manifest(run, lambda data: data["pool"].update(allowed_hosts=["192.168.1.20"]))


def sql(name: str, *statements: str, arguments: tuple[Any, ...] = ()) -> Tamper:
    def tamper(run: Path) -> None:
        with closing(sqlite3.connect(run / name)) as database, database:
            for statement in statements:
                database.execute(statement, arguments if "?" in statement else ())

    return tamper


def content(name: str, data: bytes | Callable[[bytes], bytes]) -> Tamper:
    def tamper(run: Path) -> None:
        path = run / name
        path.write_bytes(data if isinstance(data, bytes) else data(path.read_bytes()))

    return tamper


def in_place(name: str, make: Callable[[Path], object]) -> Tamper:
    """Something else where the file or folder was."""

    def tamper(run: Path) -> None:
        path = run / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        make(path)

    return tamper


def event(**changes: Any) -> Tamper:
    """One event of the trace, of a move, changed."""

    def tamper(run: Path) -> None:
        lines = (run / "trace.jsonl").read_text(encoding="utf-8").splitlines()
        place = next(number for number, line in enumerate(lines) if '"node":"critique"' in line)
        lines[place] = json.dumps({**json.loads(lines[place]), **changes})
        (run / "trace.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    return tamper


def circle(run: Path) -> None:
    """Two questions that were each rewritten from the other."""
    with closing(sqlite3.connect(run / "run.sqlite")) as database, database:
        (one, first), (two, second) = database.execute("SELECT id, body FROM questions ORDER BY id LIMIT 2").fetchall()
        for identifier, body, parent in ((one, first, two), (two, second, one)):
            changed = json.dumps({**json.loads(body), "parent_id": parent})
            database.execute("UPDATE questions SET body = ? WHERE id = ?", (changed, identifier))


def long_questions(run: Path) -> None:
    with closing(sqlite3.connect(run / "run.sqlite")) as database, database:
        for identifier, body in database.execute("SELECT id, body FROM questions").fetchall():
            changed = json.dumps({**json.loads(body), "text": "word " * 40_000})
            database.execute("UPDATE questions SET body = ? WHERE id = ?", (changed, identifier))


def poison(proof: Path) -> bytes:
    """A checkpoint that touches ``proof`` where it is carried out."""
    named = ormsgpack.packb(("os", "system", f"touch {proof}"))
    return bytes(ormsgpack.packb({"channel_values": {"moves": ormsgpack.Ext(0, named)}}))


def deleting(name: str, victim: Path) -> Tamper:
    """A journal beside the database with which SQLite, when it goes back to before it, deletes ``victim``."""

    def tamper(run: Path) -> None:
        path = run / name
        working = path.with_name("working")
        shutil.copy(path, working)
        with closing(sqlite3.connect(working, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = DELETE")
            database.execute("CREATE TABLE large AS SELECT randomblob(100000) AS x")
            database.execute("PRAGMA cache_size = 1")
            database.execute("BEGIN IMMEDIATE")
            database.execute("UPDATE large SET x = randomblob(100000)")
            database.execute("INSERT INTO large VALUES (randomblob(200000))")
            shutil.copy(working, path)
            journal = working.with_name("working-journal").read_bytes()
            (page_size,) = database.execute("PRAGMA page_size").fetchone()
            database.execute("ROLLBACK")
        working.unlink()
        named = str(victim).encode()
        end = struct.pack(">II", len(named), sum(named)) + bytes.fromhex("d9d505f920a163d7")
        path.with_name(f"{path.name}-journal").write_bytes(
            journal + struct.pack(">I", 0x40000000 // page_size + 1) + named + end
        )

    return tamper


def chroma_embedder(url: str) -> Tamper:
    """A memory whose schema has Chroma make an embedder that asks ``url``."""

    def tamper(run: Path) -> None:
        with closing(sqlite3.connect(run / "memory" / "chroma.sqlite3")) as database, database:
            for identifier, written in database.execute("SELECT id, schema_str FROM collections").fetchall():
                schema = json.loads(written)
                known = {"type": "known", "name": "ollama", "config": {"url": url, "model_name": "x", "timeout": 1}}
                for group in (schema["defaults"], schema["keys"]["#embedding"]):
                    group["float_list"]["vector_index"]["config"]["embedding_function"] = known
                database.execute("UPDATE collections SET schema_str = ? WHERE id = ?", (json.dumps(schema), identifier))

    return tamper


FILES = (
    "manifest.json",
    "run.sqlite",
    "checkpoints.sqlite",
    "trace.jsonl",
    "questions.jsonl",
    "run.lock",
    "memory",
    "memory/chroma.sqlite3",
    "memory/texts.sqlite",
    "memory/memory.lock",
)
LONG = "word " * 200_000
"""A megabyte."""


def tampers(outside: Path, url: str) -> dict[str, Tamper]:
    """Every change by its name. Nothing may be made or read in the folder ``outside``, and ``url`` not be asked."""
    found: dict[str, Tamper] = {"nothing": lambda run: None}
    for name in FILES:
        found[f"{name}: a link"] = in_place(name, lambda path: path.symlink_to(outside / "secret"))
        found[f"{name}: a pipe"] = in_place(name, os.mkfifo)
        found[f"{name}: missing"] = in_place(name, lambda path: None)
        found[f"{name}: a folder"] = in_place(name, lambda path: path.mkdir())
        if name != "memory":
            found[f"{name}: empty"] = content(name, b"")
            found[f"{name}: junk"] = content(name, bytes(range(256)) * 4_000)
            found[f"{name}: half"] = content(name, lambda data: data[: len(data) // 2])
            found[f"{name}: zeros within"] = content(name, _zeros)
    found |= {
        "manifest.json: memory, a folder": settings(memory=str(outside / "memory")),
        "manifest.json: memory, a server": settings(memory=url),
        "manifest.json: bank": settings(bank=str(outside / "secret")),
        "manifest.json: judge.file": settings(judge__file=str(outside / "secret"), agents__judge="local"),
        "manifest.json: judge.accuracy": settings(judge__accuracy=str(outside / "secret")),
        "manifest.json: embedder by path": settings(embedder=f"sentence-transformers:{outside}"),
        "manifest.json: embedder of OpenAI": settings(embedder="openai:text-embedding-3-small"),
        "manifest.json: embedder, code": settings(embedder="touching:Embedder"),
        "manifest.json: judge, code": settings(agents__judge="touching:Judge"),
        "manifest.json: explorer, code": settings(agents__explorer="touching:Explorer"),
        "manifest.json: policy, code": settings(search__policy="touching:policy"),
        "manifest.json: prompts and framework by path": settings(
            prompts=str(outside), framework=str(outside / "secret"), pool=str(outside / "secret")
        ),
        "manifest.json: hosts": settings(allowed_hosts=["127.0.0.1"], tracing=True),
        "manifest.json: members elsewhere": members(base_url=url),
        "manifest.json: members elsewhere, with a key": members(base_url=url, key_variable="OPENAI_API_KEY"),
        "manifest.json: members by plain http in one's own network": plain_members,
        "manifest.json: a fork of elsewhere": manifest(
            fork={"run_id": "x", "path": str(outside), "at": "1.explore", "changes": {"seed": "2"}}
        ),
        "manifest.json: a fork of a pipe": manifest(fork={"run_id": "x", "path": str(outside / "pipes")}),
        "manifest.json: finished": manifest(status="finished"),
        "manifest.json: running": manifest(status="running"),
        "manifest.json: huge numbers": settings(budget__calls=10**30),
        "manifest.json: larger than any": settings(samples__search=2**62, search__permutations=2**62, questions=2**62),
        "manifest.json: long texts": manifest(stop_reason=LONG, notices=[LONG], run_id=LONG),
        "manifest.json: escapes": manifest(run_id="\x1b]0;x\x07\x1b[2J", stop_reason="\x1b[31m", notices=["\x1b[2J"]),
        "manifest.json: nested": content("manifest.json", b"[" * 1_000_000),
        "manifest.json: no members": lambda run: edit_manifest(run, lambda data: data["pool"].update(members=[])),
        "manifest.json: other values": lambda run: edit_manifest(
            run, lambda data: data["framework"].update(values=data["framework"]["values"][:3])
        ),
        "manifest.json: no prompts": manifest(prompts={}),
        "run.sqlite: a trigger": sql(
            "run.sqlite", "CREATE TRIGGER t AFTER INSERT ON calls BEGIN DELETE FROM calls; END"
        ),
        "run.sqlite: a view without end": sql(
            "run.sqlite",
            "DROP TABLE questions",
            "CREATE VIEW questions AS WITH RECURSIVE n(id, body) AS (SELECT 'q', '{}' UNION ALL SELECT id, body FROM n)"
            " SELECT id, body FROM n",
        ),
        "run.sqlite: a computed column": sql(
            "run.sqlite",
            "DROP TABLE questions",
            "CREATE TABLE questions (id TEXT, body TEXT AS (hex(zeroblob(400000000))))",
            "INSERT INTO questions (id) VALUES ('q')",
        ),
        "run.sqlite: a journal that deletes": deleting("run.sqlite", outside / "secret"),
        "checkpoints.sqlite: a journal that deletes": deleting("checkpoints.sqlite", outside / "secret"),
        "memory: a journal that deletes": deleting("memory/chroma.sqlite3", outside / "secret"),
        "run.sqlite: a table gone": sql("run.sqlite", "DROP TABLE critiques"),
        "run.sqlite: rows gone": sql("run.sqlite", "DELETE FROM questions"),
        "run.sqlite: answers gone": sql("run.sqlite", "DELETE FROM answers"),
        "run.sqlite: critiques gone": sql("run.sqlite", "DELETE FROM critiques"),
        "run.sqlite: bodies of bytes": sql("run.sqlite", "UPDATE questions SET body = x'00ff'"),
        "run.sqlite: bodies of others": sql("run.sqlite", "UPDATE critiques SET body = '{}'"),
        "run.sqlite: a huge value": sql(
            "run.sqlite", "UPDATE answers SET body = zeroblob(200000000) WHERE rowid = (SELECT min(rowid) FROM answers)"
        ),
        "run.sqlite: counts of words": sql(
            "run.sqlite", "UPDATE calls SET tokens = 'many', attempts = 'x', cost = 'y'"
        ),
        "run.sqlite: outcomes of nobody": sql("run.sqlite", "UPDATE calls SET outcome = 'x'"),
        "run.sqlite: unknown ids": sql("run.sqlite", "UPDATE lists SET body = 'nobody' || char(10) || 'nothing'"),
        "run.sqlite: strangers answer": sql(
            "run.sqlite", """UPDATE answers SET body = replace(body, '"member":"scout-1"', '"member":"stranger"')"""
        ),
        "run.sqlite: labels of no value": sql(
            "run.sqlite", """UPDATE answers SET judgement = replace(judgement, '"value":"', '"value":"un')"""
        ),
        "run.sqlite: long texts": long_questions,
        "run.sqlite: a circle of rewrites": circle,
        "trace.jsonl: a long summary": event(summary=LONG),
        "trace.jsonl: a long id": event(id=LONG),
        "trace.jsonl: a long agent": event(agent=LONG, topic_id=LONG, question_id=LONG),
        "trace.jsonl: odd data": event(data={"critique": [1], "verdict": "x", "table": {"a": 1}, "parent_score": "x"}),
        "trace.jsonl: odd score": event(data={"critique": {"score": {"total": "much"}}}),
        "trace.jsonl: nested": event(
            data=json.loads("[" * 150 + "]" * 150) and {"a": json.loads("[" * 150 + "]" * 150)}
        ),
        "trace.jsonl: many calls": event(call_ids=["x"] * 50_000),
        "trace.jsonl: many events": content("trace.jsonl", _many),
        "checkpoints.sqlite: poison": sql(
            "checkpoints.sqlite",
            "UPDATE checkpoints SET type = 'msgpack', checkpoint = ?",
            arguments=(poison(outside / "proof"),),
        ),
        "checkpoints.sqlite: a trigger": sql(
            "checkpoints.sqlite", "CREATE TRIGGER t AFTER INSERT ON writes BEGIN DELETE FROM checkpoints; END"
        ),
        "checkpoints.sqlite: a view without end": sql(
            "checkpoints.sqlite",
            "DROP TABLE writes",
            "CREATE VIEW writes AS WITH RECURSIVE n(thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, "
            "channel, type, value) AS (SELECT 'x', '', 'x', 'x', '', 1, 'x', 'null', '' UNION ALL SELECT * FROM n) "
            "SELECT * FROM n",
        ),
        "checkpoints.sqlite: another state": sql(
            "checkpoints.sqlite",
            "UPDATE checkpoints SET type = 'msgpack', checkpoint = ?",
            arguments=(ormsgpack.packb({"channel_values": {"round": "x"}, "v": 4, "id": "1"}),),
        ),
        "memory: a stranger's embedder": chroma_embedder(url),
        "memory: a trigger": sql(
            "memory/chroma.sqlite3", "CREATE TRIGGER t AFTER INSERT ON embeddings BEGIN DELETE FROM embeddings; END"
        ),
        "memory: a stamp of OpenAI": sql(
            "memory/chroma.sqlite3",
            "UPDATE collection_metadata SET str_value = 'openai/text-embedding-3-small/9' WHERE key = 'adaem_embedder'",
        ),
        "memory: other rows": sql(
            "memory/chroma.sqlite3", "UPDATE embedding_metadata SET key = 'x' WHERE key = 'topic'"
        ),
        "memory: a pickle": in_place(
            "memory/index_metadata.pickle", lambda path: path.write_bytes(b"cos\nsystem\n(S'x'\ntR.")
        ),
        "a link beside": in_place("notes", lambda path: path.symlink_to(outside / "secret")),
        "an unfinished manifest that is a link": in_place(
            "manifest.json.partial", lambda path: path.symlink_to(outside / "secret")
        ),
        "exports that are a link": in_place("exports", lambda path: path.symlink_to(outside)),
    }
    return found


def _zeros(data: bytes) -> bytes:
    third = len(data) // 3
    return data[:third] + bytes(min(2_000, third)) + data[third + min(2_000, third) :]


def _many(data: bytes) -> bytes:
    first = data.split(b"\n", 1)[0]
    loaded = json.loads(first)
    return b"".join(json.dumps({**loaded, "id": f"{number}.explore"}).encode() + b"\n" for number in range(3_000))


PLANTED = (
    "org",
    "cython",
    "brotli",
    "psutil",
    "numpy",
    "adaem",
    "touching",
    "sitecustomize",
    "yaml",
    "rich",
    "chromadb",
)


def plant(folder: Path, proof: Path) -> None:
    """Modules and settings that libraries might find where one stands; each touches ``proof``."""
    code = f"open({str(proof)!r}, 'a').write(__name__)\n"
    for name in PLANTED[::2]:
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "__init__.py").write_text(code, encoding="utf-8")
    for name in PLANTED[1::2]:
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    (folder / ".env").write_text("chroma_server_http_port=abc\nallow_reset=maybe\n", encoding="utf-8")
    os.mkfifo(folder / "matplotlibrc")
    (folder / "evil-1.dist-info").mkdir()
    (folder / "evil-1.dist-info" / "METADATA").write_text("Name: evil\nVersion: 1\n", encoding="utf-8")
    points = "[adaem.agents]\nexplorer.evil = touching:Explorer\n"
    (folder / "evil-1.dist-info" / "entry_points.txt").write_text(points, encoding="utf-8")


@dataclass
class Watch:
    """What this process did that no verb on a stranger's folder may do."""

    done: list[str] = field(default_factory=list)
    armed: bool = False


_EVENTS = (
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "pickle.find_class",
    "socket.connect",
)
_watch = Watch()


def _heard(name: str, arguments: tuple[Any, ...]) -> None:
    if _watch.armed and name in _EVENTS:
        if name == "socket.connect" and arguments[0].family == socket.AF_UNIX:
            return
        _watch.done.append(f"{name} {arguments!r:.100}")


_hooked: list[bool] = []


@contextmanager
def watched() -> Iterator[list[str]]:
    """What is done meanwhile, by Python's own audit events."""
    if not _hooked:
        sys.addaudithook(_heard)  # it stays until the process ends
        _hooked.append(True)
        import matplotlib.font_manager  # noqa: F401 - the first time on a machine it starts fc-list

    _watch.done, _watch.armed = [], True
    try:
        yield _watch.done
    finally:
        _watch.armed = False


def verbs(run: Path, other: Path, pool: Path, out: Path) -> dict[str, list[object]]:
    """Every verb that takes a run's folder. ``other`` is a run of one's own, ``pool`` one's own pool of few calls."""
    few = ["-s", "budget.calls=60", "-s", "budget.evaluate_share=0"]
    with closing(sqlite3.connect(other / "run.sqlite")) as records:
        (topic,) = records.execute("SELECT body ->> 'topic_id' FROM questions ORDER BY id LIMIT 1").fetchone()
    return {
        "report": ["report", run],
        "report --full": ["report", run, "--full", "--html", out / "report.html", "--md", out / "report.md"],
        "report --json": ["report", run, "--json"],
        "trace": ["trace", run],
        "trace STEP": ["trace", run, "1.1.critique"],
        "trace --question": ["trace", run, "--question", "q0001-01"],
        "trace --outcome": ["trace", run, "--outcome", "answered"],
        "trace --html": ["trace", run, "--html", out / "trace.html"],
        "trace --inspect": ["trace", run, "--inspect", out / "log.eval"],
        "compare": ["compare", other, run],
        "diff": ["diff", run, other],
        "export csv": ["export", run, "--to", "csv"],
        "export parquet": ["export", run, "--to", "parquet", "--out", out / "parquet"],
        "export inspect": ["export", run, "--to", "inspect", "--out", out / "inspect"],
        "plan --from": ["plan", "--from", run, "--pool", pool],
        "memory stats": ["memory", "stats", run],
        "memory list": ["memory", "list", run],
        "memory search": ["memory", "search", run, "Is it right?"],
        "memory check": ["memory", "check", run],
        "evaluate": ["evaluate", run, "--pool", pool, *few, "--out", out / "evaluated"],
        "run --replay": ["run", "--replay", run, "--out", out / "replayed"],
        "fork --replay-only": ["fork", run, "--replay-only", "--out", out / "forked"],
        "resume": ["resume", run],
        "memory withdraw": ["memory", "withdraw", run, topic, "--why", "x"],
        "memory rebuild": ["memory", "rebuild", run],
    }


CHANGING = ("resume", "memory withdraw", "memory rebuild")
"""Verbs that write into the folder: each has a copy of its own."""
