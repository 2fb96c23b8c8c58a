"""How fast a member is asked: places in flight, the adaptive limit, rates and pauses, all on virtual time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterable
from itertools import pairwise
from typing import Any

import pytest
from adaem.domain.pool_spec import Member, Role
from adaem.pool.sending.pace import Pace
from hypothesis import given, settings
from hypothesis import strategies as st

Outcome = str  # "good", "limited" or "failed"


class Selector(selectors.SelectSelector):
    """Instead of waiting it moves the clock on; where nothing would ever happen again it says so."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "every task waits and nothing will wake one"
        self.now += timeout + 1e-9 if timeout > 0 else 0.0  # past the timer whatever the rounding
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.selector = Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now


def virtually(main: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def now() -> float:
    return asyncio.get_running_loop().time()


def member(**fields: Any) -> Member:
    return Member(**({"id": "a", "model": "openai:gpt-4o", "roles": (Role.SCOUT,)} | fields))


class Clock:
    """For what needs no loop: the adaptive limit."""

    def __init__(self, **fields: Any) -> None:
        self.now = 0.0
        self.pace = Pace(member(**fields), clock=lambda: self.now)

    def batch(self, count: int, seconds: float, **result: Any) -> int:
        """``count`` requests sent together now that end ``seconds`` later; the limit after them."""
        self.now += seconds
        for _ in range(count):
            self.pace.observe(seconds, **result)
        return self.pace.limit


# The number in flight


@pytest.mark.parametrize("concurrency", [1, 2, 5, 64])
def test_it_starts_at_the_maximum_and_never_exceeds_it(concurrency: int) -> None:
    clock = Clock(concurrency=concurrency)
    assert clock.pace.limit == concurrency
    assert clock.batch(500, 1.0) == concurrency


def test_a_burst_of_429s_halves_once_and_the_next_burst_once_more() -> None:
    clock = Clock(concurrency=64)
    clock.batch(32, 1.0)
    assert clock.batch(50, 1.0, limited=True) == 32
    assert clock.batch(32, 0.25, limited=True) == 16
    assert [clock.batch(1, 0.25, limited=True) for _ in range(6)] == [8, 4, 2, 1, 1, 1]


def test_after_trouble_it_grows_by_one_a_window_up_to_the_maximum() -> None:
    clock = Clock(concurrency=8)
    clock.batch(4, 1.0)
    assert clock.batch(1, 1.0, limited=True) == 4
    assert clock.batch(3, 1.0) == 4
    assert clock.batch(1, 1.0) == 5
    assert clock.batch(4, 1.0) == 5
    assert clock.batch(1, 1.0) == 6
    assert clock.batch(6, 1.0) == 7
    assert clock.batch(7, 1.0) == 8
    assert clock.batch(80, 1.0) == 8


def test_a_halving_starts_the_count_of_good_requests_anew() -> None:
    clock = Clock(concurrency=8)
    assert clock.batch(1, 1.0, limited=True) == 4
    assert clock.batch(3, 1.0) == 4
    assert clock.batch(1, 1.0, limited=True) == 2
    assert clock.batch(1, 1.0) == 2
    assert clock.batch(1, 1.0) == 3


def test_requests_sent_before_a_halving_do_not_speak_for_the_time_after_it() -> None:
    clock = Clock(concurrency=4)
    clock.now = 4.0
    clock.pace.observe(1.0, limited=True)  # sent at 3
    assert clock.pace.limit == 2
    clock.now = 5.0
    for _ in range(9):
        clock.pace.observe(1.5)  # sent at 3.5
    clock.pace.observe(1.5, limited=True)
    assert clock.pace.limit == 2
    clock.pace.observe(1.0, limited=True)  # sent at 4
    assert clock.pace.limit == 1


def test_failures_that_are_no_sign_of_load_move_nothing() -> None:
    clock = Clock(concurrency=16)
    clock.batch(1, 2.0, limited=True)
    assert clock.batch(50, 60.0, ok=False) == 8
    assert clock.batch(8, 2.0) == 9
    assert clock.batch(50, 60.0, ok=False) == 9


def test_the_latency_moves_nothing() -> None:
    clock = Clock(concurrency=16)
    assert [clock.batch(32, seconds) for seconds in (0.3, 30.0, 0.3, 30.0)] == [16, 16, 16, 16]


# Turns


def test_no_more_than_the_limit_enter_and_in_the_order_of_arrival() -> None:
    async def main() -> None:
        pace = Pace(member(concurrency=6), clock=now)
        entered: list[int] = []
        most = 0

        async def ask(number: int) -> None:
            nonlocal most
            async with pace.turn(10):
                entered.append(number)
                most = max(most, pace.in_flight)
                await asyncio.sleep(1 + (number * 7 % 5) / 8)

        async with asyncio.TaskGroup() as group:
            for number in range(40):
                group.create_task(ask(number))
        assert entered == list(range(40))
        assert (most, pace.in_flight) == (6, 0)

    virtually(main())


def test_64_in_flight_at_a_latency_of_one_second_stay_64_in_flight() -> None:
    async def main() -> None:
        pace = Pace(member(concurrency=64), clock=now)

        async def ask() -> None:
            async with pace.turn(10):
                await asyncio.sleep(1)
                pace.observe(1.0)

        async with asyncio.TaskGroup() as group:
            for _ in range(32 + 64 * 20):
                group.create_task(ask())
        assert now() == pytest.approx(21)

    virtually(main())


def test_a_halving_lets_nobody_in_until_enough_have_left() -> None:
    async def main() -> None:
        pace = Pace(member(concurrency=4), clock=now)
        left_at: list[float] = []

        async def ask(seconds: float) -> None:
            async with pace.turn(1):
                await asyncio.sleep(seconds)

        async def late() -> None:
            async with pace.turn(1):
                left_at.append(now())
                assert pace.in_flight <= pace.limit

        under_way = [asyncio.create_task(ask(seconds)) for seconds in (2, 3, 4, 5)]
        await asyncio.sleep(1)
        pace.observe(1.0, limited=True)
        assert (pace.in_flight, pace.limit) == (4, 2)
        await asyncio.gather(late(), *under_way)
        assert left_at == [pytest.approx(4)]  # the third to leave makes one of two places free

    virtually(main())


def test_a_grown_limit_lets_the_next_in_at_once() -> None:
    async def main() -> None:
        pace = Pace(member(concurrency=2), clock=now)
        pace.observe(0.0, limited=True)
        await asyncio.sleep(1)
        release = asyncio.Event()

        async def ask() -> None:
            async with pace.turn(1):
                await release.wait()

        tasks = [asyncio.create_task(ask()) for _ in range(2)]
        await asyncio.sleep(1)
        assert pace.in_flight == 1
        pace.observe(0.5)
        await asyncio.sleep(0.001)
        assert pace.in_flight == 2
        release.set()
        await asyncio.gather(*tasks)

    virtually(main())


@pytest.mark.parametrize("cancelled", [1, 2])  # the one at the door, and one behind it
def test_a_cancelled_waiter_takes_no_place_and_lets_the_next_in(cancelled: int) -> None:
    async def main() -> None:
        pace = Pace(member(concurrency=1), clock=now)
        entered: list[tuple[int, float]] = []

        async def ask(number: int) -> None:
            async with pace.turn(1):
                entered.append((number, round(now(), 3)))
                await asyncio.sleep(2)

        tasks = [asyncio.create_task(ask(number)) for number in range(4)]
        await asyncio.sleep(1)
        tasks[cancelled].cancel()
        await asyncio.wait(tasks)
        assert entered == list(zip([n for n in range(4) if n != cancelled], (0, 2, 4), strict=True))
        assert pace.in_flight == 0

    virtually(main())


def test_a_waiter_that_is_cancelled_just_as_its_place_comes_free_hands_it_on() -> None:
    async def main() -> None:
        pace = Pace(member(concurrency=1), clock=now)
        entered: list[int] = []

        async def ask(number: int) -> None:
            async with pace.turn(1):
                entered.append(number)
                await asyncio.sleep(1)
            if number == 0:
                tasks[1].cancel()  # it has been woken already, and has not run yet

        tasks = [asyncio.create_task(ask(number)) for number in range(3)]
        await asyncio.wait(tasks)
        assert entered == [0, 2]
        assert pace.in_flight == 0

    virtually(main())


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
def test_a_request_that_ends_in_an_error_gives_its_place_back(error: type[BaseException]) -> None:
    async def main() -> None:
        pace = Pace(member(), clock=now)
        with pytest.raises(error):
            async with pace.turn(1):
                raise error
        assert pace.in_flight == 0

    virtually(main())


# Pauses


@pytest.mark.parametrize(
    ("asked", "enters_at"),
    [((5.0,), 6.0), ((5.0, 2.0), 6.0), ((2.0, 5.0), 6.0), ((3600.0,), 121.0), ((0.0,), 1.0), ((-3.0,), 1.0)],
)
def test_retry_after_pauses_the_whole_member(asked: tuple[float, ...], enters_at: float) -> None:
    async def main() -> None:
        pace = Pace(member(), clock=now)
        await asyncio.sleep(1)
        for seconds in asked:
            pace.observe(0.5, limited=True, retry_after=seconds)
        async with pace.turn(1):
            assert now() == pytest.approx(enters_at, abs=1e-6)

    virtually(main())


def test_a_pause_that_is_prolonged_meanwhile_is_waited_out_and_a_cancelled_wait_hands_on() -> None:
    async def main() -> None:
        pace = Pace(member(), clock=now)
        pace.observe(0.5, limited=True, retry_after=4)

        async def ask() -> float:
            async with pace.turn(1):
                return now()

        tasks = [asyncio.create_task(ask()) for _ in range(3)]
        await asyncio.sleep(2)
        pace.observe(1.5, limited=True, retry_after=8)  # an older request: no halving, but the pause holds
        await asyncio.sleep(1)
        tasks[0].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError)
        assert done[1:] == [pytest.approx(10), pytest.approx(10)]

    virtually(main())


