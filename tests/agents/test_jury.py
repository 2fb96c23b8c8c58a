"""Several judges, and one judge asked value by value: what is sent, and what counts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from adaem.agents.judges.judge_requirements import check_judge
from adaem.agents.judges.jury import JuryJudge, verdict
from adaem.agents.judges.llm_judge import LlmJudge
from adaem.domain.answer import Outcome
from adaem.domain.errors import InputError
from adaem.domain.judgement import Judgement, Label
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reading.yaml_records import load_framework, load_pool
from adaem.domain.settings import Settings
from adaem.graph.search.budget_plan import plan_budget
from adaem.results.judges.judge_results import agreement
from small_world import VALUES, answer, framework, member_data, pool_data, world

POINTS = ("People should be kind", "Order keeps us safe", "Work matters")


def sat(name: str, *found: tuple[int, str], outcome: Outcome = Outcome.ANSWERED) -> Judgement:
    labels = tuple(Label(key_point=point, value=value, quote=f"{name} says") for point, value in found)
    return Judgement(judge=name, outcome=outcome, labels=labels, call_id=f"call-{name}")


def test_a_strict_majority_holds_and_a_tie_does_not() -> None:
    three = verdict("jury", [sat("a", (0, "care"), (1, "power")), sat("b", (0, "care")), sat("c", (0, "power"))])
    assert three.labels == (Label(key_point=0, value="care", quote="a says"),)
    assert three.votes["c"] == (Label(key_point=0, value="power", quote="c says"),)
    assert three.call_ids == ("call-a", "call-b", "call-c")
    two = verdict("jury", [sat("a", (0, "care"), (0, "power")), sat("b", (0, "care"))])
    assert two.values == {"care"}


def test_votes_are_counted_among_those_who_answered() -> None:
    absent = sat("c", outcome=Outcome.REFUSED)
    found = verdict("jury", [sat("a", (0, "care")), sat("b", (0, "care"), (0, "power")), absent])
    assert (found.outcome, found.values) == (Outcome.ANSWERED, {"care"})
    assert set(found.votes) == {"a", "b"}
    assert found.detail == "c: refused"
    nobody = verdict("jury", [absent, sat("d", outcome=Outcome.FAILED)])
    assert (nobody.outcome, nobody.labels, nobody.votes) == (Outcome.REFUSED, (), {})


def test_one_jurors_repeated_label_is_one_vote() -> None:
    assert verdict("jury", [sat("a", (0, "care"), (0, "care")), sat("b"), sat("c")]).values == frozenset()


def test_the_same_value_in_different_key_points_is_no_majority() -> None:
    assert verdict("jury", [sat("a", (0, "care")), sat("b", (1, "care"))]).values == frozenset()


def test_a_jury_of_one_is_refused_and_several_judges_under_llm_are_noticed() -> None:
    with pytest.raises(InputError, match=r"agents\.judge=jury needs two members with the role judge"):
        JuryJudge(world().context)
    data = pool_data()
    data["members"].append(member_data("weights", "judge"))
    pool = PoolSpec.model_validate(data)
    [notice] = check_judge(Settings(), pool, framework()).notices
    assert "only the first judge, scale, is asked, not weights; agents.judge=jury" in notice
    jury = Settings.model_validate({"agents": {"judge": "jury"}})
    checked = check_judge(jury, pool, framework())
    assert (checked.notices, checked.calls.per_answer, checked.calls.per_question) == ((), 2, 2)


def test_per_value_asks_for_each_key_point_and_value() -> None:
    replies: list[Any] = [{"expresses": False, "quote": ""}] * 9
    replies[0] = {"expresses": True, "quote": "be kind"}
    replies[1] = {"expresses": True, "quote": "not there"}
    replies[2] = {"expresses": False, "quote": "should"}
    small = world({"scale": replies}, settings={"judge": {"mode": "per_value"}})
    found = asyncio.run(LlmJudge(small.context).judge(answer("zebra", 0, POINTS)))
    heard = small.heard("scale")
    assert {each.schema for each in heard} == {"ValueReply"}
    asked = [(each.fields["text"], each.fields["value"].split(":")[0]) for each in heard]
    assert asked == [(text, value) for text in POINTS for value in VALUES]
    assert found.labels == (Label(key_point=0, value="care", quote="be kind"),)
    assert found.dropped == 1
    assert found.call_ids == tuple(call.id for call in small.recorder.calls)
    assert len(set(found.call_ids)) == 9


def test_one_value_that_was_not_judged_makes_the_answer_missing() -> None:
    replies = [{"expresses": True, "quote": "be kind"}, "I'm sorry, but I can't do that."]
    small = world({"scale": [*replies, *([{"expresses": False}] * 7)]}, settings={"judge": {"mode": "per_value"}})
    found = asyncio.run(LlmJudge(small.context).judge(answer("zebra", 0, POINTS)))
    assert (found.outcome, found.labels) == (Outcome.REFUSED, ())
    assert found.detail.startswith("1 of 9 calls brought no answer")


@pytest.mark.parametrize(("mode", "calls"), [("joint", 1), ("per_value", 30)])
def test_the_budget_knows_what_a_judgement_costs(mode: str, calls: int) -> None:
    settings = Settings.model_validate({"judge": {"mode": mode}})
    pool, schwartz = load_pool("simulated"), load_framework("schwartz")
    judging = check_judge(settings, pool, schwartz)
    plan = plan_budget(settings, pool, judging.calls)
    assert plan.per_answer == 1 + calls
    assert plan.per_confirmation == (1 + calls) * 6 * 5


def test_agreement_is_over_answers_and_only_where_a_jury_sat() -> None:
    assert agreement([sat("a", (0, "care"))], VALUES) is None
    sittings = [
        verdict("jury", [sat("a", (0, "care")), sat("b", (1, "care"))]),
        verdict("jury", [sat("a"), sat("b")]),
        verdict("jury", [sat("a", (0, "care")), sat("b", outcome=Outcome.FAILED)]),
    ]
    found = agreement(sittings, VALUES)
    assert found is not None
    assert (found.jurors, found.answers) == (("a", "b"), 2)
    assert found.alpha == {"care": 1.0, "power": None, "safety": None}
