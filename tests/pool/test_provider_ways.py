"""Every wrong response of the list ends in the right outcome, over HTTP and the real client."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from adaem.domain.answer import Outcome
from adaem.pool.sending import sender
from http_calls import ask_all
from http_calls import server as server
from loopback import LoopbackServer, Served
from provider_ways import WAYS, Way
from tenacity import wait_none


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.id)
def test_it_ends_in_the_right_outcome(way: Way, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "BACK_OFF", wait_none())
    body = way.body if isinstance(way.body, bytes) else json.dumps(way.body).encode()
    # Six failed calls would take a member out, so a filter has six.
    times = 6 if way.outcome is Outcome.FILTERED else 1
    calls, pool = ask_all(
        server,
        lambda request: Served(body, way.status, headers=way.headers),
        times=times,
        attempts=2,
        schema_mode="text",
        temperature=0.3,
        send_seed=True,
    )
    for call in calls:
        assert call.outcome is way.outcome, call.detail
        assert way.detail in call.detail
        assert "\n" not in call.detail
        assert (call.reply is not None) is (way.outcome is Outcome.ANSWERED)
        assert call.attempts == way.requests
        assert way.text in call.text
        assert way.thinking in call.thinking
        if call.reply is not None:
            assert call.reply.stance == "yes"
    assert server.count == pool.ledger.total == times * way.requests
    assert ("m" in pool.out) is way.out


def test_the_list_is_long_enough_and_says_each_thing_once() -> None:
    assert len(WAYS) >= 60
    assert not [name for name, number in Counter(way.id for way in WAYS).items() if number > 1]
    assert {way.outcome for way in WAYS} == set(Outcome) - {Outcome.MISROUTED, Outcome.DEGENERATE}
