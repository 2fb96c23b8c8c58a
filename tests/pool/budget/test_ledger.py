"""The ledger: hard caps under any concurrency, nobody left waiting, nothing lost to rounding."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any, cast

import pytest
from adaem.domain.errors import BudgetExhausted
from adaem.pool.budget.ledger import Ledger, Reservation, Spent
from hypothesis import given
from hypothesis import strategies as st


def run(main: Coroutine[Any, Any, None]) -> None:
    async def within_time() -> None:
        async with asyncio.timeout(30):
            await main

    asyncio.run(within_time())


async def settle_down() -> None:
    """Let every task go as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


def step(coroutine: Coroutine[Any, Any, Reservation]) -> Reservation:
    """What ``coroutine`` returns, provided that it never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return cast(Reservation, stop.value)
    raise AssertionError("it suspended")


# --- the books --------------------------------------------------------------------------------------------------------


def test_the_books_by_hand() -> None:
    ledger = Ledger(calls=10, tokens=1000, money=2.0)
    assert (ledger.mean_tokens, ledger.mean_money) == (None, None)
    one = step(ledger.reserve("a", "search", tokens=300, money=0.5))
    two = step(ledger.reserve("b", "judge", tokens=400, money=0.75))
    assert (ledger.total, ledger.total_tokens, ledger.total_money) == (2, 700, 1.25)
    assert (ledger.calls_left, ledger.tokens_left, ledger.money_left) == (8, 300, 0.75)
    assert ledger.spent == {}
    one.settle(tokens=100, money=0.1)
    two.settle(tokens=400, money=0.3, uncounted=400)
    step(ledger.reserve("b", "judge", tokens=5, money=0.0)).settle(tokens=4, money=0.2)
    assert ledger.spent == {
        ("a", "search"): Spent(calls=1, tokens=100, money=0.1),
        ("b", "judge"): Spent(calls=2, tokens=404, uncounted=400, money=0.5),
    }
    assert ledger.settled == Spent(calls=3, tokens=504, uncounted=400, money=0.6)
    assert (ledger.calls_left, ledger.tokens_left, ledger.money_left) == (7, 496, 1.4)
    assert (ledger.mean_tokens, ledger.mean_money) == (168, pytest.approx(0.2))


def test_without_caps_nothing_is_refused_and_all_is_counted() -> None:
    ledger = Ledger()
    for _ in range(3):
        step(ledger.reserve("a", "search", tokens=10**9, money=None)).settle(tokens=7, money=None)
    assert (ledger.calls_left, ledger.tokens_left, ledger.money_left) == (None, None, None)
    assert ledger.settled == Spent(calls=3, tokens=21, unpriced_calls=3)
    assert ledger.mean_money is None


def test_an_unknown_price_is_never_zero() -> None:
    ledger = Ledger()
    step(ledger.reserve("free", "search", tokens=1, money=0.0)).settle(tokens=1, money=0.0)
    step(ledger.reserve("dear", "search", tokens=1, money=0.4)).settle(tokens=1, money=0.3)
    step(ledger.reserve("who", "search", tokens=1, money=None)).settle(tokens=1, money=None)
    ledger.count("who", "search", calls=2, tokens=2, money=None)
    assert ledger.settled == Spent(calls=5, tokens=5, money=0.3, unpriced_calls=3)
    assert ledger.mean_money == pytest.approx(0.15)
    # The response of an unpriced member may tell what it cost.
    step(ledger.reserve("who", "search", tokens=1, money=None)).settle(tokens=1, money=0.3)
    assert (ledger.settled.money, ledger.settled.unpriced_calls) == (0.6, 3)
    # And a cost that is missing where a bound was set aside is charged at the bound.
    step(ledger.reserve("dear", "search", tokens=1, money=0.4)).settle(tokens=1, money=None)
    assert (ledger.settled.money, ledger.settled.unpriced_calls) == (1.0, 3)


def test_an_unknown_price_is_refused_where_money_is_capped() -> None:
    ledger = Ledger(money=1.0)
    with pytest.raises(BudgetExhausted, match="the price of member 'who' is unknown"):
        step_refused(ledger, tokens=1, money=None, member="who")
    step(ledger.reserve("free", "search", tokens=1, money=0.0))
    assert ledger.total == 1


def test_a_reservation_is_closed_once() -> None:
    ledger = Ledger(calls=5, tokens=50)
    settled = step(ledger.reserve("a", "search", tokens=10, money=None))
    released = step(ledger.reserve("a", "search", tokens=10, money=None))
    settled.settle(tokens=4, money=None)
    released.release()
    for reservation in (settled, released):
        with pytest.raises(RuntimeError, match="once"):
            reservation.settle(tokens=1, money=None)
        with pytest.raises(RuntimeError, match="once"):
            reservation.release()
    assert (ledger.total, ledger.total_tokens) == (1, 4)


@pytest.mark.parametrize("money", [-0.1, float("nan"), float("inf")])
def test_impossible_amounts_are_refused_and_change_nothing(money: float) -> None:
    ledger = Ledger(tokens=100)
    reservation = step(ledger.reserve("a", "search", tokens=10, money=0.1))
    with pytest.raises(ValueError, match="money"):
        reservation.settle(tokens=1, money=money)
    with pytest.raises(ValueError, match="tokens"):
        reservation.settle(tokens=1, money=0.1, uncounted=2)
    for tokens, cost in ((-1, 0.1), (1, money)):
        with pytest.raises(ValueError, match="no "):
            ledger.reserve("a", "search", tokens=tokens, money=cost).send(None)
    with pytest.raises(ValueError, match="money"):
        Ledger(money=money)
    assert (ledger.total, ledger.total_tokens) == (1, 10)
    reservation.settle(tokens=1, money=0.1)


def test_more_than_the_bound_is_counted_in_full() -> None:
    ledger = Ledger(tokens=100, money=1.0)
    step(ledger.reserve("a", "search", tokens=60, money=0.1)).settle(tokens=130, money=0.1)
    assert (ledger.total_tokens, ledger.tokens_left) == (130, 0)
    with pytest.raises(BudgetExhausted, match=r"^the budget of 100 tokens is spent; raise budget.tokens to go on$"):
        step_refused(ledger, tokens=1, money=0.0)


# --- the caps ---------------------------------------------------------------------------------------------------------


def step_refused(ledger: Ledger, *, tokens: int, money: float | None, member: str = "a") -> None:
    """Raises what ``reserve`` does; fails when it suspends or lets the request in. Checks that nothing was counted."""
    before = (ledger.total, ledger.total_tokens, ledger.total_money)
    try:
        ledger.reserve(member, "search", tokens=tokens, money=money).send(None)
    finally:
        assert (ledger.total, ledger.total_tokens, ledger.total_money) == before
    pytest.fail("it waits, though nothing is set aside")


@pytest.mark.parametrize(
    ("caps", "taken", "sentence"),
    [
        ({"calls": 1}, (5, 0.0), "the budget of 1 call is spent; raise budget.calls to go on"),
        ({"tokens": 5}, (5, 0.0), "the budget of 5 tokens is spent; raise budget.tokens to go on"),
        ({"money": 5.0}, (5, 5.0), "the budget of 5.00 EUR is spent; raise budget.money to go on"),
        (
            {"tokens": 9},
            (5, 0.0),
            "the budget of 9 tokens is spent but for 4 tokens, and the next request may take 5 tokens; "
            "raise budget.tokens to go on",
        ),
        (
            {"money": 5.5},
            (5, 5.0),
            "the budget of 5.50 EUR is spent but for 0.50 EUR, and the next request may take 5.00 EUR; "
            "raise budget.money to go on",
        ),
        (
            {"money": 0.0125},
            None,
            "one request may take 5.00 EUR, more than the whole budget of 0.0125 EUR; raise budget.money to go on",
        ),
        (
            {"tokens": 4},
            None,
            "one request may take 5 tokens, more than the whole budget of 4 tokens; raise budget.tokens to go on",
        ),
    ],
)
def test_a_refusal_names_the_cap(caps: dict[str, Any], taken: tuple[int, float] | None, sentence: str) -> None:
    ledger = Ledger(**caps, currency="EUR")
    if taken:
        step(ledger.reserve("a", "search", tokens=taken[0], money=taken[1])).settle(tokens=taken[0], money=taken[1])
    with pytest.raises(BudgetExhausted) as refused:
        step_refused(ledger, tokens=5, money=5.0)
    assert str(refused.value) == sentence


def test_what_is_released_may_be_reserved_again() -> None:
    ledger = Ledger(calls=1, tokens=10, money=0.1)
    for _ in range(3):
        step(ledger.reserve("a", "search", tokens=10, money=0.1)).release()
    assert (ledger.total, ledger.total_tokens, ledger.total_money, ledger.spent) == (0, 0, 0.0, {})
    step(ledger.reserve("a", "search", tokens=10, money=0.1))


def test_small_costs_do_not_drift() -> None:
    # As floats 0.1 + 0.1 + 0.1 > 0.3, and 100,000 times 0.00001 is 0.9999999999980838.
    assert Ledger(money=1.001).money_left == 1.001  # 1000999999999.9999 parts, if cut off
    few = Ledger(money=0.3)
    for _ in range(3):
        step(few.reserve("a", "search", tokens=1, money=0.1)).settle(tokens=1, money=0.1)
    assert (few.total_money, few.money_left) == (0.3, 0.0)
    many = Ledger(money=1.0)
    for _ in range(100_000):
        step(many.reserve("a", "search", tokens=1, money=0.00001)).settle(tokens=1, money=0.00001)
    assert (many.total_money, many.money_left) == (1.0, 0.0)
    with pytest.raises(BudgetExhausted, match=r"1\.00 USD is spent;"):
        step_refused(many, tokens=1, money=0.00001)


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_ledger_goes_on_from_an_earlier_session() -> None:
    before = {("a", "search"): Spent(calls=2, tokens=30, uncounted=10, money=0.2, unpriced_calls=1)}
    ledger = Ledger(calls=3, tokens=100, money=1.0, spent=before)
    assert ledger.spent == before
    assert (ledger.total, ledger.calls_left, ledger.tokens_left, ledger.money_left) == (2, 1, 70, 0.8)
    step(ledger.reserve("a", "search", tokens=5, money=0.1)).settle(tokens=5, money=0.1)
    assert ledger.settled == Spent(calls=3, tokens=35, uncounted=10, money=0.3, unpriced_calls=1)
    assert before[("a", "search")].calls == 2


def test_recorded_calls_are_counted_and_never_refused() -> None:
    ledger = Ledger(calls=2, tokens=10)
    ledger.count("a", "search", calls=3, tokens=40, money=0.5, uncounted=4)
    assert ledger.spent == {("a", "search"): Spent(calls=3, tokens=40, uncounted=4, money=0.5)}
    assert (ledger.total, ledger.calls_left) == (3, 0)


# --- waiting ----------------------------------------------------------------------------------------------------------


def test_who_does_not_fit_waits_only_for_what_is_set_aside() -> None:
    async def main() -> None:
        ledger = Ledger(tokens=100)
        first = await ledger.reserve("a", "search", tokens=80, money=None)
        fits_later = asyncio.create_task(ledger.reserve("b", "search", tokens=90, money=None))
        await settle_down()
        assert not fits_later.done()
        first.settle(tokens=10, money=None)
        second = await fits_later
        assert (ledger.total_tokens, ledger.tokens_left) == (100, 0)
        hopeless = ledger.reserve("c", "search", tokens=91, money=None)  # even if the 90 are released
        with pytest.raises(BudgetExhausted, match="spent but for 90 tokens"):
            await hopeless
        too_late = asyncio.create_task(ledger.reserve("c", "search", tokens=80, money=None))
        await settle_down()
        second.settle(tokens=50, money=None)
        with pytest.raises(BudgetExhausted, match="spent but for 40 tokens"):
            await too_late
        assert (ledger.total, ledger.total_tokens) == (2, 60)

    run(main())


def test_calls_wait_for_calls_that_may_yet_be_released() -> None:
    async def main() -> None:
        ledger = Ledger(calls=2)
        sent, unsent = [await ledger.reserve("a", "search", tokens=1, money=None) for _ in range(2)]
        waiting = [asyncio.create_task(ledger.reserve("a", "search", tokens=1, money=None)) for _ in range(3)]
        await settle_down()
        sent.settle(tokens=1, money=None)
        await settle_down()
        assert not any(task.done() for task in waiting)
        unsent.release()
        await settle_down()
        (await waiting[0]).settle(tokens=1, money=None)
        for task in waiting[1:]:
            with pytest.raises(BudgetExhausted, match="the budget of 2 calls is spent"):
                await task
        assert (ledger.total, ledger.settled.calls) == (2, 2)

    run(main())


def test_first_come_first_served() -> None:
    async def main() -> None:
        ledger, order = Ledger(tokens=100), list[int]()

        async def ask(number: int, tokens: int) -> None:
            reservation = await ledger.reserve("a", "search", tokens=tokens, money=None)
            order.append(number)
            await asyncio.sleep(0)
            reservation.settle(tokens=0, money=None)

        first = await ledger.reserve("a", "search", tokens=60, money=None)
        tasks = []
        for number, tokens in enumerate((90, 10, 95, 1)):  # the small ones would fit at once
            tasks.append(asyncio.create_task(ask(number, tokens)))
            await asyncio.sleep(0)
        await settle_down()
        assert order == []
        first.settle(tokens=0, money=None)
        await asyncio.gather(*tasks)
        assert order == [0, 1, 2, 3]

    run(main())


def test_a_recorded_call_can_end_the_wait() -> None:
    async def main() -> None:
        ledger = Ledger(tokens=100)
        await ledger.reserve("a", "search", tokens=50, money=None)
        waiting = asyncio.create_task(ledger.reserve("a", "search", tokens=60, money=None))
        await settle_down()
        ledger.count("a", "search", calls=1, tokens=41, money=None)
        with pytest.raises(BudgetExhausted, match="but for 59 tokens"):
            await waiting

    run(main())


@pytest.mark.parametrize("position", range(4))
def test_a_cancelled_waiter_leaves_no_trace(position: int) -> None:
    async def main() -> None:
        ledger = Ledger(tokens=100)
        first = await ledger.reserve("a", "search", tokens=100, money=None)
        tasks = [asyncio.create_task(ledger.reserve("a", "search", tokens=25, money=None)) for _ in range(4)]
        await settle_down()
        tasks[position].cancel()
        await settle_down()
        assert [task.done() for task in tasks] == [index == position for index in range(4)]
        first.release()
        await settle_down()
        assert tasks[position].cancelled()
        assert (ledger.total, ledger.total_tokens) == (3, 75)
        for task in tasks:
            if not task.cancelled():
                task.result().release()
        assert (ledger.total, ledger.total_tokens) == (0, 0)

    run(main())


@pytest.mark.parametrize("cancel_first", [True, False])
@pytest.mark.parametrize("position", range(3))
def test_a_waiter_cancelled_in_the_step_that_lets_it_in_gives_its_place_on(position: int, cancel_first: bool) -> None:
    async def main() -> None:
        ledger = Ledger(calls=3, tokens=100)
        first = await ledger.reserve("a", "search", tokens=100, money=None)
        tasks = [asyncio.create_task(ledger.reserve("a", "search", tokens=100, money=None)) for _ in range(3)]
        await settle_down()
        if cancel_first:
            tasks[position].cancel()
            first.release()
        else:
            first.release()
            tasks[position].cancel()
        await settle_down()
        assert tasks[position].cancelled()
        others = [task for task in tasks if task is not tasks[position]]
        assert [task.done() for task in others] == [True, False]
        others[0].result().release()
        (await others[1]).release()
        assert (ledger.total, ledger.total_tokens) == (0, 0)

    run(main())


def test_a_waiter_cancelled_in_the_step_that_refuses_it() -> None:
    async def main() -> None:
        ledger = Ledger(calls=1)
        first = await ledger.reserve("a", "search", tokens=1, money=None)
        waiting = asyncio.create_task(ledger.reserve("a", "search", tokens=1, money=None))
        await settle_down()
        first.settle(tokens=1, money=None)
        waiting.cancel()
        await settle_down()
        assert waiting.cancelled()
        assert ledger.total == 1

    run(main())


def test_a_cancelled_head_lets_those_behind_it_in() -> None:
    async def main() -> None:
        ledger = Ledger(tokens=100)
        await ledger.reserve("a", "search", tokens=60, money=None)
        head = asyncio.create_task(ledger.reserve("a", "search", tokens=50, money=None))
        await settle_down()
        behind = asyncio.create_task(ledger.reserve("a", "search", tokens=40, money=None))
        await settle_down()
        assert not behind.done()
        head.cancel()
        await settle_down()
        assert behind.done()
        assert ledger.total_tokens == 100

    run(main())


# --- any schedule -----------------------------------------------------------------------------------------------------


class Watched:
    """A ledger beside books of the test's own, which check every cap at every event."""

    def __init__(self, caps: tuple[int, int, float]) -> None:
        self.caps = caps
        self.ledger = Ledger(calls=caps[0], tokens=caps[1], money=caps[2])
        self.settled = [0, 0, 0.0]
        self.open: dict[int, tuple[Reservation, tuple[int, float]]] = {}
        self.refused: list[tuple[int, float]] = []

    def check(self) -> None:
        held = [len(self.open), *(sum(bound[unit] for _, bound in self.open.values()) for unit in (0, 1))]
        for settled, bound, cap in zip(self.settled, held, self.caps, strict=True):
            assert settled + bound <= cap + 1e-9
        ledger = self.ledger
        assert ledger.total <= self.caps[0]
        assert ledger.total_tokens <= self.caps[1]
        assert ledger.total_money <= self.caps[2]
        assert ledger.settled.calls == self.settled[0]
        assert ledger.settled.tokens == self.settled[1]
        assert ledger.settled.money == pytest.approx(self.settled[2], abs=1e-9)

    async def ask(self, number: int, bound: tuple[int, float]) -> None:
        try:
            reservation = await self.ledger.reserve("a", "search", tokens=bound[0], money=bound[1])
        except BudgetExhausted:
            wanted = (1, *bound)
            used = [done + amount for done, amount in zip(self.settled, wanted, strict=True)]
            assert any(total > cap - 1e-9 for total, cap in zip(used, self.caps, strict=True)), "refused what would fit"
            self.refused.append(bound)
            return
        self.open[number] = reservation, bound
        self.check()

    def settle(self, number: int, share: float) -> None:
        reservation, (tokens, money) = self.open.pop(number)
        took = int(tokens * share), money * share
        for unit, amount in enumerate((1, *took)):
            self.settled[unit] += amount
        reservation.settle(tokens=took[0], money=took[1])
        self.check()

    def release(self, number: int) -> None:
        reservation, _ = self.open.pop(number)
        reservation.release()
        self.check()

    def check_end(self, tasks: list[asyncio.Task[None]]) -> None:
        assert all(task.done() for task in tasks), "somebody was left waiting"
        assert not self.open
        assert not self.ledger._waiting
        assert (self.ledger.total, self.ledger.total_tokens) == (self.settled[0], self.settled[1])
        assert self.ledger.total_money == pytest.approx(self.settled[2], abs=1e-9)
        for task in tasks:
            if not task.cancelled():
                task.result()


