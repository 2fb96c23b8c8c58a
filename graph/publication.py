"""Which confirmed questions are published, and in which order."""

from __future__ import annotations

from typing import Any

from ..agents.critic.answer_links import Judged, links
from ..agents.critic.divergence_critic import with_q_values
from ..domain.answer import Phase
from ..domain.pool_spec import Role
from ..domain.streams import Purpose, derived_seed
from .measurement import criticise
from .run_context import RunContext
from .search.confirmation_rules import ranking


def publish(context: RunContext) -> list[dict[str, Any]]:
    """Ranks the confirmed questions on all samples pooled; their published scores are those of the fresh samples.

    Stores the q-values over all confirmed questions, the ranking (``confirmed``), which of them are linked to a better
    one that gets all but equal answers, and the first M that are not (``published``).
    """
    critiques = context.records.critiques(Phase.CONFIRM, Role.PANEL)
    context.records.put_critiques(with_q_values(list(critiques.values())))
    pooled: dict[str, float] = {}
    given: dict[str, Judged] = {}
    questions = context.records.questions(list(critiques))
    for question_id in (each for each, critique in critiques.items() if critique.score is not None):
        question = questions[question_id]
        answers, judgements = context.records.answers(question_id, [Phase.SEARCH, Phase.CONFIRM])
        given[question_id] = answers, judgements
        wording = context.records.question_judgement(question_id)
        assert wording is not None
        # The pooled score only ranks: without a permutation test, as in the search.
        result = criticise(context, question, answers, judgements, wording, phase=Phase.SEARCH, group=Role.PANEL)
        pooled[question_id] = result.score.total if result.score is not None else float("-inf")
    ranked = ranking(pooled)
    unscored = sorted(set(critiques) - set(ranked))
    context.records.put_ids("confirmed", [*ranked, *unscored])
    panel = [member.id for member in context.members(Role.PANEL)]
    seed = derived_seed(context.settings.seed, purpose=Purpose.SAME_ANSWERS)
    same = links(ranked, given, panel, context.framework.value_ids, seed)
    context.records.put_links(same)
    new = [question_id for question_id in ranked if question_id not in same]
    context.records.put_ids("published", new[: context.settings.questions])
    return [
        {"question": question_id, "pooled_score": pooled[question_id], "same_answers_as": same.get(question_id)}
        for question_id in ranked
    ]
