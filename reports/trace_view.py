"""A trace in the terminal: the run as a tree, and one step in full."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.tree import Tree

from ..domain.answer import Phase
from ..domain.calls import Call
from ..records import Manifest, RunRecords, TraceEvent
from .imported_terminal import SIMULATED_JUDGE
from .plain import plain
from .terminal import SIMULATED

WHOLE_ROUND = {"confirm": Phase.CONFIRM, "evaluate": Phase.EVALUATE}
"""Steps over many questions: their answers and labels are shown; the prompts are those of the search's steps."""


def trace_tree(events: Sequence[TraceEvent], manifest: Manifest, damaged: int) -> RenderableType:
    """Rounds, moves and steps, one line a step."""
    tree = Tree(plain(f"run {manifest.run_id} ({manifest.status})"))
    branches: dict[tuple[int, ...], Tree] = {}
    for event in events:
        number, _, dispatch, _ = event.position
        branch = branches.setdefault((number,), tree) if event.node == "evaluate" else branches.get((number,))
        if branch is None:
            name = f"round {number}" if manifest.recorded is None else f"import of {manifest.recorded.file}"
            branch = branches[(number,)] = tree.add(plain(name))
        if event.topic_id:
            key = (number, dispatch)
            if key not in branches:
                branches[key] = branch.add(plain(f"{number}.{dispatch} {event.topic_id} ({event.question_id})"))
            branch = branches[key]
        line = plain(f"{event.id}  {event.summary}  [{len(event.call_ids)} calls, {event.seconds:.2f} s]")
        branch.add(line)
    notes: list[RenderableType] = []
    if manifest.simulated:
        notes.append(plain(_banner(manifest), style="bold"))
    if damaged:
        notes.append(plain(f"{damaged} lines of the trace are cut off or damaged; all whole events are shown."))
    return Group(*notes, tree)


def step_view(event: TraceEvent, records: RunRecords, manifest: Manifest) -> RenderableType:
    """What one step saw and decided: its data, its prompts and replies, and the labels with the quoted words."""
    parts: list[RenderableType] = [
        plain(f"step {event.id}: {event.node}, by the {event.agent or 'graph'}", style="bold")
    ]
    if manifest.simulated:
        parts.append(plain(_banner(manifest), style="bold"))
    parts += [
        plain(f"{event.summary}\nstarted {event.started_at}, {event.seconds:.3f} s, {len(event.call_ids)} calls"),
        Rule("decided on", characters="-"),
        plain(json.dumps(event.data, ensure_ascii=False, indent=2)),
    ]
    if event.question_id and event.node in ("probe", "critique"):
        parts += _answers(event.question_id, records, Phase.SEARCH if manifest.recorded is None else Phase.EVALUATE)
    if event.node in WHOLE_ROUND:
        questions = records.questions(event.data.get("questions", []))
        for question_id in event.data.get("questions", []):
            parts.append(Rule(plain(f"{question_id}: {questions[question_id].text}"), characters="-"))
            parts += _answers(question_id, records, WHOLE_ROUND[event.node])
        return Group(*parts)
    shown: set[str] = set()
    for call in records.calls(event.call_ids):
        head = f"call {call.id}: {call.prompt.name} → {call.member}, sample {call.sample}, {call.outcome.value}"
        parts.append(Rule(plain(head), characters="-"))
        if call.prompt.system not in shown:
            # The system words are the same for every call of a step; once is enough.
            parts.append(plain(f"[system, prompt {call.prompt.fingerprint[:12]}]\n{call.prompt.system}"))
            shown.add(call.prompt.system)
        if call.prompt.user not in shown:
            parts.append(plain(f"[user]\n{call.prompt.user}"))
            shown.add(call.prompt.user)
        usage = f"{call.usage.input_tokens or '?'} + {call.usage.output_tokens or '?'} tokens"
        parts.append(plain(f"[reply, {usage}, {call.finish_reason or 'no finish reason'}] {call.detail}\n{call.text}"))
    return Group(*parts)


def outcome_view(calls: Iterable[Call[Any]], outcome: str, manifest: Manifest) -> RenderableType:
    """Every call that ended so, with its detail and its text: for checking by eye what was counted as missing."""
    parts: list[RenderableType] = [plain(_banner(manifest), style="bold")] if manifest.simulated else []
    shown = 0
    for call in calls:
        shown += 1
        head = f"{call.member}, {call.prompt.name}, sample {call.sample} ({call.id}): {call.detail or outcome}"
        parts.append(Rule(plain(head), characters="-"))
        parts.append(plain(call.text or "(no text)"))
    parts.append(plain(f"{shown} calls with the outcome {outcome!r}."))
    return Group(*parts)


def _banner(manifest: Manifest) -> str:
    return SIMULATED if manifest.recorded is None else SIMULATED_JUDGE


def _answers(question_id: str, records: RunRecords, phase: Phase) -> list[RenderableType]:
    """The answers with the words that show a value underlined and the value behind them."""
    parts: list[RenderableType] = [Rule("answers and labels", characters="-")]
    answers, judgements = records.answers(question_id, [phase])
    for answer, judgement in zip(answers, judgements, strict=True):
        stance = answer.stance.value if answer.stance else answer.outcome.value
        wording = f", wording {answer.wording}" if answer.wording else ""
        text = plain(f"{answer.member}{wording}, sample {answer.sample}: {stance}")
        for number, point in enumerate(answer.key_points):
            line = plain(f"\n  {number + 1}. {point.text}")
            found = [label for label in judgement.labels if label.key_point == number] if judgement else []
            for label in found:
                start = line.plain.find(label.quote)
                if start >= 0:
                    line.stylize("underline", start, start + len(label.quote))
            line.append_text(plain("".join(f"  «{label.value}: {label.quote}»" for label in found)))
            text.append_text(line)
        if judgement is not None and judgement.dropped:
            text.append(f"\n  {judgement.dropped} labels dropped: their quote is not in the text")
        parts.append(text)
    return parts
