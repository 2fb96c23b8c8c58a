"""How many bytes a round leaves on disk at round 1,000, beside round 10: records and checkpoints must grow linearly.

A tiny run of simulated members: two scouts, two samples, two moves a round. There are two topics, so that prompts show
as many earlier questions in round 10 as later, and the novelty gate stops equal texts alone, so that worn topics make
for few second drafts: both would be content, not growth. Moves differ in length nevertheless: each figure is a mean
over a window of rounds, ten times as wide at the end. Mark: run.sqlite and checkpoints.sqlite together within 5 %. The
tables' rows and bytes say what grows, if anything does: more rows, longer ones, or pages that are less full.

    python experiments/growth_of_records.py [--rounds 1000] [--window 12]
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml
from adaem.domain.reading.yaml_records import load_framework, load_settings
from adaem.graph.run_context import RunContext, StepStarted
from adaem.jobs.inputs import check_settings
from adaem.jobs.search_run import run
from adaem.records import RunFolder, TraceEvent

EARLY, TOPICS = 5, 2
"""The first window's beginning, when each topic has the five best questions that its prompts show; and the topics."""

TRACE, DATABASES = "trace.jsonl", ("run.sqlite", "checkpoints.sqlite")


def write_inputs(folder: Path) -> dict[str, Any]:
    """A pool of four and a framework with few topics; the settings that name them."""
    roles = {"scout-1": "respondent", "scout-2": "respondent", "author": "author", "judge": "judge"}
    members = [
        {"id": name, "model": f"simulated:{kind}", "send_seed": True}
        | {"roles": ["scout", "panel"] if kind == "respondent" else [kind]}
        | {"parameters": {"world": 1, kind: int(name[-1]) if kind == "respondent" else 1}}
        for name, kind in roles.items()
    ]
    framework = load_framework("schwartz").model_dump(mode="json")
    framework["topics"] = framework["topics"][:TOPICS]
    for name, data in (("pool", {"name": "tiny", "members": members}), ("framework", framework)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return {"pool": str(folder / "pool.yaml"), "framework": str(folder / "framework.yaml")}


Weights = dict[str, tuple[int, int]]
"""Rows and bytes by "file" (rows 0) and "file table"."""


class Scales:
    """A listener that weighs the run's files when the rounds in ``at`` are done."""

    def __init__(self, folder: RunFolder, at: Collection[int]) -> None:
        self._folder, self._at = folder, at
        self._began = time.monotonic()
        self.weights: dict[int, Weights] = {}

    def begin(self, context: RunContext) -> None:
        """See ``graph.run.RunListener``."""

    def started(self, step: StepStarted) -> None:
        """See ``graph.run.RunListener``. A round is done, its checkpoint too, when the next one begins."""
        if step.node == "explore":
            number = int(step.id.split(".")[0]) - 1
            if number in self._at:
                self.weights[number] = weigh(self._folder.path)
            if number % 100 == 0:
                print(f"  round {number}, {time.monotonic() - self._began:.0f} s", file=sys.stderr)

    def finished(self, event: TraceEvent) -> None:
        """See ``graph.run.RunListener``."""


def weigh(folder: Path) -> Weights:
    """What lies in ``folder``. A page of a database counts, whether it is in the write-ahead log or in the file yet;
    a table counts with the bytes that were put into it, however well they fill its pages.
    """
    found = {TRACE: (0, (folder / TRACE).stat().st_size)}
    for name in DATABASES:
        with closing(sqlite3.connect(folder / name, isolation_level=None)) as database:
            pages, free, size = (
                database.execute(f"PRAGMA {what}").fetchone()[0]
                for what in ("page_count", "freelist_count", "page_size")
            )
            found[name] = 0, (pages - free) * size
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
                length = " + ".join(f'coalesce(length(CAST("{column}" AS BLOB)), 0)' for column in columns)
                rows, used = database.execute(f'SELECT count(*), coalesce(sum({length}), 0) FROM "{table}"').fetchone()
                found[f"{name} {table}"] = rows, used
    return found


def report(weights: Mapping[int, Weights], early: tuple[int, int], late: tuple[int, int]) -> None:
    """The bytes a round in both windows, of the files first, then of the tables that may be to blame."""

    def per_round(name: str, window: tuple[int, int]) -> tuple[float, float]:
        (rows, size), (more_rows, more) = (weights[end].get(name, (0, 0)) for end in window)
        return (more_rows - rows) / (window[1] - window[0]), (more - size) / (window[1] - window[0])

    def change(first: float, second: float) -> str:
        return f"{second / first - 1:+7.1%}" if first else "       "

    print(
        f"a round: bytes in rounds {early[0] + 1} to {early[1]}, in {late[0] + 1} to {late[1]}, change; rows likewise"
    )
    first = second = 0.0
    for name in weights[late[1]]:
        (rows, size), (later_rows, later) = per_round(name, early), per_round(name, late)
        counted = f"  {rows:6.2f}  {later_rows:6.2f}  {change(rows, later_rows)}" if " " in name else ""
        print(f"  {name:<38} {size:9,.0f}  {later:9,.0f}  {change(size, later)}{counted}")
        first, second = first + size * (name in DATABASES), second + later * (name in DATABASES)
    verdict = "holds" if abs(second / first - 1) <= 0.05 else "falls short"
    print(f"  {' + '.join(DATABASES):<38} {first:9,.0f}  {second:9,.0f}  {change(first, second)}: within 5 % {verdict}")


def main() -> None:
    """Run, and print the growth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--window", type=int, default=12, help="rounds over which a figure is a mean")
    options = parser.parse_args()
    settings = {
        "questions": 2,
        "budget.rounds": options.rounds,
        "budget.calls": 60 * options.rounds,
        "samples.search": 2,
        "samples.confirm": 2,
        "samples.evaluate": 2,
        "search.moves_per_round": 2,
        "search.topic_draws": 100 * options.rounds,
        "search.permutations": 99,
        # The same policy cost in every round, and no rewrites of ever longer lineages.
        "search.policy": "round-robin",
        "search.refine_share": 0.0,
        "novelty.nearest": 1.0,
        "novelty.mean_of_three": 1.0,
    }
    early = (EARLY, EARLY + options.window)
    late = (options.rounds - 10 * options.window, options.rounds)
    with tempfile.TemporaryDirectory() as name:
        folder = RunFolder(Path(name) / "run")
        scales = Scales(folder, {*early, *late})
        inputs = check_settings(load_settings(None, settings | write_inputs(Path(name))))
        _, manifest = asyncio.run(run(inputs, folder.path, scales))
        print(f"the run: {manifest.stop_reason}")
        report(scales.weights, early, late)


if __name__ == "__main__":
    main()
