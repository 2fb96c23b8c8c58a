"""Topics from pairs of values: balanced over values, situations and directions."""

from __future__ import annotations

from collections import Counter

from adaem.domain.framework import Framework
from adaem.domain.reading.yaml_records import load_framework
from adaem.domain.value_pairs import MOST_PAIRS, SITUATIONS, WANTED_TOPICS, pair_topics
from hypothesis import given
from hypothesis import strategies as st


def theory(count: int) -> Framework:
    values = [{"id": f"v{number}", "name": f"V{number}", "definition": "It is one of many."} for number in range(count)]
    topics = [{"id": "t", "area": "t", "text": "Is it right?"}]
    return Framework.model_validate(
        {"id": "many", "name": "Many", "version": "1", "sources": ["us"], "values": values, "topics": topics}
    )


@given(st.integers(2, 100))
def test_values_situations_and_directions_are_balanced(count: int) -> None:
    topics = pair_topics(theory(count))
    assert len({topic.id for topic in topics}) == len(topics)
    assert len({topic.text for topic in topics}) == len(topics)
    assert len(topics) >= min(WANTED_TOPICS, len(SITUATIONS) * count * (count - 1) // 2)
    named = [topic.text.removeprefix("When ").partition(" conflict ")[0].split(" and ") for topic in topics]
    asked = Counter(name for pair in named for name in pair)
    each = len(topics) // min(MOST_PAIRS, count * (count - 1) // 2)
    assert len(asked) == count
    assert max(asked.values()) - min(asked.values()) <= 2 * each
    wanted = Counter(topic.text.partition(", should ")[2].removesuffix(" come first?") for topic in topics)
    whole = count * (count - 1) // 2 <= MOST_PAIRS
    assert all(abs(2 * wanted[name] - asked[name]) <= (1 if whole else 2) for name in asked)
    areas = Counter(topic.area for topic in topics)
    assert max(areas.values()) - min(areas.get(area, 0) for area, _ in SITUATIONS) <= 1
    first = sum(f", should {pair[0]} come" in topic.text for pair, topic in zip(named, topics, strict=True))
    assert abs(2 * first - len(topics)) <= len(topics) / len(SITUATIONS) + 1


def test_opposites_on_the_circle_come_first() -> None:
    framework = load_framework("schwartz")
    first = pair_topics(framework)[0]
    names = {value.id: value.name for value in framework.values}
    expected = names[framework.circle[0]], names[framework.circle[5]]
    assert first.text == f"When {expected[0]} and {expected[1]} conflict at work, should {expected[0]} come first?"
    assert len(pair_topics(framework)) == 45
