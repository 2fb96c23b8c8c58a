"""How many calls a second the pool makes with recording on, beside a bare loop over ``ChatOpenAI.ainvoke``.

A server in a process of its own answers every request after ``--latency`` seconds. Five members with 50 requests in
flight each are asked 2,000 times, by the pool (every call recorded on disk) and by the bare loop (same messages, same
schema in the body, nothing kept) in turns. Mark: a median ratio of at least 0.8.

Then four members with 16 in flight each answer one question 160 times, after one second each: a probe step of 640
calls. Mark: at most 1.15 of calls x latency / 64.

    python experiments/throughput.py [--calls 2000] [--repeats 5] [--profile]
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from adaem.agents.agent_context import AgentContext
from adaem.agents.agent_inputs import Inputs
from adaem.agents.prober.member_prober import PoolProber
from adaem.domain.answer import Outcome, Phase
from adaem.domain.calls import Prompt
from adaem.domain.pool_spec import Member, PoolSpec, Role
from adaem.domain.question import Question
from adaem.domain.reading.yaml_records import load_framework
from adaem.domain.reply_types import AnswerReply
from adaem.domain.settings import Settings
from adaem.memory.embedders.named_embedder import make_embedder
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.pool.replies.reply_schemas import sent_schema
from adaem.prompts import load_prompts
from adaem.records import RunRecords

MEMBERS, IN_FLIGHT = 5, 50
PROBERS, PROBERS_IN_FLIGHT, SAMPLES, PROBE_LATENCY = 4, 16, 160, 1.0

REASONS = (
    (
        "shops along the old harbour lose customers who came by car",
        "rents there are high, so that many would close soon",
    ),
    (
        "children walk to school without danger on quiet streets",
        "parents say that accidents near schools worry them most",
    ),
    (
        "cleaner air spares hospitals many patients every winter",
        "asthma fell by a fifth where other towns did the same",
    ),
)
REPLY = json.dumps({"stance": "yes", "key_points": [{"point": a, "justification": b} for a, b in REASONS]})
FACT = "In 2019 the city of Bergen closed its centre to private cars on weekdays. " * 2


async def serve(latency: float) -> None:
    """Answers every POST with the same reply; prints its port first."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:")
                name = json.loads(await reader.readexactly(length))["model"]
                await asyncio.sleep(latency)
                message = {"role": "assistant", "content": REPLY}
                body = json.dumps(
                    {
                        "id": "chatcmpl-1",
                        "object": "chat.completion",
                        "created": 0,
                        "model": name,
                        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                        "usage": {"prompt_tokens": 300, "completion_tokens": 150, "total_tokens": 450},
                    }
                ).encode()
                top = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
                writer.write(top.encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def server(latency: float) -> Iterator[str]:
    """The base URL of a server in another process."""
    command = [sys.executable, __file__, "--serve", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


def members(url: str, count: int, in_flight: int) -> PoolSpec:
    """A pool of ``count`` members that all answer at ``url``."""
    roles = (Role.SCOUT, Role.PANEL, Role.JUDGE)
    return PoolSpec(
        members=tuple(
            Member(id=f"m{i}", model=f"openai:m{i}", roles=roles, base_url=url, concurrency=in_flight, send_seed=True)
            for i in range(count)
        )
    )


def prompts_for(calls: int) -> list[Prompt]:
    """The prompts of ``calls`` calls, five calls each."""
    library = load_prompts("default")
    return [
        library.render("answer", question=f"Should measure {i // 5} of Norway stay in force until 2030?", fact=FACT)
        for i in range(calls)
    ]


async def pooled(url: str, prompts: Sequence[Prompt], folder: Path) -> float:
    """Seconds that the pool takes for one call a prompt, the members in turns."""
    spec = members(url, MEMBERS, IN_FLIGHT)
    models = {member.id: make_model(member) for member in spec.members}
    with RunRecords(folder / "run.sqlite") as records:
        pool = Pool(spec, models, words=load_prompts("default"), recorder=records, ledger=Ledger(), seed=0)

        async def ask(number: int) -> bool:
            member = spec.members[number % MEMBERS]
            call = await pool.ask(member, prompts[number], AnswerReply, purpose="search", sample=number)
            return call.outcome is Outcome.ANSWERED

        seconds = await timed(ask, len(prompts))
        assert records.calls_spent() == len(prompts)
    await close_models(models.values())
    return seconds


async def bare(url: str, prompts: Sequence[Prompt], _: Path) -> float:
    """Seconds that a bare loop takes for the same requests."""
    from langchain_openai import ChatOpenAI
    from openai import DefaultAsyncHttpxClient
    from pydantic import SecretStr

    # A client for each, as the pool has: the one that LangChain shares among them is slower, and outlives its loop.
    clients = [DefaultAsyncHttpxClient(timeout=60) for _ in range(MEMBERS)]
    settings: dict[str, Any] = {"base_url": url, "api_key": SecretStr("none"), "temperature": 1.0, "max_retries": 0}
    models = [ChatOpenAI(model=f"m{i}", http_async_client=client, **settings) for i, client in enumerate(clients)]
    slots = [asyncio.Semaphore(IN_FLIGHT) for _ in models]
    body = {"response_format": sent_schema(AnswerReply).response_format, "max_tokens": 1024}

    async def ask(number: int) -> bool:
        messages = [("system", prompts[number].system), ("human", prompts[number].user)]
        async with slots[number % MEMBERS]:
            message = await models[number % MEMBERS].ainvoke(messages, extra_body=body, seed=number)
        return message.content == REPLY

    seconds = await timed(ask, len(prompts))
    for client in clients:
        await client.aclose()
    return seconds


async def timed(ask: Callable[[int], Awaitable[bool]], calls: int) -> float:
    """Seconds for ``calls`` at once. Raises AssertionError when one is not answered."""
    start = time.perf_counter()
    assert all(await asyncio.gather(*map(ask, range(calls))))
    return time.perf_counter() - start


async def probe_step(url: str, folder: Path) -> float:
    """Seconds for a probe step: one question, every member, every sample."""
    spec = members(url, PROBERS, PROBERS_IN_FLIGHT)
    models = {member.id: make_model(member) for member in spec.members}
    prompts, settings = load_prompts("default"), Settings()
    with RunRecords(folder / "run.sqlite") as records:
        pool = Pool(spec, models, words=prompts, recorder=records, ledger=Ledger(), seed=0)
        framework, embedder = load_framework(settings.framework), make_embedder(settings.embedder)
        prober = PoolProber(AgentContext(pool, Inputs(settings, framework, spec, prompts, embedder)))
        question = Question(id="q", topic_id="t", topic="t", text="Should Norway cap overtime?", fact=FACT)
        start = time.perf_counter()
        answers = await prober.probe(question, spec.members, phase=Phase.SEARCH, samples=range(SAMPLES))
        seconds = time.perf_counter() - start
    assert [answer.outcome for answer in answers] == [Outcome.ANSWERED] * PROBERS * SAMPLES
    await close_models(models.values())
    return seconds


def measured(work: Callable[[Path], Awaitable[float]]) -> tuple[float, float]:
    """Seconds of wall time and of processor time that ``work`` takes, in an empty folder."""

    async def both(folder: Path) -> tuple[float, float]:
        before = time.process_time()
        return await work(folder), time.process_time() - before

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(both(Path(folder)))


def compare(calls: int, repeats: int, latency: float) -> None:
    """The pool and the bare loop in turns."""
    prompts, ratios = prompts_for(calls), []
    with server(latency) as url:
        for work in (pooled, bare):  # what is imported or cached at the first use is not what is measured
            measured(partial(work, url, prompts[:50]))
        for repeat in range(repeats):
            ours, theirs = (
                measured(partial(work, url, prompts))
                for work in ((pooled, bare) if repeat % 2 == 0 else (bare, pooled))
            )
            if repeat % 2:
                ours, theirs = theirs, ours
            ratios.append(theirs[0] / ours[0])
            print(
                f"  {repeat + 1}: pool {calls / ours[0]:.0f} calls/s ({1e3 * ours[1] / calls:.2f} ms of processor "
                f"time a call), bare loop {calls / theirs[0]:.0f} calls/s ({1e3 * theirs[1] / calls:.2f} ms); "
                f"ratio {ratios[-1]:.2f}"
            )
    median = statistics.median(ratios)
    verdict = "holds" if median >= 0.8 else "falls short"
    print(f"  ratio: median {median:.2f}, {min(ratios):.2f} to {max(ratios):.2f}; at least 0.8 {verdict}")


def hide_waiting(repeats: int) -> None:
    """The wall time of a probe step beside the least that its latency allows."""
    calls = PROBERS * SAMPLES
    ideal = calls * PROBE_LATENCY / (PROBERS * PROBERS_IN_FLIGHT)
    with server(PROBE_LATENCY) as url:
        ratios = [measured(lambda folder: probe_step(url, folder))[0] / ideal for _ in range(repeats)]
    verdict = "holds" if statistics.median(ratios) <= 1.15 else "falls short"
    print(f"  {calls} calls at {PROBE_LATENCY:g} s, {PROBERS * PROBERS_IN_FLIGHT} in flight: {ideal:.1f} s at least")
    print(f"  wall time / that: {', '.join(f'{ratio:.3f}' for ratio in ratios)}; at most 1.15 {verdict}")


def profile(calls: int, latency: float) -> None:
    """Where the processor time of the pool goes."""
    prompts, profiler = prompts_for(calls), cProfile.Profile()
    with server(latency) as url:
        measured(lambda folder: pooled(url, prompts[:50], folder))
        profiler.enable()
        measured(lambda folder: pooled(url, prompts, folder))
        profiler.disable()
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(90)


def main() -> None:
    """Print both parts, or the profile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds, in the first part")
    parser.add_argument("--profile", action="store_true", help="show where the pool's time goes instead")
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        asyncio.run(serve(options.serve))
    elif options.profile:
        profile(options.calls, options.latency)
    else:
        print(f"throughput, {MEMBERS} members with {IN_FLIGHT} in flight, {os.cpu_count()} cores:")
        compare(options.calls, options.repeats, options.latency)
        print("waiting hidden:")
        hide_waiting(min(options.repeats, 3))


if __name__ == "__main__":
    main()
