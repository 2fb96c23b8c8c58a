"""What two folders' differences come to, in a few sentences."""

from __future__ import annotations

from ...domain.texts.counting import count, verb
from ...domain.texts.safe_text import one_line
from ...records.folder import ForkOf
from .diff_types import FolderDiff


def sentences(diff: FolderDiff, fork: ForkOf | None) -> tuple[str, ...]:
    """How the second came about, then whether anything differs: steps, questions, scores and ranks, findings."""
    parts = [_relation(diff, fork)]
    if diff.nothing_differs:
        steps = f"{count(diff.steps.first, 'step')}, " if diff.steps is not None else ""
        parts.append(
            f"Nothing differs: {steps}{count(diff.asked.both, 'question')}, {count(len(diff.scored), 'score')} and "
            f"{count(len(diff.findings), 'contrast')} are the same."
        )
        return tuple(filter(None, parts))
    return tuple(filter(None, [*parts, _steps(diff), _questions(diff), _findings(diff), _chance(diff, fork)]))


def _relation(diff: FolderDiff, fork: ForkOf | None) -> str:
    first, second = diff.folders
    name = one_line(second.name)
    if fork is None or fork.run_id != first.run_id:
        return ""
    changes = "; ".join(f"{key} is {one_line(value)}" for key, value in fork.changes.items())
    if fork.control == "judge":
        how = changes or "by the same judge"
        return f"{name} is {one_line(first.name)} with all its stored answers judged again: {how}."
    if fork.control:
        varied = one_line(fork.control.replace("-", " "))
        return f"{name} asks the questions of {one_line(first.name)} again, as a control: {varied}."
    where = f"from step {one_line(fork.at)} on" if fork.at else "from its start"
    return f"{name} is a fork of {one_line(first.name)} {where}: {changes or 'nothing was changed'}."


def _steps(diff: FolderDiff) -> str:
    steps = diff.steps
    if steps is None:
        return ""
    if not steps.first_change:
        return "The one step is the same." if steps.first == 1 else f"All {steps.first} steps are the same."
    return (
        f"{count(steps.alike, 'step')} {verb(steps.alike)} the same before {one_line(steps.first_change)}, the first "
        f"that differs ({count(steps.first, 'step')} in {one_line(diff.folders[0].name)}, {steps.second} in "
        f"{one_line(diff.folders[1].name)})."
    )


def _questions(diff: FolderDiff) -> str:
    asked = diff.asked
    first, second = diff.folders
    text = (
        f"{count(asked.both, 'question')} {verb(asked.both, 'was', 'were')} asked in both, "
        f"{len(asked.only_first)} only in {one_line(first.name)}, {len(asked.only_second)} only in "
        f"{one_line(second.name)}"
    )
    reworded = [each for each in diff.scored if each.reworded]
    if reworded:
        words = any(each.question != each.second_question for each in reworded)
        text += f"; {len(reworded)} of them {'in other words' if words else 'without their facts'}"
    if diff.scored:
        unchanged = sum(not each.changed for each in diff.scored)
        scored = f"{count(len(diff.scored), 'question')} scored in both"
        text += f"; of {scored} {unchanged} {verb(unchanged, 'has', 'have')} the same score and rank"
    return f"{text}."


def _chance(diff: FolderDiff, fork: ForkOf | None) -> str:
    """Of what a control cannot tell; one that judges stored answers again calls no model."""
    asked_again = fork is not None and fork.control not in ("", "judge") and fork.run_id == diff.folders[0].run_id
    if not asked_again or not diff.became("open", "new"):
        return ""
    return "New answers vary by chance: findings that are new or open are evidence neither for nor against the first."


def _findings(diff: FolderDiff) -> str:
    if not diff.findings:
        return ""
    first, second = (one_line(each.name) for each in diff.folders)
    counted = {which: len(diff.became(which)) for which in ("survives", "lost", "open", "reversed", "new")}
    before = sum(counted.values()) - counted["new"]
    if not before and not counted["new"]:
        return f"Neither {first} nor {second} shows a diff between models: there is no finding to compare."
    alike = sum(each.alike for each in diff.findings)
    survive, lost, new = (counted[which] for which in ("survives", "lost", "new"))
    return (
        f"Of {count(before, 'finding')} in {first}, {survive} {verb(survive, 'survives', 'survive')} in {second}, "
        f"{lost} {verb(lost)} lost, {counted['reversed']} reversed and {counted['open']} left open; {new} "
        f"{verb(new)} new. {alike} of {count(len(diff.findings), 'contrast')} {verb(alike, 'has', 'have')} the very "
        "same figures."
    )
