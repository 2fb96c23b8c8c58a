"""How many calls a second the pool makes of a real model's server, beside a bare asyncio client with httpx.

SmolLM2 is served here (``adaem local pull smollm2-135m`` first), with ``--parallel`` slots and as many requests in
flight. Pool and client ask in turns, each block of ``--calls`` by the one that came second in the block before; every
prompt is new, so that nobody finds another's in the server's cache. Replies end at ``--tokens`` tokens, so that each
call is the same work, and the first call of a block, which opens the connection, is not timed. The pool records every
call on disk, the client keeps nothing. Mark: a median ratio of at least 0.95.

    python experiments/real_throughput.py [--calls 16] [--repeats 6] [--tokens 48] [--parallel 2]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
from adaem.domain.answer import Outcome
from adaem.domain.calls import Prompt
from adaem.domain.pool_spec import Member, PoolSpec, Role
from adaem.domain.reply_types import AnswerReply
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.pool.replies.reply_schemas import sent_schema
from adaem.prompts import load_prompts
from adaem.records import RunRecords
from real_run import leave_nothing_behind, serving

MODEL = "smollm2-135m"
FACT = "Since {year} the city of Bergen has closed its centre to private cars on weekdays."
TIMEOUT = 600.0
MARK = 0.95


def prompts_for(block: int, calls: int) -> list[Prompt]:
    """A block's prompts, of equal length, none like that of another block; the first is not timed."""
    library = load_prompts("default")
    return [
        library.render("answer", question=f"Should rule {number} of Norway stay?", fact=FACT.format(year=number))
        for number in range(1000 + block * (calls + 1), 1000 + (block + 1) * (calls + 1))
    ]


async def pooled(url: str, prompts: Sequence[Prompt], folder: Path, tokens: int, parallel: int) -> float:
    """Seconds that the pool takes."""
    roles = (Role.SCOUT, Role.PANEL)
    member = Member(
        id="small",
        model=f"openai:{MODEL}",
        roles=roles,
        base_url=url,
        concurrency=parallel,
        max_tokens=tokens,
        timeout=TIMEOUT,
        send_seed=True,
    )
    model = make_model(member)
    with RunRecords(folder / "run.sqlite") as records:
        spec = PoolSpec(members=(member,))
        pool = Pool(spec, {member.id: model}, words=load_prompts("default"), recorder=records, ledger=Ledger(), seed=0)

        async def ask(prompt: Prompt) -> Outcome:
            return (await pool.ask(member, prompt, AnswerReply, purpose="search", sample=0)).outcome

        outcomes = [await ask(prompts[0])]
        start = time.perf_counter()
        outcomes += await asyncio.gather(*map(ask, prompts[1:]))
        seconds = time.perf_counter() - start
        assert outcomes == [Outcome.TRUNCATED] * len(prompts)
        assert records.calls_spent() == len(prompts)
    await close_models([model])
    return seconds


async def bare(url: str, prompts: Sequence[Prompt], _: Path, tokens: int, parallel: int) -> float:
    """Seconds that a bare client takes for such requests."""
    slots = asyncio.Semaphore(parallel)
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:

        async def ask(number: int) -> str:
            prompt = prompts[number]
            body = {
                "model": MODEL,
                "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
                "response_format": sent_schema(AnswerReply).response_format,
                "max_tokens": tokens,
                "temperature": 1.0,
                "seed": number,
            }
            async with slots:
                response = await client.post(f"{url}/chat/completions", json=body)
            return str(json.loads(response.content)["choices"][0]["finish_reason"])

        reasons = [await ask(0)]
        start = time.perf_counter()
        reasons += await asyncio.gather(*map(ask, range(1, len(prompts))))
        seconds = time.perf_counter() - start
    assert reasons == ["length"] * len(prompts)
    return seconds


def measured(way: str, url: str, block: int, options: argparse.Namespace) -> float:
    """Seconds of one block, asked one way."""
    ask = pooled if way == "pool" else bare
    with tempfile.TemporaryDirectory() as folder:
        prompts = prompts_for(block, options.calls)
        return asyncio.run(ask(url, prompts, Path(folder), options.tokens, options.parallel))


def main() -> None:
    """Print each pair of blocks, and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=16, help="a block")
    parser.add_argument("--repeats", type=int, default=6, help="pairs of blocks")
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--port", type=int, default=8700)
    options = parser.parse_args()
    print(f"{MODEL}, {options.parallel} slots, {options.tokens} tokens a reply, {os.cpu_count()} cores", flush=True)
    ratios = []
    leave_nothing_behind()
    url = f"http://127.0.0.1:{options.port}/v1"
    with serving(MODEL, options=("--port", str(options.port), "--parallel", str(options.parallel))):
        for place, way in enumerate(("pool", "client")):  # what is loaded at the first use is not what is measured
            measured(way, url, place, options)
        for repeat in range(1, options.repeats + 1):
            ways = ("pool", "client") if repeat % 2 else ("client", "pool")
            seconds = {way: measured(way, url, 2 * repeat + place, options) for place, way in enumerate(ways)}
            ratios.append(seconds["client"] / seconds["pool"])
            rates = ", ".join(f"{way} {options.calls / seconds[way]:.2f} calls/s" for way in ("pool", "client"))
            print(f"  {repeat}: {rates}; ratio {ratios[-1]:.3f}", flush=True)
    median = statistics.median(ratios)
    print(
        f"  ratio: median {median:.3f}, {min(ratios):.3f} to {max(ratios):.3f}; at least {MARK} "
        f"{'holds' if median >= MARK else 'falls short'}"
    )


if __name__ == "__main__":
    main()
