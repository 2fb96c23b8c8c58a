"""The life cycle: what is exhausted stays out of a run, with its reason, and the whole log survives a rebuilding."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import yaml
from adaem.domain.framework import SeedTopic
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.in_memory import InMemory
from adaem.memory.question_memory import QuestionMemory
from adaem.memory.standings import Standing, StandingChange, in_order, latest, news, numbered
from adaem.records import RunFolder, RunRecords
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT
from pydantic import ValidationError

Command = Callable[..., tuple[int, str, str]]
TWINS = """
name: twins
members:
  - {id: amber, model: "simulated:respondent", roles: [panel], parameters: {world: 1, respondent: 1}}
  - {id: ambre, model: "simulated:respondent", roles: [panel], parameters: {world: 1, respondent: 12, twin_of: 1}}
  - {id: scale, model: "simulated:judge", roles: [judge], parameters: {world: 1, judge: 1}}
"""
SMALL = ("--rounds", "2", "--calls", "1600", "--questions", "2", "--json")


def change(standing: Standing, at: int, run_id: str = "r1", subject: str = "t1") -> StandingChange:
    return StandingChange(
        kind="topic", subject=subject, standing=standing, why="it is so", run_id=run_id, at=f"2026-11-24T00:00:{at:02d}"
    )


@pytest.mark.parametrize("kind", ["in-memory", "chroma"])
def test_the_log_comes_back_in_order_and_each_change_once(kind: str, tmp_path: Path) -> None:
    embedder = HashingEmbedder()
    memory: QuestionMemory = InMemory(embedder) if kind == "in-memory" else Memory.open(tmp_path, embedder, "schwartz")
    assert memory.changes() == []
    first, second = change(Standing.USED, 2), change(Standing.SATURATED, 1)
    memory.note([first, second])
    memory.note([second])
    assert memory.changes() == numbered([first, second], 0)
    assert latest(memory.changes())["topic", "t1"].standing is Standing.SATURATED
    memory.close()


def test_a_log_without_counters_is_ordered_by_its_times_and_comes_before_what_has_one(tmp_path: Path) -> None:
    old = [change(Standing.WITHDRAWN, 40, run_id=""), change(Standing.EXHAUSTED, 20), change(Standing.USED, 30, "")]
    with Memory.open(tmp_path, HashingEmbedder(), "schwartz") as memory:
        assert memory._client is not None
        log = memory._client.get_or_create_collection("changes", embedding_function=None)
        kept: Any = [each.model_dump(mode="json", exclude={"why", "counter"}) for each in old]
        log.add(
            ids=[each.id for each in old],
            embeddings=np.ones((3, 1), dtype=np.float32),
            documents=["so"] * 3,
            metadatas=kept,
        )
        memory.note([change(Standing.USED, 1, run_id="")])
        found = memory.changes()
    assert [(each.at[-2:], each.counter) for each in found] == [("20", None), ("30", None), ("40", None), ("01", 1)]
    assert latest(found)["topic", "t1"].standing is Standing.USED


@given(
    st.lists(st.tuples(st.integers(0, 59), st.sampled_from(Standing), st.sampled_from(["", "r1", "r2"]))), st.randoms()
)
def test_counters_order_a_log_whatever_its_times(noted: list[tuple[int, Standing, str]], random: Random) -> None:
    log = numbered([change(standing, at, run_id=run_id) for at, standing, run_id in noted], 0)
    shuffled = random.sample(log, len(log))
    assert in_order(shuffled) == log
    assert latest(shuffled) == latest(log)


def test_of_two_that_had_not_seen_each_other_the_person_has_the_last_word() -> None:
    by_person = change(Standing.WITHDRAWN, 1, run_id="").model_copy(update={"counter": 4})
    by_run = change(Standing.SATURATED, 2).model_copy(update={"counter": 4})
    assert in_order([by_person, by_run]) == in_order([by_run, by_person]) == [by_run, by_person]


def test_a_run_that_had_not_seen_a_withdrawal_does_not_undo_it() -> None:
    withdrawn, used, restored = numbered(
        [change(Standing.WITHDRAWN, 1, run_id=""), change(Standing.USED, 2), change(Standing.USED, 0, run_id="")], 0
    )
    assert latest([withdrawn, used])["topic", "t1"] == withdrawn
    assert latest([withdrawn, used, restored])["topic", "t1"] == restored


def test_a_run_does_not_touch_what_a_person_withdrew() -> None:
    withdrawn = change(Standing.WITHDRAWN, 1, run_id="")
    assert news([withdrawn], [change(Standing.SATURATED, 2)]) == []
    restored = change(Standing.USED, 2, run_id="")
    assert news([withdrawn], [restored]) == [restored]


def test_what_is_so_already_is_no_news() -> None:
    assert news([change(Standing.USED, 1)], [change(Standing.USED, 2), change(Standing.EXHAUSTED, 3)]) == [
        change(Standing.EXHAUSTED, 3)
    ]


def test_a_shelf_life_ends_the_day_after() -> None:
    topic = SeedTopic(id="t", text="Is it right?", area="a", date=datetime.date(2026, 1, 1), shelf_life_days=30)
    assert not topic.expired(datetime.date(2026, 1, 31))
    assert topic.expired(datetime.date(2026, 2, 1))
    with pytest.raises(ValidationError, match="counts from a date"):
        SeedTopic(id="t", text="Is it right?", area="a", shelf_life_days=30)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run on a shared memory."""
    from adaem.cli.app import app
    from typer.testing import CliRunner

    place = tmp_path_factory.mktemp("life")
    result = CliRunner().invoke(app, ["run", *SMALL, "--memory", str(place / "shared"), "--out", str(place / "one")])
    assert result.exit_code == 0, result.output
    return place


