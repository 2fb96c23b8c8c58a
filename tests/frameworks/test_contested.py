"""The contested topics: enough, spread over areas and regions, and no two alike, by their words and by meaning."""

from __future__ import annotations

from collections import Counter

import pytest
from adaem.domain.framework import TopicSet
from adaem.domain.framework_check import nearly_equal
from adaem.domain.models_folder import models_folder
from adaem.domain.reading.yaml_records import load_framework, package_folder, read_yaml
from adaem.domain.settings import Novelty
from adaem.memory.embedders.embedder import Embedder
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.embedders.named_embedder import make_embedder
from adaem.memory.in_memory import InMemory
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate

TOPICS = TopicSet.model_validate(read_yaml(package_folder("frameworks/topics") / "contested.yaml")).topics
SCHWARTZ = load_framework("schwartz").topics
REGIONS, EACH = 12, 2


def test_areas_and_regions_are_balanced() -> None:
    assert len(TOPICS) >= 600
    areas = Counter(topic.area for topic in TOPICS)
    assert len(areas) == 9
    assert max(areas.values()) - min(areas.values()) <= 1
    set_in = Counter((topic.area, topic.region) for topic in TOPICS if topic.region)
    assert len(set_in) == len(areas) * REGIONS
    assert set(set_in.values()) == {EACH}


def test_each_is_one_short_question_and_none_expires() -> None:
    for topic in TOPICS:
        assert topic.text.endswith("?"), topic
        assert topic.text.count("?") == 1
        assert 4 <= len(topic.text.split()) <= 18, topic
        assert topic.date is None
    assert not {topic.id for topic in TOPICS} & {topic.id for topic in SCHWARTZ}


def test_no_two_share_their_words() -> None:
    texts = [topic.text for topic in (*TOPICS, *SCHWARTZ)]
    assert [(texts[one], texts[other]) for one, other in nearly_equal(texts)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "hashing",
        pytest.param(
            "minilm",
            marks=pytest.mark.skipif(not (models_folder() / "minilm").is_dir(), reason="adaem local pull minilm"),
        ),
    ],
)
def test_the_novelty_gate_passes_every_one(name: str) -> None:
    embedder: Embedder = HashingEmbedder() if name == "hashing" else make_embedder(name)
    memory = InMemory(embedder)
    # Without the second look: made for grown questions, it takes short topics on one matter for the same ("uniform" and
    # "vaccination" at school), some of the framework's own among them.
    gate = NoveltyGate.of(memory, Novelty(second_look="none"))
    for topic in (*SCHWARTZ, *TOPICS):
        verdict = gate.check(topic.text)
        assert verdict.novel, (topic.text, verdict.reason, verdict.neighbours[0].text)
        memory.remember([Remembered(id=topic.id, text=topic.text, topic_id=topic.id, topic=topic.text, run_id="r")])


def test_a_framework_takes_them() -> None:
    assert load_framework("house-rules", "contested").topics == TOPICS
    assert load_framework("schwartz").topics == SCHWARTZ, "the default keeps its own"
