"""The other shipped frameworks: their theory's structure, and examples from which each value can be recognised."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import adaem
import pytest
from adaem.calibration.discriminability import misread_phrases
from adaem.domain.checkup import CheckVerdict
from adaem.domain.framework import Framework, Value
from adaem.domain.framework_check import check_texts
from adaem.domain.reading.yaml_records import load_framework, shipped_frameworks

FOLDER = Path(adaem.__file__).parent / "frameworks"
NAMES = ("house-rules", "moral-foundations", "schwartz-refined")
SCHWARTZ = load_framework("schwartz")


@pytest.fixture(params=NAMES)
def theory(request: pytest.FixtureRequest) -> Framework:
    return load_framework(request.param)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:-[a-z]+)*(?:'[a-z]*)?", text.lower())


def stems(text: str) -> frozenset[str]:
    return frozenset(word[:6] for word in re.findall(r"[a-z]{4,}", text.lower()))


def recognised(values: tuple[Value, ...], *, trained_on: int) -> float:
    """The share of examples of the other half that overlap most with their own value; a tie counts as an error."""
    examples = [example for value in values for example in value.examples]
    frequency = Counter(stem for example in examples for stem in stems(example))
    known = {value.id: stems(" ".join((*value.examples[trained_on::2], value.definition))) for value in values}
    right = []
    for value in values:
        for example in value.examples[1 - trained_on :: 2]:
            overlap = {
                name: sum(math.log(len(examples) / frequency[stem]) for stem in stems(example) & vocabulary)
                for name, vocabulary in known.items()
            }
            own = overlap.pop(value.id)
            right.append(own > max(overlap.values()))
    return sum(right) / len(right)


def test_these_frameworks_ship() -> None:
    assert shipped_frameworks() == tuple(sorted((*NAMES, "schwartz")))


def test_the_check_finds_nothing_in_a_shipped_framework() -> None:
    for name in shipped_frameworks():
        checks = check_texts(load_framework(name))
        assert {each.verdict for each in checks} == {CheckVerdict.OK}, [each for each in checks if each.detail]


def test_examples_are_24_a_value_and_can_stand_after_because(theory: Framework) -> None:
    for value in theory.values:
        assert len(value.examples) == 24
        for example in value.examples:
            assert 4 < len(words(example)) <= 15, example
            assert re.fullmatch(r"[a-z][A-Za-z ',-]*[a-z]", example), example
        openings = Counter(tuple(words(example)[:3]) for example in value.examples)
        assert max(openings.values()) <= 2, (value.id, openings.most_common(1))


@pytest.mark.parametrize("trained_on", [0, 1])
def test_one_half_of_the_examples_recognises_the_other(theory: Framework, trained_on: int) -> None:
    assert recognised(theory.values, trained_on=trained_on) >= 0.95


def test_recognition_fails_where_examples_are_of_another_value(theory: Framework) -> None:
    shifted = tuple(
        value.model_copy(update={"examples": tuple(e for pair in zip(mine, theirs, strict=True) for e in pair)})
        for value, following in zip(theory.values, theory.values[1:] + theory.values[:1], strict=True)
        for mine, theirs in [(value.examples[::2], following.examples[1::2])]
    )
    assert recognised(shifted, trained_on=1) <= 0.3


def test_no_neutral_phrase_of_the_simulator_is_read_as_a_value(theory: Framework) -> None:
    assert misread_phrases(theory) == ()


def test_the_refined_theory_has_its_nineteen_values_around_the_circle() -> None:
    theory = load_framework("schwartz-refined")
    assert len(theory.values) == 19
    assert theory.circle == theory.value_ids
    assert any("2012" in source and "a0029393" in source for source in theory.sources)
    around = [value.group for value in theory.values]
    assert sum(here != after for here, after in zip(around, around[1:] + around[:1], strict=True)) == 4
    assert [group.id for group in theory.groups] == [group.id for group in SCHWARTZ.groups]


def test_the_refined_theorys_opposites_are_mutual_and_lie_across_the_circle() -> None:
    theory = load_framework("schwartz-refined")
    place = {value.id: number for number, value in enumerate(theory.values)}
    named = {value.id: value.opposites for value in theory.values}
    groups = {value.id: value.group for value in theory.values}
    for value, opposites in named.items():
        assert len(set(opposites)) == len(opposites) >= 2
        for opposite in opposites:
            assert value in named[opposite]
            assert groups[value] != groups[opposite]
            apart = abs(place[value] - place[opposite])
            assert min(apart, 19 - apart) >= 5, (value, opposite)


def test_the_refined_theory_agrees_with_the_ten_values_on_conflicts() -> None:
    """A refined value's opposites are parts of what its part of the ten opposes; face and humility are new."""
    parts = {
        refined.id: next(
            (ten.id for ten in SCHWARTZ.values if refined.id == ten.id or refined.id.startswith(f"{ten.id}-")), ""
        )
        for refined in load_framework("schwartz-refined").values
    }
    assert [refined for refined, ten in parts.items() if not ten] == ["face", "humility"]
    opposes = {ten.id: set(ten.opposites) for ten in SCHWARTZ.values}
    for value in load_framework("schwartz-refined").values:
        ten = parts[value.id]
        if ten:
            assert {parts[each] for each in value.opposites} - {""} == opposes[ten], value.id


def test_moral_foundations_are_the_six_without_opposites_or_circle() -> None:
    theory = load_framework("moral-foundations")
    assert theory.value_ids == ("care", "equality", "proportionality", "loyalty", "authority", "purity")
    assert not theory.circle
    assert not any(value.opposites for value in theory.values)
    assert any("2023" in source and "pspp0000470" in source for source in theory.sources)
    assert "neither opposites" in (FOLDER / "moral-foundations.yaml").read_text(encoding="utf-8")


def test_the_theories_share_the_seed_topics_and_house_rules_have_their_own() -> None:
    assert load_framework("schwartz-refined").topics == load_framework("moral-foundations").topics == SCHWARTZ.topics
    rules = load_framework("house-rules")
    assert 4 <= len(rules.values) <= 6
    sizes = Counter(topic.area for topic in rules.topics)
    assert len(set(sizes.values())) == 1
    assert len(rules.topics) >= 40
    for one, other in combinations(rules.topics, 2):
        frame = {"should", "accept", "right", "assist"}
        first, second = stems(one.text) - frame, stems(other.text) - frame
        assert len(first & second) / len(first | second) < 0.4, (one.text, other.text)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_readable_by_people(name: str) -> None:
    lines = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 120
    header = next(index for index, line in enumerate(lines) if not line.startswith("#"))
    assert 3 <= header <= 8
