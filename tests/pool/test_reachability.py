"""A server that goes away is waited for: nothing is spent on it, nothing is lost, and the wait has an end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.calls import Call
from adaem.domain.errors import EndpointUnreachable
from adaem.domain.pool_spec import Member, PoolSpec, Role
from adaem.domain.reply_types import AnswerReply
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.pool.sending import reachability
from adaem.pool.sending.call_store import WithoutNotes
from adaem.pool.sending.reachability import Reachability
from adaem.pool.sending.sender import standing_still
from kept import Kept, PlainWords
from langchain_core.language_models import BaseChatModel
from loopback import Behaviour, LoopbackServer, Request, Served, completion, failing, structured
from small_pool import GOOD, PROMPT


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachability, "LEAST_BETWEEN_TRIES", 0.01)
    monkeypatch.setattr(reachability, "MOST_BETWEEN_TRIES", 0.02)


class Noting(Kept):
    """Counts the notes that stand: what a killed process would have to take for spent."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: dict[str, int] = {}

    async def note(self, request: Any) -> None:
        self.notes[request.call_id] = request.requests

    def abandon(self, request: Any) -> None:
        self.notes[request.call_id] = request.requests

    def withdraw(self, call_id: str) -> None:
        self.notes.pop(call_id, None)

    def record(self, call: Call[Any]) -> None:
        super().record(call)
        self.notes.pop(call.id, None)


def pool_at(url: str, patience: float, kept: WithoutNotes, **settings: Any) -> tuple[Pool, dict[str, BaseChatModel]]:
    member = Member(id="a", model="openai:m", roles=(Role.SCOUT,), base_url=url, attempts=2, **settings)
    spec = PoolSpec.model_construct(members=(member,), currency="USD")
    models = {"a": make_model(member)}
    asking: Any = {"words": PlainWords(), "recorder": kept, "ledger": Ledger(calls=50), "seed": 0}
    pool = Pool(spec, models, patience=patience, **asking)
    return pool, models


def asked_of(pool: Pool, models: dict[str, BaseChatModel], *, calls: int = 1) -> list[Call[AnswerReply]]:
    async def ask() -> list[Call[AnswerReply]]:
        each = (pool.ask(pool.spec.members[0], PROMPT, AnswerReply, purpose="search", sample=n) for n in range(calls))
        try:
            return list(await asyncio.gather(*each))
        finally:
            await close_models(models.values())

    return asyncio.run(ask())


def away(server: LoopbackServer, seconds: float) -> Callable[[], None]:
    """What makes ``server`` die, and rise again ``seconds`` later."""

    def act() -> None:
        server.die()
        threading.Timer(seconds, server.rise).start()

    return act


def test_calls_wait_for_a_server_that_comes_back_and_cost_what_they_would_have_cost() -> None:
    with LoopbackServer() as server:
        server.behave("m", structured())
        pool, models = pool_at(server.url, 20.0, kept := Noting())
        told: list[str] = []
        pool.on_outage = told.append
        away(server, 0.3)()
        calls = asked_of(pool, models, calls=5)
    assert [(call.outcome, call.attempts, call.faults) for call in calls] == [(Outcome.ANSWERED, 1, ())] * 5
    assert (pool.ledger.total, server.count, kept.notes) == (5, 5, {})
    assert told == [], "a break this short is over before one has read of it"


def test_a_request_that_was_under_way_when_the_server_died_is_not_counted_either() -> None:
    with LoopbackServer() as server:

        def die_once(request: Request) -> Served:
            server.behave("m", structured())
            threading.Thread(target=away(server, 0.2)).start()
            return completion("{}", delay=1.0)(request)

        server.behave("m", die_once)
        pool, models = pool_at(server.url, 20.0, Noting())
        (call,) = asked_of(pool, models)
    assert (call.outcome, call.attempts, pool.ledger.total) == (Outcome.ANSWERED, 1, 1)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_with_nobody_behind_it_is_waited_for_too(status: int) -> None:
    with LoopbackServer() as server:
        server.behave("m", *[failing(status, "Loading model")] * 6, completion(GOOD))
        pool, models = pool_at(server.url, 20.0, Noting())
        (call,) = asked_of(pool, models)
    assert (call.outcome, call.attempts, call.faults, server.count) == (Outcome.ANSWERED, 1, (), 7)
    assert pool.ledger.total == 1


@pytest.mark.parametrize(
    ("behaviour", "attempts"),
    [
        (failing(500), 2),
        (lambda _: Served({"error": {"message": "busy"}}, 503, headers={"retry-after": "0"}), 2),
        (lambda _: Served(None, reset=True), 2),
    ],
)
def test_who_answers_or_may_have_been_paid_is_asked_as_often_as_the_member_allows(
    behaviour: Behaviour, attempts: int
) -> None:
    with LoopbackServer() as server:
        server.behave("m", behaviour)
        pool, models = pool_at(server.url, 20.0, Noting())
        (call,) = asked_of(pool, models)
    assert (call.outcome, call.attempts, pool.ledger.total) == (Outcome.FAILED, attempts, attempts)


def test_the_wait_ends_with_an_error_that_says_where_and_what_to_do_and_leaves_nothing_spent() -> None:
    with LoopbackServer() as server:
        server.die()
        pool, models = pool_at(server.url, 0.1, kept := Noting())
        with pytest.raises(EndpointUnreachable) as raised:
            asked_of(pool, models, calls=3)
    assert raised.value.problem == f"{server.url} could not be reached for 0.1 s (no connection)"
    assert raised.value.remedy == "see whether that server is running"
    assert (pool.ledger.total, kept.calls, kept.notes) == (0, [], {})


def test_without_patience_a_member_that_cannot_be_reached_fails_as_any_other() -> None:
    with LoopbackServer() as server:
        server.die()
        pool, models = pool_at(server.url, 0.0, Noting())
        (call,) = asked_of(pool, models)
    assert (call.outcome, call.attempts, call.faults) == (Outcome.FAILED, 2, ("no connection",) * 2)


def test_a_call_that_alone_is_turned_away_fails_and_the_others_go_on() -> None:
    clock = iter([1.0, 5.0, 11.0])

    async def wait() -> bool:
        endpoint = Reachability("here", 10.0, clock=lambda: next(clock))
        assert await endpoint.wait(1, 0.0, "HTTP 503")
        endpoint.answered()
        return await endpoint.wait(2, 0.0, "HTTP 503")

    assert not asyncio.run(wait())


def test_it_tells_once_how_long_it_waits_and_once_that_it_is_over() -> None:
    clock = iter([0.0, 4.0, 5.0, 25.0, 30.0])
    told: list[str] = []

    async def wait() -> float:
        endpoint = Reachability("http://here/v1", 300.0, tell=told.append, clock=lambda: next(clock))
        for tries in (1, 2, 3):
            await endpoint.wait(tries, 0.0, "refused")
        endpoint.answered()
        return endpoint.seconds_out_since(20.0)

    assert asyncio.run(wait()) == 5.0
    assert told == [
        "waiting for http://here/v1, which cannot be reached (refused): 300 s at most",
        "http://here/v1 answers again after 25 s",
    ]


def test_the_wait_is_none_of_the_time_that_a_step_may_take() -> None:
    async def limited() -> float:
        async with asyncio.timeout(60.0) as limit:
            when = limit.when()
            with standing_still(limit, since=asyncio.get_running_loop().time() - 7.0):
                assert limit.when() is None
            await asyncio.sleep(0)
            moved = limit.when()
            assert when is not None
            assert moved is not None
            return moved - when

    assert asyncio.run(limited()) >= 7.0
