"""What ``framework check`` finds in texts, and that its calibration sees values that cannot be told apart."""

from __future__ import annotations

from typing import Any

import pytest
from adaem.calibration import discriminability as calibration
from adaem.calibration.discriminability import (
    Discriminability,
    ValueDiscriminability,
    checks,
    measure_discriminability,
    misread_phrases,
)
from adaem.calibration.verdict import Measurement
from adaem.calibration.verdict import Verdict as Judged
from adaem.domain.checkup import Check, CheckVerdict
from adaem.domain.framework import Framework
from adaem.domain.framework_check import check_texts, nearly_equal
from adaem.domain.reading.yaml_records import load_framework
from hypothesis import given
from hypothesis import strategies as st

TOPICS = [
    {"id": f"t{number}", "text": text, "area": ("a", "b")[number % 2]}
    for number, text in enumerate(topic.text for topic in load_framework("schwartz").topics[:20])
]
_EXAMPLES = {
    "thrift": "saving is wise|debts should be avoided|repair comes first|reuse old things|spend little|cheap will do",
    "play": "games lighten the day|jokes are healthy|children need fun|laugh often|riddles amuse us|toys delight",
}
EXAMPLES = {name: texts.split("|") for name, texts in _EXAMPLES.items()}


def value(name: str, **changes: Any) -> dict[str, Any]:
    base = {"id": name, "name": name.title(), "definition": f"What {name} means, at length", "examples": EXAMPLES[name]}
    return base | changes


def found(thrift: dict[str, Any] | None = None, play: dict[str, Any] | None = None, **changes: Any) -> dict[str, Check]:
    values = [
        value("thrift", definition="Wasting nothing and saving", **(thrift or {})),
        value("play", **(play or {})),
    ]
    data = {"id": "x", "name": "X", "version": "1", "sources": ["s"], "values": values, "topics": TOPICS} | changes
    return {each.what: each for each in check_texts(Framework.model_validate(data))}


def test_nothing_is_found_in_what_is_right() -> None:
    assert {each.verdict for each in found().values()} == {CheckVerdict.OK}
    mutual = found({"opposites": ["play"]}, {"opposites": ["thrift"]})["opposites"]
    assert (mutual.verdict, mutual.detail) == (CheckVerdict.OK, "2 of 2 values have some, all mutual")


