"""Runs over HTTP under random caps: with faults, retries, resumptions, and servers that say nothing of usage."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from adaem.domain.errors import InputError, RunFailed
from adaem.domain.reading.yaml_records import load_settings
from adaem.jobs.inputs import check_settings
from adaem.jobs.search_run import resume, run
from adaem.records import RunFolder
from growing import SMALL, Quiet, records_of
from served import CUT_OFF, GARBAGE, MISROUTED, RATE_LIMITED, RESET, SERVER_ERROR, Exchange, Faults, ServedPool

KINDS = (RATE_LIMITED, SERVER_ERROR, RESET, CUT_OFF, GARBAGE, MISROUTED)


@dataclass(frozen=True)
class Budgeted:
    """A run's caps (None: no cap), and what it came to by the books and by the server's own log.

    ``booked`` are calls, tokens and money of the records with what is unknown; ``charged`` what a provider would charge
    for the requests that arrived. ``sessions``: how many it took.
    """

    caps: tuple[int, int | None, float | None]
    booked: tuple[int, int, float]
    charged: tuple[int, int, float]
    sessions: int
    faults: int
    tells_usage: bool

    @property
    def exceeded(self) -> list[str]:
        """The caps that were exceeded, by whom."""
        return [
            f"{unit} by {whose}: {spent} of {cap}"
            for whose, amounts in (("the books", self.booked), ("the server's log", self.charged))
            for unit, spent, cap in zip(("calls", "tokens", "money"), amounts, self.caps, strict=True)
            if cap is not None and spent > cap * (1 + 1e-9)  # sums of floats
        ]

    @property
    def near(self) -> bool:
        """Whether more than four fifths of a cap were spent: a cap that is far away is kept by anyone."""
        spent = zip(self.booked, self.caps, strict=True)
        return any(cap is not None and amount > 0.8 * cap for amount, cap in spent)


def budgeted_run(served: ServedPool, folder: Path, seed: int) -> Budgeted:
    """One run under random caps, stopped and resumed up to twice."""
    rng = random.Random(seed)
    served.tells_usage = rng.random() < 0.6
    served.faults = Faults(rate=rng.choice([0.1, 0.3]), seed=seed, kinds=KINDS) if rng.random() < 0.6 else None
    served.forget_attempts()
    first = len(served.exchanges)
    folder.mkdir()
    pool, prices = priced_pool(served, folder / "pool.yaml", rng)
    # Of three caps at least one is narrow enough to end the run.
    calls = rng.randint(70, 220)
    tokens = rng.randint(60_000, 300_000) if rng.random() < 0.6 else None
    money = rng.uniform(0.2, 1.5) if rng.random() < 0.6 else None
    caps = {"budget.calls": calls, "budget.tokens": tokens, "budget.money": money}
    settings: dict[str, Any] = {
        **SMALL,
        "questions": 2,
        "samples.confirm": 2,
        "samples.search": 2,
        "seed": seed,
        **caps,
    }
    path = folder / "run"
    sessions = asyncio.run(_in_sessions(served, settings, pool, path, rng))
    with records_of(RunFolder(path)) as records:
        spending, unknown = records.spending(), records.unknown()
    exchanges = served.exchanges[first:]
    return Budgeted(
        caps=(calls, tokens, money),
        booked=(
            sum(each.requests for each in spending) + unknown.requests,
            sum(each.tokens for each in spending) + unknown.tokens,
            sum(each.cost for each in spending) + unknown.cost,
        ),
        charged=(len(exchanges), sum(sum(each.tokens) for each in exchanges), _charged(exchanges, prices)),
        sessions=sessions,
        faults=sum(bool(each.fault) for each in exchanges),
        tells_usage=served.tells_usage,
    )


def priced_pool(served: ServedPool, path: Path, rng: random.Random) -> tuple[str, dict[str, tuple[float, float]]]:
    """The served pool with random prices, concurrency and limits, and the prices (input, output) by member."""
    name = served.pool_file(path, attempts=3, timeout=20)
    pool = yaml.safe_load(path.read_text(encoding="utf-8"))
    for member in pool["members"]:
        member["price"] = {"input": rng.uniform(0, 3), "output": rng.uniform(0, 15)}
        member["concurrency"] = rng.choice([1, 8, 64])
        member["max_tokens"] = rng.choice([256, 1024])
    path.write_text(yaml.safe_dump(pool), encoding="utf-8")
    return name, {each["id"]: (each["price"]["input"], each["price"]["output"]) for each in pool["members"]}


async def _in_sessions(served: ServedPool, settings: dict[str, Any], pool: str, path: Path, rng: random.Random) -> int:
    inputs = check_settings(load_settings(None, {**settings, "pool": pool}))
    for session in range(1, 4):
        work = run(inputs, path, Quiet()) if session == 1 else resume(path, {}, Quiet())
        task = asyncio.create_task(work)
        if session < 3 and rng.random() < 0.7:
            loop = asyncio.get_running_loop()
            served.when(rng.randint(5, 60), partial(loop.call_soon_threadsafe, task.cancel))
        with suppress(RunFailed, InputError):  # nothing confirmed, or too little left: the caps hold all the same
            await task
        if RunFolder(path).read_manifest().status != "interrupted":
            break
    served.when(10**9, lambda: None)
    return session


def _charged(exchanges: Sequence[Exchange], prices: dict[str, tuple[float, float]]) -> float:
    return sum(
        (each.tokens[0] * prices[each.key.member][0] + each.tokens[1] * prices[each.key.member][1]) / 1e6
        for each in exchanges
    )
