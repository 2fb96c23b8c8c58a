"""How fast a long trace is read, and what tracing costs (simulated models).

A run of at least 2,000 steps is made, or taken (--run). Verbs are timed as a user starts them, less the time of
`adaem --help`; the page is opened in Chromium. Tracing is timed in a run against a loopback server whose every answer
takes 100 ms: seconds spent on events, as a share of the run's.

    python experiments/trace_speed.py [--run RUN]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from adaem.records import RunFolder, Trace, TraceEvent, read_trace

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from browser import opened
from growing import grow
from served import ServedPool

STEPS = 2_000
LONG: dict[str, Any] = {"budget__calls": 40_000, "budget__rounds": 42, "search__permutations": 99}
TIMES = 5


def seconds(*arguments: str) -> float:
    """Median wall time of the command."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        subprocess.run(["adaem", *arguments], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def reading(run: Path, page: Path) -> None:
    """Prints how long the views of ``run`` take."""
    events, _ = read_trace(RunFolder(run).trace_path)
    assert len(events) >= STEPS, f"{run} has {len(events)} steps"
    bare = seconds("--help")
    step = next(event.id for event in reversed(events) if event.node == "critique")
    question = next(event.question_id for event in reversed(events) if event.question_id)
    print(f"{len(events):,} steps; start-up {bare:.2f} s, taken off below\n\n| what | took | mark |\n|---|---|---|")
    print(f"| trace RUN | {seconds('trace', str(run)) - bare:.2f} s | 1 s |")
    print(f"| trace RUN STEP | {seconds('trace', str(run), step) - bare:.2f} s | 0.5 s |")
    print(f"| trace RUN --question ID | {seconds('trace', str(run), '--question', question) - bare:.2f} s | |")
    print(f"| trace RUN --html FILE | {seconds('trace', str(run), '--html', str(page)) - bare:.2f} s | |")
    print(f"| size of the page | {page.stat().st_size / 1e6:.1f} MB | 10 MB |")
    with opened(page) as found:
        print(f"| the page ready in Chromium | {found.seconds:.2f} s | 2 s |")


def tracing(folder: Path) -> None:
    """Prints the share of a run's time that its events take."""
    spent = []
    write = Trace.write

    def timed(self: Trace, event: TraceEvent) -> None:
        began = time.perf_counter()
        write(self, event)
        spent.append(time.perf_counter() - began)

    Trace.write = timed  # type: ignore[method-assign]
    with ServedPool(latency=0.1) as served:
        pool = served.pool_file(folder / "pool.yaml", concurrency=32)
        began = time.perf_counter()
        grow(folder / "served", pool=pool, questions=10, budget__calls=4_000)
        whole = time.perf_counter() - began
    Trace.write = write  # type: ignore[method-assign]
    print(f"| tracing, of a run of {whole:.0f} s at 100 ms a call | {100 * sum(spent) / whole:.2f} % | 3 % |")


def main() -> None:
    """Prints the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = given.run
        if run is None:
            run = Path(folder) / "long"
            grow(run, questions=50, search__moves_per_round=12, samples__confirm=5, samples__evaluate=5, **LONG)
        reading(run, Path(folder) / "trace.html")
        tracing(Path(folder))


if __name__ == "__main__":
    main()