def test_a_pause_that_comes_while_the_rates_are_waited_for_holds() -> None:
    async def main() -> None:
        pace = Pace(member(requests_per_minute=6), clock=now)  # one at once, then one every 10 s
        async with pace.turn(1):
            pass
        asyncio.get_running_loop().call_at(5, lambda: pace.observe(1.0, limited=True, retry_after=20))
        async with pace.turn(1):
            assert now() == pytest.approx(25)

    virtually(main())


# Rates


def entries(pace: Callable[[], Pace], tokens: Iterable[int]) -> list[float]:
    """When requests of so many tokens, all asked for at once and answered at once, were sent."""

    async def main() -> list[float]:
        paced = pace()

        async def ask(size: int) -> float:
            async with paced.turn(size):
                return now()

        return await asyncio.gather(*[asyncio.create_task(ask(size)) for size in tokens])

    times: list[float] = virtually(main())
    return times


def most_in_a_minute(times: list[float], tokens: list[int]) -> int:
    return max(sum(n for t, n in zip(times, tokens, strict=True) if start <= t < start + 60) for start in times)


def test_requests_per_minute() -> None:
    """60 a minute: a bucket of 10, then one a second."""
    times = entries(lambda: Pace(member(requests_per_minute=60), clock=now), [1000] * 200)
    assert times == pytest.approx([max(0, n - 9) for n in range(200)], abs=1e-3)
    assert most_in_a_minute(times, [1] * 200) == 69  # 10 at once, and one at each second from 1 to 59


