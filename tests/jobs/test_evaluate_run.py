"""Evaluations from check to files: who is asked what, budgets, stops and resumption, and what was sent when priming."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.answer import Outcome, Phase
from adaem.domain.errors import InputError, RunFailed, StoreError
from adaem.domain.pool_spec import Role
from adaem.domain.reading.yaml_records import load_framework
from adaem.jobs.evaluation.check_evaluation import check_evaluation
from adaem.jobs.evaluation.evaluation_run import resume_evaluation
from adaem.records import Manifest, RunFolder, RunRecords
from adaem.records.trace_file import read_trace
from adaem.results.answer_arrays import load_answer_arrays
from asking import FEW, Hearing, ask, calls_of, checked, kept_answers, stopped_after, write_asked
from growing import grow, records_of, simulated_pool, write_pool
from loopback import LoopbackServer, Request, completion, failing, structured

RESPONDENTS = {"scout-1", "scout-2", "scout-3", "examinee-4", "examinee-5", "examinee-6"}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("grown")
    small: dict[str, Any] = {"questions": 3, "budget__calls": 900}
    return grow(folder / "first", pool=simulated_pool(folder / "pool.yaml"), **small)[0]


@pytest.fixture
def pool(tmp_path: Path) -> str:
    return simulated_pool(tmp_path / "pool.yaml")


def resumed(path: Path, listener: Hearing | None = None, **overrides: Any) -> tuple[RunFolder, Manifest]:
    given = {key.replace("__", "."): value for key, value in overrides.items()}
    return asyncio.run(resume_evaluation(path, {"allowed_hosts": ["127.0.0.1"], **given}, listener or Hearing()))


def test_everybody_answers_every_published_question(grown: RunFolder, pool: str, tmp_path: Path) -> None:
    listener = Hearing()
    folder, manifest = ask(checked(grown.path, pool, samples=3), tmp_path / "e", listener)
    run = grown.read_manifest()
    of = manifest.evaluation
    assert of is not None
    assert (of.source, of.run_id, of.samples, of.primed, of.short) == ("first", run.run_id, 3, (), None)
    assert of.seen == ("scout-1", "scout-2", "scout-3")
    assert (manifest.status, manifest.stop_reason) == ("finished", "every question was asked")
    assert manifest.simulated
    assert manifest == folder.read_manifest()
    # Authors are not asked; scouts are, though they are no examinees.
    assert manifest.pool is not None
    assert {member.id for member in manifest.pool.members} == {*RESPONDENTS, "judge"}
    with records_of(grown) as records:
        published = records.ids("published")
        earlier = {call for each in published for call in (a.call_id for a in records.answers(each)[0])}
    with records_of(folder) as records:
        assert records.ids("evaluated") == published
        assert of.questions == len(published)
        for question_id in published:
            answers, judgements = records.answers(question_id)
            assert Counter(answer.member for answer in answers) == dict.fromkeys(RESPONDENTS, 3)
            assert {answer.phase for answer in answers} == {Phase.EVALUATE}
            assert {answer.wording for answer in answers} == {""}
            for answer, judgement in zip(answers, judgements, strict=True):
                assert (judgement is not None) is (answer.outcome is Outcome.ANSWERED)
            # No answer is one that the run has had.
            assert not earlier & {answer.call_id for answer in answers}
            assert records.question_judgement(question_id) is not None
        for group in (Role.PANEL, Role.EXAMINEE):
            critiques = records.critiques(Phase.EVALUATE, group)
            assert set(critiques) == set(published)
            # Refusals may leave a question fewer than two models with two answers; the critique says so.
            assert all((each.score is None) == bool(each.unscored) for each in critiques.values())
            scores = [each.score for each in critiques.values() if each.score is not None]
            assert len(scores) >= 2
            assert all(score.q_value is not None for score in scores)
        # The scouts are the panel: one group is enough.
        assert not records.critiques(Phase.EVALUATE, Role.SCOUT)
    events, damaged = read_trace(folder.trace_path)
    assert damaged == 0
    assert [event.id for event in events] == [f"1.{n}.evaluate" for n in range(1, len(published) + 1)]
    assert [event.question_id for event in events] == list(published)
    assert listener.begun == [(0, len(published))]
    assert listener.heard[-1] == (len(published), len(published))


def test_a_seed_decides_the_answers(pool: str, tmp_path: Path) -> None:
    source = write_asked(tmp_path / "q.jsonl", 2)
    one, other, third = (
        kept_answers(ask(checked(source, pool, seed=seed), tmp_path / name)[0])
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one == other != third


def test_a_file_of_questions_marks_judges_only(tmp_path: Path) -> None:
    members: list[dict[str, Any]] = [
        {"id": f"m{n}", "model": "simulated:respondent", "roles": ["scout", "panel"], "parameters": {"respondent": n}}
        for n in (1, 2)
    ]
    members[0]["roles"].append("judge")
    pool = write_pool(tmp_path / "two.yaml", members)
    inputs = checked(write_asked(tmp_path / "q.jsonl", 1), pool)
    assert inputs.of.seen == ("m1",)
    assert (inputs.of.source, inputs.of.run_id) == ("q.jsonl", "")


def test_the_short_form_of_a_run(grown: RunFolder, pool: str) -> None:
    whole = check_evaluation(grown.path, pool, FEW)
    inputs = check_evaluation(grown.path, pool, FEW, short=1)
    assert len(whole.questions) > 1
    assert (inputs.of.short, inputs.of.questions, len(inputs.questions)) == (1, 1, 1)
    assert set(inputs.questions) < set(whole.questions)
    more = check_evaluation(grown.path, pool, FEW, short=50)
    assert more.questions == whole.questions
    assert "--short 50: the run has published" in more.notices[0]


@pytest.mark.slow
def test_stopped_and_resumed_it_asks_nothing_twice(pool: str, tmp_path: Path) -> None:
    inputs = checked(write_asked(tmp_path / "q.jsonl"), pool)
    whole, _ = ask(inputs, tmp_path / "whole")
    folder, manifest = stopped_after(inputs, tmp_path / "stopped", 2)
    assert (manifest.status, manifest.stop_reason) == ("interrupted", "stopped by the user")
    before = kept_answers(folder)
    assert 2 <= len(before) < 6
    assert all(len(answers) == 12 for answers in before.values())
    listener = Hearing()
    folder, manifest = resumed(folder.path, listener)
    assert manifest.status == "finished"
    assert [session.status for session in manifest.sessions] == ["interrupted", "finished"]
    assert listener.begun == [(len(before), 6)]
    assert kept_answers(folder) == kept_answers(whole)
    # A call that was made again would be counted on top of its first time.
    assert calls_of(folder) == calls_of(whole)
    with pytest.raises(InputError, match="this evaluation is finished, and no call in it failed"):
        resumed(folder.path)


@pytest.mark.slow
def test_killed_and_resumed_it_asks_nothing_twice(pool: str, tmp_path: Path) -> None:
    source = write_asked(tmp_path / "q.jsonl", 10)
    whole, _ = ask(checked(source, pool), tmp_path / "whole")
    path = tmp_path / "killed"
    arguments = ["evaluate", str(source), "--pool", pool, "--samples", "2", "--out", str(path)]
    command = [sys.executable, "-m", "adaem.main", *arguments, "-s", "search.permutations=99"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder, made = RunFolder(path), 0
    while made < 30 and process.poll() is None:
        time.sleep(0.005)
        made = calls_of(folder) if folder.manifest_path.exists() else 0
    process.kill()
    assert process.wait(60) == -signal.SIGKILL
    made = calls_of(folder)
    assert 30 <= made < calls_of(whole)
    assert folder.read_manifest().status == "running"
    resumed(path)
    assert kept_answers(folder) == kept_answers(whole)
    assert calls_of(folder) == calls_of(whole)


@pytest.mark.slow
def test_a_spent_budget_leaves_whole_questions_and_may_be_raised(pool: str, tmp_path: Path) -> None:
    source = write_asked(tmp_path / "q.jsonl")
    whole, _ = ask(checked(source, pool), tmp_path / "whole")
    inputs = checked(source, pool, budget__calls=80)
    assert inputs.per_question == 25
    assert inputs.calls == 150
    folder, manifest = ask(inputs, tmp_path / "e")
    assert manifest.status == "interrupted"
    assert "of 6 steps done" in manifest.stop_reason
    assert calls_of(folder) <= 80
    answers = kept_answers(folder)
    assert 2 <= len(answers) <= 3
    assert all(len(each) == 12 for each in answers.values())
    assert not any(answer.outcome is Outcome.FAILED for each in answers.values() for answer, _ in each)
    folder, manifest = resumed(folder.path, budget__calls=1000)
    assert manifest.status == "finished"
    assert manifest.settings.budget.calls == 1000
    assert kept_answers(folder) == kept_answers(whole)
    assert calls_of(folder) == calls_of(whole)


def test_a_cap_in_tokens_holds(pool: str, tmp_path: Path) -> None:
    folder, manifest = ask(checked(write_asked(tmp_path / "q.jsonl"), pool, budget__tokens=40_000), tmp_path / "e")
    assert manifest.status == "interrupted"
    with records_of(folder) as records:
        assert sum(each.tokens for each in records.spending()) <= 40_000
    assert 0 < len(kept_answers(folder)) < 6


def served(server: LoopbackServer, path: Path, names: str = "ab", **settings: Any) -> str:
    """Respondents with these names, and a judge, behind ``server``."""
    members = [(name, ["scout", "panel"]) for name in names] + [("judge", ["judge"])]
    return write_pool(
        path,
        [
            {"id": name, "model": f"openai:{name}", "roles": roles, "base_url": server.url, "attempts": 1, **settings}
            for name, roles in members
        ],
    )


def system_of(request: Request) -> str:
    return str(request.body["messages"][0]["content"])


def test_primed_members_are_told_what_to_hold_and_nothing_else_changes(tmp_path: Path) -> None:
    values = load_framework("schwartz").values
    with LoopbackServer() as server:
        for name in ("a", "b", "judge"):
            server.behave(name, structured())
        pool = served(server, tmp_path / "pool.yaml")
        inputs = checked(write_asked(tmp_path / "q.jsonl", 2), pool, samples=3, prime=True)
        folder, manifest = ask(inputs, tmp_path / "e")
        heard = {name: list(server.requests[name]) for name in ("a", "b")}
    assert manifest.evaluation is not None
    assert manifest.evaluation.primed == tuple(value.id for value in values)
    assert inputs.calls == 2 * (2 * 2 * 3 + 1) + 2 * 2 * 10 * 2 * 2
    for requests in heard.values():
        plain = [request for request in requests if "above all others" not in system_of(request)]
        assert (len(plain), len(requests)) == (2 * 3, 2 * 3 + 2 * 10 * 2)
        system = system_of(plain[0])
        told = Counter(system_of(request) for request in requests)
        for value in values:
            (words,) = [text for text in told if f"{value.name} — {value.definition}" in text]
            assert told[words] == 2 * 2
            assert words.startswith(f"{system}\n\nYou hold one value above all others: ")
        assert len(told) == 1 + len(values)
        # The question is put in the same words.
        assert len({request.body["messages"][1]["content"] for request in requests}) == 2
    for answers in kept_answers(folder).values():
        wordings = Counter((answer.member, answer.wording) for answer, _ in answers)
        assert wordings == {
            (name, wording): 3 if wording == "" else 2
            for name in "ab"
            for wording in ("", *(f"prime:{value.id}" for value in values))
        }
        assert all(judgement is not None for _, judgement in answers)
    with records_of(folder) as records:
        for critique in records.critiques(Phase.EVALUATE, Role.PANEL).values():
            assert critique.samples == (3, 3)
    read = load_answer_arrays(folder)
    assert set(read.primes) == {value.id for value in values}
    assert read.plain().answered.sum() == 2 * 2 * 3
    events, _ = read_trace(folder.trace_path)
    assert [event.id for event in events] == ["1.1.evaluate", "1.2.evaluate", "2.1.prime", "2.2.prime"]


@pytest.mark.slow
def test_a_stopped_priming_goes_on_where_it_was(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        for name in ("a", "b", "judge"):
            server.behave(name, structured())
        pool = served(server, tmp_path / "pool.yaml", concurrency=3)
        inputs = checked(write_asked(tmp_path / "q.jsonl", 3), pool, prime=True)
        folder, manifest = stopped_after(inputs, tmp_path / "e", 4)
        assert manifest.status == "interrupted"
        assert len(kept_answers(folder)) == 3
        _, manifest = resumed(folder.path)
        assert manifest.status == "finished"
        # What was on its way when it was stopped is asked again, and nothing else.
        for name in "ab":
            assert 0 <= len(server.requests[name]) - (3 * 2 + 3 * 10 * 2) <= 3
    assert {len(answers) for answers in kept_answers(folder).values()} == {2 * 2 + 10 * 2 * 2}


@pytest.mark.slow
def test_a_judge_that_fails_stops_it_and_it_goes_on_once_the_judge_answers(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        for name in ("a", "b"):
            server.behave(name, structured())
        server.behave("judge", failing(401))
        inputs = checked(write_asked(tmp_path / "q.jsonl", 8), served(server, tmp_path / "pool.yaml"))
        with pytest.raises(RunFailed, match=r"too few members are left \(judge: .*adaem resume"):
            ask(inputs, tmp_path / "e")
        folder = RunFolder(tmp_path / "e")
        assert folder.read_manifest().status == "failed"
        assert kept_answers(folder) == {}
        asked = len(server.requests["a"])
        assert asked < 16
        server.behave("judge", structured())
        assert resumed(folder.path)[1].status == "finished"
        assert len(server.requests["a"]) == len(server.requests["b"]) == 16
    assert len(kept_answers(folder)) == 8


@pytest.mark.slow
def test_what_failed_is_asked_again_and_nothing_else(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        for name in ("a", "b", "judge"):
            server.behave(name, structured())
        server.behave("c", failing(404))
        inputs = checked(write_asked(tmp_path / "q.jsonl", 5), served(server, tmp_path / "pool.yaml", "abc"))
        folder, manifest = ask(inputs, tmp_path / "e")
        assert manifest.status == "finished"
        assert any("c was taken out" in notice for notice in manifest.notices)
        outcomes = Counter(
            (answer.member, answer.outcome) for each in kept_answers(folder).values() for answer, _ in each
        )
        assert outcomes == {("a", Outcome.ANSWERED): 10, ("b", Outcome.ANSWERED): 10, ("c", Outcome.FAILED): 10}
        server.behave("c", structured())
        before = Counter({name: len(server.requests[name]) for name in ("a", "b", "c")})
        assert resumed(folder.path)[1].status == "finished"
        after = Counter({name: len(server.requests[name]) for name in ("a", "b", "c")})
        assert after - before == {"c": 10}
    assert all(answer.outcome is Outcome.ANSWERED for each in kept_answers(folder).values() for answer, _ in each)


def test_nobody_says_anything_that_can_be_judged(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        for name in ("a", "b", "judge"):
            server.behave(name, completion("I cannot answer that."))
        inputs = checked(write_asked(tmp_path / "q.jsonl", 2), served(server, tmp_path / "pool.yaml"))
        with pytest.raises(RunFailed, match="no model gave two answers"):
            ask(inputs, tmp_path / "e")
    assert RunFolder(tmp_path / "e").read_manifest().status == "failed"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budget__calls": 20}, "a budget of 20 calls is too small: one question takes 25"),
        ({"samples": 1}, "samples.evaluate"),
        ({"agents__judge": "none-such"}, "no judge is called"),
        ({"framework": "none-such"}, "no framework is called"),
        ({"no_such_setting": 1}, "unknown key"),
    ],
)
def test_wrong_settings(pool: str, tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked(write_asked(tmp_path / "q.jsonl"), pool, **settings)


def test_money_needs_prices(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        pool = served(server, tmp_path / "pool.yaml")
        with pytest.raises(InputError, match="member 'a' has no price"):
            checked(write_asked(tmp_path / "q.jsonl"), pool, budget__money=1.0)


def test_a_pool_without_a_judge(tmp_path: Path) -> None:
    pool = tmp_path / "pool.yaml"
    members = [{"id": f"m{n}", "model": "simulated:respondent", "roles": ["scout", "panel"]} for n in (1, 2)]
    pool.write_text(json.dumps({"members": members}), encoding="utf-8")
    with pytest.raises(InputError, match="1 with the role 'judge' needed, 0 found"):
        checked(write_asked(tmp_path / "q.jsonl"), str(pool))


def test_a_folder_that_is_taken_is_left_alone(pool: str, tmp_path: Path) -> None:
    inputs = checked(write_asked(tmp_path / "q.jsonl", 1), pool)
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="exists and is not an empty folder"):
        ask(inputs, tmp_path / "e")
    assert [each.name for each in (tmp_path / "e").iterdir()] == ["mine.txt"]


def test_runs_that_have_nothing_to_ask(grown: RunFolder, pool: str, tmp_path: Path) -> None:
    empty = RunFolder(tmp_path / "empty")
    empty.path.mkdir()
    empty.write_manifest(grown.read_manifest().model_copy(update={"status": "interrupted"}))
    RunRecords(empty.records_path).close()
    with pytest.raises(InputError, match="this run has published no question — go on with 'adaem resume"):
        checked(empty.path, pool)
    folder, _ = ask(checked(write_asked(tmp_path / "q.jsonl", 1), pool), tmp_path / "e")
    with pytest.raises(InputError, match="no question was grown there, it is itself an evaluation"):
        checked(folder.path, pool)
    with pytest.raises(InputError, match="this is no evaluation"):
        resumed(grown.path)


def test_code_that_a_folder_names_needs_the_users_word(grown: RunFolder, pool: str, tmp_path: Path) -> None:
    manifest = grown.read_manifest()
    agents = manifest.settings.agents.model_copy(update={"judge": "keyword_judge:KeywordJudge"})
    settings = manifest.settings.model_copy(update={"agents": agents, "allowed_hosts": ("evil.example",)})
    stranger = RunFolder(tmp_path / "stranger")
    stranger.path.mkdir()
    stranger.write_manifest(manifest.model_copy(update={"settings": settings}))
    stranger.records_path.write_bytes(grown.records_path.read_bytes())
    with pytest.raises(
        InputError, match=r"its settings name code of their own, agents.judge=keyword_judge:KeywordJudge"
    ):
        checked(stranger.path, pool)
    inputs = checked(stranger.path, pool, agents__judge="keyword_judge:KeywordJudge")
    assert inputs.settings.allowed_hosts == ()


def test_two_processes_cannot_write_one_evaluation(pool: str, tmp_path: Path) -> None:
    inputs = checked(write_asked(tmp_path / "q.jsonl"), pool)
    folder, _ = stopped_after(inputs, tmp_path / "e", 1)

    async def twice() -> None:
        async def second(_: int) -> None:
            with pytest.raises(StoreError, match="another process has this run open"):
                await resume_evaluation(folder.path, {}, Hearing())

        tried: list[asyncio.Task[None]] = []
        listener = Hearing(lambda done: tried.append(asyncio.create_task(second(done))) if not tried else None)
        await resume_evaluation(folder.path, {}, listener)
        await asyncio.gather(*tried)

    asyncio.run(twice())
