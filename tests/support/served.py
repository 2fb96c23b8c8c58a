"""The simulated members behind an OpenAI-compatible server: whole runs over HTTP, still with planted truth.

with ServedPool() as served:
    pool = served.pool_file(tmp_path / "pool.yaml", timeout=1.0)
    served.faults = Faults(rate=0.3)
    … a run with this pool …
    served.exchanges[0].fault

A reply depends on the request's messages and its ``seed`` alone. The pool derives that seed from all that shapes a
call, this server's address included: runs that are to be compared use one server, and the same replies come back.
"""

from __future__ import annotations

import json
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Self

import yaml
from adaem.domain.pool_spec import Member
from adaem.domain.reading.yaml_records import load_framework
from adaem.pool.simulated import make_simulated
from adaem.pool.simulated.simulated_model import SimulatedModel
from growing import simulated_pool, write_pool
from loopback import LoopbackServer, Request, Served

ANOTHER_MODEL = "someone-else"
CHARACTERS_PER_TOKEN = 4

RATE_LIMITED, SERVER_ERROR, TIMED_OUT = "rate limited", "server error", "timed out"
RESET, CUT_OFF, GARBAGE, MISROUTED = "reset", "cut off", "garbage", "misrouted"
FAULTS = (RATE_LIMITED, SERVER_ERROR, TIMED_OUT, RESET, CUT_OFF, GARBAGE, MISROUTED)


class Key(NamedTuple):
    """What makes two requests the same: equal keys get equal replies. ``prompt`` is shared by a call's samples and its
    repair, ``messages`` are digested whole.
    """

    member: str
    prompt: str
    seed: int
    messages: str


def prompt_digest(system: str, user: str) -> str:
    """``Key.prompt`` of a prompt."""
    return _digest([system, user])


@dataclass
class Exchange:
    """One request and what came of it: ``fault`` is "" where it was served well, ``answered`` None until it was.

    ``received`` and ``answered`` are readings of ``time.monotonic``. ``attempt`` counts equal requests, from 1.
    ``tokens`` (input, output) are what a provider would charge: those of a reply that was made, whatever became of it.
    """

    key: Key
    attempt: int
    fault: str
    received: float
    answered: float | None = None
    tokens: tuple[int, int] = (0, 0)

    @property
    def asked(self) -> tuple[str, str]:
        """The member and the prompt."""
        return self.key.member, self.key.prompt


@dataclass(frozen=True)
class Faults:
    """Which requests fail, and how: a share ``rate`` of them, the kinds equally often, always the same ones.

    ``delay`` seconds pass before a request that is to time out is answered: more than the members' time-out.
    """

    rate: float = 0.3
    seed: int = 0
    delay: float = 3.0
    kinds: tuple[str, ...] = FAULTS

    def kind(self, key: Key, attempt: int) -> str:
        """The fault of this attempt at a request, or ""."""
        rng = random.Random(f"{self.seed} {key.member} {key.seed} {key.messages} {attempt}")
        return rng.choice(self.kinds) if rng.random() < self.rate else ""

    def spoil(self, kind: str, well: Served) -> Served:
        """What is served instead of ``well``."""
        error = {"error": {"message": kind, "type": "error", "param": None, "code": None}}
        payload = json.dumps(well.body).encode()
        return {
            RATE_LIMITED: Served(error, 429, headers={"retry-after": "0"}),
            SERVER_ERROR: Served(error, 500),
            TIMED_OUT: Served(well.body, delay=self.delay),
            RESET: Served(None, reset=True),
            CUT_OFF: Served(payload, withheld=len(payload) // 2),
            GARBAGE: Served(b'{"id": chatcmpl, choices: [' + payload[:40]),
            MISROUTED: Served({**well.body, "model": ANOTHER_MODEL}),
        }[kind]


class ServedPool:
    """Three scouts that are also the panel, three examinees, an author and a judge: ``growing.simulated_pool``, served.

    ``latency`` seconds pass before every response; ``parameters`` go to all members. ``exchanges`` holds every request
    in the order of arrival. ``faults`` may be set and removed between two runs, and so may ``tells_usage``.
    """

    def __init__(self, *, latency: float = 0.0, **parameters: Any) -> None:
        self.faults: Faults | None = None
        self.tells_usage = True
        self.exchanges: list[Exchange] = []
        self.server = LoopbackServer(latency=latency)
        self._attempts: Counter[Key] = Counter()
        self._lock = threading.Lock()
        self._alarm: tuple[int, Callable[[], object]] | None = None
        framework = load_framework("schwartz")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(simulated_pool(Path(folder) / "pool.yaml", **parameters))
            self._members: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["members"]
        for data in self._members:
            model = make_simulated(Member.model_validate(data), framework)
            assert isinstance(model, SimulatedModel)
            self.server.behave(data["id"], self._behaviour(data["id"], model))

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def pool_file(self, path: Path, **settings: Any) -> str:
        """A pool file whose members answer here; ``settings`` hold for each of them."""
        served = {"base_url": self.server.url, "send_seed": True, **settings}
        return write_pool(
            path,
            [
                {"id": each["id"], "model": f"openai:{each['id']}", "roles": each["roles"], **served}
                for each in self._members
            ],
        )

    def when(self, count: int, action: Callable[[], object]) -> None:
        """Calls ``action`` once, when ``count`` more requests have arrived and the last of them is not yet answered."""
        with self._lock:
            self._alarm = (len(self.exchanges) + count, action)

    def forget_attempts(self) -> None:
        """Counts attempts anew, so that a run that is made again meets the faults of its first time."""
        with self._lock:
            self._attempts.clear()

    def _behaviour(self, member: str, model: SimulatedModel) -> Callable[[Request], Served]:
        def serve(request: Request) -> Served:
            texts = [str(message["content"]) for message in request.body["messages"]]
            key = Key(member, prompt_digest(*texts[:2]), int(request.body["seed"]), _digest(texts))
            exchange = self._received(key)
            options = {"seed": key.seed, "extra_body": {"response_format": request.body.get("response_format")}}
            served = Served(_completion(member, texts, model.reply(texts, options)))
            if exchange.fault not in (RATE_LIMITED, SERVER_ERROR):
                exchange.tokens = (served.body["usage"]["prompt_tokens"], served.body["usage"]["completion_tokens"])
            if not self.tells_usage:
                del served.body["usage"]
            if self.faults is not None and exchange.fault:
                served = self.faults.spoil(exchange.fault, served)

            def sent() -> None:
                exchange.answered = time.monotonic()

            return Served(**{**vars(served), "sent": sent})

        return serve

    def _received(self, key: Key) -> Exchange:
        with self._lock:
            self._attempts[key] += 1
            attempt = self._attempts[key]
            fault = "" if self.faults is None else self.faults.kind(key, attempt)
            exchange = Exchange(key, attempt, fault, time.monotonic())
            self.exchanges.append(exchange)
            due = self._alarm is not None and len(self.exchanges) >= self._alarm[0]
            alarm, self._alarm = (self._alarm, None) if due else (None, self._alarm)
        if alarm is not None:
            alarm[1]()
        return exchange


def _digest(texts: Sequence[str]) -> str:
    return sha256("\x1f".join(texts).encode()).hexdigest()[:16]


def _completion(model: str, texts: list[str], reply: str) -> dict[str, Any]:
    sent, received = (length // CHARACTERS_PER_TOKEN + 1 for length in (sum(map(len, texts)), len(reply)))
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": reply}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received},
    }
