"""The pool with scripted models: what is sent, what becomes of a response, and what tells calls apart."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import Role
from adaem.domain.reply_types import LabelsReply, Reply
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from kept import Kept, PlainWords
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from scripted import ScriptedModel
from small_pool import GOOD, PROMPT, ask, asked, pool_of, said, spec


def test_an_answer_carries_all_that_came_back_and_is_recorded_once() -> None:
    pool, model, kept = pool_of(said(GOOD, finish_reason="stop", model_name="gpt-4o-2024-08-06"))
    call = asked(pool)
    model.assert_used_up()
    assert call.outcome is Outcome.ANSWERED
    assert call.reply is not None
    assert call.reply.stance == "no"
    assert (call.text, call.model_name, call.finish_reason) == (GOOD, "gpt-4o-2024-08-06", "stop")
    assert (call.usage.input_tokens, call.usage.output_tokens, call.attempts) == (5, 3, 1)
    assert call.prompt == PROMPT
    assert kept.calls == [call]
    assert json.loads(call.model_dump_json())["reply"]["key_points"][2]["point"] == "pc"


def test_the_schema_travels_in_the_body_beside_the_models_own_fields() -> None:
    pool, model, _ = pool_of(said(GOOD), extra_body={"top_p": 0.5})
    asked(pool)
    [(messages, options)] = model.heard
    assert messages == [SystemMessage("You answer."), HumanMessage("Is it right?")]
    assert options["extra_body"]["top_p"] == 0.5
    assert options["extra_body"]["response_format"]["json_schema"]["name"] == "AnswerReply"
    assert "seed" not in options


def test_in_text_mode_it_travels_in_words() -> None:
    pool, model, _ = pool_of(said(GOOD), schema_mode="text")
    asked(pool)
    [(messages, options)] = model.heard
    assert messages[1].text.startswith('Is it right?\n\nSCHEMA {"')
    assert "extra_body" not in options


def test_a_misfit_is_sent_back_once_with_its_problem() -> None:
    pool, model, kept = pool_of(said('{"stance": "no"}', (5, 3)), said(GOOD, (9, 4)))
    call = asked(pool)
    model.assert_used_up()
    assert call.outcome is Outcome.ANSWERED
    assert (call.attempts, call.usage.input_tokens, call.usage.output_tokens) == (2, 14, 7)
    assert [(message.type, message.text) for message in model.heard[1][0]] == [
        ("system", "You answer."),
        ("human", "Is it right?"),
        ("ai", '{"stance": "no"}'),
        ("human", "REPAIR key_points: Field required"),
    ]
    assert len(kept.calls) == 1
    assert pool.ledger.total == 2


def test_a_second_misfit_is_unparsable() -> None:
    pool, model, _ = pool_of(said("Well."), said("Well, well."))
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.reply, call.text) == (Outcome.UNPARSABLE, None, "Well, well.")
    assert "no JSON" in call.detail


def test_an_empty_text_is_asked_for_again_without_an_empty_turn() -> None:
    pool, model, _ = pool_of(said(""), said(GOOD))
    assert asked(pool).outcome is Outcome.ANSWERED
    assert [message.type for message in model.heard[1][0]] == ["system", "human"]
    assert model.heard[1][0][1].text == "Is it right?\n\nREPAIR the reply is empty"


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (said("I'm sorry, but I can't help with that."), Outcome.REFUSED),
        (AIMessage("", additional_kwargs={"refusal": "no"}), Outcome.REFUSED),
        (said(GOOD[:20], finish_reason="length"), Outcome.TRUNCATED),
        (said("", finish_reason="content_filter"), Outcome.FILTERED),
        (said(GOOD, model_name="gpt-4o-mini"), Outcome.MISROUTED),
        (ConnectionResetError("gone"), Outcome.FAILED),
        (IndexError("list index out of range"), Outcome.FAILED),
        (json.JSONDecodeError("Expecting value", "", 0), Outcome.FAILED),
    ],
)
def test_nothing_else_is_asked_again(step: Any, outcome: Outcome) -> None:
    pool, model, kept = pool_of(step)
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.reply, call.attempts) == (outcome, None, 1)
    assert call.detail
    assert kept.calls == [call]
    assert pool.ledger.total == 1


def test_a_fault_of_the_program_is_raised() -> None:
    pool, _, kept = pool_of()
    with pytest.raises(AssertionError, match="surplus"):
        asked(pool)
    (call,) = kept.calls  # it was sent, and is not to be paid for again unseen
    assert (call.outcome, call.attempts, call.detail) == (Outcome.FAILED, 1, "the call was cut short by AssertionError")


def test_a_member_that_takes_too_long_has_failed() -> None:
    pool, _, _ = pool_of(said(GOOD), delay=5, timeout=0.05)
    call = asked(pool)
    assert (call.outcome, call.detail) == (Outcome.FAILED, "no response within 0.05 s")
    assert call.seconds < 1


def test_lone_surrogates_do_not_reach_the_record() -> None:
    pool, _, _ = pool_of(said("\ud800", model_name="gpt-4o\ud800"), said("\udfff"))
    call = asked(pool)
    assert call.outcome is Outcome.MISROUTED
    call.model_dump_json().encode()


# --- identity ---------------------------------------------------------------------------------------------------------


class OneWord(Reply):
    word: str


def test_ids_are_stable_over_processes() -> None:
    """A change of this value means that runs recorded so far cannot be taken up again."""
    pool, _, _ = pool_of(said('{"word": "yes"}'), seed=7)
    call = asyncio.run(pool.ask(pool.spec.members[0], PROMPT, OneWord, purpose="search", sample=0))
    assert call.id == "1a959fba9ed7b802"


def test_ids_tell_apart_all_that_shapes_a_call() -> None:
    async def ids(**of_pool: Any) -> str:
        of_ask = {name: of_pool.pop(name) for name in ("sample", "purpose", "prompt") if name in of_pool}
        pool, _, _ = pool_of(said(GOOD), **of_pool)
        return (await ask(pool, **of_ask)).id

    async def run() -> list[str]:
        return [
            await ids(),
            await ids(sample=1),
            await ids(purpose="confirm"),
            await ids(seed=1),
            await ids(temperature=0.5),
            await ids(max_tokens=9),
            await ids(parameters={"top_p": 0.5}),
            await ids(model="openai:gpt-4.1", roles=(Role.SCOUT, Role.PANEL, Role.JUDGE)),
            await ids(prompt=PROMPT.model_copy(update={"user": "Is it wrong?"})),
            await ids(prompt=PROMPT.model_copy(update={"system": ""})),
        ]

    found = asyncio.run(run())
    assert len(set(found)) == len(found)
    assert asyncio.run(ids()) == found[0]


def test_the_schema_is_part_of_the_id() -> None:
    pool, _, _ = pool_of(said(GOOD), said('{"labels": []}'))

    async def run() -> tuple[str, str]:
        one = await ask(pool)
        other = await pool.ask(pool.spec.members[0], PROMPT, LabelsReply, purpose="search", sample=0)
        assert other.outcome is Outcome.ANSWERED
        return one.id, other.id

    one, other = asyncio.run(run())
    assert one != other


def test_the_seed_is_sent_where_wanted_and_follows_what_is_asked() -> None:
    async def seeds(**of_pool: Any) -> list[int]:
        pool, model, _ = pool_of(said(), said(), send_seed=True, **of_pool)
        for sample in (0, 1):
            await ask(pool, sample=sample)
        return [options["seed"] for _, options in model.heard]

    found = asyncio.run(seeds())
    assert found == asyncio.run(seeds())
    assert found == asyncio.run(seeds(schema_mode="text")), "how the schema travels is no reason for another reply"
    assert len({*found, *asyncio.run(seeds(seed=1))}) == 4
    assert all(0 <= seed < 2**31 for seed in found)


def test_a_simulated_member_gets_schema_and_seed_whatever_its_settings() -> None:
    pool, model, _ = pool_of(said(GOOD), model="simulated:respondent", schema_mode="text")
    asked(pool)
    assert set(model.heard[0][1]) == {"extra_body", "seed"}


def test_members_without_a_model_or_a_body_are_refused_at_once() -> None:
    class Bodiless(ScriptedModel):
        pass

    del Bodiless.model_fields["extra_body"]
    with pytest.raises(InputError, match="no model"):
        Pool(spec(), {}, words=PlainWords(), recorder=Kept(), ledger=Ledger(), seed=0)
    models = {"a": Bodiless(steps=[]), "b": ScriptedModel(steps=[])}
    with pytest.raises(InputError, match="schema_mode"):
        Pool(spec(schema_mode="body"), models, words=PlainWords(), recorder=Kept(), ledger=Ledger(), seed=0)
