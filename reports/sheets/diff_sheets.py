"""The tables of a diff as plain cells; see ``result_sheets``."""

from __future__ import annotations

from ...domain.judge_accuracy import Figure
from ...domain.texts.safe_text import one_line
from ...evaluation.models.contrasts import LEVEL
from ...results.comparison.diff_types import ContrastSurvival, FolderDiff, QuestionOverlap, ScoreChange, Survival
from .figure_text import NOTHING, bits, generalise, largest_of, points
from .sheet import Sheet

MOST_ROWS = 8
"""Rows of each kind that are shown; ``--json`` has all."""

FINDING_TITLES: dict[Survival, str] = {
    "reversed": "Reversed: the models differ in both, the other way round",
    "lost": "Lost: only in the first, and the change itself is shown",
    "new": "New: only in the second",
    "open": "Open: only in the first, and no change is shown either",
    "survives": "Surviving: the models differ in both, the same way round",
}

MOST_WORDINGS = 3
"""Questions that are shown as both folders asked them."""

NAME = 27
"""Characters of a question's id and text that are shown beside its scores."""

LONGEST = 60
"""Characters of a setting's value that are shown."""


def diff_sheets(difference: FolderDiff, most: int | None = MOST_ROWS) -> list[Sheet]:
    """What differs in the making first, then questions, scores and ranks, findings: at most so many rows of each."""
    sheets = [*making_sheets(difference), _wordings(difference), _scores(difference, most)]
    if not difference.nothing_differs:
        sheets += [_findings(difference, became, most) for became in FINDING_TITLES]
    return [sheet for sheet in sheets if sheet is not None]


def making_sheets(difference: FolderDiff) -> list[Sheet | None]:
    """The settings that differ, and which questions each has; None where there is nothing to show."""
    return [_settings(difference), _questions(difference)]


def _settings(difference: FolderDiff) -> Sheet | None:
    if not difference.settings:
        return None
    first, second = difference.folders
    return Sheet(
        "What they were made with, where that differs",
        ("setting", first.name, second.name),
        tuple((one_line(each.key), _cut(each.first), _cut(each.second)) for each in difference.settings),
        words=3,
    )


def _cut(text: str) -> str:
    line = one_line(text) or NOTHING
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _questions(difference: FolderDiff) -> Sheet | None:
    overlaps = (("asked", difference.asked), ("confirmed", difference.confirmed), ("published", difference.published))
    rows = [_overlap(name, each) for name, each in overlaps if each is not None]
    if all(row[2:] == ("0", "0") for row in rows):
        return None
    first, second = difference.folders
    return Sheet(
        "Questions, by their words",
        ("", "in both", f"only in {first.name}", f"only in {second.name}"),
        tuple(rows),
    )


def _overlap(name: str, each: QuestionOverlap) -> tuple[str, ...]:
    return name, str(each.both), str(len(each.only_first)), str(len(each.only_second))


def _wordings(difference: FolderDiff) -> Sheet | None:
    """Whether a paraphrase means the same is for a reader to say."""
    reworded = [each for each in difference.scored if each.question != each.second_question]
    if not reworded:
        return None
    first, second = difference.folders
    rest = f"{MOST_WORDINGS} of {len(reworded)}; --json has all" if len(reworded) > MOST_WORDINGS else ""
    rows = tuple((one_line(each.question), one_line(each.second_question)) for each in reworded[:MOST_WORDINGS])
    return Sheet("Questions in other words: do they mean the same?", (first.name, second.name), rows, rest, words=2)


def _scores(difference: FolderDiff, most: int | None) -> Sheet | None:
    changed = sorted((each for each in difference.scored if each.changed), key=_moved, reverse=True)
    if not changed:
        return None
    first, second = difference.folders
    ranked = any(each.first_rank is not None for each in changed)
    largest = changed[:most]
    rest = (
        f"{len(largest)} of {len(changed)} that changed, the largest changes; " if len(changed) > len(largest) else ""
    )
    return Sheet(
        "Scores that changed: divergence in bits" + (", and rank" if ranked else ""),
        ("question", first.name, second.name, *(["rank"] if ranked else [])),
        tuple(_score_row(each, ranked=ranked) for each in largest),
        f"{rest}of those scored in both {len(difference.scored) - len(changed)} did not change. 95 % intervals",
        intervals=generalise(difference.intervals.one_question),
    )


def _moved(each: ScoreChange) -> float:
    if each.first is None or each.second is None:
        return float("inf")
    return abs(each.second.estimate - each.first.estimate)


def _score_row(each: ScoreChange, *, ranked: bool) -> tuple[str, ...]:
    ranks = f"{each.first_rank or NOTHING} → {each.second_rank or NOTHING}"
    name = f"{one_line(each.id)} {one_line(each.question)}"
    title = name if len(name) <= NAME else f"{name[: NAME - 1]}…"
    return (title, _bits(each.first), _bits(each.second), *([ranks] if ranked else []))


def _bits(divergence: Figure | None) -> str:
    return NOTHING if divergence is None else bits(divergence.estimate, divergence.interval, digits=2)


def _findings(difference: FolderDiff, became: Survival, most: int | None) -> Sheet | None:
    rows = difference.became(became)
    if not rows:
        return None
    first, second = difference.folders
    rest = largest_of(len(rows[:most]), len(rows))
    how = "on the same questions" if difference.paired else "taken as independent"
    return Sheet(
        f"{FINDING_TITLES[became]}; percentage points",
        ("models and value", first.name, second.name, "change"),
        tuple(_finding_row(difference, each) for each in rows[:most]),
        f"{rest}95 % intervals, of which some miss 0 by chance; * the change itself is shown (q ≤ {LEVEL}), {how}",
        intervals=generalise(difference.intervals.averages),
    )


def _finding_row(difference: FolderDiff, each: ContrastSurvival) -> tuple[str, ...]:
    return (
        one_line(f"{each.model}−{each.other} {difference.values.get(each.value, each.value)}"),
        points(each.first),
        points(each.second),
        "same " if each.alike else points(each.change) + ("*" if each.change_shown else " "),
    )
