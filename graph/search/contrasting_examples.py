"""The scored questions that authors learn from: what separated the models, and what did not."""

from __future__ import annotations

from ...agents.protocols import ScoredExample
from ...agents.refiner.answer_lines import brief_answers
from ...domain.answer import Phase
from ..run_context import RunContext
from .frontier import ScoredQuestion

OF_EACH_KIND = 2
"""Questions that separated the models well, and as many that did not."""

CHOSEN_FROM = 4
"""These are taken in turn from so many topics' best, and as many worst: authors do not all see the same."""

ENOUGH_SCORED = 12
"""Before so many questions are scored, best and worst are mostly chance."""


def contrasting_examples(context: RunContext, topic_id: str, turn: int) -> list[ScoredExample]:
    """Well separating questions, best first, then poorly separating ones, each of another topic than ``topic_id``.

    ``turn`` decides which of the best and worst these are.
    """
    ranked = context.frontier.best()
    if len(ranked) < ENOUGH_SCORED:
        return []
    best = _in_turn(_one_each(ranked, topic_id), turn)
    chosen_topics = {each.question.topic_id for each in best}
    worst = [each for each in _one_each(ranked[::-1], topic_id) if each.question.topic_id not in chosen_topics]
    return [_example(context, each) for each in (*best, *_in_turn(worst, turn))]


def own_examples(context: RunContext, topic_id: str, count: int) -> list[ScoredExample]:
    """The topic's best ``count`` questions, best first."""
    best = context.frontier.best(count, topic_id=topic_id)
    return [ScoredExample(text=each.question.text, score=each.total) for each in best]


def _one_each(ranked: list[ScoredQuestion], topic_id: str) -> list[ScoredQuestion]:
    """The first question of each of the first topics, in order."""
    first: dict[str, ScoredQuestion] = {}
    for each in ranked:
        if each.question.topic_id != topic_id:
            first.setdefault(each.question.topic_id, each)
        if len(first) == CHOSEN_FROM:
            break
    return list(first.values())


def _in_turn(candidates: list[ScoredQuestion], turn: int) -> list[ScoredQuestion]:
    places = sorted({(turn + step) % len(candidates) for step in range(OF_EACH_KIND)}) if candidates else []
    return [candidates[place] for place in places]


def _example(context: RunContext, scored: ScoredQuestion) -> ScoredExample:
    answers, judgements = context.records.answers(scored.question.id, [Phase.SEARCH])
    return ScoredExample(
        text=scored.question.text,
        score=scored.total,
        answers=brief_answers(answers, judgements),
        topic=scored.question.topic,
    )