@pytest.mark.parametrize(
    ("thrift", "play", "changes", "row", "verdict", "words"),
    [
        ({"opposites": ["play"]}, {}, {}, "opposites", "problem", "thrift names play, which does not name it in turn"),
        ({}, {"definition": "Play."}, {}, "definitions", "problem", "play: the definition only repeats the name"),
        ({}, {"definition": "Fun of all kinds"}, {}, "definitions", "warning", "hardly defines it"),
        ({}, {"definition": "Wasting nothing, and saving!"}, {}, "definitions", "problem", "nearly the same words"),
        ({}, {"examples": ["saving is wise", *EXAMPLES["play"][1:]]}, {}, "examples", "problem", "share nearly one"),
        ({}, {"examples": [*EXAMPLES["play"], "jokes are so healthy"]}, {}, "examples", "warning", "are nearly equal"),
        ({}, {"examples": EXAMPLES["play"][:5]}, {}, "examples", "warning", "play: 5 examples, fewer than 6"),
        ({}, {"examples": EXAMPLES["play"][:2]}, {}, "examples", "warning", "thrift has 6 examples, play only 2"),
        ({}, {}, {"topics": TOPICS[:19]}, "seed topics", "warning", "19 topics: with fewer than 20"),
        ({}, {}, {"topics": [t | {"area": "a"} if int(t["id"][1:]) > 3 else t for t in TOPICS]}, "seed topics",
         "warning", "the area 'a' has 18 topics, 'b' only 2"),
        ({}, {}, {"topics": [*TOPICS, TOPICS[0] | {"id": "again"}]}, "seed topics", "warning", "ask nearly the same"),
        ({}, {}, {"topics": [*TOPICS, {"id": "x", "text": "Work.", "area": "b"}]}, "seed topics", "warning",
         "no question"),
        ({}, {}, {"groups": [{"id": "g", "name": "G", "definition": "d"}]}, "values", "warning", "'g' has no value"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_a_remedy(
    thrift: dict[str, Any], play: dict[str, Any], changes: dict[str, Any], row: str, verdict: str, words: str
) -> None:
    rows = found(thrift, play, **changes)
    assert rows[row].verdict == verdict
    assert words in rows[row].detail
    assert rows[row].remedy
    assert {each.verdict for name, each in rows.items() if name != row} == {CheckVerdict.OK}


def test_many_defects_are_counted_and_the_worst_stands_first() -> None:
    topics = [{"id": f"n{number}", "text": f"Nothing {number}{number}{number}.", "area": "a"} for number in range(25)]
    row = found(topics=topics)["seed topics"]
    assert row.detail.count("\n") == 3
    assert " more" in row.detail
    two = found({"examples": EXAMPLES["thrift"][:5]}, {"examples": ["saving is wise", *EXAMPLES["play"][1:]]})
    assert two["examples"].verdict is CheckVerdict.PROBLEM
    assert two["examples"].detail.startswith("thrift and play share")


@given(st.lists(st.text(max_size=30), max_size=6))
def test_every_text_is_nearly_equal_to_itself_and_the_order_does_not_matter(texts: list[str]) -> None:
    doubled = [*texts, *texts]
    pairs = set(nearly_equal(doubled))
    assert all((place, place + len(texts)) in pairs for place in range(len(texts)))
    turned = {tuple(sorted((len(doubled) - 1 - a, len(doubled) - 1 - b))) for a, b in nearly_equal(doubled[::-1])}
    assert turned == pairs


def test_nearly_equal_works_in_a_script_without_spaces() -> None:
    assert list(nearly_equal(["人应该自由选择自己的生活方式", "人应该自由选择自己的生活", "战争必须停止"])) == [(0, 1)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "WORLD_QUESTIONS", 40)


def blurred() -> Framework:
    """House rules in which tact speaks in candour's words, while the judge still listens for tact's own."""
    theory = load_framework("house-rules")
    candour, tact = theory.values[:2]
    pairs = zip(tact.examples, candour.examples, strict=True)
    mixed = [mine if number % 2 else theirs for number, (mine, theirs) in enumerate(pairs)]
    values = (candour, tact.model_copy(update={"examples": tuple(mixed)}), *theory.values[2:])
    return theory.model_copy(update={"values": values})


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_values_that_share_their_words_are_not_told_apart() -> None:
    clear = {each.value: each for each in measure_discriminability(load_framework("house-rules"), worlds=4).values}
    assert {each.verdict for each in clear.values()} == {Judged.HOLDS}
    assert min(each.sensitivity for each in clear.values()) > 0.75
    result = measure_discriminability(blurred(), worlds=4)
    mixed = {each.value: each for each in result.values}
    assert mixed["tact"].separation.estimate < 0.5 < clear["tact"].separation.estimate
    assert mixed["tact"].verdict is not Judged.HOLDS
    rows = {row.what: row for row in checks(result)}
    assert rows["tact"].verdict is not CheckVerdict.OK
    assert rows["tact"].remedy.startswith("let its characteristic words recur, each in an odd and in an even example")
    assert rows["caution"].verdict is CheckVerdict.OK


@pytest.mark.parametrize(("sensitivity", "words"), [(0.3, "recur, each in an odd"), (0.9, "apart from those of tact")])
def test_the_remedy_follows_from_what_goes_wrong(sensitivity: float, words: str) -> None:
    short = Measurement(estimate=0.1, interval=(0.0, 0.2), draws=8)
    each = ValueDiscriminability("candour", sensitivity, "tact", short, Judged.FALLS_SHORT)
    found = Discriminability((), (each,), short, Judged.FALLS_SHORT, answers=1)
    assert words in checks(found)[0].remedy


@pytest.mark.usefixtures("quick")
def test_the_calibration_depends_on_framework_and_seed_alone() -> None:
    theory = load_framework("house-rules")
    heard: list[tuple[int, int]] = []
    first = measure_discriminability(theory, lambda done, total: heard.append((done, total)), worlds=2)
    assert heard == [(1, 2), (2, 2)]
    assert measure_discriminability(theory, worlds=2) == first
    assert measure_discriminability(theory, worlds=2, seed=1) != first


def test_an_example_that_shares_words_with_a_neutral_phrase_is_told() -> None:
    theory = load_framework("house-rules")
    assert misread_phrases(theory) == ()
    values = {value.id: value for value in theory.values}
    examples = values["helpfulness"].examples
    values["helpfulness"] = values["helpfulness"].model_copy(
        update={"examples": (examples[0], "questions of timing waste a morning", *examples[2:])}
    )
    changed = theory.model_copy(update={"values": tuple(values.values())})
    found = {each.phrase: each for each in misread_phrases(changed)}["it is partly a question of timing"]
    assert (found.value, found.words) == ("helpfulness", ("question", "timing"))
