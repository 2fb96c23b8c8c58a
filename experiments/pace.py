"""What does a limit on requests in flight that adapts earn over a fixed one? Calls a second, and calls that failed.

A server in a process of its own behaves as endpoints do: one answers after a fixed time; one gets short and long work
in turns, as a member that judges and answers; one is slower the more it has in hand, so that it gets less done; one
allows so many requests a second, and one so many at a time, and both refuse the rest with 429 and Retry-After; one
refuses without Retry-After; one works on four requests at a time and lets the others wait, with a time-out that is
long, or shorter than its queue. A member with 32 requests in flight makes the same calls of each by

    fixed      a semaphore of the member's concurrency
    halving    halved by a 429, one more for each window of good requests (AIMD)
    gradient   the same, and also halved when the median latency of a window is far above the lowest one so far

Retry-After pauses the whole member in all three. They run side by side, each with an endpoint of its own, so that
whatever else the computer does slows them alike.

    python experiments/pace.py [--repeats 1] [--only SERVER]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from adaem.domain.pool_spec import Member, Role
from adaem.pool.budget.ledger import Ledger
from adaem.pool.budget.tokens import TokenCounter
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.pool.sending.pace import Pace
from adaem.pool.sending.reachability import Reachability
from adaem.pool.sending.sender import Bill, CallTerms, Request, Sender
from langchain_core.messages import HumanMessage

IN_FLIGHT = 32


@dataclass
class Endpoint:
    """One server's state: what it has in hand, has served, and may still serve now."""

    in_hand: int = 0
    served: int = 0
    tokens: float = 20.0
    filled_at: float = field(default_factory=time.monotonic)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))


Answer = Callable[[Endpoint], Awaitable[float | None]]
"""Waits as long as the server takes; the seconds of a Retry-After, 0 without one, or None for a reply."""


async def fixed_latency(_: Endpoint) -> float | None:
    """0.4 s, however many there are."""
    await asyncio.sleep(0.4)
    return None


