"""What the calls of a folder brought and cost, line by line."""

from __future__ import annotations

from ...domain.texts.counting import count
from ...results.call_statistics import CallStatistics
from ..sheets.figure_text import counts


def call_lines(calls: CallStatistics) -> list[str]:
    """Cost, tokens that nobody counted, what was in flight at a kill, failed requests, and calls without an answer."""
    return [
        *([f"Cost: {calls.cost:.4f} {calls.currency}."] if calls.cost is not None else []),
        *([f"Tokens that no provider counted, at most: {calls.uncounted_tokens}."] if calls.uncounted_tokens else []),
        *unknown_lines(calls),
        *([f"Requests that failed, most of them sent again: {counts(calls.faults)}."] if calls.faults else []),
        f"Calls that brought no answer, left out of every figure: {counts(calls.missing)}.",
    ]


def unknown_lines(calls: CallStatistics) -> list[str]:
    """What was in flight when the folder was stopped or killed (of one that is at work, what is in flight), if any."""
    if not calls.unknown_requests:
        return []
    known = calls.unknown_cost is not None and calls.cost is not None
    money = f" and {calls.unknown_cost:.4f} {calls.currency}" if known else ""
    return [
        f"Spent, unknown: {count(calls.unknown_requests, 'request')} in flight when a session ended, at most "
        f"{calls.unknown_tokens} tokens{money}, not in the figures above and counted against the budget."
    ]
