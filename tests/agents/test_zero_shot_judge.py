"""The judge without labelled texts: scores computed by hand, and nothing found where nothing is said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from adaem.agents.judges.judge_requirements import check_judge
from adaem.agents.judges.local.similarity_model import OFF_TOPIC_SCORE, SimilarityModel, model_fingerprint
from adaem.agents.judges.local.zero_shot_judge import ZeroShotJudge
from adaem.agents.registry import make_agent
from adaem.domain.errors import InputError
from adaem.domain.framework import Framework
from adaem.domain.reading.yaml_records import load_framework
from adaem.domain.settings import Settings
from adaem.memory.embedders.embedder import Vectors
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.embedders.minilm_embedder import MiniLmEmbedder
from small_world import answer, world

HASHING: dict[str, Any] = {"agents": {"judge": "zero_shot"}, "judge": {"embedder": "hashing"}}


class Angles(HashingEmbedder):
    """A text is the angle, in degrees, of its vector in the plane."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        angles = np.radians([float(text) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def in_the_plane() -> Framework:
    def value(name: str, *angles: int) -> dict[str, object]:
        definition, *examples = map(str, angles)
        return {"id": name, "name": name, "definition": definition, "examples": examples}

    data = load_framework("schwartz").model_dump(mode="json")
    kept = {key: data[key] for key in ("id", "name", "version", "sources")}
    topic = data["topics"][0]
    return Framework.model_validate(
        {**kept, "values": [value("east", 0, 10, -10), value("north", 90, 80, 100)], "topics": [topic]}
    )


def test_scores_by_hand() -> None:
    """Of two values the nearness is half the difference of the means; each threshold, what nine in ten others reach."""
    model = SimilarityModel(in_the_plane(), Angles())

    def mean(text: float, *angles: float) -> float:
        return float(np.mean(np.cos(np.radians(text - np.array(angles)))))

    def east(text: float, own: Sequence[float], other: Sequence[float]) -> float:
        return (mean(text, *own) - mean(text, *other)) / 2

    # The northern examples, each left out of its own value, and how far east they lie.
    others = [east(80, (0, 10, -10), (90, 100)), east(100, (0, 10, -10), (90, 80))]
    threshold = np.quantile(others, 0.9)
    [found] = model.scores(["20"])
    assert found[0] == pytest.approx(east(20, (0, 10, -10), (90, 80, 100)) - threshold, abs=1e-6)
    # The nearest description of each example is ten degrees away: half of that cosine is the least that counts.
    least = 0.5 * np.cos(np.radians(10))
    edge = 100 + np.degrees(np.arccos(least))
    inside, outside = model.scores([str(edge - 0.1), str(edge + 0.1)])
    assert inside[1] > OFF_TOPIC_SCORE
    assert outside.tolist() == [OFF_TOPIC_SCORE] * 2


def test_a_plain_statement_is_labelled_and_nothing_is_not() -> None:
    framework = load_framework("schwartz")
    model = SimilarityModel(framework, HashingEmbedder())
    assert (model.scores(["", "\n\t", "!!! ???"]) == OFF_TOPIC_SCORE).all()
    examples = [(number, text) for number, value in enumerate(framework.values) for text in value.examples]
    scores = model.scores([text for _, text in examples])
    assert all(scores[row, number] >= 0 for row, (number, _) in enumerate(examples))


def test_the_judge_asks_nobody_and_is_called_after_what_it_compares_with() -> None:
    context = world().context
    framework = context.framework
    needs = check_judge(Settings.model_validate(HASHING), context.pool.spec, framework).requirements
    assert needs.members == ()
    assert "no labelled text" in needs.notices[0]
    other = framework.model_copy(update={"values": framework.values[:-1]})
    assert model_fingerprint(other, HashingEmbedder()) != model_fingerprint(framework, HashingEmbedder())


def test_labels_quote_the_key_point() -> None:
    small = world(settings=HASHING).context
    context = replace(small, inputs=replace(small.inputs, framework=load_framework("schwartz")))
    judge = make_agent("judge", "zero_shot", context)
    assert isinstance(judge, ZeroShotJudge)
    value = context.framework.values[0]
    found = asyncio.run(judge.judge(answer("zebra", 0, ["!!!", value.examples[0]])))
    assert (1, value.id, value.examples[0]) in {(each.key_point, each.value, each.quote) for each in found.labels}
    assert all(each.key_point == 1 for each in found.labels)
    assert judge.name.startswith("zero-shot-")


NOTHING = [
    "",
    "…",
    "1234",
    "N/A",
    "banana",
    "```json```",
    "xqzt wvkj frum",
    "lorem table green seven window",
    "The answer to the question",
    "point 1: justification 1",
    "yes yes yes yes yes",
    "The capital of France is Paris.",
    "It depends on many factors.",
]


@pytest.mark.slow
def test_minilm_finds_plain_values_and_none_in_nothing() -> None:
    try:
        embedder = MiniLmEmbedder()
    except InputError as error:
        pytest.skip(str(error))
    framework = load_framework("schwartz")
    model = SimilarityModel(framework, embedder)
    # What such a text may get by chance: 5 of these 130 labels when the thresholds were chosen.
    assert (model.scores(NOTHING) >= 0).mean() < 0.05
    plain = {
        "benevolence": "One has to look after one's own family and friends, and be loyal to them",
        "power": "It gives control over other people, wealth and a leading position",
        "tradition": "Our ancestors' customs and religion must be honoured",
        "hedonism": "Life should be enjoyed, and pleasure is good",
    }
    scores = model.scores(list(plain.values()))
    assert [framework.value_ids[int(row.argmax())] for row in scores] == list(plain)
    assert (scores.max(axis=1) >= 0).all()