AMOUNT = st.tuples(st.integers(0, 60), st.floats(0, 0.6))
ACTION = st.tuples(st.sampled_from(["ask", "ask", "settle", "release", "cancel", "pause"]), AMOUNT, st.floats(0, 1))


@given(
    st.tuples(st.integers(1, 12), st.integers(0, 200), st.floats(0.01, 2)), st.lists(ACTION, min_size=5, max_size=60)
)
def test_no_schedule_exceeds_a_cap_or_leaves_a_waiter(caps: tuple[int, int, float], actions: list[Any]) -> None:
    async def main() -> None:
        watched, tasks = Watched(caps), list[asyncio.Task[None]]()
        for kind, bound, share in actions:
            number = int(share * (len(watched.open) - 1))
            if kind == "ask":
                tasks.append(asyncio.create_task(watched.ask(len(tasks), bound)))
            elif kind == "cancel" and tasks:
                tasks[int(share * (len(tasks) - 1))].cancel()
            elif kind == "settle" and watched.open:
                watched.settle(list(watched.open)[number], share)
            elif kind == "release" and watched.open:
                watched.release(list(watched.open)[number])
            else:
                await asyncio.sleep(0)
        await settle_down()
        while watched.open:
            watched.settle(next(iter(watched.open)), 0.5)
            await settle_down()
        watched.check_end(tasks)

    run(main())


