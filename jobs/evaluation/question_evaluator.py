"""One question of an evaluation: asked of all respondents, plainly or primed, judged, criticised and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...agents.agent_context import AgentContext
from ...agents.guards.validate_critique import checked_critique
from ...agents.judges.judge_answers import judge_answers
from ...agents.protocols import Critic, Judge, Prober
from ...agents.refiner.paraphraser import Paraphraser
from ...domain.answer import PRIMED, Answer, Phase
from ...domain.critique import Critique
from ...domain.errors import BudgetExhausted, RunFailed
from ...domain.framework import Value
from ...domain.judgement import Judgement
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.question import Question
from ...domain.streams import Purpose, derived_seed
from ...domain.texts.safe_text import one_line
from ...graph.measurement import call_ids
from ...pool.member_pool import Pool
from ...records import RunRecords
from .evaluation_inputs import EVALUATED, EvaluationInputs
from .work_items import WorkItem

PARAPHRASE = "paraphrase of "
"""Before a question's id: the key under which the records keep its other words."""


@dataclass(frozen=True)
class QuestionResult:
    """What a step has brought; ``unpaid`` is the first refusal of the budget, which kept it from being whole.

    ``question`` is as it was asked; with a ``problem`` there were no other words for it, and it was not asked.
    """

    answers: tuple[Answer, ...]
    judgements: tuple[Judgement | None, ...]
    wording: Judgement | None
    critiques: tuple[Critique, ...]
    call_ids: tuple[str, ...]
    unpaid: BudgetExhausted | None
    question: Question
    problem: str = ""


