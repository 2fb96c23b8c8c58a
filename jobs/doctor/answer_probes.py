"""Real questions of the framework put to a member: how many it answers, how fast, and what becomes of the others."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from statistics import median

from ...domain.answer import Outcome
from ...domain.calls import Call
from ...domain.checkup import Check, CheckVerdict
from ...domain.framework import Framework
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.reply_types import AnswerReply
from ...domain.settings import Settings
from ...pool.budget.ledger import Ledger
from ...pool.endpoints.chat_models import close_models, make_models
from ...pool.member_pool import Pool
from ...pool.sending.call_store import Unrecorded
from ...prompts import PromptLibrary

QUESTIONS_TO_A_WEAK_MEMBER = 10
"""Questions for a member whose first reply does not fit: enough to tell who answers most of them from who does not."""

USABLE, DOUBTFUL = 0.8, 0.4
"""Shares of answers: from the first a member is usable, below the second most of what it costs is lost. Of ten probes
a member that answers nine in ten reaches the first with a probability of 0.93."""

PROBES_AT_ONCE = 4
"""Requests that are sent at once, to see whether an endpoint serves them side by side."""

ANSWERING = frozenset({Role.SCOUT, Role.PANEL, Role.EXAMINEE})


async def probe_answers(
    member: Member, probes: int, prompts: PromptLibrary, framework: Framework, settings: Settings
) -> tuple[Check, int]:
    """A verdict on ``member``, and the requests that it took. The first question is asked alone, the others side by
    side. Raises InputError when no model can be made of the member.
    """
    asked = member.model_copy(update={"attempts": 1})
    models = make_models([asked], framework)
    spec = PoolSpec.model_construct(members=(asked,))  # unchecked: a pool of one is none to run with
    topics = [framework.topics[number % len(framework.topics)] for number in range(probes)]
    slots = asyncio.Semaphore(min(PROBES_AT_ONCE, member.concurrency))
    try:
        pool = Pool(spec, models, words=prompts, recorder=Unrecorded(), ledger=Ledger(), seed=settings.seed)

        async def ask(number: int) -> Call[AnswerReply]:
            prompt = prompts.render("answer", question=topics[number].text, fact=topics[number].fact or "")
            async with slots:
                return await pool.ask(asked, prompt, AnswerReply, purpose="doctor", sample=number)

        first = await ask(0)
        began = time.perf_counter()
        others = list(await asyncio.gather(*map(ask, range(1, probes))))
        took = time.perf_counter() - began
    finally:
        await close_models(models.values())
    calls = [first, *others]
    return judged(member, calls, took), sum(call.attempts for call in calls)


def judged(member: Member, calls: list[Call[AnswerReply]], took: float) -> Check:
    """The row of a member whose first call was made alone, and whose others took ``took`` seconds side by side."""
    outcomes = Counter(call.outcome for call in calls)
    share = outcomes[Outcome.ANSWERED] / len(calls)
    verdict = CheckVerdict.OK if share >= USABLE else CheckVerdict.WARNING
    verdict = CheckVerdict.PROBLEM if share < DOUBTFUL else verdict
    word = {CheckVerdict.OK: "usable", CheckVerdict.WARNING: "doubtful"}.get(verdict, "not usable")
    parts = [
        f"{100 * outcomes[outcome] / len(calls):.0f} % {outcome.value}" for outcome in Outcome if outcomes[outcome]
    ]
    lost = [outcome for outcome, _ in outcomes.most_common() if outcome is not Outcome.ANSWERED]
    return Check(
        what=f"answers {member.id}",
        verdict=verdict,
        detail=f"{word}: {', '.join(parts)} of {len(calls)} questions; {speed_in_words(calls, took)}",
        remedy="" if verdict is CheckVerdict.OK else _remedy(lost[0]),
    )


def speed_in_words(calls: list[Call[AnswerReply]], took: float) -> str:
    """Seconds a call, tokens a second where the endpoint counts them, and how many calls it serves at once."""
    seconds = [call.seconds / max(call.attempts, 1) for call in calls if call.attempts]
    if not seconds:
        return "nothing was sent"
    words = [f"{median(seconds):.1f} s a call"]
    written = sum(call.usage.output_tokens or 0 for call in calls)
    if written and sum(seconds) > 0:
        words.append(f"{written / sum(seconds):.0f} tokens/s")
    alone, beside = seconds[0], seconds[1:]
    if len(beside) >= PROBES_AT_ONCE and took > 0:
        # What one after the other would have taken, by what it took.
        words.append(f"{max(1.0, alone * len(beside) / took):.1f} calls at once")
    return ", ".join(words)


def _remedy(outcome: Outcome) -> str:
    match outcome:
        case Outcome.TRUNCATED:
            return "raise max_tokens, or take a model that says less"
        case Outcome.UNPARSABLE:
            return "set schema_mode: body where the server takes a schema, or take a more capable model"
        case Outcome.REFUSED | Outcome.FILTERED:
            return "take another framework, or a model that answers such questions"
        case Outcome.FAILED:
            return "see the row of its endpoint"
    return "take a more capable model"
