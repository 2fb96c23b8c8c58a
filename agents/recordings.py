"""Answers that were recorded elsewhere, given out one at a time as if they were asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from ..domain.answer import Answer, Outcome, Phase
from ..domain.calls import Call, Prompt
from ..domain.errors import InputError
from ..domain.pool import Member, PoolSpec
from ..domain.question import Question
from ..domain.replies import RecordedReply
from ..domain.settings import Settings
from ..domain.text import one_line
from ..pool.outcomes import reads_as_refusal
from ..records.bank import read_bank

PROMPT = "recorded"
"""The name under which the calls of recorded answers are kept: no prompt of ours was sent."""


class Recordings:
    """The recorded answers of a pool's members, by question.

    Those of one question are given out in an order drawn from ``seed``, the same wordings and samples for every member,
    so that what is compared was said to the same prompts. None is given out twice.
    """

    def __init__(self, settings: Settings, pool: PoolSpec) -> None:
        """Raises ``InputError``: no bank, one without answers, or without any of a recorded member's."""
        members = [member for member in pool.members if member.recorded]
        if settings.bank is None:
            raise InputError(
                f"member {members[0].id!r}: its answers are recorded, but no file of answers is named — "
                "name it with -s bank=FILE"
            )
        bank = read_bank(Path(settings.bank), reads_as_refusal)
        known = sorted({answer.member for answer in bank.answers})
        for member in members:
            if _named(member) not in known:
                there = f"the models there are {', '.join(known)}" if known else "it holds questions alone"
                raise InputError(
                    f"member {member.id!r}: no answer of {_named(member)!r} is in {settings.bank} — {one_line(there)}"
                )
        texts = {question.id: question.text for question in bank.questions}
        self._answers = _in_order(bank.answers, texts, settings.seed)

    def call(self, question: Question, member: Member, phase: Phase, sample: int) -> tuple[Answer, Call[RecordedReply]]:
        """The member's answer number ``sample`` and the call that it counts as; a failed one where there is none."""
        said = self._answers.get((question.text, _named(member)), [])
        found = said[sample] if sample < len(said) else None
        text = "" if found is None else "\n".join(point.text for point in found.key_points)
        outcome = Outcome.FAILED if found is None else found.outcome
        detail = f"not recorded: the bank has {len(said)} answers" if found is None else found.detail
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
            wording="" if found is None else found.wording,
            outcome=outcome,
            key_points=() if found is None else found.key_points,
            detail=detail,
            call_id=call.id,
        )
        return answer, call


def _in_order(answers: Sequence[Answer], texts: Mapping[str, str], seed: int) -> Mapping[tuple[str, str], list[Answer]]:
    """(question's text, model) → its answers in the order in which they are given out."""
    found: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        found[texts[answer.question_id], answer.member].append(answer)

    def drawn(answer: Answer) -> bytes:
        return sha256(f"{seed}\n{answer.question_id}\n{answer.wording}\n{answer.sample}".encode()).digest()

    return {key: sorted(each, key=drawn) for key, each in found.items()}


def _named(member: Member) -> str:
    """What the member is called in the file."""
    return member.model.partition(":")[2]