async def short_and_long(endpoint: Endpoint) -> float | None:
    """0.3 s and 1.2 s in turns of 40 requests, however many there are."""
    endpoint.served += 1
    await asyncio.sleep(1.2 if (endpoint.served - 1) // 40 % 2 else 0.3)
    return None


async def slows(endpoint: Endpoint) -> float | None:
    """0.1 s alone, 2.1 s with 32 in hand: it gets most done with seven."""
    await asyncio.sleep(0.1 + 0.002 * endpoint.in_hand**2)
    return None


async def rate_limited(endpoint: Endpoint) -> float | None:
    """20 requests a second, and 20 at once."""
    now = time.monotonic()
    endpoint.tokens = min(endpoint.tokens + 20 * (now - endpoint.filled_at), 20.0)
    endpoint.filled_at = now
    if endpoint.tokens < 1:
        return 1.0
    endpoint.tokens -= 1
    await asyncio.sleep(0.1)
    return None


async def eight_at_most(endpoint: Endpoint) -> float | None:
    """0.3 s; more than eight at a time are refused, and told to come back in a second."""
    if endpoint.in_hand > 8:
        return 1.0
    await asyncio.sleep(0.3)
    return None


async def eight_without_a_word(endpoint: Endpoint) -> float | None:
    """The same, without Retry-After."""
    if endpoint.in_hand > 8:
        return 0.0
    await asyncio.sleep(0.3)
    return None


async def four_at_a_time(endpoint: Endpoint) -> float | None:
    """0.1 s each, the others wait."""
    async with endpoint.slots:
        await asyncio.sleep(0.1)
    return None


SERVERS: dict[str, tuple[Answer, float, int]] = {
    "fixed latency": (fixed_latency, 20.0, 320),
    "short and long work in turns": (short_and_long, 20.0, 320),
    "slows under load": (slows, 20.0, 320),
    "20 a second, 429 with Retry-After": (rate_limited, 20.0, 160),
    "8 at most, 429 with Retry-After": (eight_at_most, 20.0, 160),
    "8 at most, 429 without": (eight_without_a_word, 20.0, 160),
    "4 at a time": (four_at_a_time, 20.0, 160),
    "4 at a time, time-out 0.6 s": (four_at_a_time, 0.6, 160),
}
"""What a server does, the member's time-out in seconds, and how many calls are made."""


async def serve() -> None:
    """Answers a POST to /NUMBER-WINDOW as the server of that number does; prints its port first.

    A request whose client left is dropped.
    """
    endpoints: defaultdict[str, Endpoint] = defaultdict(Endpoint)
    answers = [answer for answer, *_ in SERVERS.values()]

    async def respond(path: str, reader: asyncio.StreamReader) -> bytes:
        endpoint, answer = endpoints[path], answers[int(path.partition("-")[0])]
        endpoint.in_hand += 1
        work, left = asyncio.ensure_future(answer(endpoint)), asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ConnectionError
            after = work.result()
        finally:
            endpoint.in_hand -= 1
            for task in (work, left):
                task.cancel()
                await asyncio.wait({task})
        if after is not None:
            header = f"retry-after: {after:g}\r\n" if after else ""
            return f"HTTP/1.1 429 Too Many Requests\r\n{header}content-length: 2\r\n\r\n{{}}".encode()
        message = {"role": "assistant", "content": "yes"}
        usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
        text = json.dumps(body)
        return (
            f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(text)}\r\n\r\n{text}".encode()
        )

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:")
                await reader.readexactly(length)
                writer.write(await respond(head.split(b"/")[1].decode(), reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def server() -> Iterator[str]:
    """The address of a server in another process."""
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


class Fixed:
    """The member's concurrency, whatever happens."""

    def __init__(self, member: Member) -> None:
        self.limit = self.most = member.concurrency

    def observe(self, now: float, seconds: float, *, ok: bool, limited: bool) -> None:
        """Nothing."""


class Halving(Fixed):
    """Additive increase, multiplicative decrease. Requests sent before the last halving are not heard."""

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self.halved_at, self.good = -math.inf, 0

    def observe(self, now: float, seconds: float, *, ok: bool, limited: bool) -> None:
        """A 429 halves; ``limit`` good requests add one."""
        if now - seconds < self.halved_at:
            return
        if limited:
            self.halve(now)
        elif ok:
            self.good += 1
            if self.good >= self.limit:
                self.good, self.limit = 0, min(self.limit + 1, self.most)

    def halve(self, now: float) -> None:
        """Half as many, at least one."""
        self.limit, self.halved_at, self.good = max(self.limit // 2, 1), now, 0


class Gradient(Halving):
    """Also halves when the median latency of a window is 2.5 times the lowest so far, and half a second above it."""

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self.timed_out, self.latencies, self.baseline = 0.95 * member.timeout, list[float](), math.inf

    def observe(self, now: float, seconds: float, *, ok: bool, limited: bool) -> None:
        """A time-out shows a latency, too."""
        if now - seconds < self.halved_at:
            return
        super().observe(now, seconds, ok=ok, limited=limited)
        if not limited and (ok or seconds >= self.timed_out):
            self.latencies.append(seconds)
            if len(self.latencies) >= max(8, self.limit):
                latency = median(self.latencies)
                self.latencies.clear()
                if latency > 2.5 * self.baseline and latency > self.baseline + 0.5:
                    self.halve(now)
                    self.baseline = math.inf
                else:
                    self.baseline = min(self.baseline, latency)

    def halve(self, now: float) -> None:
        """The window's latencies are of the time before, too."""
        super().halve(now)
        self.latencies.clear()


WINDOWS: dict[str, type[Fixed]] = {"fixed": Fixed, "halving": Halving, "gradient": Gradient}


async def run(url: str, window: str, seconds: float, calls: int) -> tuple[float, int, int]:
    """Answered calls a second, calls that failed, and requests sent; ``seconds`` is the member's time-out."""
    roles = (Role.SCOUT,)
    member = Member(id="m", model="openai:m", roles=roles, base_url=url, concurrency=IN_FLIGHT, timeout=seconds)
    model = make_model(member)
    sender = Sender(member, model, ledger=Ledger(), counter=TokenCounter(), secrets=(), endpoint=Reachability(url, 0.0))
    sender.pace = Pace(member)
    sender.pace._window = WINDOWS[window](member)  # type: ignore[assignment]
    bills = [Bill() for _ in range(calls)]

    async def note(tokens: int, cost: float | None) -> None:
        """Nothing is recorded."""

    async def ask(bill: Bill) -> bool:
        request = Request([HumanMessage("Should it?")], {}, "")
        async with asyncio.timeout(None) as limit:
            return (
                await sender.send(lambda: request, CallTerms("pace", bill, note, lambda: None, limit))
            ).fault is None

    start = time.perf_counter()
    answered = sum(await asyncio.gather(*map(ask, bills)))
    took = time.perf_counter() - start
    await close_models([model])
    return answered / took, calls - answered, sum(bill.attempts for bill in bills)


async def side_by_side(url: str, number: int, repeat: int) -> list[tuple[float, int, int]]:
    """``run`` with each kind of limit at once, at the server of this number."""
    _, seconds, calls = list(SERVERS.values())[number]
    return await asyncio.gather(
        *(run(f"{url}/{number}-{window}-{repeat}/v1", window, seconds, calls) for window in WINDOWS)
    )


def main() -> None:
    """Print one line a server and kind of limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only", choices=SERVERS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    print("| server | limit | calls a second | failed | requests a call |\n|---|---|---|---|---|")
    with server() as url:
        asyncio.run(side_by_side(url, 0, -1))  # what is imported at the first use is not what is measured
        for number, (name, (_, _, calls)) in enumerate(SERVERS.items()):
            if options.only not in (None, name):
                continue
            runs = [asyncio.run(side_by_side(url, number, each)) for each in range(options.repeats)]
            for window, results in zip(WINDOWS, zip(*runs, strict=True), strict=True):
                rate, failed, sent = (statistics.mean(column) for column in zip(*results, strict=True))
                print(f"| {name} | {window} | {rate:.1f} | {failed:g} | {sent / calls:.2f} |", flush=True)


if __name__ == "__main__":
    main()
