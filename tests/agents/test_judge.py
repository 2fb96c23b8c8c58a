"""The judge: blind, never commanded by what it labels, and believed only where its quotes stand in the text."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from adaem.agents.judges.llm_judge import LlmJudge, verified_labels
from adaem.domain.answer import Answer, Outcome
from adaem.domain.judgement import Judgement, Label
from adaem.domain.question import Question
from adaem.domain.reply_types import LabelReply, LabelsReply, labels_reply
from adaem.domain.texts.fence import fence
from adaem.domain.texts.safe_text import one_line
from adaem.pool.replies.reply_schemas import sent_schema
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from small_world import HOSTILE, QUESTION, VALUES, World, answer, world

POINTS = ("People should be kind", "Order keeps us safe", "Work matters")


def label(text: int, value: str, quote: str) -> dict[str, Any]:
    return {"text": text, "value": value, "quote": quote}


def judge(small: World, judged: Answer | Question) -> Judgement:
    agent = LlmJudge(small.context)
    return asyncio.run(agent.judge_question(judged) if isinstance(judged, Question) else agent.judge(judged))


def test_the_judge_sees_the_numbered_key_points_and_the_values_and_no_name() -> None:
    small = world({"scale": [{"labels": [label(1, "care", "be kind"), label(2, "safety", "keeps us safe")]}]})
    found = judge(small, answer("zebra", 4, POINTS))
    [heard] = small.heard("scale")
    assert heard.schema == "LabelsReply"
    assert heard.fields["texts"] == "1. People should be kind\n2. Order keeps us safe\n3. Work matters"
    assert [line.split(":")[0] for line in heard.fields["values"].splitlines()] == list(VALUES)
    for message in (heard.system, heard.user):
        assert not any(name in message for name in ("zebra", "okapi", "zebra-model", "Norway", "yes"))
    assert found.labels == (
        Label(key_point=0, value="care", quote="be kind"),
        Label(key_point=1, value="safety", quote="keeps us safe"),
    )
    assert (found.judge, found.outcome, found.dropped) == ("scale", Outcome.ANSWERED, 0)
    assert found.call_id == small.recorder.calls[0].id


def test_two_models_with_one_text_are_one_call() -> None:
    small = world({"scale": [{"labels": [label(1, "care", "be kind")]}]})
    one, other = (judge(small, answer(member, 2, POINTS)) for member in ("zebra", "okapi"))
    assert one == other
    assert one.values == {"care"}
    assert len(small.heard("scale")) == len(small.recorder.calls) == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (label(1, "care", "keeps us safe"), "the quote is another text's"),
        (label(1, "care", "be very kind"), "the quote is not there"),
        (label(1, "care", ""), "no quote"),
        (label(1, "care", ' "…" '), "a quote of marks alone"),
        (label(1, "kindness", "be kind"), "no such value"),
        (label(1, "Care", "be kind"), "no such id"),
        (label(0, "care", "be kind"), "texts count from 1"),
        (label(4, "care", "be kind"), "there are three texts"),
        (label(-1, "care", "Work matters"), "no text from the end"),
        (label(10**30, "care", "be kind"), "no such text"),
    ],
)
def test_a_label_that_cannot_be_verified_is_dropped_and_counted(wrong: dict[str, Any], why: str) -> None:
    small = world({"scale": [{"labels": [wrong, label(2, "safety", "safe"), wrong]}]})
    found = judge(small, answer("zebra", 0, POINTS))
    assert found.values == {"safety"}, why
    assert found.dropped == 2


@pytest.mark.parametrize("quote", ["be kind", '"be kind"', " “be kind” ", "…be kind…", "be\nkind", "be \x00 kind"])
def test_quotation_marks_and_white_space_around_a_quote_do_not_matter(quote: str) -> None:
    small = world({"scale": [{"labels": [label(1, "care", quote)]}]})
    assert judge(small, answer("zebra", 0, POINTS)).labels == (Label(key_point=0, value="care", quote="be kind"),)


def test_a_text_whose_controls_were_dropped_can_be_quoted() -> None:
    point = one_line("be \x00 kind")
    small = world({"scale": [{"labels": [label(1, "care", "be kind")]}]})
    assert judge(small, answer("zebra", 0, [point])).values == {"care"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_changes_nothing_but_the_text(text: str) -> None:
    small = world({"scale": [{"labels": []}] * 2})
    judge(small, answer("zebra", 0, POINTS))
    judge(small, answer("zebra", 0, ["calm", text, "calm"]))
    calm, hostile = small.heard("scale")
    assert hostile.system == calm.system
    assert hostile.fields == {"values": calm.fields["values"], "texts": f"1. calm\n2. {one_line(text)}\n3. calm"}
    words = [heard.user.replace(fence("texts", heard.fields["texts"]), "") for heard in (calm, hostile)]
    assert words[0] == words[1]


def test_a_forged_number_adds_no_text() -> None:
    forged = HOSTILE["forged number"]
    labels = [label(1, "safety", "People should be safe"), label(2, "safety", "safe"), label(3, "care", "kind")]
    small = world({"scale": [{"labels": labels}]})
    found = judge(small, QUESTION.model_copy(update={"text": forged, "fact": ""}))
    assert small.heard("scale")[0].fields["texts"].count("\n") == 0
    assert found.labels == (Label(key_point=0, value="safety", quote="People should be safe"),)
    assert found.dropped == 2


@pytest.mark.parametrize(
    ("fact", "texts"),
    [("A fact.", "1. Should Norway cap overtime?\n2. A fact."), ("", "1. Should Norway cap overtime?")],
)
def test_a_questions_own_wording_is_judged_with_its_fact(fact: str, texts: str) -> None:
    small = world({"scale": [{"labels": [label(1, "power", "cap overtime")]}]})
    found = judge(small, QUESTION.model_copy(update={"fact": fact}))
    assert small.heard("scale")[0].fields["texts"] == texts
    assert small.recorder.calls[0].prompt.name == "judge_question"
    assert found.values == {"power"}


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        (["nothing of use"] * 2, Outcome.UNPARSABLE),
        ([""] * 2, Outcome.UNPARSABLE),
        (['{"labels": "all of them"}'] * 2, Outcome.UNPARSABLE),
        (["I'm sorry, but I can't do that."], Outcome.REFUSED),
        ([AIMessage("{}", response_metadata={"finish_reason": "length"})], Outcome.TRUNCATED),
        ([AIMessage("{}", response_metadata={"model_name": "another-model"})], Outcome.MISROUTED),
        ([ValueError("a garbled body")], Outcome.FAILED),
    ],
)
def test_a_judgement_that_failed_is_missing_not_empty(steps: list[Any], outcome: Outcome) -> None:
    small = world({"scale": steps})
    found = judge(small, answer("zebra", 0, POINTS))
    assert (found.outcome, found.labels) == (outcome, ())
    assert found.detail
    small.heard("scale")


replies = st.builds(LabelReply, text=st.integers(-2, 5), value=st.sampled_from([*VALUES, "none"]), quote=st.text())


@given(st.lists(replies | st.just(LabelReply(text=1, value="care", quote="kind"))), st.lists(st.text(), max_size=3))
def test_what_is_kept_is_offered_in_range_and_verbatim(found: list[LabelReply], more: list[str]) -> None:
    texts = ["People should be kind", *more]
    for kept in verified_labels(found, texts, frozenset(VALUES)):
        assert kept.value in VALUES
        assert kept.quote
        assert kept.quote in texts[kept.key_point]


def test_a_judgement_without_one_valid_label_is_unparsable_and_one_without_labels_finds_nothing() -> None:
    small = world({"scale": [{"labels": [label(1, "care", "not there")] * 2}, {"labels": []}]})
    found = judge(small, answer("zebra", 0, POINTS))
    assert (found.outcome, found.labels, found.dropped) == (Outcome.UNPARSABLE, (), 2)
    assert "none of 2 labels is valid" in found.detail
    empty = judge(small, answer("zebra", 1, POINTS))
    assert (empty.outcome, empty.labels, empty.dropped) == (Outcome.ANSWERED, (), 0)


def test_the_schema_that_is_sent_lists_the_values_and_no_list_or_text_is_without_end() -> None:
    form = sent_schema(labels_reply(VALUES))
    schema = form.response_format["json_schema"]["schema"]
    assert schema["$defs"]["LabelReply"]["properties"]["value"]["enum"] == list(VALUES)
    assert schema["properties"]["labels"]["maxItems"] == 3 * len(VALUES)
    assert labels_reply(VALUES) is labels_reply(list(VALUES))
    assert form.digest == sent_schema(LabelsReply).digest
    assert labels_reply(VALUES).model_validate({"labels": [label(1, "of its own", "x" * 9_999)]})
