"""The steps of an evaluation, in their order, and which of them are still to be made."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...domain.answer import PRIMED, Answer, Outcome, Phase
from ...domain.framework import Value
from ...domain.question import Question
from ...records import RunRecords
from .evaluation_inputs import EvaluationInputs


@dataclass(frozen=True)
class WorkItem:
    """One step: a question with its rank; with ``values``, every respondent is primed with each of them in turn.

    ``begun``: some of its calls may have been made in an earlier session.
    """

    question: Question
    number: int
    values: tuple[Value, ...] = ()
    begun: bool = False

    @property
    def plain(self) -> bool:
        """Whether nobody is primed."""
        return not self.values

    @property
    def begun_key(self) -> str:
        """Under which it is noted that this step was begun."""
        return f"{'asked' if self.plain else 'primed'} {self.question.id}"

    def with_begun(self, begun: bool) -> WorkItem:
        """This step, with what is known of it."""
        return replace(self, begun=begun)

    def holds(self, answer: Answer) -> bool:
        """Whether an answer to this question belongs to this step."""
        return answer.wording.startswith(PRIMED) is not self.plain


def pending_items(inputs: EvaluationInputs, records: RunRecords) -> list[WorkItem]:
    """What is still to be asked, in order: plain questions first, then the primed ones."""
    return [item for item in _items(inputs, records) if not _is_whole(item, records)]


def _items(inputs: EvaluationInputs, records: RunRecords) -> list[WorkItem]:
    rank = {question.id: number for number, question in enumerate(inputs.questions, start=1)}
    items = [WorkItem(each, rank[each.id]) for each in inputs.order]
    primed, values = inputs.primed
    items += [WorkItem(each, rank[each.id], values) for each in primed]
    return [item.with_begun(records.reading(item.begun_key) is not None) for item in items]


def _is_whole(item: WorkItem, records: RunRecords) -> bool:
    """Whether the answers are there, and none of them, nor a judgement, is missing because a call failed."""
    answers, judgements = records.answers(item.question.id, [Phase.EVALUATE])
    own = [(answer, judgement) for answer, judgement in zip(answers, judgements, strict=True) if item.holds(answer)]
    wording = records.question_judgement(item.question.id)
    results = (*(each for pair in own for each in pair if each is not None), *((wording,) if wording else ()))
    return bool(own) and all(each.outcome is not Outcome.FAILED for each in results)