class QuestionEvaluator:
    """The agents of an evaluation over one pool. A prober of its own for each primed value: only its words differ."""

    def __init__(self, inputs: EvaluationInputs, pool: Pool, records: RunRecords) -> None:
        context = AgentContext(pool, inputs)
        self._inputs = inputs
        self._pool = pool
        self._records = records
        self._place = {question.id: place for place, question in enumerate(inputs.questions)}
        # What a version wrote that kept the list in one row: now each has its place among those that follow.
        records.add_ids(EVALUATED, {self._place[each]: each for each in records.ids(EVALUATED) if each in self._place})
        self._prober: Prober = inputs.make("prober", context)
        self._judge: Judge = inputs.make("judge", context)
        self._critic: Critic = inputs.make("critic", context)
        self._paraphraser = Paraphraser(context) if inputs.paraphrased else None
        self._primed: dict[str, Prober] = {
            value.id: inputs.make("prober", AgentContext(pool, _prime_inputs(inputs, value)))
            for value in inputs.primed[1]
        }

    async def measure(self, item: WorkItem) -> QuestionResult:
        """Asks and judges; what was recorded is not asked again. Stores the calls, and a question's other words."""
        with self._pool.budget_refusals() as refusals, self._pool.time_limit(self._inputs.settings.step_timeout):
            question, drafted_by, problem = await self._wording(item)
            if problem:
                return QuestionResult((), (), None, (), drafted_by, _of_a_cap(refusals), question, problem)
            answers = await (self._plain(question) if item.plain else self._with_values(question, item.values))
            wording, judgements = await asyncio.gather(
                self._judge_wording(item, question), judge_answers(self._judge, answers)
            )
        critiques = () if wording is None else self._criticise(question, answers, judgements, wording)
        ids = (*drafted_by, *call_ids(answers, [wording, *judgements]))
        return QuestionResult(answers, tuple(judgements), wording, critiques, ids, _of_a_cap(refusals), question)

    async def _wording(self, item: WorkItem) -> tuple[Question, tuple[str, ...], str]:
        """The question as it is asked, the calls that this took, and the problem where it has no other words."""
        if self._paraphraser is None:
            return item.question, (), ""
        key = f"{PARAPHRASE}{item.question.id}"
        text = self._records.reading(key)
        calls: tuple[str, ...] = ()
        if text is None:
            # In its turn it has its first words: others stand in the records only behind their reading.
            draft = await self._paraphraser.paraphrase(item.question, item.number)
            calls = (draft.call_id,) if draft.call_id else ()
            if draft.problem:
                return item.question, calls, draft.problem
            text = draft.text
            self._records.put_reading(key, text)
        question = item.question.model_copy(update={"text": text})
        self._records.put_questions([question])
        return question, calls, ""

    def keep(self, item: WorkItem, result: QuestionResult) -> None:
        """Stores what a whole step has brought."""
        self._records.put_answers(result.answers, result.judgements)
        if result.wording is not None:
            self._records.put_question_judgement(item.question.id, result.wording)
            self._records.put_critiques(result.critiques)
            self._records.add_ids(EVALUATED, {self._place[item.question.id]: item.question.id})

    def check_members(self) -> None:
        """Raises ``RunFailed`` when so many members have been taken out that nothing can be compared any more."""
        out = self._pool.out
        left = [member for member in self._inputs.respondents if member.id not in out]
        judging = self._inputs.judging.calls.members
        if len(left) < min(2, len(self._inputs.respondents)) or any(member.id in out for member in judging):
            reasons = "; ".join(f"{member_id}: {reason}" for member_id, reason in out.items())
            raise RunFailed(f"too few members are left ({reasons})")

    async def _plain(self, question: Question) -> tuple[Answer, ...]:
        samples = range(self._inputs.of.samples)
        return await self._prober.probe(question, self._inputs.respondents, phase=Phase.EVALUATE, samples=samples)

    async def _with_values(self, question: Question, values: Sequence[Value]) -> tuple[Answer, ...]:
        samples = range(self._inputs.primed_samples)

        async def probe(value: Value) -> list[Answer]:
            prober, members = self._primed[value.id], self._inputs.respondents
            answers = await prober.probe(question, members, phase=Phase.EVALUATE, samples=samples)
            return [answer.model_copy(update={"wording": f"{PRIMED}{value.id}"}) for answer in answers]

        return tuple(answer for answers in await asyncio.gather(*map(probe, values)) for answer in answers)

    async def _judge_wording(self, item: WorkItem, question: Question) -> Judgement | None:
        return await self._judge.judge_question(question) if item.plain else None

    def _criticise(
        self,
        question: Question,
        answers: Sequence[Answer],
        judgements: Sequence[Judgement | None],
        wording: Judgement,
    ) -> tuple[Critique, ...]:
        critiques = []
        for group, members in critique_groups(self._inputs.pool):
            ids = {member.id for member in members}
            places = [number for number, answer in enumerate(answers) if answer.member in ids]
            critiques.append(
                checked_critique(
                    self._critic,
                    question,
                    [answers[number] for number in places],
                    [judgements[number] for number in places],
                    wording,
                    phase=Phase.EVALUATE,
                    group=group,
                    seed=derived_seed(self._inputs.seed, question.id, group.value, purpose=Purpose.QUESTION_TESTS),
                )
            )
        return tuple(critiques)


def critique_groups(pool: PoolSpec) -> list[tuple[Role, tuple[Member, ...]]]:
    """The roles with at least two members; not the scouts where they are the panel."""
    groups = [(role, pool.with_role(role)) for role in (Role.PANEL, Role.EXAMINEE, Role.SCOUT)]
    if groups[0][1] == groups[2][1]:
        groups.pop()
    return [(group, members) for group, members in groups if len(members) > 1]


def _of_a_cap(refusals: Sequence[BudgetExhausted]) -> BudgetExhausted | None:
    """The first refusal that raising a cap would undo."""
    return next((refusal for refusal in refusals if refusal.cap), None)


def _prime_inputs(inputs: EvaluationInputs, value: Value) -> EvaluationInputs:
    """The same inputs, with prompts that tell whoever answers to hold ``value``."""
    primed = inputs.prompts.primed(f"{one_line(value.name)} — {one_line(value.definition)}")
    return replace(inputs, prompts=primed)
