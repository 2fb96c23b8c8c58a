"""What a run takes from a memory's life cycle of topics, and what it adds to it (METHOD.md section 3, step 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from pydantic import TypeAdapter

from ...domain.framework import Framework
from ...memory.standings import Standing, StandingChange, latest, news
from ...records import MoveRecord
from ..run_context import RunContext
from .recorded_readings import read_once

LIFE = "life "
"""Before a round's number: the key under which the records keep the changes of that round."""

_TOPICS: TypeAdapter[list[str]] = TypeAdapter(list[str])
_CHANGES: TypeAdapter[Sequence[StandingChange]] = TypeAdapter(Sequence[StandingChange])


def retire_exhausted(context: RunContext) -> None:
    """Leaves out of the search the topics that the memory says are exhausted, and what is past its shelf life.

    Read once a run: what others note meanwhile counts for the next one.
    """
    retired = read_once(context, "retired topics", [], _TOPICS, lambda: _topics_to_retire(context), at_the_start=True)
    context.frontier.retire(retired)


def _topics_to_retire(context: RunContext) -> list[str]:
    expired = past_shelf_life(context.framework, datetime.now(UTC).date(), context.run_id)
    context.memory.note(read_once(context, f"{LIFE}0", [], _CHANGES, lambda: news(context.memory.changes(), expired)))
    over = {change.subject for change in expired}
    standing = latest(context.memory.changes())
    # A shelf life that was prolonged in the framework counts, whatever was noted before.
    prolonged = {topic.id for topic in context.framework.topics if topic.shelf_life_days and topic.id not in over}
    return [
        topic.id
        for topic in context.framework.topics
        if (change := standing.get(("topic", topic.id))) is not None
        and change.standing.retired
        and not (topic.id in prolonged and change.standing is Standing.EXPIRED)
    ]


def past_shelf_life(framework: Framework, today: date, run_id: str) -> list[StandingChange]:
    """The topics whose shelf life is over, as changes."""
    return [
        StandingChange(
            kind="topic",
            subject=topic.id,
            standing=Standing.EXPIRED,
            why=f"its shelf life of {topic.shelf_life_days} days from {topic.date} is over",
            run_id=run_id,
        )
        for topic in framework.topics
        if topic.expired(today)
    ]


def note_round(context: RunContext, number: int, moves: Sequence[MoveRecord]) -> None:
    """Keeps what the round changed: topics first asked, exhausted and saturated. The records first, then the memory."""
    asked = {move.topic_id: move.question_id for move in reversed(moves) if move.status in ("kept", "unscored")}
    standings = {
        topic_id: (Standing.USED, f"first asked with {question_id}") for topic_id, question_id in asked.items()
    }
    known = latest(context.memory.changes())
    changes = [
        StandingChange(kind="topic", subject=topic_id, standing=standing, why=why, run_id=context.run_id)
        for topic_id, (standing, why) in standings.items()
        if ("topic", topic_id) not in known
    ]
    changes += [
        StandingChange(kind="topic", subject=topic_id, standing=standing, why=why, run_id=context.run_id)
        for topic_id, (standing, why) in context.frontier.exhausted_topics().items()
    ]
    context.memory.note(read_once(context, f"{LIFE}{number}", [], _CHANGES, lambda: news(known.values(), changes)))
