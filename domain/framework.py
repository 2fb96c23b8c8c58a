"""A value theory as data (METHOD.md section 1, "framework")."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from .errors import InputError
from .record import Record, Whole

IDENTIFIER = r"^[a-z][a-z0-9_-]{0,63}$"

Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


MOST_VALUES = 100
"""A judge reads all values with each answer, and chance finds something among very many."""


FEWEST_EXAMPLES = 2
"""Of a value, where any are needed: one half speaks, the other recognises."""


class Misplaced(ValueError):
    """A defect that shows only when the parts are seen together; ``location`` leads to the part that has it."""

    def __init__(self, message: str, *location: int | str) -> None:
        super().__init__(message)
        self.location = location


class ValueGroup(Record):
    """A higher-order group of values, such as Schwartz's self-transcendence."""

    id: Identifier
    name: Text
    definition: Text


class Value(Record):
    """One value dimension.

    ``examples`` are short statements that appeal to the value, each a full clause that can stand inside a sentence
    ("people should be free to choose their own way of life"). Models are never shown them: only simulated members and
    local judges need any (``Framework.need_examples``).
    """

    id: Identifier
    name: Text
    definition: Text
    examples: tuple[Text, ...] = ()
    group: Identifier | None = None
    opposites: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _none_or_enough_examples(self) -> Value:
        if 0 < len(self.examples) < FEWEST_EXAMPLES:
            raise Misplaced(f"has {len(self.examples)} of at least {FEWEST_EXAMPLES} entries, or none", "examples")
        return self


class SeedTopic(Record):
    """A generic yes/no question from which the search may grow specific ones.

    ``region`` and ``date`` say what it is about, and authors are told. Its shelf life counts from ``date``, which it
    then must have; past it the topic is no longer asked. ``fact`` is what goes before a question that is asked as it is
    (explorer ``bank``). ``matter`` is what it shares with other topics: the topic that a bank names for its questions.
    """

    id: Identifier
    text: Text
    area: Text
    region: Text | None = None
    date: datetime.date | None = None
    fact: Text | None = None
    matter: Text | None = None
    shelf_life_days: Whole | None = Field(default=None, gt=0, le=36_500)

    @model_validator(mode="after")
    def _shelf_life_has_a_date(self) -> SeedTopic:
        if self.shelf_life_days is not None and self.date is None:
            raise Misplaced("a shelf life counts from a date; give the topic its date", "date")
        return self

    def expired(self, today: datetime.date) -> bool:
        """Whether ``today`` is past its shelf life."""
        if self.date is None or self.shelf_life_days is None:
            return False
        return today > self.date + datetime.timedelta(days=self.shelf_life_days)


class TopicSet(Record):
    """Seed topics that belong to no framework: a file of its own, which any framework may take."""

    topics: tuple[SeedTopic, ...] = Field(min_length=1)


class Framework(Record):
    """A value theory: ``d`` values, their groups and opposites, their circle if it has one, and seed topics."""

    id: Identifier
    name: Text
    version: Text
    sources: tuple[Text, ...] = Field(min_length=1)
    groups: tuple[ValueGroup, ...] = ()
    values: tuple[Value, ...] = Field(min_length=2)
    circle: tuple[Identifier, ...] = ()
    topics: tuple[SeedTopic, ...] = Field(min_length=1)

    @property
    def value_ids(self) -> tuple[str, ...]:
        """The ids of the ``d`` values, in the order of every array's last axis."""
        return tuple(value.id for value in self.values)

    def need_examples(self, why: str) -> None:
        """Raises ``InputError`` where a value has fewer than two examples; ``why`` completes "they are needed: …"."""
        short = [value.id for value in self.values if len(value.examples) < FEWEST_EXAMPLES]
        if short:
            more = f" and {len(short) - 1} more" if len(short) > 1 else ""
            raise InputError(
                f"framework {self.id!r}: {short[0]!r}{more} with fewer than {FEWEST_EXAMPLES} examples, and {why} — "
                "add some to each value, or name real models (--pool FILE) of which one judges"
            )

    @model_validator(mode="before")
    @classmethod
    def _not_too_many(cls, data: object) -> object:
        # Before each is looked at: a file of thousands of values shall not be a list of thousands of defects.
        values = data.get("values") if isinstance(data, dict) else None
        if isinstance(values, list | tuple) and len(values) > MOST_VALUES:
            raise Misplaced(f"{len(values):,} values are too many: {MOST_VALUES} at most", "values")
        return data

    @model_validator(mode="after")
    def _references_hold(self) -> Framework:
        ids = self.value_ids
        for what, names in (
            ("values", list(ids)),
            ("groups", [group.id for group in self.groups]),
            ("topics", [topic.id for topic in self.topics]),
        ):
            if twice := [name for name, count in Counter(names).items() if count > 1]:
                place = len(names) - 1 - names[::-1].index(twice[0])
                raise Misplaced(f"the id {twice[0]!r} is a duplicate; give each its own", what, place, "id")
        groups = {group.id for group in self.groups}
        for number, value in enumerate(self.values):
            if value.group is not None and value.group not in groups:
                message = f"the group {value.group!r} is not defined{_near(value.group, groups)}"
                raise Misplaced(message, "values", number, "group")
            for opposite in value.opposites:
                if opposite not in ids or opposite == value.id:
                    others = [each for each in ids if each != value.id]
                    message = f"the opposite {opposite!r} of {value.id!r} is no other value{_near(opposite, others)}"
                    raise Misplaced(message, "values", number, "opposites")
        if self.circle and sorted(self.circle) != sorted(ids):
            raise Misplaced(f"it must name every value exactly once; {_off(self.circle, ids)}", "circle")
        return self


def _near(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _off(circle: Sequence[str], ids: Sequence[str]) -> str:
    """What keeps a circle from naming each value once, in words."""
    counts = Counter(circle)
    for wrong, words in (
        ([each for each in circle if each not in ids], "is no value"),
        ([each for each in ids if each not in counts], "is missing"),
        ([each for each in circle if counts[each] > 1], "is a duplicate"),
    ):
        if wrong:
            return f"{wrong[0]!r} {words}"
    return ""
