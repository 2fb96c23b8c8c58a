"""Topics of the explorer's own, when all others are exhausted (METHOD.md section 3).

They are for the values that the questions so far have hardly touched, from where the space of texts is least covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from ...agents.guards.validate_draft import QUESTION_MARKS
from ...agents.protocols import NewTopics, TopicExplorer
from ...domain.errors import AdaemError
from ...domain.framework import Value
from ...domain.question import Topic
from ...domain.texts.safe_text import one_line
from ...memory.equality import LONGEST_TEXT, normalised
from ...memory.standings import latest
from ..run_context import RunContext
from .recorded_readings import read_once

NEW_TOPICS_KEY = "new ground "
"""Before a round's number: the key under which the records keep the topics that were chosen in it. Folders of all
versions have it so.
"""

NEW_TOPICS_AREA = "new ground"
CANDIDATES = 3
"""Topics that the explorer is asked for, for each that is wanted."""
VALUES_WANTED = 3
"""Values that new topics are to be about: those that were touched least."""
COVERED_SHOWN = 30
"""Covered topics that the explorer is shown: those that were asked most."""

_TOPICS: TypeAdapter[list[Topic]] = TypeAdapter(list[Topic])


@dataclass(frozen=True)
class NewTopicSearch:
    """What a search for topics brought: ``topics`` that are new, or a ``problem``; ``data`` is for the trace."""

    topics: list[Topic]
    problem: str
    data: dict[str, Any]
    call_ids: tuple[str, ...] = ()


async def propose_new_topics(context: RunContext, number: int) -> NewTopicSearch:
    """Asks the explorer for topics in round ``number``, and keeps those that lie farthest from all that is known."""
    explorer = context.agents.explorer
    wanted = context.settings.search.new_topics
    if not wanted:
        return NewTopicSearch([], "no new ones are wanted (search.new_topics)", {})
    if not isinstance(explorer, TopicExplorer):
        return NewTopicSearch([], "the explorer proposes none", {})
    values = least_touched(context)
    proposals = await _ask_explorer(explorer, values, context, CANDIDATES * wanted, number)
    chosen = read_once(context, f"{NEW_TOPICS_KEY}{number}", [], _TOPICS, lambda: _choose(context, proposals, wanted))
    data = {
        "values": [value.id for value in values],
        "proposed": len(proposals.topics),
        "topics": [topic.model_dump(mode="json") for topic in chosen],
    }
    problem = "" if chosen else proposals.problem or f"none of {len(proposals.topics)} proposed topics is new"
    return NewTopicSearch(chosen, problem, data, (proposals.call_id,) if proposals.call_id else ())


async def _ask_explorer(
    explorer: TopicExplorer, values: Sequence[Value], context: RunContext, count: int, number: int
) -> NewTopics:
    """What the explorer proposes, each topic on one line, or why there is nothing: the run goes on without."""
    try:
        proposals: Any = await explorer.new_topics(
            values, context.frontier.most_drawn(COVERED_SHOWN), count=count, sample=number
        )
    except AdaemError:
        raise
    except Exception as error:  # noqa: BLE001 - a stranger's code; the failure of no move, which would be told
        return NewTopics(problem=f"the explorer's new topics failed, {type(error).__name__}: {one_line(str(error))}")
    if not isinstance(proposals, NewTopics):
        return NewTopics(problem=f"the explorer's new topics are {type(proposals).__name__}, not NewTopics")
    topics = tuple(text for text in map(one_line, proposals.topics) if text and len(text) <= LONGEST_TEXT)
    return proposals.model_copy(update={"topics": topics[:count], "problem": one_line(proposals.problem)})


def known_new_topics(context: RunContext) -> list[Topic]:
    """All topics that this run has found so far, in no promised order."""
    return [topic for body in context.records.readings(NEW_TOPICS_KEY) for topic in _TOPICS.validate_json(body)]


def least_touched(context: RunContext) -> list[Value]:
    """The values that the models expressed least over all scored questions, least first."""
    rates = [np.mean(each.critique.rates, axis=0) for each in context.frontier.scored.values() if each.critique.rates]
    touched = np.mean(rates, axis=0) if rates else np.zeros(len(context.framework.values))
    order = np.argsort(touched, kind="stable")[:VALUES_WANTED]
    return [context.framework.values[place] for place in order]


def _choose(context: RunContext, proposals: NewTopics, wanted: int) -> list[Topic]:
    texts = list({normalised(text): text for text in proposals.topics if text.endswith(QUESTION_MARKS)}.values())
    standing = latest(context.memory.changes())
    over = {subject for (kind, subject), change in standing.items() if kind == "topic" and change.standing.retired}
    texts = [text for text in texts if normalised(text) and _id(text) not in over]
    if not texts:
        return []
    asked = [near[0].similarity if near else -1.0 for near in context.memory.nearest(texts, 1)]
    vectors = context.memory.embedder.embed([*texts, *(topic.text for topic in context.frontier.topics)])
    known = (vectors[: len(texts)] @ vectors[len(texts) :].T).max(axis=1)
    places = farthest_first(vectors[: len(texts)], np.maximum(known, asked), context.gate.nearest, wanted)
    return [Topic(id=_id(texts[place]), text=texts[place], area=NEW_TOPICS_AREA) for place in places]


def farthest_first(vectors: Any, similarity: Any, threshold: float, count: int) -> Sequence[int]:
    """At most ``count`` of N texts, each the one least similar to all that is known and chosen before it.

    ``vectors`` (N, m) of unit length; ``similarity`` (N,) to the nearest known text. None above ``threshold``, at which
    a text is no new one.
    """
    nearest = np.array(similarity, dtype=np.float64)
    chosen: list[int] = []
    while len(chosen) < count and float(nearest.min(initial=np.inf)) <= threshold:
        place = int(np.argmin(nearest))
        chosen.append(place)
        nearest = np.maximum(nearest, vectors @ vectors[place])
        nearest[place] = np.inf
    return chosen


def _id(text: str) -> str:
    """The same topic has the same id in every run that shares a memory."""
    return f"new-{sha256(normalised(text).encode()).hexdigest()[:10]}"
