"""The circuit breaker: when it opens, how long it rests, what a trial does."""

from __future__ import annotations

import pytest
from adaem.pool.sending.circuit_breaker import Breaker
from hypothesis import given
from hypothesis import strategies as st


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock=clock)
    for _ in range(5):
        assert breaker.admits()
        breaker.note(False, "HTTP 500: down")
    return breaker


def test_five_failures_in_a_row_open_it_and_it_says_why(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    for _ in range(4):
        breaker.note(False, "HTTP 502: bad gateway")
    assert (breaker.open, breaker.reason, breaker.admits()) == (False, "", True)
    breaker.note(False, "HTTP 500:\n down")
    assert breaker.open
    assert breaker.reason == "5 failed calls in a row, the last: HTTP 500: down"
    assert not breaker.admits()


def test_a_success_between_starts_the_count_anew(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    for ok in (False, False, False, False, True, False, False, False, False):
        breaker.note(ok)
    assert not breaker.open
    breaker.note(False)
    assert breaker.reason == "5 failed calls in a row"


def test_a_hopeless_failure_opens_it_at_once(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    breaker.note(False, "HTTP 401: no such key", hopeless=True)
    assert breaker.open
    assert breaker.reason == "no retry can help: HTTP 401: no such key"
    clock.now += 60
    assert breaker.admits()
    breaker.note(False, "HTTP 503: busy")  # the key works now, the server does not
    assert breaker.reason == "2 failed calls in a row, the last: HTTP 503: busy"


def test_exactly_one_trial_after_the_rest_and_a_success_closes_it(clock: Clock) -> None:
    breaker = opened(clock)
    clock.now += 59.99
    assert not breaker.admits()
    clock.now += 0.01
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    clock.now += 10_000  # however long the trial takes
    assert not breaker.admits()
    assert breaker.open
    breaker.note(True)
    assert (breaker.open, breaker.reason) == (False, "")
    assert breaker.admits()
    assert breaker.admits()


def test_the_rest_doubles_up_to_ten_minutes_and_a_success_resets_it(clock: Clock) -> None:
    breaker = opened(clock)
    for rest in (60, 120, 240, 480, 600, 600):
        clock.now += rest - 1
        assert not breaker.admits(), rest
        clock.now += 1
        assert breaker.admits(), rest
        breaker.note(False, "still down")
    assert breaker.reason == "11 failed calls in a row, the last: still down"
    clock.now += 600
    assert breaker.admits()
    breaker.note(True)
    for _ in range(5):
        breaker.note(False)
    clock.now += 60
    assert breaker.admits()


def test_a_trial_given_up_lets_the_next_call_be_the_trial(clock: Clock) -> None:
    breaker = opened(clock)
    clock.now += 60
    assert breaker.admits()
    breaker.forget()
    assert breaker.open
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.note(False)
    clock.now += 119  # forgetting was no failed trial: this is the first
    assert not breaker.admits()
    clock.now += 1
    assert breaker.admits()


def test_forgetting_a_call_changes_nothing_while_it_is_closed_or_resting(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    breaker.forget()
    assert breaker.admits()
    breaker = opened(clock)
    breaker.forget()
    assert not breaker.admits()


def test_calls_sent_before_it_opened_add_nothing_when_they_fail_and_close_it_when_they_succeed(clock: Clock) -> None:
    breaker = opened(clock)
    clock.now += 30
    for _ in range(11):  # the rest of sixteen in flight
        breaker.note(False, "late", hopeless=True)
    assert breaker.reason == "5 failed calls in a row, the last: HTTP 500: down"
    clock.now += 30
    assert breaker.admits()
    breaker.forget()
    breaker.note(True)
    assert not breaker.open


@given(st.lists(st.tuples(st.floats(0, 700), st.sampled_from(["ok", "failed", "hopeless", "forget"])), max_size=80))
def test_it_always_comes_back(steps: list[tuple[float, str]]) -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    for passed, end in steps:
        clock.now += passed
        if breaker.admits():
            if end == "forget":
                breaker.forget()
            else:
                breaker.note(end == "ok", hopeless=end == "hopeless")
        assert breaker.open == bool(breaker.reason)
    clock.now += 600
    assert breaker.admits()
    breaker.note(True)
    assert not breaker.open
