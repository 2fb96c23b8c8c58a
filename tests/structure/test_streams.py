"""Streams of random numbers are named in domain/streams.py, and no two places share one."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from adaem.domain.streams import Purpose, Stream, TextStream, derived_seed, generator, text_generator
from places import NOT_SHIPPED, ROOT

MAKERS = {"default_rng", "Random", "SeedSequence", "RandomState", "SystemRandom"}
HOMES = {Path("domain/streams.py"), Path("pool/simulated/chance.py")}
"""Where generators are made. The simulated members' numbers come out of hashes of their own words."""


def shipped() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        inside = path.relative_to(ROOT)
        if inside.parts[0] not in NOT_SHIPPED and not inside.parts[0].startswith("."):
            yield inside, ast.parse(path.read_text(encoding="utf-8"))


def test_generators_are_made_in_one_place() -> None:
    elsewhere = [
        f"{path}:{node.lineno}"
        for path, tree in shipped()
        if path not in HOMES
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in MAKERS
    ]
    assert not elsewhere


def test_each_stream_is_used_in_one_place() -> None:
    used = Counter(
        f"{node.value.id}.{node.attr}"
        for path, tree in shipped()
        if path not in HOMES
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("Stream", "TextStream")
    )
    names = [f"{kind.__name__}.{member.name}" for kind in (Stream, TextStream) for member in kind]
    assert used == Counter(names)


def test_no_name_is_the_beginning_of_another() -> None:
    for one, other in combinations([member.value for member in Stream], 2):
        shorter = min(len(one), len(other))
        assert one[:shorter] != other[:shorter]


def test_streams_of_one_seed_differ_and_stay() -> None:
    first = {stream: generator(7, stream).integers(2**62) for stream in Stream}
    assert len(set(first.values())) == len(Stream)
    assert first == {stream: generator(7, stream).integers(2**62) for stream in Stream}
    assert generator(7, Stream.SEARCH_POLICY, 1).random() != generator(7, Stream.SEARCH_POLICY, 2).random()
    assert len({text_generator(stream, 7).random() for stream in TextStream}) == len(TextStream)
    assert len({derived_seed(7, "q1", purpose=purpose) for purpose in Purpose}) == len(Purpose)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        generator(-1, Stream.SEARCH_POLICY)
