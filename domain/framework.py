"""A value theory as data (METHOD.md section 1, "framework")."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from .record import Record

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Group(Record):
    """A higher-order group of values, such as Schwartz's self-transcendence."""

    id: Identifier
    name: Text
    definition: Text


class Value(Record):
    """One value dimension.

    ``examples`` are short statements that appeal to the value, each a full clause that can stand inside a sentence
    ("people should be free to choose their own way of life").
    """

    id: Identifier
    name: Text
    definition: Text
    examples: tuple[Text, ...] = Field(min_length=2)
    group: Identifier | None = None
    opposites: tuple[Identifier, ...] = ()


class SeedTopic(Record):
    """A generic yes/no question from which the search may grow specific ones."""

    id: Identifier
    text: Text
    area: Text


class Framework(Record):
    """A value theory: ``d`` values, their groups and opposites, their circle if it has one, and seed topics."""

    id: Identifier
    name: Text
    version: Text
    sources: tuple[Text, ...] = Field(min_length=1)
    groups: tuple[Group, ...] = ()
    values: tuple[Value, ...] = Field(min_length=2)
    circle: tuple[Identifier, ...] = ()
    topics: tuple[SeedTopic, ...] = Field(min_length=1)

    @property
    def value_ids(self) -> tuple[str, ...]:
        """The ids of the ``d`` values, in the order of every array's last axis."""
        return tuple(value.id for value in self.values)

    @model_validator(mode="after")
    def _references_hold(self) -> Framework:
        ids = self.value_ids
        for what, names in (
            ("values", ids),
            ("groups", [group.id for group in self.groups]),
            ("topics", [topic.id for topic in self.topics]),
        ):
            if twice := [name for name, count in Counter(names).items() if count > 1]:
                raise ValueError(f"{what}: the id {twice[0]!r} stands twice; give each its own")
        groups = {group.id for group in self.groups}
        for value in self.values:
            if value.group is not None and value.group not in groups:
                raise ValueError(f"values: {value.id!r} names the group {value.group!r}, which is not defined")
            for opposite in value.opposites:
                if opposite not in ids or opposite == value.id:
                    raise ValueError(f"values: {value.id!r} names the opposite {opposite!r}, which is no other value")
        if self.circle and sorted(self.circle) != sorted(ids):
            raise ValueError("circle: it must name every value exactly once")
        return self
