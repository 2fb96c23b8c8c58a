"""A member's own system prompt: what is sent and recorded, what makes another call, and endpoints that take none."""

from __future__ import annotations

from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.errors import NotRecorded
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from http_calls import ask_all
from http_calls import server as server
from kept import PlainWords
from loopback import LoopbackServer, Served, completion, failing
from small_pool import GOOD, asked, pool_of, said, spec

PERSONA = "You like order."


@pytest.mark.parametrize("purpose", ["search", "confirm", "evaluate", "doctor"])
def test_it_goes_before_our_own_where_the_member_speaks_for_itself(purpose: str) -> None:
    pool, model, kept = pool_of(said(), system=PERSONA)
    call = asked(pool, purpose=purpose)
    assert model.heard[0][0][0].text == "You like order.\n\nYou answer."
    assert kept.calls == [call]
    assert call.prompt.system == "You like order.\n\nYou answer."


@pytest.mark.parametrize("purpose", ["propose", "refine", "paraphrase", "judge", "judge_question"])
def test_drafts_and_judgements_are_made_without_it(purpose: str) -> None:
    pool, model, _ = pool_of(said(), system=PERSONA)
    asked(pool, purpose=purpose)
    assert model.heard[0][0][0].text == "You answer."


def test_another_system_prompt_is_another_call_and_a_replay_finds_none() -> None:
    pool, _, kept = pool_of(said(), system=PERSONA)
    call = asked(pool)
    again, model, _ = pool_of(said(), system="You like risk.", kept=kept)
    assert asked(again).id != call.id
    model.assert_used_up()
    for system, recorded in ((PERSONA, True), ("You like change.", False), ("", False)):
        given: Any = {"words": PlainWords(), "recorder": kept, "ledger": Ledger(), "seed": 0}
        replay = Pool(spec(system=system), None, **given)
        if recorded:
            assert asked(replay) == call
        else:
            with pytest.raises(NotRecorded):
                asked(replay)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (500, "Jinja Exception: System role not supported"),
        (400, "System role not supported"),
        (400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."),
        (400, "Developer instruction is not enabled for models/gemma-3-4b-it"),
    ],
)
def test_a_model_without_a_system_role_gets_the_text_in_the_users_message(
    server: LoopbackServer, status: int, message: str
) -> None:
    def serve(request: Any) -> Served:
        refused = request.body["messages"][0]["role"] == "system"
        return failing(status, message)(request) if refused else completion(GOOD)(request)

    calls, pool = ask_all(server, serve, times=3, concurrency=1, system=PERSONA)
    assert {call.outcome for call in calls} == {Outcome.ANSWERED}
    sent = [request.body["messages"] for request in server.requests["m"]]
    assert [each[0]["role"] for each in sent] == ["system", "user", "user", "user"]
    assert sent[1][0]["content"].startswith("You like order.\n\nYou answer.\n\nIs it right?")
    assert list(pool.notices) == ["m takes no system message: it opens the user's message instead"]
    assert not any(call.faults for call in calls)


def test_an_error_about_something_else_moves_no_system_message(server: LoopbackServer) -> None:
    calls, _ = ask_all(server, failing(400, "The system is overloaded, and not supported hours are over"))
    assert (calls[0].outcome, server.count) == (Outcome.FAILED, 1)
