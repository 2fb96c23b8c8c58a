"""Which confirmed questions are published, and in which order."""

from __future__ import annotations

from typing import Any

from ..agents.critic.answer_links import answer_pattern, links
from ..agents.critic.divergence_critic import with_q_values
from ..agents.critic.published_scores import with_shrunken_scores
from ..domain.answer import Phase
from ..domain.critique import common_models
from ..domain.pool_spec import Role
from ..domain.question import Question
from ..domain.streams import Purpose, derived_seed
from .measurement import criticise
from .run_context import PooledScore, RunContext
from .search.confirmation_rules import ranking


def publish(context: RunContext) -> list[dict[str, Any]]:
    """Ranks the confirmed questions by their shrunken scores, in which search and fresh samples both count.

    Where what the search maximises is not the divergence alone, or there are too few for that, they are ranked on all
    samples pooled. Scores of other models than count on most questions are not compared: they come last. Stores the
    q-values over all confirmed questions, the ranking (``confirmed``), which of them are linked to a better one that
    gets all but equal answers, and the first M that are not (``published``).
    """
    critiques = context.records.critiques(Phase.CONFIRM, Role.PANEL)
    searched = context.records.critiques(Phase.SEARCH, Role.SCOUT)
    critiques = {
        each.question_id: each for each in with_shrunken_scores(with_q_values(list(critiques.values())), searched)
    }
    context.records.put_critiques(list(critiques.values()))
    scores = _pooled_scores(context, [each for each, critique in critiques.items() if critique.score is not None])
    search = context.settings.search
    by_divergence = context.settings.agents.critic == "divergence" and not (search.beta or search.gamma)
    shrunken = {
        question_id: critique.score.shrunken
        for question_id, critique in critiques.items()
        if critique.score is not None and critique.score.shrunken is not None
    }
    models = common_models(critiques.values())
    ranked = ranking(
        {question_id: score.total for question_id, score in scores.items()},
        shrunken if by_divergence else None,
        compared={question_id for question_id in scores if critiques[question_id].models == models},
    )
    unscored = sorted(set(critiques) - set(ranked))
    context.records.put_ids("confirmed", [*ranked, *unscored])
    seed = derived_seed(context.settings.seed, purpose=Purpose.SAME_ANSWERS)
    same = links(ranked, {question_id: score.pattern for question_id, score in scores.items()}, seed)
    context.records.put_links(same)
    new = [question_id for question_id in ranked if question_id not in same]
    context.records.put_ids("published", new[: context.settings.questions])
    return [
        {"question": question_id, "pooled_score": scores[question_id].total, "same_answers_as": same.get(question_id)}
        for question_id in ranked
    ]


def _pooled_scores(context: RunContext, question_ids: list[str]) -> dict[str, PooledScore]:
    """The pooled score of each question; those of earlier batches are known."""
    known = context.pooled_scores
    questions = context.records.questions([each for each in question_ids if each not in known])
    known.update({question_id: _pooled_score(context, question) for question_id, question in questions.items()})
    return {question_id: known[question_id] for question_id in question_ids}


def _pooled_score(context: RunContext, question: Question) -> PooledScore:
    answers, judgements = context.records.answers(question.id, [Phase.SEARCH, Phase.CONFIRM])
    wording = context.records.question_judgement(question.id)
    assert wording is not None
    # The pooled score only ranks: without a permutation test, as in the search.
    result = criticise(context, question, answers, judgements, wording, phase=Phase.SEARCH, group=Role.PANEL)
    members = [member.id for member in context.members(Role.PANEL)]
    return PooledScore(
        total=result.score.total if result.score is not None else float("-inf"),
        pattern=answer_pattern(answers, judgements, members, context.framework.value_ids),
    )
