"""All answers to a question are judged: in one pass where the judge can, else side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...domain.answer import Answer, Outcome
from ...domain.errors import InputError
from ...domain.judgement import Judgement
from ..protocols import BatchJudge, Judge


async def judge_answers(judge: Judge, answers: Sequence[Answer]) -> list[Judgement | None]:
    """The judgement of each answer, without its member's name; None for one that brought nothing to judge.

    Raises ``InputError`` for a ``judge_all`` that does not return one judgement an answer, and what the judge raises.
    """
    answered = [answer.unnamed for answer in answers if answer.outcome is Outcome.ANSWERED]
    if answered and isinstance(judge, BatchJudge):
        judged = await judge.judge_all(answered)
        if len(judged) != len(answered):
            raise InputError(
                f"judge {judge.name!r}: judge_all returned {len(judged)} judgements of {len(answered)} answers — "
                "see agents/protocols.py, and try 'adaem agents check'"
            )
    else:
        judged = await asyncio.gather(*map(judge.judge, answered))
    results = iter(judged)
    return [next(results) if answer.outcome is Outcome.ANSWERED else None for answer in answers]
