"""The pool with scripted models: outcomes, repair, identity, budget and limits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.calls import Call, Prompt
from adaem.domain.errors import BudgetExhausted, InputError
from adaem.domain.pool import Member, PoolSpec, Role
from adaem.domain.replies import AnswerReply, LabelsReply, Reply
from adaem.pool import Pool
from adaem.pool.ledger import Ledger
from kept import Kept, PlainWords
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from scripted import ScriptedModel

GOOD = json.dumps({"stance": "no", "key_points": [{"point": f"p{i}", "justification": "j"} for i in range(3)]})
PROMPT = Prompt(name="answer", fingerprint="f", system="You answer.", user="Is it right?")


def spec(**of_a: Any) -> PoolSpec:
    both = (Role.SCOUT, Role.PANEL)
    return PoolSpec(
        members=(
            Member(**({"id": "a", "model": "openai:gpt-4o", "roles": (*both, Role.JUDGE), "attempts": 1} | of_a)),
            Member(id="b", model="simulated:respondent", roles=both),
        )
    )


def pool_of(
    *steps: Any, calls: int | None = None, seed: int = 0, delay: float = 0.0, extra_body: Any = None, **of_a: Any
) -> tuple[Pool, ScriptedModel, Kept]:
    model = ScriptedModel(steps=list(steps), delay=delay, extra_body=extra_body)
    kept = Kept()
    models: Mapping[str, ScriptedModel] = {"a": model, "b": ScriptedModel(steps=[])}
    pool = Pool(spec(**of_a), models, words=PlainWords(), recorder=kept, ledger=Ledger(calls=calls), seed=seed)
    return pool, model, kept


async def ask(pool: Pool, sample: int = 0, prompt: Prompt = PROMPT, purpose: str = "search") -> Call[AnswerReply]:
    return await pool.ask(pool.spec.members[0], prompt, AnswerReply, purpose=purpose, sample=sample)


def asked(pool: Pool, **of_ask: Any) -> Call[AnswerReply]:
    return asyncio.run(ask(pool, **of_ask))


def said(text: str, tokens: tuple[int, int] = (5, 3), **metadata: Any) -> AIMessage:
    usage = {"input_tokens": tokens[0], "output_tokens": tokens[1], "total_tokens": sum(tokens)}
    return AIMessage(text, usage_metadata=usage, response_metadata=metadata)


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
    assert json.loads(call.model_dump_json())["reply"]["key_points"][2]["point"] == "p2"


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
    assert pool.counts == {("a", outcome): 1}


def test_a_fault_of_the_program_is_raised() -> None:
    pool, _, kept = pool_of()
    with pytest.raises(AssertionError, match="surplus"):
        asked(pool)
    assert kept.calls == []


def test_a_member_that_takes_too_long_has_failed() -> None:
    pool, _, _ = pool_of(said(GOOD), delay=5, timeout=0.05)
    call = asked(pool)
    assert (call.outcome, call.detail) == (Outcome.FAILED, "no response within 0.05 s")
    assert call.seconds < 1


def test_failures_in_a_row_are_counted_until_a_reply() -> None:
    pool, _, _ = pool_of(OSError("one"), said(GOOD, model_name="other"), said("Hm."), said(GOOD))

    async def run() -> None:
        await ask(pool)
        await ask(pool)
        assert pool.failures["a"].in_a_row == 2
        assert "answered by other" in pool.failures["a"].detail
        await ask(pool)
        assert pool.failures == {"a": (0, ""), "b": (0, "")}

    asyncio.run(run())


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
    assert call.id == "422ba37cedd51e28"


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


def test_the_seed_is_sent_where_wanted_and_follows_the_id() -> None:
    pool, model, _ = pool_of(said(GOOD), said(GOOD), said(GOOD), send_seed=True)

    async def run() -> list[str]:
        return [(await ask(pool, sample=sample)).id for sample in (0, 1, 0)]

    ids = asyncio.run(run())
    seeds = [options["seed"] for _, options in model.heard]
    assert seeds == [int(one[:8], 16) >> 1 for one in ids]
    assert seeds[0] == seeds[2] != seeds[1]
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_a_simulated_member_gets_schema_and_seed_whatever_its_settings() -> None:
    pool, model, _ = pool_of(said(GOOD), model="simulated:respondent", schema_mode="text")
    asked(pool)
    assert set(model.heard[0][1]) == {"extra_body", "seed"}


# --- budget and limits ------------------------------------------------------------------------------------------------


def test_the_cap_holds_under_concurrency() -> None:
    pool, model, kept = pool_of(*[said(GOOD)] * 7, calls=7, delay=0.005, concurrency=3)

    async def run() -> list[Any]:
        return await asyncio.gather(*(ask(pool, sample=i) for i in range(20)))

    results = asyncio.run(run())
    model.assert_used_up()
    assert [result.outcome for result in results] == [Outcome.ANSWERED] * 7 + [Outcome.FAILED] * 13
    assert {(result.detail, result.attempts) for result in results[7:]} == {("the budget of calls is spent", 0)}
    assert kept.calls == results[:7]
    assert model.most_at_once == 3
    assert (pool.ledger.total, pool.ledger.left) == (7, 0)
    assert pool.ledger.counts == {("a", "search"): 7}


def test_a_repair_beyond_the_cap_is_not_sent() -> None:
    pool, model, kept = pool_of(said("Well."), calls=1)
    call = asked(pool)
    model.assert_used_up()
    assert (call.outcome, call.attempts) == (Outcome.UNPARSABLE, 1)
    assert kept.calls == [call]


def test_what_is_cancelled_while_it_waits_was_not_spent() -> None:
    pool, model, kept = pool_of(said(GOOD), calls=3, delay=0.05, concurrency=1)

    async def run() -> None:
        sent, *waiting = [asyncio.create_task(ask(pool, sample=i)) for i in range(3)]
        await asyncio.sleep(0.01)
        assert pool.ledger.left == 0
        for task in waiting:
            task.cancel()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        assert pool.ledger.left == 2
        await sent

    asyncio.run(run())
    model.assert_used_up()
    assert len(kept.calls) == 1


def test_what_is_cancelled_after_sending_was_spent_and_frees_its_slot() -> None:
    pool, _, kept = pool_of(said(GOOD), said(GOOD), delay=0.05, concurrency=1)

    async def run() -> None:
        task = asyncio.create_task(ask(pool))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await ask(pool, sample=1)).outcome is Outcome.ANSWERED

    asyncio.run(run())
    assert pool.ledger.total == 2
    assert len(kept.calls) == 1


def test_a_ledger_goes_on_from_an_earlier_session() -> None:
    ledger = Ledger(3, spent={("a", "search"): 2})
    ledger.reserve("a", "judge")
    with pytest.raises(BudgetExhausted, match="3 calls"):
        ledger.reserve("a", "judge")
    ledger.release("a", "judge")
    assert (ledger.total, ledger.left) == (2, 1)
    assert Ledger().left is None


def test_members_without_a_model_or_a_body_are_refused_at_once() -> None:
    class Bodiless(ScriptedModel):
        pass

    del Bodiless.model_fields["extra_body"]
    with pytest.raises(InputError, match="no model"):
        Pool(spec(), {}, words=PlainWords(), recorder=Kept(), ledger=Ledger(), seed=0)
    models = {"a": Bodiless(steps=[]), "b": ScriptedModel(steps=[])}
    with pytest.raises(InputError, match="schema_mode"):
        Pool(spec(schema_mode="body"), models, words=PlainWords(), recorder=Kept(), ledger=Ledger(), seed=0)
