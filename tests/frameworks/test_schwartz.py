"""The shipped Schwartz framework: the theory's structure, and examples from which each value can be recognised."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import adaem
import pytest
import yaml
from adaem.domain.framework import Framework, Value

FILE = Path(adaem.__file__).parent / "frameworks" / "schwartz.yaml"
AREAS = {
    *("work", "family", "technology", "environment", "health", "education", "law", "economy", "religion"),
    *("war-and-peace", "art", "food", "migration"),
}
CORE = {
    "self-direction": "free choos choic independ autonom curio creat deci explor think though mind imagin",
    "stimulation": "excit thrill adventur novel daring challeng variety surpris bold fresh unfamil boring spontan",
    "hedonism": "pleasur enjoy delight indulg delici relax senses savour gratif leisur pamper",
    "achievement": "achiev success ambiti compet excel accompl capab talent merit skill perform",
    "power": "power wealth authorit control dominat status prestig influen command rank",
    "security": "safe secur stab protect order danger risk threat defen",
    "conformity": "obey obedi rules polite proper restrain comply discip behav expect norms manner courte offend",
    "tradition": "tradit custom ancest herit faith relig humbl humil modest ritual sacred rever ceremon",
    "benevolence": "help honest loyal forgiv kind friend caring support trust generous neighb loved",
    "universalism": "equal fair justice injust toleran nature peace human planet environ divers",
}
"""Prefixes of each value's characteristic words."""


