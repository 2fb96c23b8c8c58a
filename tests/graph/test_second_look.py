"""The second look of a model: what the member is sent, what its word decides, and that a replay hears it again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from adaem.agents.guards.model_look import MOST_LOOKS, ModelLook, check_model_look
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.settings import Novelty, Settings
from adaem.graph.run_context import Agents
from adaem.graph.search.second_opinions import SecondOpinions, second_opinions
from adaem.memory.in_memory import InMemory
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate
from adaem.prompts import PromptLibrary, load_prompts
from adaem.records import RunRecords, read_trace
from growing import grow, lines, records_of, simulated_pool
from small_world import HOSTILE, Directions, World, pool_data, world

SAME, DIFFERENT = {"same": True}, {"same": False}
SETTINGS: dict[str, Any] = {"novelty": {"second_look": "model", "nearest": 0.5}}


class LookContext:
    """What the second look needs of a run's context: its gate, its agents, its records."""

    def __init__(self, place: Path, given: World, texts: list[str]) -> None:
        memory = InMemory(Directions())
        memory.remember([Remembered(id=text, text=text, topic_id="t", topic="T?", run_id="r") for text in texts])
        self.gate = NoveltyGate.of(memory, given.context.settings.novelty)
        nobody: Any = None
        agents = Agents(nobody, nobody, nobody, nobody, nobody, nobody, nobody)
        self.agents = replace(agents, second_look=ModelLook(given.context))
        self.records = RunRecords(place / "run.sqlite")

    def read_before(self, key: str, *, at_the_start: bool) -> None:
        """No run came before."""


def opinions(place: Path, replies: list[Any], texts: list[str]) -> tuple[SecondOpinions, World, NoveltyGate]:
    given = world({"writer": replies}, settings=SETTINGS)
    context: Any = LookContext(place, given, texts)
    try:
        return asyncio.run(second_opinions(context, "q.1", "north new", [])), given, context.gate
    finally:
        context.records.close()


def test_the_author_is_asked_about_the_nearest_until_one_is_the_same(tmp_path: Path) -> None:
    texts = ["north a", "north b", "north c", "north d", "east e"]
    said, given, gate = opinions(tmp_path, [DIFFERENT, SAME], texts)
    heard = given.heard("writer")
    assert [each.fields for each in heard] == [
        {"first": "north new", "second": text} for text in ("north a", "north b")
    ]
    assert {each.schema for each in heard} == {"SamenessReply"}
    assert said.same == {"north a": False, "north b": True}
    assert len(said.call_ids) == 2
    verdict = gate.check("north new", opinions=said.same)
    assert (verdict.reason, verdict.neighbours[0].id) == ("same_question", "north b")


def test_at_most_three_are_asked_about_and_a_reply_that_cannot_be_read_is_no_opinion(tmp_path: Path) -> None:
    texts = ["north a", "north b", "north c", "north d"]
    said, given, _ = opinions(tmp_path, [DIFFERENT, "no JSON", "no JSON", DIFFERENT], texts)
    assert len(given.heard("writer")) == MOST_LOOKS + 1, "one repair"
    assert said.same == {"north a": False, "north c": False}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_remembered_text_stays_within_its_fence(hostile: str) -> None:
    given = world({"writer": [DIFFERENT]}, settings=SETTINGS)
    call = asyncio.run(ModelLook(given.context).same_question("Is it right?", hostile))
    (heard,) = given.heard("writer")
    assert call.reply is not None
    assert set(heard.fields) == {"first", "second"}
    assert heard.fields["first"] == "Is it right?"


def test_where_nobody_can_be_asked_it_says_so() -> None:
    settings = Settings(novelty=Novelty(second_look="model"))
    pool = PoolSpec.model_validate(pool_data())
    recorded = [member.model_copy(update={"model": "recorded:x"}) for member in pool.members]
    assert all(member.recorded for member in recorded)
    with pytest.raises(InputError, match=r"no 'same_question'.*second_look=rule"):
        check_model_look(settings, pool, PromptLibrary({}))
    with pytest.raises(InputError, match="recorded members alone"):
        check_model_look(settings, pool.model_copy(update={"members": tuple(recorded)}), load_prompts("default"))
    check_model_look(settings, pool, load_prompts("default"))
    check_model_look(Settings(), pool, PromptLibrary({}))


@pytest.mark.slow
def test_looks_are_recorded_calls_and_the_step_s_own(tmp_path: Path) -> None:
    pool = simulated_pool(tmp_path / "p.yaml")
    chosen: dict[str, Any] = {"novelty__second_look": "model", "novelty__nearest": 0.1, "questions": 2}
    folder, manifest = grow(tmp_path / "one", pool=pool, budget__calls=700, **chosen)
    with records_of(folder) as records:
        looks = {call.id for call in records.calls_with_outcome("answered") if call.purpose == "same_question"}
    events, _ = read_trace(folder.trace_path)
    assert looks
    assert looks == {id for event in events if event.node == "novelty" for id in event.call_ids}
    assert manifest.forecast is not None
    assert any(row.purpose == "same_question" for row in manifest.forecast.rows)
    again, _ = grow(tmp_path / "two", pool=pool, budget__calls=700, **chosen)
    assert lines(again) == lines(folder)