@pytest.mark.parametrize("rate", [1, 2, 5, 7, 1000])
def test_any_rate_of_requests_is_kept_in_any_minute_and_used_up(rate: int) -> None:
    count = 3 * rate + 2
    times = entries(lambda: Pace(member(requests_per_minute=rate, concurrency=64), clock=now), [1] * count)
    assert most_in_a_minute(times, [1] * count) <= rate * 7 / 6 + 1e-6
    assert sum(time < 0.001 for time in times) == max(rate // 6, 1)
    assert times[-1] <= 60 * count / rate


def test_tokens_per_minute() -> None:
    """6,000 a minute: a bucket of 1,000, so two of 500 at once, then one every 5 s."""
    times = entries(lambda: Pace(member(tokens_per_minute=6000), clock=now), [500] * 40)
    assert times == pytest.approx([5.0 * max(0, n - 1) for n in range(40)], abs=1e-3)
    assert most_in_a_minute(times, [500] * 40) <= 7000


def test_a_request_larger_than_the_bucket_gets_through_and_is_not_overtaken() -> None:
    """1,000 at once and 1,500 at 100 a second; the small one behind it waits for its own 100 after that."""
    times = entries(lambda: Pace(member(tokens_per_minute=6000), clock=now), [2500, 100, 0])
    assert times == pytest.approx([15.0, 16.0, 16.0], abs=1e-3)


def test_both_rates_hold_together() -> None:
    """12 a minute (2 at once, then every 5 s) and 6,000 tokens (1,000 at once), each scarce in turn."""
    sizes = [1000, 1000, 1, 1, 1, 1, 1]
    times = entries(lambda: Pace(member(requests_per_minute=12, tokens_per_minute=6000), clock=now), sizes)
    # At 10 s the bucket of requests is empty again: one is the large request, one more may follow.
    assert times == pytest.approx([0, 10, 10.01, 15, 20, 25, 30], abs=2e-3)


def test_whoever_is_cancelled_while_waiting_for_the_rates_holds_nobody_up() -> None:
    async def main() -> None:
        pace = Pace(member(requests_per_minute=6), clock=now)

        async def ask() -> float:
            async with pace.turn(1):
                return now()

        tasks = [asyncio.create_task(ask()) for _ in range(3)]
        await asyncio.sleep(3)
        tasks[1].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [done[0], done[2]] == [pytest.approx(0), pytest.approx(10)]
        assert pace.in_flight == 0

    virtually(main())


# Whatever happens

REQUEST = st.tuples(
    st.integers(0, 40),  # quarters of a second until it asks for its turn
    st.integers(0, 20),  # quarters of a second that it takes
    st.sampled_from(["good", "good", "good", "limited", "paused", "failed", "raised"]),
    st.one_of(st.none(), st.integers(0, 60)),  # quarters of a second until it is cancelled, from the start
    st.integers(0, 3000),
)


@settings(max_examples=150)
@given(
    requests=st.lists(REQUEST, min_size=1, max_size=40),
    concurrency=st.integers(1, 8),
    requests_per_minute=st.sampled_from([None, 3, 120]),
    tokens_per_minute=st.sampled_from([None, 60_000]),
)
def test_entry_never_exceeds_the_limit_and_no_place_leaks(
    requests: list[tuple[int, int, Outcome, int | None, int]],
    concurrency: int,
    requests_per_minute: int | None,
    tokens_per_minute: int | None,
) -> None:
    async def main() -> None:
        pace = Pace(
            member(
                concurrency=concurrency,
                requests_per_minute=requests_per_minute,
                tokens_per_minute=tokens_per_minute,
            ),
            clock=now,
        )
        asked: list[int] = []
        entered: list[int] = []
        inside = 0

        async def ask(number: int, wait: int, takes: int, end: str, tokens: int) -> None:
            nonlocal inside
            await asyncio.sleep(wait / 4)
            asked.append(number)
            async with pace.turn(tokens):
                inside += 1
                entered.append(number)
                assert inside == pace.in_flight <= pace.limit <= concurrency
                try:
                    await asyncio.sleep(takes / 4)
                    if end == "raised":
                        raise ValueError
                    pace.observe(
                        takes / 4,
                        ok=end == "good",
                        limited=end in ("limited", "paused"),
                        retry_after=3.0 if end == "paused" else None,
                    )
                    assert 1 <= pace.limit <= concurrency
                finally:
                    inside -= 1

        tasks = []
        for number, (wait, takes, end, cancelled, tokens) in enumerate(requests):
            task = asyncio.create_task(ask(number, wait, takes, end, tokens))
            tasks.append(task)
            if cancelled is not None:
                asyncio.get_running_loop().call_at(cancelled / 4, task.cancel)
        done = await asyncio.gather(*tasks, return_exceptions=True)

        allowed = (type(None), ValueError, asyncio.CancelledError)
        assert all(isinstance(end, allowed) for end in done), done
        assert pace.in_flight == inside == 0
        place = {number: at for at, number in enumerate(asked)}
        assert all(place[one] < place[other] for one, other in pairwise(entered))
        kept = {number for number, end in enumerate(done) if not isinstance(end, asyncio.CancelledError)}
        assert kept <= set(entered)
        async with pace.turn(1):  # and the door is still open
            assert pace.in_flight == 1

    virtually(main())
