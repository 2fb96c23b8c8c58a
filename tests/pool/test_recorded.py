"""Recorded calls: never made twice, but for what failed in an earlier session; and replays, where none is made."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.calls import Call, Usage
from adaem.domain.errors import NotRecorded
from adaem.domain.pool_spec import Price
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger, Spent
from adaem.pool.sending import sender
from kept import Kept, PlainWords
from langchain_core.messages import AIMessage
from small_pool import GOOD, ask, asked, pool_of, said, spec, status
from tenacity import wait_none

PRICE = Price(input=2, output=10)


def replay_of(earlier: Kept, **of_a: Any) -> tuple[Pool, Kept]:
    """A pool without models, on what ``earlier`` holds."""
    kept = Kept()
    pool = Pool(spec(**of_a), None, words=PlainWords(), recorder=kept, ledger=Ledger(), seed=0, earlier=earlier)
    return pool, kept


def without_replies(kept: Kept) -> Kept:
    """The records as a store gives them back: the words, without the reply that was read from them."""
    found = Kept()
    found.calls = [call.model_copy(update={"reply": None}) for call in kept.calls]
    return found


# --- one session after another ----------------------------------------------------------------------------------------


def test_what_was_answered_is_not_asked_again_in_this_session_or_the_next() -> None:
    pool, model, kept = pool_of(said())
    call = asked(pool)
    assert asked(pool) == call
    model.assert_used_up()
    later, _, _ = pool_of(kept=(records := without_replies(kept)))
    assert asked(later) == call
    assert len(records.calls) == 1
    assert later.ledger.total == 0, "this run's own calls are in its books already"


def test_another_sample_is_another_call() -> None:
    _, _, kept = first = pool_of(said())
    asked(first[0])
    later, model, _ = pool_of(said(), kept=kept)
    assert asked(later, sample=1).sample == 1
    model.assert_used_up()


@pytest.mark.parametrize(
    "step",
    [
        said("I'm sorry, but I can't help with that."),
        said("", finish_reason="content_filter"),
        said(GOOD[:20], finish_reason="length"),
        said(model_name="gpt-4o-mini"),
    ],
)
def test_neither_is_any_other_response(step: AIMessage) -> None:
    pool, _, kept = pool_of(step)
    call = asked(pool)
    later, _, _ = pool_of(kept=kept)
    assert asked(later) == call


def test_what_failed_is_not_asked_again_in_its_session() -> None:
    pool, model, kept = pool_of(status(500))
    call = asked(pool)
    assert asked(pool) == call
    model.assert_used_up()
    assert kept.calls == [call]


def test_what_failed_is_asked_again_in_the_next_and_keeps_what_it_had_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "BACK_OFF", wait_none())
    pool, _, kept = pool_of(said("Well."), TimeoutError(), price=PRICE)
    failed = asked(pool)
    assert (failed.outcome, failed.attempts) == (Outcome.FAILED, 2)
    assert failed.uncounted > 0
    later, model, _ = pool_of(status(502), said(tokens=(9, 4)), kept=kept, price=PRICE, attempts=2)
    call = asked(later)
    model.assert_used_up()
    assert (call.id, call.outcome) == (failed.id, Outcome.ANSWERED)
    assert (call.attempts, call.faults) == (4, ("time-out", "HTTP 502"))
    assert call.usage == Usage(input_tokens=5 + 9, output_tokens=3 + 4)
    assert (call.tokens, call.uncounted) == (failed.tokens + 13, failed.uncounted)
    assert failed.cost is not None
    assert call.cost == pytest.approx(failed.cost + (9 * 2 + 4 * 10) / 1_000_000)
    assert call.seconds > failed.seconds
    assert later.ledger.settled.tokens == 13, "the first session's part is in its own books"
    assert kept.recorded(call.id) == call


@pytest.mark.parametrize(("before", "after"), [(None, PRICE), (PRICE, None)])
def test_a_cost_of_which_a_part_is_unknown_is_unknown(before: Price | None, after: Price | None) -> None:
    pool, _, kept = pool_of(TimeoutError(), price=before)
    asked(pool)
    later, _, _ = pool_of(said(), kept=kept, price=after)
    assert asked(later).cost is None


def test_words_that_a_later_version_reads_otherwise_are_not_asked_for_again() -> None:
    pool, _, kept = pool_of(said())
    call = asked(pool)
    kept.calls = [call.model_copy(update={"text": '{"stance": "maybe"}', "reply": None})]
    later, _, _ = pool_of(kept=kept)
    found = asked(later)
    assert (found.outcome, found.reply) == (Outcome.UNPARSABLE, None)
    assert found.detail


# --- equal calls under way --------------------------------------------------------------------------------------------


def test_equal_calls_under_way_are_made_once() -> None:
    pool, model, kept = pool_of(said(), said(), delay=0.02)

    async def run() -> list[Call[Any]]:
        return await asyncio.gather(*(ask(pool, sample=sample) for sample in (0, 1, 0, 0, 1)))

    found = asyncio.run(run())
    model.assert_used_up()
    assert [call.sample for call in found] == [0, 1, 0, 0, 1]
    assert found[0] == found[2] == found[3]
    assert len(kept.calls) == pool.ledger.total == 2


def test_a_failure_under_way_is_shared_too() -> None:
    pool, model, _ = pool_of(status(500), delay=0.02)

    async def run() -> list[Call[Any]]:
        return await asyncio.gather(*(ask(pool) for _ in range(3)))

    first, *others = asyncio.run(run())
    model.assert_used_up()
    assert others == [first, first]


def test_when_the_first_asker_is_cancelled_one_of_the_others_asks() -> None:
    pool, model, kept = pool_of(said(), said(), delay=0.05)

    async def run() -> list[Call[Any]]:
        first, *others = [asyncio.create_task(ask(pool)) for _ in range(3)]
        await asyncio.sleep(0.01)
        first.cancel()
        found = await asyncio.gather(*others)
        with pytest.raises(asyncio.CancelledError):
            await first
        return found

    one, other = asyncio.run(run())
    model.assert_used_up()
    assert one == other
    assert one.outcome is Outcome.ANSWERED
    assert kept.calls == [one]
    assert pool.ledger.total == 2


def test_a_cancelled_follower_disturbs_nobody() -> None:
    pool, model, _ = pool_of(said(), delay=0.05)

    async def run() -> Call[Any]:
        first, second = [asyncio.create_task(ask(pool)) for _ in range(2)]
        await asyncio.sleep(0.01)
        second.cancel()
        return await first

    assert asyncio.run(run()).outcome is Outcome.ANSWERED
    model.assert_used_up()


# --- replays ----------------------------------------------------------------------------------------------------------


def test_a_replay_finds_each_call_charges_it_once_and_keeps_it() -> None:
    pool, _, kept = pool_of(said(), AIMessage(GOOD), price=PRICE)
    live = [asked(pool, sample=sample) for sample in (0, 1)]
    replay, records = replay_of(without_replies(kept), price=PRICE)
    assert replay.ledger.total == 0, "nothing is charged before it is reached"
    assert asked(replay) == live[0]
    assert replay.ledger.settled == Spent(calls=1, tokens=8, money=(5 * 2 + 3 * 10) / 1_000_000)
    assert asked(replay) == live[0]
    assert asked(replay, sample=1) == live[1]
    assert replay.ledger.spent == pool.ledger.spent
    assert [call.id for call in records.calls] == [call.id for call in live]


def test_an_unknown_price_stays_unknown_in_a_replay() -> None:
    pool, _, kept = pool_of(said())
    asked(pool)
    replay, _ = replay_of(kept)
    asked(replay)
    assert replay.ledger.spent == pool.ledger.spent
    assert replay.ledger.settled.unpriced_calls == 1


def test_a_failure_is_replayed_as_it_was_and_its_requests_are_counted() -> None:
    pool, _, kept = pool_of(status(500))
    call = asked(pool)
    replay, records = replay_of(kept)
    assert asked(replay) == asked(replay) == call
    assert replay.ledger.total == 1
    resumed = Pool(spec(), None, words=PlainWords(), recorder=records, ledger=Ledger(), seed=0, earlier=kept)
    assert asked(resumed) == call
    assert resumed.ledger.total == 0, "the replay's own records come first"


def test_a_replay_ends_at_the_first_call_that_is_not_there() -> None:
    pool, _, kept = pool_of(said())
    asked(pool)
    replay, records = replay_of(kept)
    with pytest.raises(NotRecorded, match=r"not recorded: a, answer, sample 1 \([0-9a-f]{16}\)"):
        asked(replay, sample=1)
    with pytest.raises(NotRecorded):
        asked(replay, sample=1)  # the first refusal has left nobody waiting
    assert (records.calls, replay.ledger.total) == ([], 0)


def test_a_member_that_is_set_otherwise_is_not_taken_for_the_recorded_one() -> None:
    pool, _, kept = pool_of(said())
    asked(pool)
    replay, _ = replay_of(kept, temperature=0.0)
    with pytest.raises(NotRecorded):
        asked(replay)


@pytest.mark.parametrize("change", [{"attempts": 3}, {"timeout": 5}, {"concurrency": 1}, {"price": PRICE}])
def test_what_does_not_shape_a_reply_does_not_hinder_a_replay(change: dict[str, Any]) -> None:
    pool, _, kept = pool_of(said())
    call = asked(pool)
    replay, _ = replay_of(kept, **change)
    assert asked(replay) == call


def test_a_live_run_beside_an_earlier_one_asks_for_the_rest() -> None:
    pool, _, kept = pool_of(said())
    call = asked(pool)
    later, model, records = pool_of(said(tokens=(9, 4)), earlier=kept)
    assert asked(later) == call
    fresh = asked(later, sample=1)
    model.assert_used_up()
    assert records.calls == [call, fresh]
    assert (later.ledger.settled.calls, later.ledger.settled.tokens) == (2, 8 + 13)
