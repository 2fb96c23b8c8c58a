"""When all topics are exhausted the explorer finds new ones: far from what is known, for values hardly touched."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from adaem.agents.explorer.topic_explorer import LlmExplorer
from adaem.agents.protocols import NewTopics
from adaem.domain.question import Topic
from adaem.domain.reading.yaml_records import package_folder
from adaem.domain.settings import Search, Settings
from adaem.graph.search.frontier import Frontier
from adaem.graph.search.new_topics import NEW_TOPICS_AREA, farthest_first
from adaem.jobs.inputs import inputs_of
from adaem.jobs.search_run import resume, run
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.pool.simulated.simulated_model import SimulatedModel
from adaem.records import RunFolder, read_trace
from growing import Quiet, grow, lines, records_of, simulated_pool

pytestmark = pytest.mark.slow

TOPICS = 3
SMALL: dict[str, Any] = {"search__topic_draws": 2, "search__new_topics": 4, "budget__rounds": 4}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ground")
    framework = yaml.safe_load((package_folder("frameworks") / "schwartz.yaml").read_text(encoding="utf-8"))
    framework["topics"] = framework["topics"][:TOPICS]
    (folder / "few.yaml").write_text(yaml.safe_dump(framework), encoding="utf-8")
    simulated_pool(folder / "pool.yaml")
    return folder


def grown(home: Path, name: str, **settings: Any) -> RunFolder:
    given = {"framework": str(home / "few.yaml"), "pool": str(home / "pool.yaml"), **SMALL, **settings}
    return grow(home / name, **given)[0]


@pytest.fixture(scope="module")
def spent(home: Path) -> RunFolder:
    return grown(home, "exhausted")


def found_in(folder: RunFolder) -> list[Topic]:
    events, _ = read_trace(folder.trace_path)
    return [
        Topic.model_validate(topic) for event in events for topic in event.data.get("new_ground", {}).get("topics", [])
    ]


def test_new_topics_are_asked_when_all_are_exhausted(spent: RunFolder) -> None:
    """Three topics of two moves are over after two rounds; the third has new ones."""
    found = found_in(spent)
    assert len(found) == 4
    assert {topic.area for topic in found} == {NEW_TOPICS_AREA}
    with records_of(spent) as records:
        moves = list(records.moves())
        asked = {move.topic_id for move in moves if move.round >= 3}
        assert len([move for move in moves if move.round < 3]) == 2 * TOPICS
        questions = records.questions()
        # They are no seeds: the grown questions are compared with what the framework's author wrote.
        seeds = {question.topic_id for question in questions.values() if question.id.startswith("seed")}
    assert asked == {topic.id for topic in found}
    assert all(topic.id.startswith("new-") and topic.text.endswith("?") for topic in found)
    assert not seeds & asked
    (event,) = [event for event in read_trace(spent.trace_path)[0] if "new_ground" in event.data]
    assert (event.node, event.data["new_ground"]["proposed"], len(event.call_ids)) == ("explore", 12, 1)
    assert len(event.data["new_ground"]["values"]) == 3


def test_a_replay_and_a_longer_run_find_the_same(home: Path, spent: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as silent:

        def asked(*_: Any) -> None:
            raise AssertionError("a replay asks nobody")

        silent.setattr(SimulatedModel, "reply", asked)
        replay, _ = asyncio.run(run(inputs_of(spent, {}), home / "replay", Quiet(), replayed=spent))
    assert found_in(replay) == found_in(spent)
    assert lines(replay) == lines(spent)
    shorter = grown(home, "shorter", budget__rounds=3)
    longer, _ = asyncio.run(resume(shorter.path, {}, Quiet(), rounds=1))
    assert [topic.id for topic in found_in(longer)] == [topic.id for topic in found_in(spent)]
    with records_of(longer) as records:
        assert {move.topic_id for move in records.moves() if move.round == 4} <= {each.id for each in found_in(longer)}


def test_without_new_topics_the_search_ends_and_says_why(home: Path) -> None:
    folder = grown(home, "none", search__new_topics=0)
    assert (
        folder.read_manifest().stop_reason == "all topics are exhausted, and no new ones are wanted (search.new_topics)"
    )


def test_an_author_that_has_none_ends_the_search(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "adaem.pool.simulated.simulated_model.new_topics", lambda *_: {"topics": ["No question.", "  ", "?"]}
    )
    folder = grown(home, "nothing")
    assert folder.read_manifest().stop_reason == "all topics are exhausted, and none of 2 proposed topics is new"


class Raising(LlmExplorer):
    async def new_topics(self, *_: Any, **__: Any) -> Any:
        raise ValueError("no\ntopics")


class Listing(LlmExplorer):
    async def new_topics(self, *_: Any, **__: Any) -> Any:
        return ["Should bees be free?"]


@pytest.mark.parametrize(
    ("explorer", "problem"),
    [
        (Raising, "new topics failed, ValueError: no topics"),
        (Listing, "new topics are list, not NewTopics"),
    ],
)
def test_new_topics_that_fail_end_the_search_and_not_the_run(home: Path, explorer: type, problem: str) -> None:
    name = f"{__name__}:{explorer.__name__}"
    folder = grown(home, explorer.__name__, agents__explorer=name, questions=2, budget__calls=900)
    manifest = folder.read_manifest()
    assert manifest.status == "finished"
    assert manifest.stop_reason.startswith("all topics are exhausted, and the explorer's new topics ")
    assert problem in manifest.stop_reason


class Multiline(LlmExplorer):
    async def new_topics(self, *_: Any, count: int, sample: int, **__: Any) -> NewTopics:
        towns = ("bees", "museums", "lotteries", "tattoos")
        return NewTopics(topics=tuple(f"Should {town}\n\x1b[31mbe free in {sample}?" for town in towns))


def test_new_topics_are_put_on_one_line(home: Path) -> None:
    name = f"{__name__}:Multiline"
    folder = grown(home, "multiline", agents__explorer=name, questions=2, budget__calls=900)
    found = found_in(folder)
    assert found
    assert not any(set(topic.text) & set("\n\x1b") for topic in found)


def test_the_farthest_come_first_and_nothing_that_is_known() -> None:
    """Unit vectors at 0, 10, 80 and 90 degrees; what is known lies at -20, so 90 is farthest, then 10 is."""
    angles = np.radians([0.0, 10.0, 80.0, 90.0])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    known = np.cos(angles - np.radians(-20.0))
    assert farthest_first(vectors, known, 0.9, 4) == [3, 1]
    assert farthest_first(vectors, known, 0.9, 1) == [3]
    assert farthest_first(vectors[:0], known[:0], 0.9, 3) == []


def test_neighbours_are_looked_for_again_when_topics_come() -> None:
    topics = [Topic(id=str(number), text=f"Is rule {number} about bees right?") for number in range(4)]
    frontier = Frontier(topics[:2], HashingEmbedder(), Settings(search=Search(neighbours=2)))
    twin = frontier.under(HashingEmbedder(), Settings(search=Search(neighbours=1)))
    assert frontier.view(1, 1).neighbours.shape == (2, 2)
    frontier.extend(topics)
    assert frontier.view(1, 1).neighbours.shape == (4, 2)
    assert twin.view(1, 1).neighbours.shape == (4, 1)
    assert twin.topics == tuple(topics)
    assert frontier.view(1, 1).alive.tolist() == [True] * 4
