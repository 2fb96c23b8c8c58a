"""Why a search brought little: which drafts were refused, whose answers do not count, and the cheapest remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ...domain.answer import Outcome
from ...records import MoveRecord

SHARE_TO_TELL = 0.25
"""From this share of a member's replies without an answer, or of refused drafts, it is told as a cause."""

SILENT_AFTER = 20
"""Replies of a member, none of them an answer, after which the search stops: a member that answers one in ten would
have answered by then with a probability of 0.88, and one that answers one in five with 0.99."""

_REMEDIES: Mapping[str, str] = {
    Outcome.TRUNCATED: "raise its max_tokens, or take a model that says less",
    Outcome.UNPARSABLE: "set its schema_mode to body where its server takes one, or take a more capable model",
    Outcome.REFUSED: "take another framework, or a model that answers such questions",
    Outcome.FILTERED: "its provider filters these questions: take another one",
    Outcome.MISROUTED: "correct the model's name, or list the name that answers under answers_as",
    Outcome.FAILED: "see 'adaem doctor' for what is wrong with its endpoint",
}
_PLAIN: Mapping[str, str] = {
    Outcome.TRUNCATED: "cut off",
    Outcome.UNPARSABLE: "not in the form asked for",
}
_OF_A_WEAK_MODEL = frozenset({Outcome.TRUNCATED.value, Outcome.UNPARSABLE.value, "degenerate"})
"""Outcomes that no question brings about: whoever has nothing else will have nothing else. A refusal is a finding."""

Replies = Mapping[str, Mapping[str, int]]
"""How many finished calls of each member had each outcome."""


def refused_drafts(moves: Iterable[MoveRecord]) -> Counter[str]:
    """How many moves ended without a draft that could be asked, by what was wrong with it."""
    return Counter(move.detail or "no reason" for move in moves if move.status == "failed")


def shortfalls(moves: Iterable[MoveRecord], replies: Replies) -> list[str]:
    """The causes, each a clause with counts and a remedy, those of drafts first; empty where nothing stands out."""
    ended = list(moves)
    clauses = []
    refused = refused_drafts(ended)
    if ended and (number := refused.total()) >= SHARE_TO_TELL * len(ended):
        reason, most = refused.most_common(1)[0]
        clauses.append(
            f"{number} of {len(ended)} drafts were refused ({most} × {reason}): give the role author to a more capable "
            "model"
        )
    for member, outcomes in replies.items():
        if (clause := _of_member(member, outcomes)) is not None:
            clauses.append(clause)
    return clauses


def silent_member(replies: Replies) -> str:
    """Why the search should stop, with a remedy: a member whose first ``SILENT_AFTER`` replies hold no answer, all of
    them cut off or unusable; empty where there is none.
    """
    for member, outcomes in replies.items():
        number = sum(outcomes.values())
        if number >= SILENT_AFTER and set(outcomes) <= _OF_A_WEAK_MODEL:
            return f"none of the first {number} replies of {member} is an answer: {_in_words(outcomes)}"
    return ""


def _of_member(member: str, outcomes: Mapping[str, int]) -> str | None:
    number = sum(outcomes.values())
    lost = {outcome: count for outcome, count in outcomes.items() if outcome != Outcome.ANSWERED}
    if not lost or sum(lost.values()) < SHARE_TO_TELL * number:
        return None
    return f"{sum(lost.values())} of {number} replies of {member} are no answer: {_in_words(lost)}"


def _in_words(lost: Mapping[str, int]) -> str:
    by_number = sorted(lost.items(), key=lambda each: (-each[1], each[0]))
    counts = ", ".join(f"{count} {_PLAIN.get(outcome, outcome)}" for outcome, count in by_number)
    remedy = _REMEDIES.get(by_number[0][0], "take a more capable model")
    return f"{counts} ({remedy})"
