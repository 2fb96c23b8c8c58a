"""The tables of a diff as plain cells; see ``result_sheets``."""

from __future__ import annotations

from ...domain.judge_accuracy import Figure
from ...domain.texts.safe_text import one_line
from ...evaluation.models.contrasts import LEVEL
from ...results.diff.diff_types import Became, Diffed, Finding, Overlap, ScoredBoth
from .figure_text import NOTHING
from .sheet import Sheet

MOST_ROWS = 8
"""Rows of each kind that are shown; ``--json`` has all."""

FINDING_TITLES: dict[Became, str] = {
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


def diff_sheets(found: Diffed) -> list[Sheet]:
    """What differs in the making first, then questions, scores and ranks, findings."""
    sheets = [_settings(found), _questions(found), _wordings(found), _scores(found)]
    sheets += [_findings(found, became) for became in FINDING_TITLES] if not found.nothing_differs else []
    return [sheet for sheet in sheets if sheet is not None]


def _settings(found: Diffed) -> Sheet | None:
    if not found.settings:
        return None
    first, second = found.folders
    return Sheet(
        "What they were made with, where that differs",
        ("setting", first.name, second.name),
        tuple((one_line(each.key), _cut(each.first), _cut(each.second)) for each in found.settings),
        words=3,
    )


def _cut(text: str) -> str:
    shown = one_line(text) or NOTHING
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def _questions(found: Diffed) -> Sheet | None:
    overlaps = (("asked", found.asked), ("confirmed", found.confirmed), ("published", found.published))
    rows = [_overlap(name, each) for name, each in overlaps if each is not None]
    if all(row[2:] == ("0", "0") for row in rows):
        return None
    first, second = found.folders
    return Sheet(
        "Questions, by their words",
        ("", "in both", f"only in {first.name}", f"only in {second.name}"),
        tuple(rows),
    )


def _overlap(name: str, each: Overlap) -> tuple[str, ...]:
    return name, str(each.both), str(len(each.only_first)), str(len(each.only_second))


def _wordings(found: Diffed) -> Sheet | None:
    """Whether a paraphrase means the same is for a reader to say."""
    reworded = [each for each in found.scored if each.question != each.second_question]
    if not reworded:
        return None
    first, second = found.folders
    rest = f"{MOST_WORDINGS} of {len(reworded)}; --json has all" if len(reworded) > MOST_WORDINGS else ""
    rows = tuple((one_line(each.question), one_line(each.second_question)) for each in reworded[:MOST_WORDINGS])
    return Sheet("Questions in other words: do they mean the same?", (first.name, second.name), rows, rest, words=2)


def _scores(found: Diffed) -> Sheet | None:
    changed = sorted((each for each in found.scored if each.changed), key=_moved, reverse=True)
    if not changed:
        return None
    first, second = found.folders
    ranked = any(each.first_rank is not None for each in changed)
    rest = f"{MOST_ROWS} of {len(changed)} that changed, the largest changes; " if len(changed) > MOST_ROWS else ""
    return Sheet(
        "Scores that changed: divergence in bits" + (", and rank" if ranked else ""),
        ("question", first.name, second.name, *(["rank"] if ranked else [])),
        tuple(_score_row(each, ranked=ranked) for each in changed[:MOST_ROWS]),
        f"{rest}of those scored in both {len(found.scored) - len(changed)} did not change. 95 % intervals",
    )


def _moved(each: ScoredBoth) -> float:
    if each.first is None or each.second is None:
        return float("inf")
    return abs(each.second.estimate - each.first.estimate)


def _score_row(each: ScoredBoth, *, ranked: bool) -> tuple[str, ...]:
    ranks = f"{each.first_rank or NOTHING} → {each.second_rank or NOTHING}"
    name = f"{one_line(each.id)} {one_line(each.question)}"
    shown = name if len(name) <= NAME else f"{name[: NAME - 1]}…"
    return (shown, _bits(each.first), _bits(each.second), *([ranks] if ranked else []))


def _bits(found: Figure | None) -> str:
    if found is None:
        return NOTHING
    interval = "" if found.interval is None else f" [{found.interval[0]:z.2f}, {found.interval[1]:z.2f}]"
    return f"{found.estimate:+z.2f}{interval}"


def _findings(found: Diffed, became: Became) -> Sheet | None:
    rows = found.became(became)
    if not rows:
        return None
    first, second = found.folders
    rest = f"{MOST_ROWS} of {len(rows)}, the largest. " if len(rows) > MOST_ROWS else ""
    how = "on the same questions" if found.paired else "taken as independent"
    return Sheet(
        f"{FINDING_TITLES[became]}; percentage points",
        ("models and value", first.name, second.name, "change"),
        tuple(_finding_row(found, each) for each in rows[:MOST_ROWS]),
        f"{rest}95 % intervals, of which some miss 0 by chance; * the change itself is shown (q ≤ {LEVEL}), {how}",
    )


def _finding_row(found: Diffed, each: Finding) -> tuple[str, ...]:
    return (
        one_line(f"{each.model}−{each.other} {found.values.get(each.value, each.value)}"),
        _points(each.first),
        _points(each.second),
        "same " if each.alike else _points(each.change) + ("*" if each.change_shown else " "),
    )


def _points(found: Figure | None) -> str:
    if found is None:
        return NOTHING
    low, high = found.interval or (None, None)
    interval = "" if low is None or high is None else f" [{100 * low:z.0f}, {100 * high:z.0f}]"
    return f"{100 * found.estimate:+z.0f}{interval}"
