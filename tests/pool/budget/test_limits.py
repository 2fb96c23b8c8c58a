"""Where calls end: the cap on requests, the step's time, cancellation, and the breaker that takes a member out."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.calls import Call
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from adaem.pool.sending import circuit_breaker as breaker
from adaem.pool.sending import sender
from small_pool import ask, asked, pool_of, said, status
from tenacity import wait_fixed


def asked_all(pool: Pool, times: int, *, within: float | None = None) -> list[Call[Any]]:
    """Calls for as many samples at once, within a limit of seconds."""

    async def run() -> list[Call[Any]]:
        if within is None:
            return await asyncio.gather(*(ask(pool, sample=i) for i in range(times)))
        with pool.time_limit(within):
            return await asyncio.gather(*(ask(pool, sample=i) for i in range(times)))

    return asyncio.run(run())


def nothing_set_aside(pool: Pool) -> bool:
    settled = pool.ledger.settled
    return (pool.ledger.total, pool.ledger.total_tokens) == (settled.calls, settled.tokens)


# --- the cap ----------------------------------------------------------------------------------------------------------


def test_the_cap_holds_under_concurrency() -> None:
    pool, model, kept = pool_of(*[said()] * 7, calls=7, delay=0.005, concurrency=3)
    results = asked_all(pool, 20)
    model.assert_used_up()
    assert [result.outcome for result in results] == [Outcome.ANSWERED] * 7 + [Outcome.FAILED] * 13
    spent = "the budget of 7 calls is spent; raise budget.calls to go on"
    assert {(result.detail, result.attempts, result.tokens) for result in results[7:]} == {(spent, 0, 0)}
    assert sorted(call.sample for call in kept.calls) == list(range(20))
    assert model.most_at_once == 3
    assert (pool.ledger.total, pool.ledger.calls_left) == (7, 0)
    assert {key: spent.calls for key, spent in pool.ledger.spent.items()} == {("a", "search"): 7}


def test_a_repair_beyond_the_cap_is_not_sent() -> None:
    pool, model, kept = pool_of(said("Well."), calls=1)
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.attempts) == (Outcome.UNPARSABLE, 1)
    assert kept.calls == [call]


# --- cancellation -----------------------------------------------------------------------------------------------------


def test_what_is_cancelled_while_it_waits_was_not_spent() -> None:
    pool, model, kept = pool_of(said(), calls=3, delay=0.05, concurrency=1)

    async def run() -> None:
        sent, *waiting = [asyncio.create_task(ask(pool, sample=i)) for i in range(3)]
        await asyncio.sleep(0.01)
        for task in waiting:
            task.cancel()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        await sent

    asyncio.run(run())
    model.assert_used_up()
    assert len(kept.calls) == 1
    assert (pool.ledger.calls_left, nothing_set_aside(pool)) == (2, True)


def test_what_is_cancelled_after_sending_was_spent_and_frees_its_place() -> None:
    pool, _, kept = pool_of(said(), said(), delay=0.05, concurrency=1)

    async def run() -> None:
        task = asyncio.create_task(ask(pool))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await ask(pool, sample=1)).outcome is Outcome.ANSWERED

    asyncio.run(run())
    assert len(kept.calls) == 1
    settled = pool.ledger.settled
    assert settled.calls == 2
    assert settled.tokens == settled.uncounted + 8
    assert settled.uncounted > 0, "nobody knows what it took"
    assert nothing_set_aside(pool)


# --- the step's time --------------------------------------------------------------------------------------------------


def test_a_step_keeps_what_came_in_time_and_ends_what_is_under_way_or_waits() -> None:
    pool, model, kept = pool_of(said(), said(), delay=0.3, concurrency=1)
    results = asked_all(pool, 3, within=0.45)
    model.assert_used_up()
    assert [(call.outcome, call.attempts) for call in results] == [
        (Outcome.ANSWERED, 1),
        (Outcome.FAILED, 1),
        (Outcome.FAILED, 0),
    ]
    assert {call.detail for call in results[1:]} == {"not finished within the step's 0.45 s"}
    assert results[1].tokens == results[1].uncounted > 0
    assert results[1].faults == ("step time-out",)
    assert results[2].tokens == 0
    assert {call.id for call in kept.calls} == {call.id for call in results}
    assert nothing_set_aside(pool)
    assert pool.ledger.total == 2


def test_a_step_does_not_wait_for_another_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "BACK_OFF", wait_fixed(60))
    pool, _, _ = pool_of(status(500), attempts=5)
    [call] = asked_all(pool, 1, within=0.5)
    assert (call.outcome, call.attempts, call.tokens) == (Outcome.FAILED, 1, 0)
    assert call.faults[0] == "HTTP 500"
    assert "0.5 s" in call.detail


def test_a_step_does_not_wait_for_the_budget() -> None:
    """Two of three wait until it is known what the first has taken of the tokens."""
    ledger = Ledger(tokens=3_000)
    pool, model, _ = pool_of(said(), ledger=ledger, delay=5)
    results = asked_all(pool, 3, within=0.5)
    model.assert_used_up()
    assert [call.attempts for call in results] == [1, 0, 0]
    assert {call.detail for call in results} == {"not finished within the step's 0.5 s"}
    assert nothing_set_aside(pool)


def test_nothing_is_sent_when_the_time_is_over() -> None:
    pool, model, _ = pool_of(said(), delay=0.05)

    async def run() -> list[Call[Any]]:
        with pool.time_limit(0.02):
            return [await ask(pool, sample=sample) for sample in (0, 1)]

    assert [call.attempts for call in asyncio.run(run())] == [1, 0]
    model.assert_used_up()
    assert pool.ledger.total == 1


def test_the_limit_ends_with_its_block() -> None:
    pool, _, _ = pool_of(said(), said(), delay=0.05)

    async def run() -> tuple[Outcome, Outcome]:
        with pool.time_limit(0.02):
            within = await ask(pool)
        return within.outcome, (await ask(pool, sample=1)).outcome

    assert asyncio.run(run()) == (Outcome.FAILED, Outcome.ANSWERED)


def test_a_step_that_ran_out_of_time_takes_nobody_out() -> None:
    pool, _, _ = pool_of(*[said()] * 6, delay=1)
    asked_all(pool, 6, within=0.02)
    assert (dict(pool.out), pool.notices) == ({}, [])


# --- the breaker ------------------------------------------------------------------------------------------------------


def test_five_failed_calls_in_a_row_take_a_member_out_and_it_is_asked_no_more() -> None:
    pool, model, kept = pool_of(*[status(500)] * 4, said(model_name="gpt-4o-mini"))
    for sample in range(4):
        asked(pool, sample=sample)
    assert not pool.out
    asked(pool, sample=4)
    reason = "5 failed calls in a row, the last: asked gpt-4o, answered by gpt-4o-mini"
    assert pool.out == {"a": reason}
    assert pool.notices == [f"a was taken out: {reason}"]
    call = asked(pool, sample=5)
    model.assert_used_up()
    assert (call.outcome, call.detail, call.attempts) == (Outcome.FAILED, f"taken out: {reason}", 0)
    assert (call.tokens, call.cost, call.faults) == (0, 0.0, ())
    assert kept.calls[-1] == call
    assert (pool.ledger.total, len(pool.notices)) == (5, 1)


@pytest.mark.parametrize(
    "reply", [said(), said("I'm sorry, but I can't help with that."), said("", finish_reason="length")]
)
def test_any_response_of_its_own_starts_the_count_anew(reply: Any) -> None:
    pool, model, _ = pool_of(*[status(500)] * 4, reply, *[status(500)] * 4)
    for sample in range(9):
        asked(pool, sample=sample)
    model.assert_used_up()
    assert not pool.out


def test_where_no_retry_can_help_one_failure_is_enough() -> None:
    pool, model, _ = pool_of(status(401, "bad key"))
    reason = f"no retry can help: {asked(pool).detail}"
    assert "bad key" in reason
    assert asked(pool, sample=1).detail == f"taken out: {reason}"
    model.assert_used_up()
    assert pool.notices == [f"a was taken out: {reason}"]


def test_retries_of_one_call_count_as_one_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "BACK_OFF", wait_fixed(0))
    pool, _, _ = pool_of(*[status(500)] * 8, attempts=2)
    asked_all(pool, 4)
    assert not pool.out


def test_who_asks_hears_why_the_budget_did_not_pay() -> None:
    pool, _, _ = pool_of(said(), calls=1)

    async def run() -> tuple[list[str], list[str]]:
        with pool.budget_refusals() as first:
            await asyncio.gather(*(ask(pool, sample) for sample in range(2)))
        with pool.budget_refusals() as second:
            await ask(pool, 1)  # the call of another step that has ended so already
        await ask(pool, 2)
        return [each.cap for each in first], [each.what for each in second]

    assert asyncio.run(run()) == (["calls"], ["the budget of 1 call is spent"])


def test_a_spent_budget_takes_nobody_out() -> None:
    pool, _, _ = pool_of(said(), calls=1)
    results = asked_all(pool, 8)
    assert [call.attempts for call in results] == [1] + [0] * 7
    assert not pool.out


def test_after_a_rest_one_trial_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "FIRST_REST", 0.05)
    pool, model, _ = pool_of(status(401), said(), said(), said(), delay=0.01)
    asked(pool)
    time.sleep(0.06)
    trial, *others = asked_all(pool, 4)[1:]  # sample 0 is the call that failed
    assert trial.outcome is Outcome.ANSWERED
    assert [call.attempts for call in others] == [0, 0]
    assert not pool.out
    assert pool.notices[1:] == ["a answers again and was taken back"]
    assert asked(pool, sample=7).outcome is Outcome.ANSWERED
    assert len(model.heard) == 3


def test_a_trial_that_is_cancelled_leaves_it_to_the_next_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "FIRST_REST", 0.0)
    pool, model, _ = pool_of(status(401), said(), said(), delay=0.05)

    async def run() -> Call[Any]:
        await ask(pool)
        trial = asyncio.create_task(ask(pool, sample=1))
        await asyncio.sleep(0.01)
        trial.cancel()
        await asyncio.wait([trial])
        return await ask(pool, sample=2)

    assert asyncio.run(run()).outcome is Outcome.ANSWERED
    model.assert_used_up()
    assert not pool.out
