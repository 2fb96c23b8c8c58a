"""A policy of one's own, with what it returns checked: a slip in it must neither end in a traceback nor go unseen."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import isfinite, isnan
from numbers import Integral, Real
from typing import Any

import numpy as np

from ...domain.errors import InputError
from ...domain.texts.safe_text import one_line
from .policy import Move, MoveKind, Policy, SearchView


@dataclass(frozen=True)
class CheckedPolicy:
    """The policy called ``name``. It sees arrays that it cannot change; its moves are returned as plain numbers."""

    name: str
    policy: Policy

    def __call__(self, view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
        """See ``protocol.Policy``. Raises ``InputError`` when the policy raises, or returns what it may not."""
        try:
            returned: Any = self.policy(_read_only(view), moves, rng)
        except Exception as error:  # a stranger's code may raise anything, and the user must hear whose it was
            raise self._wrong(f"it raised {type(error).__name__}: {one_line(str(error))}") from error
        if not isinstance(returned, (list, tuple)):
            raise self._wrong(f"it returned {type(returned).__name__}, not a list of moves")
        if len(returned) > moves:
            raise self._wrong(f"it returned {len(returned)} moves, and {moves} were wanted")
        chosen = [self._move(view, move, number) for number, move in enumerate(returned, start=1)]
        topics = [move.topic for move in chosen]
        for number, topic in enumerate(topics, start=1):
            if topic in topics[: number - 1]:
                raise self._wrong(f"its move {number} has the topic {topic} once more: a topic is drawn once a round")
        return chosen

    def _move(self, view: SearchView, move: Any, number: int) -> Move:
        if not isinstance(move, Move):
            raise self._wrong(f"its move {number} is {type(move).__name__}, not a Move")
        if problem := _problem(view, move):
            raise self._wrong(f"its move {number} {problem}")
        return Move(
            kind=MoveKind(move.kind),
            topic=int(move.topic),
            parent=None if move.parent is None else int(move.parent),
            worth=float(move.worth),
            reason={str(term): float(figure) for term, figure in move.reason.items()},
        )

    def _wrong(self, problem: str) -> InputError:
        return InputError(f"policy {self.name!r}: {problem} — fix it, see agents/policies/policy.py")


def _problem(view: SearchView, move: Move) -> str:
    """What is wrong with one move; empty when nothing is."""
    if move.kind not in set(MoveKind):
        return f"is of the kind {move.kind!r}, neither propose nor refine"
    if not _index(move.topic, len(view.alive)):
        return f"has the topic {move.topic!r}, and topics are numbered from 0 to {len(view.alive) - 1}"
    if move.kind == MoveKind.PROPOSE:
        if move.parent is not None:
            return "proposes, and has a parent: only a rewrite has one"
        if not view.open[move.topic]:
            return f"proposes for the topic {move.topic}, which is not open"
    else:
        if not _index(move.parent, len(view.topic)):
            return f"refines the question {move.parent!r}, and {len(view.topic)} are scored, numbered from 0"
        if view.topic[move.parent] != move.topic:
            return f"refines a question of the topic {view.topic[move.parent]}, and names the topic {move.topic}"
        if not view.alive[move.topic]:
            return f"refines a question of the topic {move.topic}, which is no longer in the search"
    if not _number(move.worth):  # infinite is a worth: that of an arm that must be drawn before all others
        return f"has the worth {move.worth!r}, which is no number"
    if not isinstance(move.reason, dict):
        return f"has as its reason {type(move.reason).__name__}, not a dict of numbers"
    for term, figure in move.reason.items():
        if not (_number(figure) and isfinite(figure)):
            return f"has {figure!r} as {term!r} of its reason, which is no finite number"
    return ""


def _index(value: Any, length: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and 0 <= int(value) < length


def _number(value: Any) -> bool:
    # NumPy's bool is no Real; a plain one would pass as 0 or 1.
    return isinstance(value, Real) and not isinstance(value, bool) and not isnan(value)


def _read_only(view: SearchView) -> SearchView:
    """The same view on arrays that cannot be written: some of them are the search's own."""
    changes: dict[str, Any] = {}
    for each in fields(view):
        if isinstance(array := getattr(view, each.name), np.ndarray):
            changes[each.name] = array.view()
            changes[each.name].flags.writeable = False
    return replace(view, **changes)
