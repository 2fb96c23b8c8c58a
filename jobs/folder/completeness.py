"""Whether what a run left fits together, before it goes on: what is missing would show only where it is needed."""

from __future__ import annotations

from pathlib import Path

from ...domain.answer import Phase
from ...domain.errors import FileError
from ...domain.pool_spec import Role
from ...records import RunRecords

_REMEDY = "copy the whole run again, or fork it from its start"


def check_complete(records: RunRecords, checkpoints: Path, *, begun: bool) -> None:
    """Raises ``FileError`` where records and checkpoints do not fit together.

    ``begun`` says that there is a checkpoint. Without one a run begins at its first step, which must not meet records
    of later ones.
    """
    path = checkpoints.with_name("run.sqlite")
    questions, moves = records.questions(), list(records.moves())
    if moves and not begun:
        raise FileError(checkpoints, "is missing or empty, and the records are of a run that had begun", remedy=_REMEDY)
    screened = records.critiques(Phase.SEARCH, Role.SCOUT)
    confirmed = records.critiques(Phase.CONFIRM, Role.PANEL)
    frontier_ids = {move.question_id for move in moves if move.status == "kept"}
    ranked = set(records.ids("confirmed"))
    needed = frontier_ids | ranked | set(records.ids("evaluated_grown")) | set(records.ids("evaluated_seeds"))
    scored = {each for each, critique in screened.items() if critique.score is not None}
    for what, lost in (
        ("text", needed - set(questions)),
        ("search score", frontier_ids - scored),
        ("confirmation", ranked - set(confirmed)),
    ):
        if lost:
            raise FileError(path, f"lacks the {what} of the question {min(lost)!r:.60}", remedy=_REMEDY)
