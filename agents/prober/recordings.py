"""Answers that were recorded elsewhere, given out one at a time as if they were asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from ...domain.answer import Answer, Outcome, Phase
from ...domain.calls import Call, Prompt
from ...domain.errors import InputError
from ...domain.pool_spec import Member, PoolSpec
from ...domain.question import Question
from ...domain.reply_types import RecordedReply
from ...domain.settings import Settings
from ...domain.texts.safe_text import one_line
from ...pool.replies.recorded_text import read_answer
from ...records.question_bank import read_bank

PROMPT = "recorded"
"""The name under which the calls of recorded answers are kept: no prompt of ours was sent."""


class Recordings:
    """The recorded answers of a pool's members, by question.

    A question has slots, one for each wording and sample that anybody answered, in an order drawn from ``seed`` and the
    same for every member: what is compared was said to the same prompts, and what a member lacks is missing there. None
    is given out twice.
    """

    def __init__(self, settings: Settings, pool: PoolSpec) -> None:
        """Raises ``InputError``: no bank, one without answers, or without any of a recorded member's."""
        members = [member for member in pool.members if member.recorded]
        if settings.bank is None:
            raise InputError(
                f"member {members[0].id!r}: its answers are recorded, but no file of answers is named — "
                "name it with -s bank=FILE"
            )
        bank = read_bank(Path(settings.bank), read_answer)
        known = sorted({answer.member for answer in bank.answers})
        for member in members:
            if _named(member) not in known:
                there = f"the models there are {', '.join(known)}" if known else "it holds questions alone"
                raise InputError(
                    f"member {member.id!r}: no answer of {_named(member)!r} is in {settings.bank} — {one_line(there)}"
                )
        texts = {question.id: question.text for question in bank.questions}
        self._answers = {(texts[each.question_id], each.member, _slot(each)): each for each in bank.answers}
        self._slots = _slots(bank.answers, texts, settings.seed)

    @property
    def most_answers(self) -> int:
        """The slots of the question that has most of them."""
        return max(map(len, self._slots.values()), default=0)

    def call(self, question: Question, member: Member, phase: Phase, sample: int) -> tuple[Answer, Call[RecordedReply]]:
        """The member's answer number ``sample`` and the call that it counts as; a failed one where there is none."""
        slots = self._slots.get(question.text, [])
        slot = slots[sample] if sample < len(slots) else None
        found = None if slot is None else self._answers.get((question.text, _named(member), slot))
        text = "" if found is None else "\n".join(point.text for point in found.key_points)
        outcome = Outcome.FAILED if found is None else found.outcome
        wanting = (
            f"the bank has {len(slots)} answers to it" if slot is None else f"no answer to the wording {slot[0]!r}"
        )
        detail = f"not recorded: {wanting}" if found is None else found.detail
        digest = sha256("\n".join((member.model, question.id, phase.value, str(sample), text)).encode()).hexdigest()
        call = Call[RecordedReply](
            id=digest[:16],
            member=member.id,
            purpose=phase.value,
            sample=sample,
            prompt=Prompt(name=PROMPT, fingerprint="", system="", user=question.text),
            outcome=outcome,
            reply=RecordedReply(answer=text) if outcome is Outcome.ANSWERED else None,
            text=text,
            detail=detail,
            model_name=_named(member),
            cost=0.0,
            attempts=0 if found is None else 1,
        )
        answer = Answer(
            question_id=question.id,
            member=member.id,
            phase=phase,
            sample=sample,
            wording="" if slot is None else slot[0],
            outcome=outcome,
            key_points=() if found is None else found.key_points,
            detail=detail,
            call_id=call.id,
        )
        return answer, call


Slot = tuple[str, int]
"""A wording, and the number of the sample."""


def _slot(answer: Answer) -> Slot:
    return answer.wording, answer.sample


def _slots(answers: Sequence[Answer], texts: Mapping[str, str], seed: int) -> Mapping[str, list[Slot]]:
    """Each question's slots in the order in which they are given out."""
    slots: dict[str, set[tuple[str, Slot]]] = defaultdict(set)
    for answer in answers:
        slots[texts[answer.question_id]].add((answer.question_id, _slot(answer)))

    def drawn(each: tuple[str, Slot]) -> bytes:
        question_id, (wording, sample) = each
        return sha256(f"{seed}\n{question_id}\n{wording}\n{sample}".encode()).digest()

    return {text: [slot for _, slot in sorted(each, key=drawn)] for text, each in slots.items()}


def _named(member: Member) -> str:
    """What the member is called in the file."""
    return member.model.partition(":")[2]
