"""What is asked for again and what is not, how long it waits in between, and what each request is charged at."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx2
import openai
import pytest
from adaem.domain.answer import Outcome
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import Price
from adaem.domain.reply_types import AnswerReply
from adaem.pool.budget.ledger import Ledger
from adaem.pool.replies.reply_schemas import sent_schema
from adaem.pool.sending import sender
from langchain_core.messages import AIMessage, HumanMessage
from small_pool import GOOD, ask, asked, pool_of, said, status
from tenacity import AsyncRetrying, RetryCallState, wait_fixed, wait_none

BROKEN = json.JSONDecodeError("Expecting value", "", 0)
PRICE = Price(input=2, output=10)

# "You answer." and "Is it right?" and the schema by their bytes, 4 around each message and 3 before the reply.
PROMPT_MOST = 11 + 12 + len(sent_schema(AnswerReply).text.encode()) + 2 * 4 + 3
MOST = PROMPT_MOST + 100
DEAREST = (PROMPT_MOST * 2 + 100 * 10) / 1_000_000
UNKNOWN = (MOST, MOST, DEAREST)
"""Tokens, uncounted tokens and cost of a request of which nobody knows what it took, with max_tokens 100 and PRICE."""


@pytest.fixture(autouse=True)
def _no_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "BACK_OFF", wait_none())


def unconnected() -> openai.APIConnectionError:
    return openai.APIConnectionError(request=httpx2.Request("POST", "https://host.example/v1"))


# --- again or not -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (status(429), "HTTP 429"),
        (status(500), "HTTP 500"),
        (status(503, retry_after="0"), "HTTP 503"),
        (TimeoutError(), "time-out"),
        (unconnected(), "connection broken"),
        (ConnectionResetError("gone"), "connection broken"),
        (ConnectionRefusedError("closed"), "no connection"),
        (BROKEN, "broken body"),
        (IndexError("list index out of range"), "broken body"),
        (HumanMessage("not an assistant's"), "broken body"),
    ],
)
def test_what_may_pass_is_asked_for_again_in_the_same_words(error: Any, kind: str) -> None:
    pool, model, kept = pool_of(error, said(), attempts=5, send_seed=True)
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.attempts, call.faults, call.detail) == (Outcome.ANSWERED, 2, (kind,), "")
    assert model.heard[0] == model.heard[1]
    assert kept.calls == [call]
    assert pool.ledger.total == 2


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (status(401), "HTTP 401"),
        (status(404), "HTTP 404"),
        (status(422), "HTTP 422"),
        (status(400, "This model's maximum context length is 8192 tokens"), "HTTP 400"),
        (status(429, "insufficient_quota"), "HTTP 429"),
    ],
)
def test_what_will_not_pass_is_not(error: Exception, kind: str) -> None:
    pool, model, _ = pool_of(error, attempts=5)
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.attempts, call.faults) == (Outcome.FAILED, 1, (kind,))
    assert call.detail.startswith(kind)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (said("I'm sorry, but I can't help with that."), Outcome.REFUSED),
        (said("", finish_reason="content_filter"), Outcome.FILTERED),
        (status(400, "content_filter"), Outcome.FILTERED),
        (said(GOOD[:20], finish_reason="length"), Outcome.TRUNCATED),
        (said(model_name="gpt-4o-mini"), Outcome.MISROUTED),
    ],
)
def test_what_a_member_meant_to_say_is_not_asked_for_again(step: Any, outcome: Outcome) -> None:
    pool, model, _ = pool_of(step, attempts=5)
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.attempts) == (outcome, 1)


def test_it_ends_with_the_last_of_the_members_attempts() -> None:
    pool, model, _ = pool_of(status(500, "one"), TimeoutError(), status(503, "three"), attempts=3)
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.detail) == (Outcome.FAILED, "HTTP 503: three")
    assert (call.attempts, call.faults) == (3, ("HTTP 500", "time-out", "HTTP 503"))


def test_a_repair_has_attempts_of_its_own() -> None:
    pool, model, _ = pool_of(status(500), said("Well."), status(502), said(), attempts=2)
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.attempts, call.faults) == (Outcome.ANSWERED, 4, ("HTTP 500", "HTTP 502"))
    assert model.heard[2] == model.heard[3]
    assert len(model.heard[3][0]) == 4


@pytest.mark.parametrize(
    ("mode", "attempts", "faults"), [("auto", 2, ()), ("body", 1, ("HTTP 400",)), ("text", 1, ("HTTP 400",))]
)
def test_a_schema_refused_is_a_fault_only_where_no_other_way_is_left(
    mode: str, attempts: int, faults: tuple[str, ...]
) -> None:
    pool, _, _ = pool_of(status(400, "Unknown field: response_format"), said(), schema_mode=mode, attempts=5)
    call = asked(pool)
    assert (call.outcome is Outcome.ANSWERED, call.attempts, call.faults) == (attempts == 2, attempts, faults)


# --- the wait in between ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("attempt", "least"), [(1, 0.5), (2, 1), (3, 2), (4, 4), (7, 30), (19, 30)])
def test_the_wait_doubles_up_to_half_a_minute_with_jitter(
    attempt: int, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    state = RetryCallState(AsyncRetrying(), None, (), {})
    state.attempt_number = attempt
    waits = {sender.BACK_OFF(state) for _ in range(50)}
    assert least <= min(waits) < max(waits) <= least + 0.5
    assert len(waits) > 40


def test_it_waits_before_each_attempt_and_not_after_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "BACK_OFF", lambda state: 0.2 if state.attempt_number < 3 else 60)
    pool, _, _ = pool_of(*[status(500)] * 3, attempts=3)
    start = time.perf_counter()
    call = asked(pool)
    assert 0.4 <= time.perf_counter() - start < 30
    assert call.seconds < 0.2, "waits are no part of a request's time"


def test_an_endpoint_that_names_a_time_is_taken_at_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "BACK_OFF", wait_fixed(60))
    pool, _, _ = pool_of(status(429, retry_after_ms="100"), said(), attempts=2)
    start = time.perf_counter()
    assert asked(pool).outcome is Outcome.ANSWERED
    assert 0.1 <= time.perf_counter() - start < 5


def test_who_waits_to_try_again_holds_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "BACK_OFF", wait_fixed(0.1))
    pool, _, kept = pool_of(status(500), said(), said(), attempts=2, concurrency=1)

    async def run() -> None:
        await asyncio.gather(ask(pool, sample=0), ask(pool, sample=1))

    asyncio.run(run())
    assert [(call.sample, call.attempts) for call in kept.calls] == [(1, 1), (0, 2)]


# --- the bill ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "charged"),
    [
        (status(500), (0, 0, 0.0)),
        (status(429), (0, 0, 0.0)),
        (ConnectionRefusedError("closed"), (0, 0, 0.0)),
        (TimeoutError(), UNKNOWN),
        (ConnectionResetError("gone"), UNKNOWN),
        (BROKEN, UNKNOWN),
        (HumanMessage("not an assistant's"), UNKNOWN),
    ],
)
def test_a_failed_attempt_is_charged_unless_it_certainly_cost_nothing(
    error: Any, charged: tuple[int, int, float]
) -> None:
    pool, _, _ = pool_of(error, said(), attempts=2, max_tokens=100, price=PRICE)
    call = asked(pool)
    tokens, uncounted, cost = charged
    assert (call.tokens, call.uncounted) == (tokens + 5 + 3, uncounted)
    assert call.cost == pytest.approx(cost + (5 * 2 + 3 * 10) / 1_000_000)
    assert (call.usage.input_tokens, call.usage.output_tokens) == (5, 3), "the provider's counts alone"
    settled = pool.ledger.settled
    assert (settled.calls, settled.tokens, settled.uncounted) == (2, call.tokens, call.uncounted)
    assert settled.money == pytest.approx(call.cost)
    assert pool.ledger.spent == {("a", "search"): settled}


@pytest.mark.parametrize("message", [AIMessage(GOOD), said(tokens=(0, 0))])
def test_a_provider_that_counts_nothing_is_charged_the_most(message: AIMessage) -> None:
    pool, _, _ = pool_of(message, max_tokens=100, price=PRICE)
    call = asked(pool)
    assert (call.outcome, call.tokens, call.uncounted) == (Outcome.ANSWERED, MOST, MOST)
    assert call.cost == pytest.approx(DEAREST)
    assert call.usage.input_tokens is call.usage.output_tokens is None


def test_the_bill_is_summed_over_all_requests() -> None:
    pool, _, _ = pool_of(said("Well.", (5, 3)), TimeoutError(), said(GOOD, (9, 4)), attempts=2, price=PRICE)
    call = asked(pool)
    assert (call.usage.input_tokens, call.usage.output_tokens) == (14, 7)
    assert call.tokens == 21 + call.uncounted
    assert call.uncounted > 0


@pytest.mark.parametrize(
    ("member", "cost", "unpriced"),
    [({}, None, 1), ({"model": "simulated:respondent"}, 0.0, 0), ({"price": Price(input=0, output=0)}, 0.0, 0)],
)
def test_an_unknown_price_is_not_zero(member: dict[str, Any], cost: float | None, unpriced: int) -> None:
    pool, _, _ = pool_of(said(), **member)
    assert asked(pool).cost == cost
    assert pool.ledger.settled.unpriced_calls == unpriced


# --- the budget's end -------------------------------------------------------------------------------------------------


def test_a_budget_that_ends_between_attempts_leaves_the_last_failure() -> None:
    pool, model, kept = pool_of(status(500), status(503, "two"), attempts=5, calls=2)
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.detail, call.attempts) == (Outcome.FAILED, "HTTP 503: two", 2)
    assert call.faults == ("HTTP 500", "HTTP 503")
    assert kept.calls == [call]


def test_with_nothing_left_nothing_is_sent_and_it_says_so() -> None:
    pool, model, kept = pool_of(said(), calls=1)
    first, second = asked(pool), asked(pool, sample=1)
    model.assert_used_up()
    assert first.outcome is Outcome.ANSWERED
    assert (second.outcome, second.attempts, second.faults) == (Outcome.FAILED, 0, ())
    assert second.detail == "the budget of 1 call is spent; raise budget.calls to go on"
    assert (second.tokens, second.cost) == (0, 0.0)
    assert kept.calls == [first, second]


@pytest.mark.parametrize("unit", ["tokens", "money"])
def test_what_a_request_may_take_is_set_aside_before_it_is_sent(unit: str) -> None:
    """Four replies of nearly nothing would fit; at the most that a request may take, two do at any time."""
    cap: dict[str, Any] = {"tokens": 2 * MOST + 20} if unit == "tokens" else {"money": 2 * DEAREST + 0.0001}
    ledger = Ledger(**cap)
    pool, model, _ = pool_of(*[said()] * 4, ledger=ledger, delay=0.01, max_tokens=100, price=PRICE)

    async def run() -> list[Any]:
        return await asyncio.gather(*(ask(pool, sample=i) for i in range(4)))

    assert {call.outcome for call in asyncio.run(run())} == {Outcome.ANSWERED}
    assert model.most_at_once == 2


def test_without_a_price_nothing_is_sent_on_a_budget_in_money() -> None:
    pool, _, _ = pool_of(ledger=Ledger(money=5.0))
    call = asked(pool)
    assert (call.outcome, call.attempts) == (Outcome.FAILED, 0)
    assert "price of member 'a' is unknown" in call.detail


@pytest.mark.parametrize("cap", [{"tokens": 1_000_000}, {"money": 5.0}])
def test_a_reply_without_an_upper_bound_is_refused_on_such_a_budget(cap: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="give it max_tokens"):
        pool_of(ledger=Ledger(**cap), max_tokens=None, price=PRICE)
    pool_of(max_tokens=None, calls=5)
