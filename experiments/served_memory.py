"""Several processes come to one new memory on a Chroma server at once: is anything refused, missed, doubled or lost?

Each repetition begins with a server that holds nothing. Every client claims the same questions in an order of its own,
remembers what it may ask, looks all of that up by its id, by its words and by its vector, and withdraws and restores
topics by clocks that are an hour ahead or behind. Afterwards the memory is inspected from outside. Marks: no error
reaches a client, no question is doubled or lost, every look-up finds, and the last word on each topic is that of who
spoke last. The exit code is 1 when one of them falls short.

    python experiments/served_memory.py [--repetitions 200] [--clients 5] [--questions 6]     (some 5 s a repetition)
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adaem.domain.errors import StoreError
from adaem.memory import chroma_access as access
from adaem.memory.chroma_client import close_client, served_client
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.inspection import inspect
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds
from adaem.memory.standings import Standing, StandingChange, standing_of
from scipy.stats import binomtest

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from chroma_server import chroma_server

ROUND = 3
LIMITS = Thresholds(nearest=0.99, mean_of_three=0.99)
MARKS = ("errors", "not found by id", "not found by words", "not found by vector", "wrong standings", "doubled", "lost")
NOTED = ("claims", "asked", "given up by all", "faults of the server that were tried again")


def texts(seed: int, count: int) -> list[str]:
    """Half of them hardly share a word, half all words but one: both lose their links in Chroma's graph."""
    rng = random.Random(seed)
    words = [f"word{number}" for number in range(4_000)]
    apart = [" ".join(rng.sample(words, 14)) + "?" for _ in range(count - count // 2)]
    return [*apart, *(f"Should number {seed}-{number} be asked?" for number in range(count // 2))]


def client(name: str, hours: int, jobs: Any, results: Any, start: Any) -> None:
    """One process: a job is an address, a seed and a number of questions; the result is what it counted."""
    embedder = HashingEmbedder()
    while (job := jobs.get()) is not None:
        counts: Counter[str] = Counter()
        passing = access.passing

        def counted(error: BaseException, counts: Counter[str] = counts, passing: Any = passing) -> bool:
            again = bool(passing(error))
            counts["faults of the server that were tried again"] += again
            return again

        access.passing = counted
        start.wait()
        try:
            _visit(name, hours, embedder, counts, *job)
        except StoreError as error:
            counts["errors"] += 1
            print(f"  client {name}: {error}", flush=True)
        access.passing = passing
        results.put(counts)


def _visit(
    name: str, hours: int, embedder: HashingEmbedder, counts: Counter[str], url: str, seed: int, count: int
) -> None:
    asked, order = texts(seed, count), list(range(count))
    random.Random(f"{seed} {name}").shuffle(order)
    with Memory.open(url, embedder, "schwartz") as memory:
        gate = NoveltyGate(memory, LIMITS)
        for first in range(0, count, ROUND):
            items = [
                Remembered(id=f"{name}/q{number}", text=asked[number], topic_id=f"t{number}", topic="T?", run_id=name)
                for number in order[first : first + ROUND]
            ]
            counts["claims"] += len(items)
            kept = [item for item in items if gate.claim(item).novel]
            memory.remember(kept)
            counts["asked"] += len(kept)
            there = {item.id for item in memory.get([item.id for item in kept])}
            counts["not found by id"] += len(kept) - len(there)
            counts["not found by words"] += sum(item.id not in memory.ids_of_text(item.text) for item in kept)
            near = memory.nearest([item.text for item in kept], 1)
            counts["not found by vector"] += sum(
                not found or found[0].id != item.id for item, found in zip(kept, near, strict=True)
            )
            for item in kept[:1]:
                _argue(memory, item.topic_id, hours, counts)


def _argue(memory: Memory, topic: str, hours: int, counts: Counter[str]) -> None:
    """Clients speak of different topics; each takes back what it said, with a clock that goes the other way."""
    for standing, ahead in ((Standing.WITHDRAWN, hours), (Standing.USED, -hours)):
        at = (datetime.now(UTC) + timedelta(hours=ahead)).isoformat(timespec="microseconds")
        memory.note([StandingChange(kind="topic", subject=topic, standing=standing, why="so it is", at=at)])
    counts["wrong standings"] += standing_of(memory.changes(), "topic", topic) is not Standing.USED


def main() -> None:
    """Prints what was counted, with the upper end of a 95 % Wilson interval for each mark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--clients", type=int, default=5)
    parser.add_argument("--questions", type=int, default=6)
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    results, start = spawn.Queue(), spawn.Barrier(options.clients)
    jobs = [spawn.Queue() for _ in range(options.clients)]
    for number, queue in enumerate(jobs):
        given = (f"run{number}", number % 3 - 1, queue, results, start)
        spawn.Process(target=client, args=given, daemon=True).start()
    total: Counter[str] = Counter()
    unclean: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, chroma_server(Path(folder)) as url:
        for seed in range(options.repetitions):
            counts = repetition(url, seed, options.questions, jobs, results)
            total += counts
            unclean.update(mark for mark in MARKS if counts[mark])
            if any(counts[mark] for mark in MARKS):
                print(f"repetition {seed}: {dict(counts)}", flush=True)
    for queue in jobs:
        queue.put(None)
    print("| | in all | repetitions with one | 95 % upper bound |")
    print("|---|---|---|---|")
    for mark in MARKS:
        bound = binomtest(unclean[mark], options.repetitions).proportion_ci(method="wilson").high
        print(f"| {mark} | {total[mark]} | {unclean[mark]} of {options.repetitions} | {100 * bound:.1f} % |")
    print("; ".join(f"{total[each]:,} {each}" for each in NOTED))
    sys.exit(1 if unclean else 0)


def repetition(url: str, seed: int, questions: int, jobs: list[Any], results: Any) -> Counter[str]:
    """All clients on an empty server, and what is to be seen from outside when they are done. It is emptied again."""
    counts: Counter[str] = Counter()
    for queue in jobs:
        queue.put((url, seed, questions))
    for _ in jobs:
        counts += results.get(timeout=300)
    with Memory.open(url, HashingEmbedder(), "schwartz") as memory:
        found, changes = inspect(memory), memory.changes()
        topics = {item.topic_id for item in memory.all_items()}
    server = served_client(url)
    for collection in server.list_collections():
        server.delete_collection(collection.name)
    close_client(server)
    counts["doubled"], counts["lost"] = len(found.doubled), len(found.lost)
    counts["lost"] += counts["asked"] - found.questions
    counts["given up by all"] = questions - found.questions
    counts["wrong standings"] += sum(standing_of(changes, "topic", topic) is not Standing.USED for topic in topics)
    return counts


if __name__ == "__main__":
    main()
