"""What a report says at its head, and of its judge, about answers and labels that enter no figure."""

from __future__ import annotations

from ...domain.answer import Outcome
from ...domain.texts.counting import count, verb
from ...results.result_types import Design
from .figure_text import counts


def degenerate_line(asked: Design) -> str:
    """How many answers say nothing, and whose they are; empty where there is none."""
    by_model = {model.id: model.missing.get(Outcome.DEGENERATE, 0) for model in asked.models}
    if not (total := sum(by_model.values())):
        return ""
    received = asked.answers + sum(asked.missing.values())
    return (
        f"{total} of {count(received, 'answer')} {verb(total)} degenerate (placeholders, echoes, loops, the same key "
        f"point again), and left out: {counts({model: number for model, number in by_model.items() if number})}."
    )


def dropped_labels_line(asked: Design) -> str:
    """How many of the judge's labels do not hold; empty where all do."""
    if not asked.labels_dropped:
        return ""
    return (
        f"Labels dropped, since their quote is not in the answer or there is no such value: {asked.labels_dropped} of "
        f"{asked.labels + asked.labels_dropped}."
    )
