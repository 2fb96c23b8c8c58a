"""One model under two system prompts: an evaluation on loopback, what it sends, and where its report shows them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reading.yaml_records import load_framework
from adaem.jobs.evaluation.check_evaluation import members_seen
from adaem.jobs.evaluation.question_source import QuestionSource
from adaem.jobs.planning.prompt_lengths import Lengths, by_characters
from adaem.prompts import load_prompts
from adaem.records import Manifest, RunFolder
from asking import ask, checked, write_asked
from growing import records_of
from loopback import LoopbackServer, Request, Served, completion

Command = Callable[..., tuple[int, str, str]]

ORDER, RISK = "You like <b>order</b> and peace.", "You like risk.\n" + "And change. " * 40
REASONS = {"it costs little": "taxes stay low", "children like it": "schools gain", "nobody loses": "neighbours agree"}
POINTS = [{"point": point, "justification": why} for point, why in REASONS.items()]
ANSWER, NOTHING = json.dumps({"stance": "yes", "key_points": POINTS}), json.dumps({"labels": []})


def member(name: str, *roles: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "model": "openai:one", "roles": list(roles), "attempts": 1} | more


MEMBERS = (
    member("guard", "panel", system=ORDER),
    member("rover", "scout", "panel", system=RISK),
    member("plain", "scout"),
)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, list[dict[str, Any]]]:
    """The folder of an evaluation, and the bodies of what was sent in it."""
    home = tmp_path_factory.mktemp("personas")

    def serve(request: Request) -> Served:
        judging = request.body["response_format"]["json_schema"]["name"] == "LabelsReply"
        return completion(NOTHING if judging else ANSWER)(request)

    with LoopbackServer() as server:
        server.behave("one", serve)
        members = [{**each, "base_url": server.url} for each in (*MEMBERS, member("judge", "judge"))]
        (home / "pool.yaml").write_text(yaml.safe_dump({"members": members}), encoding="utf-8")
        inputs = checked(write_asked(home / "asked.jsonl", 2), str(home / "pool.yaml"))
        folder, manifest = ask(inputs, home / "evaluated")
        assert manifest.status == "finished"
        return folder, [request.body for request in server.requests["one"]]


@pytest.mark.slow
def test_answers_are_asked_for_under_it_and_judgements_are_not(
    evaluated: tuple[RunFolder, list[dict[str, Any]]],
) -> None:
    folder, sent = evaluated
    systems = [body["messages"][0]["content"] for body in sent]
    assert sum(text.startswith(ORDER) for text in systems) == 2 * 2
    assert sum(text.startswith(RISK.strip()) for text in systems) == 2 * 2
    assert any(text.startswith("You label") for text in systems)
    assert all(text.startswith((ORDER, RISK.strip(), "You answer", "You label")) for text in systems)
    with records_of(folder) as records:
        answers = [answer for name in records.ids("evaluated") for answer in records.answers(name)[0]]
        kept = {call.member: call.prompt.system for call in records.calls([each.call_id for each in answers])}
    assert [kept[name].startswith(text) for name, text in (("guard", ORDER), ("rover", RISK[:30]))] == [True, True]
    assert kept["plain"].startswith("You answer one")


@pytest.mark.slow
def test_every_report_shows_it(
    evaluated: tuple[RunFolder, list[dict[str, Any]]], adaem: Command, tmp_path: Path
) -> None:
    folder, _ = evaluated
    guard, rover, plain = folder.read_manifest().pool.members[:3]  # type: ignore[union-attr]
    mark = guard.system_sha256[:12]
    code, out, _ = adaem("report", folder.path, "--html", tmp_path / "page.html")
    assert code == 0
    assert mark in out
    assert ORDER in out
    assert RISK.strip() not in out
    assert "no system prompt" in out
    # The judge is the model that all of them are.
    judging = "The judge judge also answers as panel member guard, as scout and panel member rover, as scout plain;"
    assert judging in " ".join(out.split())
    assert any(judging[4:] in notice for notice in folder.read_manifest().notices)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert mark in page
    assert "You like &lt;b&gt;order&lt;/b&gt; and peace." in page
    assert RISK.strip() in page
    _, out, _ = adaem("report", folder.path, "--json")
    models = {each["id"]: (each["system"], each["system_sha256"]) for each in json.loads(out)["asked"]["models"]}
    assert models == {each.id: (each.system, each.system_sha256) for each in (guard, rover, plain)}
    code, *_ = adaem("export", folder.path, "--to", "jsonl", "--out", tmp_path / "tables")
    rows = [json.loads(line) for line in (tmp_path / "tables" / "answers.jsonl").read_text("utf-8").splitlines()]
    assert {(row["model"], row["system_sha256"]) for row in rows} == {
        ("guard", guard.system_sha256),
        ("rover", rover.system_sha256),
        ("plain", None),
    }


def test_held_out_is_a_model_under_a_system_prompt_that_the_search_did_not_ask() -> None:
    of_the_run: dict[str, Any] = {"pool": PoolSpec.model_validate({"members": MEMBERS})}
    grown_by = Manifest.model_construct(**of_the_run)

    def seen(*members: dict[str, Any]) -> tuple[str, ...]:
        return members_seen(PoolSpec.model_validate({"members": members}), QuestionSource("run", (), grown_by))

    again = [{**each, "id": f"new-{each['id']}"} for each in MEMBERS]
    other = member("other", "scout", system="You like tea.")
    assert seen(*again, other) == ("new-guard", "new-rover", "new-plain")
    # A judge judges as the bare model, which each of its deployments is.
    assert seen(other, member("judge", "judge")) == ("other",)


def test_a_forecast_counts_its_tokens() -> None:
    lengths = Lengths(load_framework("schwartz"), load_prompts("default"), by_characters)
    asked = PoolSpec.model_validate({"members": MEMBERS}).members
    sizes = [lengths.answer(each, None).input for each in asked]
    assert [size - sizes[2] for size in sizes] == [by_characters(asked[0].system), by_characters(asked[1].system), 0]
