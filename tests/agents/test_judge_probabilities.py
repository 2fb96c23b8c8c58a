"""An LLM judge's probabilities: from the log-probabilities of its tokens, where an endpoint returns them."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from adaem.agents.judges.judge_requirements import check_judge
from adaem.domain.judgement import Judgement
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reply_types import AnswerReply, SamenessReply, ValueReply
from adaem.domain.settings import Settings
from adaem.jobs.standalone_judge import open_judge
from adaem.pool.replies.token_chances import yes_probability
from adaem.records import RunRecords
from http_calls import ask_all, server  # noqa: F401
from langchain_core.messages import AIMessage
from loopback import Behaviour, LoopbackServer, Request, Served, completion
from small_world import VALUES, answer, framework, member_data, pool_data

PER_VALUE = Settings.model_validate({"judge": {"mode": "per_value"}})
YES = '{"expresses": true, "quote": "kind"}'


def told(*tokens: tuple[str, float] | tuple[str, float, dict[str, float]]) -> dict[str, Any]:
    """Log-probabilities as OpenAI has them, from probabilities; a third entry are the tokens that might have come."""
    content = []
    for token, chance, *others in tokens:
        tops = [{"token": other, "logprob": math.log(each)} for other, each in (others[0] if others else {}).items()]
        content.append({"token": token, "logprob": math.log(chance), "bytes": None, "top_logprobs": tops})
    return {"content": content, "refusal": None}


def telling(text: str, logprobs: object) -> Behaviour:
    """Says ``text``, with these log-probabilities where the request asks for them."""

    def serve(request: Request) -> Served:
        served = completion(text)(request)
        if request.body.get("logprobs"):
            served.body["choices"][0]["logprobs"] = logprobs
        return served

    return serve


BEGINNING = ('{"', 1.0), ("expresses", 1.0), ('":', 1.0)


@pytest.mark.parametrize(
    ("tokens", "chance"),
    [
        ((*BEGINNING, (" true", 0.6, {" true": 0.6, " false": 0.2}), ("}", 1.0)), 0.75),
        ((*BEGINNING, (" false", 0.9, {" false": 0.9, " true": 0.1}), ("}", 1.0)), 0.1),
        ((*BEGINNING, (" tr", 0.6, {" tr": 0.6, " f": 0.3, " null": 0.1}), ("ue", 1.0)), 2 / 3),
        ((('{"expresses', 1.0), ('":true', 0.6, {'":true': 0.6, '":false': 0.4}), ("}", 1.0)), 0.6),
        ((*BEGINNING, (" true", 0.6)), 0.6),
        ((*BEGINNING, (" false", 0.6, {})), 0.4),
        # What a model wrote while it thought is not its answer.
        ((*BEGINNING, (" true", 0.9), ("} no: ", 1.0), *BEGINNING, (" false", 0.8)), 0.2),
        ((("Well", 1.0), (" true", 0.9)), None),
    ],
)
def test_a_yes_has_the_share_of_its_tokens(tokens: Any, chance: float | None) -> None:
    message = AIMessage(YES, response_metadata={"logprobs": told(*tokens)})
    assert yes_probability(message, ValueReply) == (None if chance is None else pytest.approx(chance))
    assert yes_probability(message, AnswerReply) is None
    assert yes_probability(message, SamenessReply) is None  # it has another yes or no


@pytest.mark.parametrize(
    "found",
    [None, [], "x", {"content": None}, {"content": [None, {"token": 1}, {"token": "x", "logprob": "y"}]}]
    + [{"content": [{"token": YES[:18], "logprob": number}]} for number in (None, True, math.nan)],
)
def test_what_is_not_of_that_form_says_nothing(found: object) -> None:
    assert yes_probability(AIMessage(YES, response_metadata={"logprobs": found}), ValueReply) is None


def judged(server: LoopbackServer, *behaviours: Behaviour) -> tuple[list[Judgement], list[str]]:  # noqa: F811
    """Two answers of three key points, judged over HTTP one after the other, and what the user is told."""
    server.behave("scale-model", *behaviours)
    asks = {"parameters": {"logprobs": True, "top_logprobs": 5}, "base_url": server.url, "key_variable": "PLANTED_KEY"}
    pool = PoolSpec.model_validate(
        pool_data(members=[*pool_data()["members"][:3], member_data("scale", "judge", **asks)])
    )
    notices: list[str] = []

    async def run() -> list[Judgement]:
        async with open_judge(PER_VALUE, pool, framework(), notices) as (judge, _):
            return [await judge.judge(answer("zebra", sample, ("kind",) * 3)) for sample in range(2)]

    return asyncio.run(run()), notices


def test_an_answer_has_the_probability_that_one_of_its_key_points_expresses_the_value(server: LoopbackServer) -> None:  # noqa: F811
    tokens = told(*BEGINNING, (" true", 0.5, {" true": 0.5, " false": 0.5}), (', "quote": "kind"}', 1.0))
    judgements, notices = judged(server, telling(YES, tokens))
    for judgement in judgements:
        assert judgement.probabilities == dict.fromkeys(VALUES, 0.875)  # 1 - .5 ** 3
        assert judgement.values == set(VALUES)
    assert notices == []
    assert {(each.body["logprobs"], each.body["top_logprobs"]) for each in server.requests["scale-model"]} == {
        (True, 5)
    }


def test_an_endpoint_that_returns_none_is_said_once_and_labels_stand(server: LoopbackServer) -> None:  # noqa: F811
    judgements, notices = judged(server, completion(YES))
    assert [(each.probabilities, each.values) for each in judgements] == [({}, set(VALUES))] * 2
    assert [notice for notice in notices if "log-probabilities" in notice] == notices
    assert len(notices) == 1


def test_log_probabilities_serve_value_by_value_alone() -> None:
    asks = member_data("scale", "judge", parameters={"logprobs": True})
    pool = PoolSpec.model_validate(pool_data(members=[*pool_data()["members"][:3], asks]))
    (notice,) = check_judge(Settings(), pool, framework()).notices
    assert "serve with judge.mode=per_value alone" in notice
    assert check_judge(PER_VALUE, pool, framework()).notices == ()


def test_a_recorded_call_keeps_its_probability_and_old_records_have_none(
    server: LoopbackServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    tokens = told(*BEGINNING, (" true", 0.5, {" true": 0.5, " false": 0.5}))
    parameters = {"logprobs": True}
    (call,), _ = ask_all(server, telling(YES, tokens), schema=ValueReply, parameters=parameters)
    assert call.yes_probability == 0.5
    with RunRecords(tmp_path / "run.sqlite") as records:
        records.record(call)
    with RunRecords(tmp_path / "run.sqlite", read_only=True) as records:
        (kept,) = records.calls([call.id])
        assert kept.yes_probability == 0.5
    with sqlite3.connect(tmp_path / "run.sqlite") as database:
        database.execute("DROP TABLE yes_probabilities")
    with RunRecords(tmp_path / "run.sqlite", read_only=True) as records:
        (kept,) = records.calls([call.id])
        assert (kept.id, kept.yes_probability) == (call.id, None)
