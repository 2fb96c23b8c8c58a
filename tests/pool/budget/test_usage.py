"""A count that cannot be right becomes our own bound, marked, and costs neither the answer nor the run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.pool.budget.usage import LARGEST_COUNT, plausible, well_formed
from http_calls import asked
from hypothesis import given
from hypothesis import strategies as st
from loopback import Behaviour, LoopbackServer, Served, completion
from small_pool import GOOD

LINES = {"prompt_tokens": 11, "completion_tokens": 70, "total_tokens": 81}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(LINES)), inner),
    max_leaves=8,
)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def with_usage(usage: Any) -> Behaviour:
    """A good answer with this usage; a float that JSON lacks travels as servers send it."""
    return lambda request: Served(json.dumps(completion(GOOD)(request).body | {"usage": usage}).encode())


@pytest.mark.parametrize(
    "usage",
    [
        None,
        [],
        "81",
        {},
        {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        LINES | {"prompt_tokens": -11},
        LINES | {"completion_tokens": -1},
        LINES | {"completion_tokens": float("nan")},
        LINES | {"prompt_tokens": float("inf")},
        LINES | {"completion_tokens": 10**30},
        LINES | {"prompt_tokens": 10**300},
        LINES | {"prompt_tokens": 2**63},
        LINES | {"prompt_tokens": 11.5},
        LINES | {"completion_tokens": "70"},
        LINES | {"completion_tokens": [70]},
        LINES | {"completion_tokens": True},
        LINES | {"prompt_tokens": {"text": 11}},
        LINES | {"completion_tokens": 0, "total_tokens": 11},
        LINES | {"completion_tokens": 1, "total_tokens": 12},  # fewer than the text can have
        LINES | {"prompt_tokens": 400_000},  # far more than was sent
        LINES | {"completion_tokens": 900_000},  # far more than may come back
    ],
)
def test_a_count_that_cannot_be_right_is_ours_and_marked(server: LoopbackServer, usage: Any, tmp_path: Path) -> None:
    server.behave("m", with_usage(usage))
    call, ledger = asked(server, tmp_path)
    assert (call.outcome, call.attempts) == (Outcome.ANSWERED, 1)
    assert call.usage.input_tokens is None
    assert call.usage.output_tokens is None
    assert call.uncounted == call.tokens > 1024  # the prompt's bound, and all that the reply may have taken
    assert call.cost is not None
    assert 0.002 < call.cost < 0.01
    assert ledger.settled.tokens == ledger.settled.uncounted == call.tokens


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        (LINES, (11, 70)),
        (LINES | {"cost": 0.0012, "is_byok": False, "queue_time": 0.1, "details": ["x"]}, (11, 70)),
        (LINES | {"completion_tokens_details": {"reasoning_tokens": "many"}}, (11, 70)),
        (LINES | {"completion_tokens_details": {"reasoning_tokens": 50, "audio_tokens": None}}, (11, 70)),
        (LINES | {"total_tokens": None}, (11, 70)),
        (LINES | {"total_tokens": 5}, (11, 70)),
        (LINES | {"completion_tokens": 0}, (11, 70)),
        (LINES | {"total_tokens": 281}, (11, 270)),  # thinking that only the total counts
        (
            LINES | {"prompt_tokens": 9_000},
            (9_000, 70),
        ),  # a provider's own words before the prompt: it is the user's money
    ],
)
def test_a_count_that_may_be_right_is_believed(
    server: LoopbackServer, usage: Any, counted: tuple[int, int], tmp_path: Path
) -> None:
    server.behave("m", with_usage(usage))
    call, ledger = asked(server, tmp_path)
    assert (call.outcome, call.uncounted) == (Outcome.ANSWERED, 0)
    assert (call.usage.input_tokens, call.usage.output_tokens) == counted
    assert call.tokens == ledger.settled.tokens == sum(counted)


@given(ANYTHING)
def test_what_is_well_formed_holds_counts_alone(usage: Any) -> None:
    found = well_formed(usage)
    assert found is None or all(
        each is None or isinstance(each, dict) or 0 <= each <= LARGEST_COUNT for each in found.values()
    )


@given(
    st.dictionaries(st.sampled_from(["input_tokens", "output_tokens", "total_tokens"]), ANYTHING), st.integers(0, 10**6)
)
def test_what_is_plausible_is_within_ten_times_the_bound(usage: Any, characters: int) -> None:
    found = plausible(usage, prompt_most=100, reply_most=200, reply_characters=characters)
    if found is not None:
        sent, received = found
        assert 0 < sent <= 11_000
        assert characters / 128 <= received <= 12_000
