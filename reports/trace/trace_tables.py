"""A trace in the terminal: the run as a tree, one step whole, a question's life, the calls with one outcome."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ...domain.calls import Call
from ...domain.texts.counting import count, verb
from ...records import Manifest
from ..plain_text import plain
from ..sheets.figure_text import bits
from ..simulated_banner import SIMULATED_LABELS, SIMULATED_RESPONDENTS
from ..terminal.answer_text import answer_text
from .question_history import Life, Word, Wording
from .score_terms import Term
from .step_details import StepDetails, flat
from .trace_lines import StepLine

CHANGE_MARKS = {"kept": ("", ""), "out": ("[-", "-]"), "in": ("{+", "+}")}
CHANGE_STYLES = {"kept": "", "out": "red", "in": "green"}
LONGEST_DECISION = 2_000
"""Characters of what a step decided that stand in the tree; the step itself has the whole."""

SHOWN_ELSEWHERE = ("critique", "verdict", "table")
"""Parts of a step's data that have a view of their own."""


def tree(lines: Sequence[StepLine], manifest: Manifest, damaged: int) -> Iterator[Text]:
    """Rounds, moves and steps, one line a step; ``damaged`` lines of the file could not be read."""
    if manifest.simulated:
        yield plain(banner(manifest), style="bold")
    if damaged:
        yield plain(
            f"{count(damaged, 'line')} of the trace {verb(damaged)} cut off or damaged; all whole events are shown."
        )
    yield plain(f"run {manifest.run_id} ({manifest.status})", style="bold")
    number, move = -1, (-1, -1)
    for line in lines:
        if line.round != number:
            number, move = line.round, (-1, -1)
            name = f"round {number}" if manifest.recorded is None else f"import of {manifest.recorded.file}"
            yield plain(f"  {name}")
        if line.topic_id and (line.round, line.dispatch) != move:
            move = line.round, line.dispatch
            yield plain(f"    {number}.{line.dispatch} {line.topic_id} ({line.question_id})")
        yield branch(line)


def branch(line: StepLine) -> Text:
    """One step, as it stands in the tree."""
    who = f"{line.agent}: " if line.agent else ""
    change = "" if line.change is None else f", {line.change:+z.3f} on what it rewrote"
    cost = "" if line.cost is None else f", cost {line.cost:.4f}"
    took = f"[{count(line.calls, 'call')}{cost}, {line.seconds:.2f} s]"
    decided = line.decided if len(line.decided) <= LONGEST_DECISION else f"{line.decided[:LONGEST_DECISION]}…"
    return plain(f"{'      ' if line.topic_id else '    '}{line.id}  {who}{decided}{change}  {took}")


def banner(manifest: Manifest) -> str:
    """That models, or a judge, were simulated."""
    return SIMULATED_RESPONDENTS if manifest.recorded is None else SIMULATED_LABELS


def step_view(step: StepDetails, manifest: Manifest) -> RenderableType:
    """What one step saw and decided: its scores, its prompts and replies, and the labels with the quoted words."""
    event = step.event
    parts: list[RenderableType] = [
        plain(f"step {event.id}: {event.node}, by the {event.agent or 'graph'}", style="bold")
    ]
    if manifest.simulated:
        parts.append(plain(banner(manifest), style="bold"))
    parts.append(
        plain(
            f"{event.summary}\nstarted {event.started_at}, {event.seconds:.3f} s, {count(len(event.call_ids), 'call')}"
        )
    )
    data = {key: value for key, value in event.data.items() if key not in SHOWN_ELSEWHERE}
    critique = event.data.get("critique")
    if critique:
        data["critique"] = {key: value for key, value in critique.items() if key != "score"}
    if data:
        parts += [_rule("decided on"), *(plain(f"{key}: {_value(value)}") for key, value in flat(data).items())]
    if step.terms:
        parts += [_rule("score"), _terms(step.terms)]
    if verdict := event.data.get("verdict"):
        parts += [_rule("nearest questions asked before"), *_neighbours(verdict)]
    if table := event.data.get("table"):
        parts += [_rule("the policy's table"), _policy(table)]
    if step.changed:
        parts.append(_rule("changed in the state"))
        parts += [plain(f"{each.what}: {_value(each.before)} → {_value(each.after)}") for each in step.changed]
    for asked in step.answered:
        title = "answers and labels" if event.question_id else f"{asked.question_id}: {asked.text}"
        parts += [_rule(title), *(answer_text(answer, judgement) for answer, judgement in asked.answers)]
    systems: set[str] = set()
    for prompt in step.prompts:
        parts.append(_rule(f"prompt {prompt.name}, fingerprint {prompt.fingerprint[:12]}"))
        # The system words are the same for every call of a step; once is enough.
        if prompt.system and prompt.system not in systems:
            parts.append(plain(f"[system]\n{prompt.system}"))
            systems.add(prompt.system)
        parts.append(plain(f"[user]\n{prompt.user}"))
    for reply in step.replies:
        parts.append(
            _rule(f"{reply.member} on {reply.prompt}, sample {reply.sample}, {reply.outcome} ({reply.call_id})")
        )
        parts.append(plain(f"{reply.detail}\n{reply.text}".strip()))
    neighbours = [f"before it {step.previous}"] if step.previous else []
    neighbours += [f"after it {step.following}"] if step.following else []
    if neighbours:
        parts += [_rule("in the trace"), plain(", ".join(neighbours))]
    return Group(*parts)


