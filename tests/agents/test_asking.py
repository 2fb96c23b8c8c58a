"""Explorer, refiner and prober with scripted members: what is sent to whom, and what becomes of each reply."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from adaem.agents.explorer.topic_explorer import LlmExplorer
from adaem.agents.guards.validate_draft import checked_draft
from adaem.agents.prober.member_prober import PoolProber
from adaem.agents.protocols import Evidence, ScoredExample
from adaem.agents.refiner.question_refiner import ReflectRefiner
from adaem.domain.answer import Answer, Outcome, Phase, Stance
from adaem.domain.critique import Critique, Score
from adaem.domain.judgement import Judgement
from adaem.domain.pool_spec import Role
from adaem.domain.question import Topic
from langchain_core.messages import AIMessage
from small_world import HOSTILE, QUESTION, World, answer, judgement, world

TOPIC = Topic(id="work", text="Is overwork right?")
VALUES_TEXT = "care: Care — What care is.\npower: Power — What power is.\nsafety: Safety — What safety is."


def propose(small: World, sample: int = 0) -> Any:
    best = [
        ScoredExample(text="The best?", score=0.12345),
        ScoredExample(text="Not scored?"),
        ScoredExample(text="The next?", score=-0.1),
    ]
    drafted = LlmExplorer(small.context).propose(TOPIC, best=best, avoid=["Old?", "Older?"], sample=sample)
    return checked_draft(asyncio.run(drafted), given=TOPIC.text)


def test_the_explorer_sends_the_topic_its_best_and_what_to_avoid() -> None:
    small = world({"writer": [{"fact": "Norway\ncaps\x1b[1m hours.", "question": " Should\nNorway  cap hours? "}]})
    draft = propose(small)
    [heard] = small.heard("writer")
    assert heard.schema == "ProposalReply"
    assert heard.fields == {
        "topic": "Is overwork right?",
        "values": VALUES_TEXT,
        "best": "0.123\tThe best?\n-0.100\tThe next?",
        "avoid": "Old?\nOlder?",
    }
    assert (draft.text, draft.fact, draft.problem) == ("Should Norway cap hours?", "Norway caps[1m hours.", "")
    assert (draft.author, draft.call_id) == ("writer", small.recorder.calls[0].id)


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ("Should it?", ""),
        ("应该吗？", ""),
        ("هل ينبغي؟", ""),
        ("Πρέπει;", ""),
        ("Never do it.", "not a question"),
        ("Should it? Yes", "not a question"),
        ("\u202e", "not a question"),
        ("\n", "not a question"),
    ],
)
def test_a_draft_is_a_question_on_one_line(question: str, problem: str) -> None:
    draft = propose(world({"writer": [{"fact": "f", "question": question}]}))
    assert draft.problem.startswith(problem)
    assert bool(draft.problem) == bool(problem)


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        (["I'm sorry, but I can't help with that."], "refused"),
        ([AIMessage("", response_metadata={"finish_reason": "content_filter"})], "filtered"),
        ([AIMessage('{"fact": "f', response_metadata={"finish_reason": "length"})], "truncated"),
        (["no json", {"fact": "f"}], "unparsable"),
        ([ValueError("a garbled body")], "failed"),
    ],
)
def test_what_is_no_reply_is_a_problem_not_an_error(steps: list[Any], problem: str) -> None:
    small = world({"writer": steps})
    draft = propose(small)
    assert draft.problem.startswith(f"{problem}: ")
    assert (draft.text, draft.author) == ("", "writer")
    assert len(small.heard("writer")) == len(steps)


def test_a_spent_budget_is_a_problem_and_nothing_is_sent() -> None:
    small = world(calls=1)
    small.context.pool.ledger.count("writer", "propose", calls=1, tokens=0, money=0.0)
    assert propose(small).problem.startswith("failed: the budget of 1 call is spent")
    assert small.heard("writer") == []


SCORE = Score(
    **{"divergence": 0.25, "plug_in": 0.3, "noise_floor": 0.05, "interval": None, "quadratic": 0.1},
    **{"disentanglement": 0.1, "echo": 0.125, "own": 0.5, "opinion_diversity": None, "total": 0.25, "variance": None},
)


def test_several_drafts_come_from_one_call_and_what_is_no_question_is_passed_over() -> None:
    drafts = [{"fact": f"Fact {n}.", "question": text} for n, text in enumerate(["Never.", "Is it?", "No", "Was it?"])]
    small = world({"writer": [{"drafts": drafts}]}, settings={"search": {"drafts": 4}})
    draft = propose(small)
    [heard] = small.heard("writer")
    assert (heard.schema, heard.fields["count"]) == ("ProposalsReply", "4")
    assert (draft.text, draft.fact, draft.problem) == ("Is it?", "Fact 1.", "")
    assert [(each.text, each.fact) for each in draft.alternatives] == [("Was it?", "Fact 3.")]


def test_examples_of_other_topics_are_shown_with_what_each_model_answered() -> None:
    small = world({"writer": [{"fact": "F.", "question": "Is it?"}]})
    shown = "model 1 (yes; values: care): it helps\nmodel 2 (no; values: power): it costs"
    best = [
        ScoredExample(text="Own?", score=0.1),
        ScoredExample(text="Good?", score=0.3, answers=shown, topic="Another?"),
        ScoredExample(text="Bad?", score=-0.01, topic="A third?"),
    ]
    asyncio.run(LlmExplorer(small.context).propose(TOPIC, best=best, avoid=[], sample=0))
    [heard] = small.heard("writer")
    assert heard.fields["best"] == "0.100\tOwn?"
    assert heard.fields["examples"] == f"0.300\tGood?\n{shown}\n-0.010\tBad?"


def evidence(answers: list[Answer], judgements: list[Judgement | None], score: Score | None = SCORE) -> Evidence:
    critique = Critique(question_id="q1", phase=Phase.SEARCH, group=Role.SCOUT, critic="divergence", score=score)
    return Evidence(question=QUESTION, critique=critique, answers=tuple(answers), judgements=tuple(judgements))


def refine(small: World, seen: Evidence) -> Any:
    drafted = ReflectRefiner(small.context).refine(seen, avoid=["Old?"], sample=0)
    return checked_draft(asyncio.run(drafted), rewritten=seen.question.text)


def test_the_refiner_shows_one_judged_answer_of_each_model_without_its_name() -> None:
    small = world({"writer": [{"reflection": "They\nagreed.", "question": "Should Norway cap hours?"}]})
    draft = refine(
        small,
        evidence(
            [
                answer("okapi", 0, outcome=Outcome.REFUSED),
                answer("okapi", 1, "not judged"),
                answer("okapi", 2, ["north", "kind"], stance=Stance.NO),
                answer("zebra", 0, "east"),
                answer("zebra", 1, "a second answer"),
            ],
            [None, judgement(outcome=Outcome.FAILED), judgement("power", "care"), judgement(), judgement("safety")],
        ),
    )
    [heard] = small.heard("writer")
    assert heard.schema == "RewriteReply"
    assert heard.fields == {
        "question": QUESTION.text,
        "fact": QUESTION.fact,
        "values": VALUES_TEXT,
        "answers": "model 1 (no; values: care, power): north; kind\nmodel 2 (yes; values: none): east",
        "scores": "divergence in bits (higher separates the models better): 0.250\n"
        "echo of the question's own values: 0.125\nown values: 0.500",
        "avoid": "Old?",
    }
    assert "zebra" not in heard.user
    assert "okapi" not in heard.user
    assert (draft.text, draft.fact, draft.reflection) == ("Should Norway cap hours?", QUESTION.fact, "They agreed.")


def test_a_question_without_answers_or_score_can_be_refined() -> None:
    small = world({"writer": [{"reflection": "", "question": "Should it?"}]})
    refine(small, evidence([answer("okapi", 0, outcome=Outcome.FAILED)], [None], score=None))
    fields = small.heard("writer")[0].fields
    assert (fields["answers"], fields["scores"]) == ("", "not scored")


@pytest.mark.parametrize(("length", "problem"), [(27, ""), (29, ""), (30, "longer than the question that it rewrites")])
def test_a_rewrite_is_not_longer_than_its_parent_by_more_than_a_tenth(length: int, problem: str) -> None:
    assert len(QUESTION.text) == 27
    small = world({"writer": [{"reflection": "", "question": "x" * (length - 1) + "?"}]})
    assert refine(small, evidence([], [])).problem == problem


def probe(small: World, names: list[str], samples: range) -> tuple[Answer, ...]:
    members = [member for member in small.context.pool.spec.members if member.id in names]
    return asyncio.run(PoolProber(small.context).probe(QUESTION, members, phase=Phase.CONFIRM, samples=samples))


def reply(stance: str = "yes", points: int = 3, justification: str = "because") -> dict[str, Any]:
    named = ["Honesty", "Safety", "Family", "Freedom", "Order"][:points]
    said = [justification, *["because"] * 4]
    return {
        "stance": stance,
        "key_points": [{"point": each, "justification": why} for each, why in zip(named, said, strict=False)],
    }


def test_the_prober_sends_every_member_the_same_words_once_a_sample() -> None:
    small = world({"zebra": [reply(), reply("no")], "okapi": [reply("neutral"), reply()]})
    answers = probe(small, ["zebra", "okapi"], range(3, 5))
    assert [(each.member, each.sample) for each in answers] == [("zebra", 3), ("zebra", 4), ("okapi", 3), ("okapi", 4)]
    assert [each.stance for each in answers] == [Stance.YES, Stance.NO, Stance.NEUTRAL, Stance.YES]
    sent = small.heard("zebra") + small.heard("okapi")
    assert len({(each.system, each.user) for each in sent}) == 1
    assert sent[0].fields == {"question": QUESTION.text, "fact": QUESTION.fact}
    assert sent[0].schema == "AnswerReply"
    assert len({call.id for call in small.recorder.calls}) == 4
    assert {each.call_id for each in answers} == {call.id for call in small.recorder.calls}
    assert {(each.question_id, each.phase) for each in answers} == {("q1", Phase.CONFIRM)}


def test_five_key_points_are_cut_to_three_and_two_are_asked_for_again() -> None:
    small = world({"zebra": [reply(points=5), reply(points=2), reply(points=3), reply(points=2), reply(points=1)]})
    answers = [probe(small, ["zebra"], range(n, n + 1))[0] for n in range(3)]
    assert [each.outcome for each in answers] == [Outcome.ANSWERED, Outcome.ANSWERED, Outcome.UNPARSABLE]
    assert [len(each.key_points) for each in answers] == [3, 3, 0]
    assert answers[0].key_points[2].text == "Family: because"
    small.heard("zebra")


def test_what_was_not_answered_keeps_its_outcome_and_holds_nothing() -> None:
    refusal = "I'm sorry, but I can't answer that."
    filtered = AIMessage("", response_metadata={"finish_reason": "content_filter"})
    small = world({"zebra": [refusal], "okapi": [filtered]})
    answers = probe(small, ["zebra", "okapi"], range(1))
    assert [each.outcome for each in answers] == [Outcome.REFUSED, Outcome.FILTERED]
    assert all(each.stance is None and each.key_points == () and each.detail for each in answers)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_key_points_become_one_line_each(text: str) -> None:
    small = world({"zebra": [reply(justification=text)]})
    [found] = probe(small, ["zebra"], range(1))
    assert found.outcome is Outcome.ANSWERED
    assert all(point.text.isprintable() for point in found.key_points)
    assert [c for c in found.key_points[0].justification if c.isalnum()] == [c for c in text if c.isalnum()]
