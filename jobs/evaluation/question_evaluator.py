"""One question of an evaluation: asked of all respondents, plainly or primed, judged, criticised and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from ...agents.agent_context import AgentContext
from ...agents.guards.validate_critique import checked_critique
from ...agents.judges.judge_answers import judge_answers
from ...agents.protocols import Critic, Judge, Prober
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
from .question_wordings import AskedWording, AskedWordings, QuestionWordings
from .work_items import WorkItem


@dataclass(frozen=True)
class QuestionResult:
    """What a step has brought; ``unpaid`` is the first refusal of the budget, which kept it from being whole.

    ``question`` is as it was asked. With a ``problem`` there were no other words for it: it was not asked, or, where
    the wording of its answers varies, asked in its own words instead.
    """

    answers: tuple[Answer, ...]
    judgements: tuple[Judgement | None, ...]
    wording: Judgement | None
    critiques: tuple[Critique, ...]
    call_ids: tuple[str, ...]
    unpaid: BudgetExhausted | None
    question: Question
    problem: str = ""


@dataclass(frozen=True)
class _Block:
    """Answers that are asked for at once: those of some members with some samples, in one wording."""

    wording: AskedWording
    members: tuple[Member, ...]
    samples: range


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
        self._wordings = QuestionWordings(context, records) if inputs.paraphrased or inputs.varied else None
        self._primed: dict[str, Prober] = {
            value.id: inputs.make("prober", AgentContext(pool, _prime_inputs(inputs, value)))
            for value in inputs.primed[1]
        }

    async def measure(self, item: WorkItem, numbers: Mapping[str, int]) -> QuestionResult:
        """Asks and judges; what was recorded is not asked again. Stores the calls, and a question's other words.

        ``numbers`` are the answers of each respondent to a plain question; who has none there gives the full number.
        """
        with self._pool.budget_refusals() as refusals, self._pool.time_limit(self._inputs.settings.step_timeout):
            question, drafted_by, problem = await self._other_words(item)
            if problem:
                return QuestionResult((), (), None, (), drafted_by, _of_a_cap(refusals), question, problem)
            wordings = await self._worded(item, question, numbers)
            drafted_by, problem = (*drafted_by, *wordings.call_ids), wordings.problem
            if item.plain:
                answers = await self._plain(wordings.each, numbers)
            else:
                answers = await self._with_values(question, item.values)
            wording, judgements = await asyncio.gather(
                self._judge_wording(item, question), judge_answers(self._judge, answers)
            )
        critiques = () if wording is None else self._criticise(question, answers, judgements, wording)
        ids = (*drafted_by, *call_ids(answers, [wording, *judgements]))
        unpaid = _of_a_cap(refusals)
        return QuestionResult(answers, tuple(judgements), wording, critiques, ids, unpaid, question, problem)

    async def _other_words(self, item: WorkItem) -> tuple[Question, tuple[str, ...], str]:
        """The question as it is asked, the calls that this took, and the problem where it has no other words."""
        if self._wordings is None or not self._inputs.paraphrased:
            return item.question, (), ""
        return await self._wordings.instead(item.question, item.number)

    async def _worded(self, item: WorkItem, question: Question, numbers: Mapping[str, int]) -> AskedWordings:
        """The words of each answer to a plain question."""
        most = max(self._number(member, numbers) for member in self._inputs.respondents)
        if self._wordings is None or not self._inputs.varied or not item.plain:
            return AskedWordings((AskedWording("", question),) * most)
        return await self._wordings.varied(question, item.number, most)

    def _number(self, member: Member, numbers: Mapping[str, int]) -> int:
        return numbers.get(member.id, self._inputs.of.samples)

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

    async def _plain(self, wordings: Sequence[AskedWording], numbers: Mapping[str, int]) -> tuple[Answer, ...]:
        """The answers by member, then sample; a member gives as many as ``numbers`` says."""
        members = self._inputs.respondents

        async def probe(block: _Block) -> list[Answer]:
            question, name = block.wording.question, block.wording.name
            answers = await self._prober.probe(question, block.members, phase=Phase.EVALUATE, samples=block.samples)
            # A recorded answer has a wording of its own.
            return [answer.model_copy(update={"wording": name}) if name else answer for answer in answers]

        blocks: list[_Block] = []
        for sample, wording in enumerate(wordings):
            asked = tuple(member for member in members if self._number(member, numbers) > sample)
            if blocks and (blocks[-1].wording, blocks[-1].members) == (wording, asked):
                blocks[-1] = replace(blocks[-1], samples=range(blocks[-1].samples.start, sample + 1))
            else:
                blocks.append(_Block(wording, asked, range(sample, sample + 1)))
        answers = chain.from_iterable(await asyncio.gather(*map(probe, blocks)))
        place = {member.id: number for number, member in enumerate(members)}
        return tuple(sorted(answers, key=lambda answer: (place[answer.member], answer.sample)))

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