def life_view(life: Life, manifest: Manifest) -> RenderableType:
    """A question from its seed to its rank."""
    parts: list[RenderableType] = [plain(f"question {life.question_id}, topic {life.topic_id}", style="bold")]
    if manifest.simulated:
        parts.append(plain(banner(manifest), style="bold"))
    parts += [plain(life.why), plain(f"\nseed: {life.seed}")]
    parts += [_wording(each) for each in life.line]
    if life.search_score is not None:
        parts.append(plain(f"\nscreened by the scouts: {life.search_score:+z.3f}"))
    if life.confirmed_score is not None and life.divergence is not None:
        tested = "" if life.q_value is None else f", q {life.q_value:.3f}"
        whole = "" if life.confirmed_score == life.divergence else f"score {life.confirmed_score:+z.3f}; divergence "
        parts.append(plain(f"confirmed by the panel: {whole}{bits(life.divergence, life.interval)} bits{tested}"))
    if life.rank is not None:
        parts.append(plain(f"rank: {life.rank} of {life.of}{', published' if life.published else ''}"))
    if life.rewrites:
        parts += [plain("\nrewritten as:"), *(_wording(each) for each in life.rewrites)]
    if life.steps:
        parts.append(plain(f"\nsteps: {', '.join(life.steps)}"))
    return Group(*parts)


def outcome_view(calls: Iterable[Call[Any]], outcome: str, manifest: Manifest) -> RenderableType:
    """Every call that ended so, with its detail and its text: for checking by eye what was counted as missing."""
    parts: list[RenderableType] = [plain(banner(manifest), style="bold")] if manifest.simulated else []
    number = 0
    for call in calls:
        number += 1
        head = f"{call.member}, {call.prompt.name}, sample {call.sample} ({call.id}): {call.detail or outcome}"
        parts.append(_rule(head))
        parts.append(plain(call.text or "(no text)"))
    parts.append(plain(f"{count(number, 'call')} with the outcome {outcome!r}."))
    return Group(*parts)


def _rule(title: str) -> Rule:
    return Rule(plain(title), characters="-")


def _terms(terms: Sequence[Term]) -> Table:
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("term")
    table.add_column("value", justify="right")
    table.add_column("how")
    for term in terms:
        table.add_row(plain(term.name), "–" if term.value is None else f"{term.value:z.3f}", plain(term.formula))
    return table


def _neighbours(verdict: dict[str, Any]) -> list[RenderableType]:
    novelty = "new" if verdict.get("novel") else f"not new: {verdict.get('reason', '')}"
    neighbours = [plain(f"{each['similarity']:.3f}  {each['text']} ({each['id']})") for each in verdict["neighbours"]]
    return [plain(novelty), *(neighbours or [plain("none was asked before")])]


def _policy(table: Sequence[dict[str, Any]]) -> RenderableType:
    """What the policy knew of each move; what was the same for all of several stands under the table."""
    names = [key for key in table[0] if key not in ("kind", "topic_id", "parent_id")]
    same = [name for name in names if len(table) > 1 and len({row.get(name) for row in table}) == 1]
    rows = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    rows.add_column("move", overflow="fold", min_width=16)
    for name in names:
        if name not in same:
            rows.add_column(plain(name.replace("_", " ")), justify="right")
    for row in table:
        about = row["topic_id"] if row["parent_id"] is None else f"{row['topic_id']} from {row['parent_id']}"
        figures = (_figure(row.get(name)) for name in names if name not in same)
        rows.add_row(plain(f"{row['kind']} {about}"), *figures)
    under = ", ".join(f"{name.replace('_', ' ')} {_figure(table[0][name])}" for name in same)
    return Group(rows, *([plain(f"the same for all: {under}")] if under else []))


def _figure(value: Any) -> str:
    return f"{value:z.3f}" if isinstance(value, float) else "–" if value is None else str(value)


def _value(value: Any) -> str:
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _wording(wording: Wording) -> RenderableType:
    score = "not scored" if wording.score is None else f"{wording.score:+z.3f}"
    text = plain(f"\n{wording.question_id} ({score}{', edited by hand' if wording.edited else ''}): ")
    words = wording.words or (Word(did="kept", text=wording.text),)
    for number, word in enumerate(words):
        begin, end = CHANGE_MARKS[word.did]
        text.append_text(plain(f"{' ' if number else ''}{begin}{word.text}{end}", style=CHANGE_STYLES[word.did]))
    if wording.fact:
        text.append_text(plain(f"\n  its fact, as a model claims: {wording.fact}"))
    return text
