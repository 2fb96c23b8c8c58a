"""What two folders' differences come to, in a few sentences."""

from __future__ import annotations

from ...domain.texts.counting import count, verb
from ...domain.texts.safe_text import one_line
from ...records.folder import ForkOf
from .diff_types import FolderDiff


def sentences(found: FolderDiff, fork: ForkOf | None) -> tuple[str, ...]:
    """How the second came about, then whether anything differs: steps, questions, scores and ranks, findings."""
    told = [_relation(found, fork)]
    if found.nothing_differs:
        steps = f"{count(found.steps.first, 'step')}, " if found.steps is not None else ""
        told.append(
            f"Nothing differs: {steps}{count(found.asked.both, 'question')}, {count(len(found.scored), 'score')} and "
            f"{count(len(found.findings), 'contrast')} are the same."
        )
        return tuple(filter(None, told))
    return tuple(filter(None, [*told, _steps(found), _questions(found), _findings(found), _chance(found, fork)]))


def _relation(found: FolderDiff, fork: ForkOf | None) -> str:
    first, second = found.folders
    name = one_line(second.name)
    if fork is None or fork.run_id != first.run_id:
        return ""
    changes = "; ".join(f"{key} is {one_line(value)}" for key, value in fork.changes.items())
    if fork.control == "judge":
        how = changes or "by the same judge"
        return f"{name} is {one_line(first.name)} with all its stored answers judged anew: {how}."
    if fork.control:
        varied = one_line(fork.control.replace("-", " "))
        return f"{name} asks the questions of {one_line(first.name)} again, as a control: {varied}."
    where = f"from step {one_line(fork.at)} on" if fork.at else "from its start"
    return f"{name} is a fork of {one_line(first.name)} {where}: {changes or 'nothing was changed'}."


def _steps(found: FolderDiff) -> str:
    steps = found.steps
    if steps is None:
        return ""
    if not steps.first_change:
        return "The one step is the same." if steps.first == 1 else f"All {steps.first} steps are the same."
    return (
        f"{count(steps.alike, 'step')} {verb(steps.alike)} the same before {one_line(steps.first_change)}, the first "
        f"that differs ({count(steps.first, 'step')} in {one_line(found.folders[0].name)}, {steps.second} in "
        f"{one_line(found.folders[1].name)})."
    )


def _questions(found: FolderDiff) -> str:
    asked, (first, second) = found.asked, found.folders
    told = (
        f"{count(asked.both, 'question')} {verb(asked.both, 'was', 'were')} asked in both, "
        f"{len(asked.only_first)} only in {one_line(first.name)}, {len(asked.only_second)} only in "
        f"{one_line(second.name)}"
    )
    reworded = [each for each in found.scored if each.reworded]
    if reworded:
        words = any(each.question != each.second_question for each in reworded)
        told += f"; {len(reworded)} of them {'in other words' if words else 'without their facts'}"
    if found.scored:
        kept = sum(not each.changed for each in found.scored)
        told += (
            f"; of {count(len(found.scored), 'question')} scored in both {kept} {verb(kept, 'has', 'have')} the same "
        )
        told += "score and rank"
    return f"{told}."


def _chance(found: FolderDiff, fork: ForkOf | None) -> str:
    """Of what a control cannot tell; one that judges stored answers anew asks nobody."""
    asked_afresh = fork is not None and fork.control not in ("", "judge") and fork.run_id == found.folders[0].run_id
    if not asked_afresh or not found.became("open", "new"):
        return ""
    return "Answers asked afresh vary by chance: what is new or left open is no sign for or against a finding."


def _findings(found: FolderDiff) -> str:
    if not found.findings:
        return ""
    first, second = (one_line(each.name) for each in found.folders)
    counted = {which: len(found.became(which)) for which in ("survives", "lost", "open", "reversed", "new")}
    before = sum(counted.values()) - counted["new"]
    if not before and not counted["new"]:
        return f"Neither {first} nor {second} shows a difference between models: there is no finding to compare."
    alike = sum(each.alike for each in found.findings)
    survive, lost, new = (counted[which] for which in ("survives", "lost", "new"))
    return (
        f"Of {count(before, 'finding')} in {first}, {survive} {verb(survive, 'survives', 'survive')} in {second}, "
        f"{lost} {verb(lost)} lost, {counted['reversed']} reversed and {counted['open']} left open; {new} "
        f"{verb(new)} new. {alike} of {count(len(found.findings), 'contrast')} {verb(alike, 'has', 'have')} the very "
        "same figures."
    )
