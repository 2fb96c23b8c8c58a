"""A run's trace as one page that needs no network: the tree, and every step in full behind its line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...domain.errors import InputError
from ...domain.judgement import Judgement
from ...domain.record import Record
from ...domain.texts.counting import count
from ...domain.texts.safe_text import harmless
from ...records import RunFolder, RunRecords, read_trace
from ...records.status import current_manifest
from ...records.whole_file import write_whole, written
from .step_details import QuestionAnswers, StepDetails, all_steps, flat
from .trace_lines import StepLine, costs_of, trace_lines
from .trace_tables import SHOWN_ELSEWHERE, banner

TRACE_PAGE_NEEDS = "the page needs one more package, and jinja2 is not installed — pip install 'adaem[page]'"
STYLE = Path(__file__).parents[1] / "page" / "style.css"
JUDGES_PROMPTS = ("judge", "judge_question", "judge_value", "answer")
"""Prompts that hold nothing but what stands beside them on the page: the question, or the answers."""


MOST_IN_WORDS = 400
"""Questions whose every answer is on the page; of more, only the confirmed ones' are, so that it can be opened."""


class Stretch(Record):
    """A part of a key point, and the value that its words show, empty for none."""

    text: str
    value: str = ""


def write_trace_page(folder: RunFolder, out: Path) -> int:
    """Writes the page, returns its size in bytes. Raises ``InputError`` without the extra ``page`` (jinja2)."""
    if find_spec("jinja2") is None:
        raise InputError(TRACE_PAGE_NEEDS)
    text = trace_page(folder)
    with written(out):
        write_whole(out, text)
    return len(text.encode())


def trace_page(folder: RunFolder) -> str:
    """The whole page, as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda shown: harmless(shown) if type(shown) is str else shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "stretches": stretches,
        "by_member": by_member,
        "asked_with": _asked_with,
        "count": count,
        "shown": value_text,
        "decided_on": decided_on,
    }
    manifest = current_manifest(folder)
    events, damaged = read_trace(folder.trace_path)
    with RunRecords(folder.records_path, read_only=True) as records:
        lines = trace_lines(events, costs_of(records, manifest))
        steps = all_steps(events, records, manifest)
        return environment.get_template("page.html.jinja").render(
            manifest=manifest,
            banner=banner(manifest) if manifest.simulated else "",
            style=STYLE.read_text(encoding="utf-8"),
            damaged=damaged,
            rounds=_rounds(zip(lines, steps, strict=True)),
            count=len(events),
            in_words=_in_words([line.question_id for line in lines if line.node == "critique"], records),
            beside=JUDGES_PROMPTS,
        )


def stretches(text: str, judgement: Judgement | None, key_point: int) -> list[Stretch]:
    """A key point cut at the judge's quotes; of overlapping ones the first in the text is marked."""
    labels = [label for label in judgement.labels if label.key_point == key_point] if judgement else []
    places = sorted((text.find(label.quote), label.quote, label.value) for label in labels if label.quote)
    found, end = [], 0
    for start, quote, value in places:
        if start < end:
            continue
        found += [Stretch(text=text[end:start]), Stretch(text=quote, value=value)]
        end = start + len(quote)
    return [*found, Stretch(text=text[end:])]


def _in_words(judged: list[str], records: RunRecords) -> frozenset[str]:
    """The questions whose answers are shown word by word."""
    return frozenset(judged if len(judged) <= MOST_IN_WORDS else records.ids("confirmed"))


def by_member(asked: QuestionAnswers) -> list[str]:
    """What each member's answers to one question come to: stances, values and what is missing, with their numbers."""
    members = dict.fromkeys(answer.member for answer, _ in asked.answers)
    lines = []
    for member in members:
        own = [(answer, judgement) for answer, judgement in asked.answers if answer.member == member]
        stances = Counter(answer.stance.value if answer.stance else answer.outcome.value for answer, _ in own)
        values = Counter(value for _, judgement in own if judgement for value in judgement.values)
        parts = [", ".join(f"{name} {count}" for name, count in counts.most_common()) for counts in (stances, values)]
        lines.append(f"{member}: {parts[0]}; {parts[1] or 'no value'}")
    return lines


def _rounds(
    steps: Iterator[tuple[StepLine, StepDetails]],
) -> Iterator[tuple[int, list[tuple[str, list[tuple[StepLine, StepDetails]]]]]]:
    """Rounds with their moves, each with its steps; the steps of a whole round stand under an empty name."""
    number = -1
    moves = list[tuple[str, list[tuple[StepLine, StepDetails]]]]()
    for line, step in steps:
        if line.round != number:
            if moves:
                yield number, moves
            number, moves = line.round, []
        name = f"{line.round}.{line.dispatch} {line.topic_id} ({line.question_id})" if line.topic_id else ""
        if not moves or moves[-1][0] != name:
            moves.append((name, []))
        moves[-1][1].append((line, step))
    if moves:
        yield number, moves


def _asked_with(step: StepDetails) -> list[tuple[str, str]]:
    """The names and fingerprints of the step's prompts."""
    return sorted({(prompt.name, prompt.fingerprint) for prompt in step.prompts})


def value_text(value: Any) -> str:
    """A value of the state or of a decision as text: itself, JSON, or a dash for None."""
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def decided_on(step: StepDetails) -> str:
    """The step's data without what the page shows in another form."""
    elsewhere = (*SHOWN_ELSEWHERE, "moves", "questions")
    data = {key: value for key, value in step.event.data.items() if key not in elsewhere}
    return "\n".join(f"{key}: {value_text(value)}" for key, value in flat(data).items())