@pytest.fixture(scope="module")
def framework() -> Framework:
    return Framework.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def words(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:-[a-z]+)*(?:'[a-z]*)?", text.lower())


def stems(text: str) -> frozenset[str]:
    return frozenset(word[:6] for word in re.findall(r"[a-z]{4,}", text.lower()))


def core_stems(value_id: str, text: str) -> set[str]:
    found = re.findall(r"[a-z]+", text.lower())
    return {prefix for prefix in CORE[value_id].split() if any(word.startswith(prefix) for word in found)}


def recognised(values: tuple[Value, ...], *, trained_on: int, with_definition: bool = True) -> dict[str, list[bool]]:
    """Whether each example of the other half overlaps most with its own value; a tie counts as an error."""
    examples = [example for value in values for example in value.examples]
    document_frequency = Counter(stem for example in examples for stem in stems(example))
    weight = {stem: math.log(len(examples) / count) for stem, count in document_frequency.items()}
    vocabulary = {
        value.id: stems(" ".join(value.examples[trained_on::2]) + (" " + value.definition) * with_definition)
        for value in values
    }
    verdicts: dict[str, list[bool]] = {}
    for value in values:
        verdicts[value.id] = []
        for example in value.examples[1 - trained_on :: 2]:
            overlap = {name: sum(weight[stem] for stem in stems(example) & known) for name, known in vocabulary.items()}
            own = overlap.pop(value.id)
            verdicts[value.id].append(own > max(overlap.values()))
    return verdicts


def test_names_the_ten_values_in_the_circle_order(framework: Framework) -> None:
    assert framework.value_ids == tuple(CORE)
    assert framework.circle == framework.value_ids
    assert any("1992" in source for source in framework.sources)
    assert any("2012" in source for source in framework.sources)


def test_each_group_is_an_unbroken_arc_of_the_circle(framework: Framework) -> None:
    group = {value.id: value.group for value in framework.values}
    sizes = Counter(group.values())
    assert sizes == {"openness-to-change": 3, "self-enhancement": 2, "conservation": 3, "self-transcendence": 2}
    around = [group[value] for value in framework.circle]
    assert sum(here != after for here, after in zip(around, around[1:] + around[:1], strict=True)) == len(sizes)


def test_opposites_are_mutual_and_lie_across_the_circle(framework: Framework) -> None:
    place = {value: index for index, value in enumerate(framework.circle)}
    values = {value.id: value for value in framework.values}
    for value in framework.values:
        assert len(set(value.opposites)) == len(value.opposites) >= 2
        assert framework.circle[(place[value.id] + 5) % 10] in value.opposites
        for opposite in value.opposites:
            assert value.id in values[opposite].opposites
            assert values[opposite].group != value.group
            apart = abs(place[value.id] - place[opposite])
            assert min(apart, 10 - apart) >= 3


def test_every_value_has_24_distinct_examples(framework: Framework) -> None:
    assert {len(value.examples) for value in framework.values} == {24}
    examples = [example.casefold() for value in framework.values for example in value.examples]
    assert len(set(examples)) == len(examples)


def test_examples_can_stand_after_that(framework: Framework) -> None:
    for value in framework.values:
        for example in value.examples:
            assert 6 <= len(words(example)) <= 14, example
            assert re.fullmatch(r"[a-z][A-Za-z ',-]*[a-z]", example), example


def test_examples_of_one_value_do_not_repeat_each_other(framework: Framework) -> None:
    for value in framework.values:
        for one, other in combinations(value.examples, 2):
            first, second = stems(one), stems(other)
            assert len(first & second) / len(first | second) <= 0.5, (one, other)
        openings = Counter(tuple(words(example)[:3]) for example in value.examples)
        assert max(openings.values()) <= 2, (value.id, openings.most_common(1))


def test_examples_hold_two_core_stems_of_their_value_and_none_of_another(framework: Framework) -> None:
    for value in framework.values:
        assert len(core_stems(value.id, value.definition)) >= 4
        for example in value.examples:
            assert len(core_stems(value.id, example)) >= 2, (value.id, example)
            for other in CORE:
                assert other == value.id or not core_stems(other, example), (other, example)


def test_every_core_stem_recurs_in_both_halves(framework: Framework) -> None:
    for value in framework.values:
        assert 8 <= len(CORE[value.id].split()) <= 15
        for half in (0, 1):
            missing = set(CORE[value.id].split()) - core_stems(value.id, " ".join(value.examples[half::2]))
            assert not missing, (value.id, half, missing)


@pytest.mark.parametrize("trained_on", [0, 1])
def test_one_half_of_the_examples_recognises_the_other(framework: Framework, trained_on: int) -> None:
    verdicts = recognised(framework.values, trained_on=trained_on)
    accuracy = sum(map(sum, verdicts.values())) / sum(map(len, verdicts.values()))
    assert accuracy >= 0.95, accuracy
    for value, right in verdicts.items():
        assert sum(right) / len(right) >= 0.8, (value, right)


def test_recognition_fails_where_examples_are_of_another_value(framework: Framework) -> None:
    """The control: with half of each value's examples moved on to the next value, recognition falls apart."""
    shifted = tuple(
        value.model_copy(
            update={
                "examples": tuple(
                    e for pair in zip(value.examples[::2], following.examples[1::2], strict=True) for e in pair
                )
            }
        )
        for value, following in zip(framework.values, framework.values[1:] + framework.values[:1], strict=True)
    )
    verdicts = recognised(shifted, trained_on=0, with_definition=False)
    assert sum(map(sum, verdicts.values())) <= 0.1 * sum(map(len, verdicts.values()))


def test_topics_are_many_and_balanced_over_the_areas(framework: Framework) -> None:
    assert len(framework.topics) >= 110
    sizes = Counter(topic.area for topic in framework.topics)
    assert set(sizes) == AREAS
    assert min(sizes.values()) >= 8
    assert max(sizes.values()) <= 9
    numbers: Counter[str] = Counter()
    for topic in framework.topics:
        numbers[topic.area] += 1
        assert topic.id == f"{topic.area}-{numbers[topic.area]:02d}"


def test_topics_are_short_generic_yes_no_questions(framework: Framework) -> None:
    for topic in framework.topics:
        assert re.fullmatch(r"(Is|Are|Should|Do|Does|Can|May) [a-z ,'-]+\?", topic.text), topic.text
        assert len(topic.text.split()) <= 14, topic.text


def test_no_two_topics_are_near_duplicates(framework: Framework) -> None:
    assert len({topic.text.casefold() for topic in framework.topics}) == len(framework.topics)
    for one, other in combinations(framework.topics, 2):
        frame = {"should", "accept", "right", "allowe"}
        first, second = stems(one.text) - frame, stems(other.text) - frame
        assert len(first & second) / len(first | second) < 0.34, (one.text, other.text)


def test_topics_share_words_within_an_area_more_than_across(framework: Framework) -> None:
    def mean_shared(same_area: bool) -> float:
        frame = {"should", "accept", "right", "allowe", "better", "permit"}
        shared = [
            len((stems(one.text) & stems(other.text)) - frame)
            for one, other in combinations(framework.topics, 2)
            if (one.area == other.area) == same_area
        ]
        return sum(shared) / len(shared)

    assert mean_shared(True) > 3 * mean_shared(False)


def test_the_file_is_readable_by_people() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 120
    header = next(index for index, line in enumerate(lines) if not line.startswith("#"))
    assert 3 <= header <= 6