def test_a_hundred_random_runs_stay_within_every_cap() -> None:
    waited = spent_out = 0

    async def main(seed: int) -> None:
        nonlocal waited, spent_out
        chance = random.Random(seed)
        caps = chance.randint(20, 80), chance.randint(500, 4000), chance.uniform(0.5, 4.0)
        watched = Watched(caps)

        async def call(number: int) -> None:
            nonlocal waited
            for _ in range(chance.randint(0, 10)):
                await asyncio.sleep(0)
            bound = chance.randint(0, 120), chance.uniform(0, 0.12)
            waited += bool(watched.ledger._waiting)
            await watched.ask(number, bound)
            if number not in watched.open:
                return
            try:
                for _ in range(chance.randint(0, 10)):
                    await asyncio.sleep(0)
            except asyncio.CancelledError:
                watched.settle(number, 1.0)  # sent, and nobody knows what it took
                raise
            if chance.random() < 0.1:
                watched.release(number)
            else:
                watched.settle(number, chance.choice([0.0, 0.3, 1.0]))

        tasks = [asyncio.create_task(call(number)) for number in range(120)]
        for task in chance.sample(tasks, 12):
            for _ in range(chance.randint(0, 3)):
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        watched.check_end(tasks)
        spent_out += bool(watched.refused)

    for seed in range(100):
        run(main(seed))
    assert waited > 500, "the runs are too easy: hardly anybody had to wait"
    assert spent_out > 90, "the runs are too easy: hardly any budget was spent"
