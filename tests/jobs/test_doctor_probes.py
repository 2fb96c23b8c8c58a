"""What the doctor finds when it looks closer: how many questions a member answers, how fast, and its context."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.calls import Call, Prompt, Usage
from adaem.domain.checkup import CheckVerdict, ReplyTime
from adaem.domain.pool_spec import PoolSpec, Role
from adaem.domain.reading.yaml_records import load_framework
from adaem.domain.reply_types import AnswerReply
from adaem.domain.settings import Settings
from adaem.jobs.doctor.answer_probes import (
    ProbedAnswers,
    judged,
    probe_answers,
    repetition,
    speed_in_words,
)
from adaem.jobs.doctor.context_check import check_context
from adaem.pool.endpoints.context_size import context_size
from adaem.prompts import load_prompts
from loopback import LoopbackServer, Request, Served, completion, structured
from members import member

PROMPT = Prompt(name="answer", fingerprint="f", system="", user="Is it?")


def calls(answered: int, truncated: int, seconds: float = 2.0) -> list[Call[AnswerReply]]:
    outcomes = [Outcome.ANSWERED] * answered + [Outcome.TRUNCATED] * truncated
    return [
        Call[AnswerReply](
            id=str(number),
            member="m",
            purpose="doctor",
            sample=number,
            prompt=PROMPT,
            outcome=outcome,
            usage=Usage(input_tokens=10, output_tokens=40),
            seconds=seconds,
        )
        for number, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize(
    ("answered", "verdict", "detail"),
    [
        (9, CheckVerdict.OK, "usable: 9 of 10 answered [60, 99 %], 1 truncated; "),
        (8, CheckVerdict.OK, "usable: 8 of 10 answered [49, 96 %], 2 truncated; "),
        (4, CheckVerdict.WARNING, "doubtful: 4 of 10 answered [15, 70 %], 6 truncated; "),
        (0, CheckVerdict.PROBLEM, "not usable: 0 of 10 answered [0, 28 %], 10 truncated; "),
    ],
)
def test_a_verdict_by_the_share_of_answers(answered: int, verdict: CheckVerdict, detail: str) -> None:
    check = judged(ProbedAnswers(member(), calls(answered, 10 - answered), took=9.0))
    assert check.verdict is verdict
    assert check.detail.startswith(detail)
    assert (check.remedy == "") is (verdict is CheckVerdict.OK)


def test_speed_is_told_from_what_was_measured() -> None:
    # 40 tokens in 2 s; nine calls of 2 s, one after the other, take 18 s, and took 9: two at a time.
    probed = ProbedAnswers(member(), calls(10, 0), took=9.0)
    assert speed_in_words(probed) == "2.0 s a call, 20 tokens/s, 2.0 calls at once"
    assert probed.time == ReplyTime(seconds=2.0, output_tokens=40)
    # Four at a time would take three turns, 6 s.
    assert probed.fell_behind
    assert not ProbedAnswers(member(), calls(10, 0), took=6.5).fell_behind
    assert not ProbedAnswers(member(concurrency=1), calls(10, 0), took=18.5).fell_behind
    assert speed_in_words(ProbedAnswers(member(), calls(2, 0), took=2.0)) == "2.0 s a call, 20 tokens/s"


def test_three_answers_of_three_are_few() -> None:
    check = judged(ProbedAnswers(member(), calls(3, 0), took=2.0))
    assert check.verdict is CheckVerdict.OK
    assert check.detail.startswith("usable: 3 of 3 answered [37, 100 %]; ")
    assert check.remedy == "to be surer: --probes 10"


def test_a_member_that_leaves_one_of_few_unanswered_is_asked_ten() -> None:
    with LoopbackServer() as server:
        server.behave("weak", structured(), completion("{", finish_reason="length"))
        probed = asyncio.run(
            probe_answers(
                member(id="weak", model="openai:weak", base_url=server.url),
                3,
                load_prompts("default"),
                load_framework("schwartz"),
                Settings(),
            )
        )
    # The first, which was answered, once more.
    assert (probed.requests, server.count) == (11, 11)
    assert not probed.deterministic
    assert repetition(probed) is None
    check = judged(probed)
    assert check.verdict is CheckVerdict.PROBLEM
    assert "1 of 10 answered [1, 40 %], 9 truncated" in check.detail
    assert "raise max_tokens" in check.remedy


@pytest.mark.parametrize("seeded", [False, True])
def test_a_deterministic_endpoint_is_told(seeded: bool) -> None:
    """A server that gives the same words to the same prompt, and one whose words depend on the seed."""

    def answer(request: Request) -> Served:
        reasons = ["it keeps families safe at home", "a free choice matters more", "nobody else could pay for schools"]
        points = [{"point": f"Reason {place}", "justification": each} for place, each in enumerate(reasons)]
        if seeded:
            points[0]["justification"] += f", says number {request.body['seed']}"
        return completion(json.dumps({"stance": "yes", "key_points": points}))(request)

    with LoopbackServer() as server:
        server.behave("m", answer)
        asked = member(model="openai:m", base_url=server.url, send_seed=True)
        prompts, framework = load_prompts("default"), load_framework("schwartz")
        probed = asyncio.run(probe_answers(asked, 1, prompts, framework, Settings()))
    assert [call.outcome for call in probed.calls] == [Outcome.ANSWERED]
    assert (probed.requests, server.count) == (2, 2)
    check = repetition(probed)
    assert (check is None) is seeded
    if check is not None:
        assert (check.what, check.verdict) == (f"samples {asked.id}", CheckVerdict.WARNING)
        assert "word for word" in check.detail
        assert "samples.vary=wording" in check.remedy


@pytest.mark.parametrize(
    ("pages", "size"),
    [
        ({"/props": {"default_generation_settings": {"n_ctx": 512}}}, 512),
        ({"/v1/models": {"data": [{"id": "other", "meta": {"n_ctx": 9}}, {"id": "m", "max_model_len": 4096}]}}, 4096),
        ({"/v1/models": {"data": [{"id": "m", "meta": {"n_ctx": 2048}}]}}, 2048),
        ({"/v1/models": {"data": [{"id": "m"}, 7]}, "/props": ["?"]}, None),
        ({"/props": {"default_generation_settings": {"n_ctx": -1}}}, None),
        ({}, None),
    ],
)
def test_the_context_is_what_the_server_says(pages: dict[str, Any], size: int | None) -> None:
    with LoopbackServer() as server:
        server.pages.update(pages)
        assert asyncio.run(context_size(member(model="openai:m", base_url=server.url))) == size


@pytest.mark.parametrize(("size", "verdict"), [(256, CheckVerdict.PROBLEM), (100_000, CheckVerdict.OK)])
def test_a_context_smaller_than_the_longest_prompt_is_told(size: int, verdict: CheckVerdict) -> None:
    with LoopbackServer() as server:
        server.pages["/props"] = {"default_generation_settings": {"n_ctx": size}}
        asked = member(model="openai:m", base_url=server.url, roles=(Role.SCOUT, Role.PANEL, Role.JUDGE))
        pool = PoolSpec(members=(asked, member(id="n", roles=(Role.SCOUT, Role.PANEL))))
        check = asyncio.run(check_context(asked, pool, load_prompts("default"), load_framework("schwartz")))
    assert check is not None
    assert check.verdict is verdict
    assert check.detail.startswith(f"{size} tokens; the longest prompt (")