def published(run: Path) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in (run / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    return [{key: value for key, value in line.items() if key != "created_at"} for line in lines]


def topics_of(run: Path) -> set[str]:
    with RunRecords(RunFolder(run).records_path, read_only=True) as records:
        return {move.topic_id for move in records.moves()}


@pytest.mark.slow
def test_withdrawn_topics_are_not_asked_and_the_replay_needs_no_memory(
    adaem: Command, asked: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shutil.copytree(asked / "shared", shared)
    gone = sorted(topics_of(asked / "one"))[:5]
    for topic in gone:
        code, shown, _ = adaem("memory", "withdraw", shared, topic, "--why", "outdated since the new law")
        assert code == 0, shown
        assert f"topic {topic} is now withdrawn" in shown
    code, _, told = adaem("memory", "withdraw", shared, gone[0], "--why", "again")
    assert code == 2
    assert "withdrawn already" in told
    found = json.loads(adaem("memory", "show", shared, gone[0], "--json")[1])
    assert found["standing"] == "withdrawn"
    assert [each["standing"] for each in found["life"]] == ["used", "withdrawn"]
    assert found["life"][-1]["why"] == "outdated since the new law"
    assert "outdated" in adaem("memory", "stats", shared)[1]
    run = tmp_path / "two"
    assert adaem("run", *SMALL, "-s", "search.policy=round-robin", "--memory", shared, "--out", run)[0] == 0
    assert not topics_of(run) & set(gone)
    shutil.rmtree(shared)
    again = tmp_path / "again"
    assert adaem("run", "--replay", run, "--out", again, "--json")[0] == 0
    assert published(again) == published(run)


def test_a_restored_topic_may_be_asked_again(adaem: Command, asked: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shutil.copytree(asked / "shared", shared)
    topic = min(topics_of(asked / "one"))
    code, _, told = adaem("memory", "restore", shared, topic)
    assert (code, "used already" in told) == (2, True)
    assert adaem("memory", "withdraw", shared, topic, "--why", "for now")[0] == 0
    assert adaem("memory", "restore", shared, topic, "--why", "still argued about")[0] == 0
    assert json.loads(adaem("memory", "show", shared, topic, "--json")[1])["standing"] == "used"


def test_a_rebuilt_memory_is_the_old_one(adaem: Command, asked: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shutil.copytree(asked / "shared", shared)
    topic = min(topics_of(asked / "one"))
    assert adaem("memory", "withdraw", shared, topic, "--why", "for now")[0] == 0
    before = json.loads(adaem("memory", "list", shared, "--most", "9999", "--json")[1])
    log = json.loads(adaem("memory", "stats", shared, "--json")[1])["retired"]
    code, shown, told = adaem("memory", "rebuild", shared, asked / "one")
    assert code == 0, told
    assert "shared.old" in shown.replace("\n", "")
    assert json.loads(adaem("memory", "list", shared, "--most", "9999", "--json")[1]) == before
    assert json.loads(adaem("memory", "stats", shared, "--json")[1])["retired"] == log
    assert adaem("memory", "check", shared)[0] == 0
    code, _, told = adaem("memory", "rebuild", shared, asked / "one")
    assert (code, "shared.old" in told) == (2, True)


def test_a_rebuilding_keeps_who_had_the_last_word_whatever_the_clocks(
    adaem: Command, asked: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shutil.copytree(asked / "shared", shared)
    topic = min(topics_of(asked / "one"))
    with Memory.open(shared, HashingEmbedder(), "schwartz") as memory:
        for standing, year in ((Standing.WITHDRAWN, 2099), (Standing.USED, 2001)):
            at = f"{year}-01-01T00:00:00"
            memory.note([StandingChange(kind="topic", subject=topic, standing=standing, why="so it is", at=at)])
        before = [(each.id, each.standing) for each in memory.changes()]
    code, _, told = adaem("memory", "rebuild", shared, asked / "one")
    assert code == 0, told
    with Memory.open(shared, HashingEmbedder(), "schwartz") as memory:
        assert [(each.id, each.standing) for each in memory.changes()] == before
        assert latest(memory.changes())["topic", topic].standing is Standing.USED


def test_wrong_ids_and_reasons_are_told(adaem: Command, asked: Path) -> None:
    topic = min(topics_of(asked / "one"))
    code, _, told = adaem("memory", "withdraw", asked / "shared", topic + "x", "--why", "typo")
    assert (code, topic in told) == (2, True)
    code, _, told = adaem("memory", "withdraw", asked / "shared", topic, "--why", "  ")
    assert (code, "--why" in told) == (2, True)
    code, _, told = adaem("memory", "rebuild", asked / "shared")
    assert (code, "no run was named" in told) == (2, True)


@pytest.mark.slow
def test_a_refresh_expires_what_twins_no_longer_answer_differently(adaem: Command, asked: Path, tmp_path: Path) -> None:
    shared, pool = tmp_path / "shared", tmp_path / "twins.yaml"
    shutil.copytree(asked / "shared", shared)
    pool.write_text(TWINS, encoding="utf-8")
    with Memory.open(shared, HashingEmbedder(), "schwartz") as memory:
        # As if all had separated well once: what two equal models answer lies far below.
        memory.remember([item.model_copy(update={"divergence": 0.5}) for item in memory.all_items()])
    given = ("memory", "refresh", shared, "--sample", "12", "--pool", pool, "-s", "samples.evaluate=12")
    code, shown, told = adaem(*given, "--out", tmp_path / "again", "--json")
    assert code == 0, told
    found = json.loads(shown)
    assert found["simulated"]
    assert found["decay"]["questions"] + found["decay"]["missing"] == len(found["questions"]) == 12
    assert found["decay"]["interval"][1] < 0, "models that are one and the same must separate less"
    expired = {each["id"] for each in found["questions"] if each["expired"]}
    assert expired
    for each in found["questions"]:
        if each["expired"]:
            assert each["p_value"] > 0.05
            assert each["interval"][1] < each["remembered"]
    identifier = min(expired)
    life = json.loads(adaem("memory", "show", shared, identifier, "--json")[1])
    assert life["standing"] == "expired"
    assert "measured again" in life["life"][-1]["why"]
    # What has expired is not drawn again, and the same answers expire nothing twice.
    again = json.loads(adaem("memory", "refresh", shared, "--measured", tmp_path / "again", "--json")[1])
    assert again["expired"] == []
    assert again["decay"] == found["decay"]
    code, shown, _ = adaem("memory", "refresh", shared, "--measured", tmp_path / "again")
    assert (code, "SIMULATED" in shown, "expired" in shown) == (0, True, True)
    assert "2 models (panel: amber, ambre)" in shown.replace("\n", " ")
    # What was measured again survives a rebuilding, though no search has recorded it; evaluations are left out.
    code, _, told = adaem("memory", "rebuild", shared, asked / "one", tmp_path / "again")
    assert (code, "1 folder left out" in told) == (0, True)
    assert json.loads(adaem("memory", "show", shared, identifier, "--json")[1])["standing"] == "expired"


def test_a_refresh_needs_models_and_scored_questions(adaem: Command, asked: Path, tmp_path: Path) -> None:
    code, _, told = adaem("memory", "refresh", asked / "shared")
    assert (code, "--pool" in told) == (2, True)
    code, _, told = adaem("memory", "refresh", asked / "shared", "--measured", asked / "one")
    assert (code, "is no evaluation" in told) == (2, True)
    with Memory.open(tmp_path / "empty", HashingEmbedder(), "schwartz"):
        pass
    code, _, told = adaem("memory", "refresh", tmp_path / "empty", "--pool", "simulated")
    assert (code, "nothing to measure again" in told) == (2, True)


def test_a_stopped_refresh_counts_what_it_did_not_come_to(adaem: Command, asked: Path, tmp_path: Path) -> None:
    shared, run = tmp_path / "shared", tmp_path / "stopped"
    shutil.copytree(asked / "shared", shared)
    given = (
        "memory",
        "refresh",
        shared,
        "--sample",
        "6",
        "--pool",
        "simulated",
        "-s",
        "budget.calls=200",
        "--out",
        run,
    )
    code, _, told = adaem(*given)
    assert (code, f"--measured {run}" in told) == (1, True), told
    found = json.loads(adaem("memory", "refresh", shared, "--measured", run, "--json")[1])
    assert len(found["questions"]) == 6
    assert found["decay"]["missing"] >= 1
    assert "not asked" in {each["unscored"] for each in found["questions"]}


def test_questions_are_measured_by_the_values_that_they_were_grown_for(adaem: Command, asked: Path) -> None:
    given = ("memory", "refresh", asked / "shared", "--pool", "simulated", "-s", "framework=moral-foundations")
    code, _, told = adaem(*given)
    assert (code, "'schwartz'" in told, "would measure other values" in told) == (2, True, True)


def test_a_rebuilding_sets_nothing_aside_that_is_no_memory(adaem: Command, asked: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    code, _, told = adaem("memory", "rebuild", tmp_path / "notes", asked / "one")
    assert (code, "is not a memory" in told, (tmp_path / "notes").exists()) == (2, True, True)
    code, _, told = adaem("memory", "rebuild", "http://127.0.0.1:9", asked / "one")
    assert (code, "is a server's" in told) == (2, True)


@pytest.mark.slow
def test_a_topic_past_its_shelf_life_is_not_asked_and_says_why(adaem: Command, tmp_path: Path) -> None:
    theory = yaml.safe_load((ROOT / "frameworks" / "schwartz.yaml").read_text(encoding="utf-8"))
    theory["topics"] = theory["topics"][:30]
    for topic in theory["topics"][:15]:
        topic.update(date=datetime.date(2020, 1, 1), shelf_life_days=30)
    path, shared = tmp_path / "theory.yaml", tmp_path / "shared"
    path.write_text(yaml.safe_dump(theory), encoding="utf-8")
    run = (*SMALL, "--framework", path, "--memory", shared)
    assert adaem("run", *run, "--out", tmp_path / "one")[0] == 0
    old = {topic["id"] for topic in theory["topics"][:15]}
    assert not topics_of(tmp_path / "one") & old
    worn = json.loads(adaem("memory", "stats", shared, "--json")[1])["retired"]
    assert {each["subject"] for each in worn} == old
    assert "shelf life of 30 days from 2020-01-01" in worn[0]["why"]
    adaem("memory", "rebuild", shared, tmp_path / "one")
    assert json.loads(adaem("memory", "stats", shared, "--json")[1])["retired"] == worn
    # A longer shelf life brings the topics back, whatever was noted.
    for topic in theory["topics"][:15]:
        topic.update(shelf_life_days=36_500)
    path.write_text(yaml.safe_dump(theory), encoding="utf-8")
    assert adaem("run", *run, "-s", "search.policy=round-robin", "--rounds", "3", "--out", tmp_path / "two")[0] == 0
    assert topics_of(tmp_path / "two") & old
