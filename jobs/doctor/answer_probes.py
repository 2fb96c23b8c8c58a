"""Real questions of the framework put to a member: how many it answers, how fast, and what becomes of the others."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from ...agents.prober.answer_share import answer_share
from ...domain.answer import Outcome
from ...domain.calls import Call
from ...domain.checkup import Check, CheckVerdict, ReplyTime
from ...domain.framework import Framework
from ...domain.pool_spec import Member, PoolSpec
from ...domain.reply_types import AnswerReply
from ...domain.settings import Settings
from ...pool.budget.ledger import Ledger
from ...pool.endpoints.chat_models import close_models, make_models
from ...pool.member_pool import DOCTOR, Pool
from ...pool.sending.call_store import Unrecorded
from ...prompts import PromptLibrary

QUESTIONS_TO_A_WEAK_MEMBER = 10
"""Questions for a member one of whose first replies does not fit: enough to tell who answers most of them from who does
not."""

USABLE, DOUBTFUL = 0.8, 0.4
"""Shares of answers: from the first a member is usable, below the second most of what it costs is lost. Of ten probes
a member that answers nine in ten reaches the first with a probability of 0.93."""

PROBES_AT_ONCE = 4
"""Requests that are sent at once, to see whether an endpoint serves them side by side."""

ASKED_AGAIN = 1_000
"""The first question is asked again under a number so many times around the topics: another call, with another seed."""

FALLS_BEHIND = 1.25
"""By this factor a server takes longer than it would if it worked on all that is sent at once."""


@dataclass(frozen=True)
class ProbedAnswers:
    """A member's calls, the first made alone, the others in ``took`` seconds side by side.

    ``repeated`` asks the first question a second time; None where that was not answered.
    """

    member: Member
    calls: Sequence[Call[AnswerReply]]
    took: float
    repeated: Call[AnswerReply] | None = None

    @property
    def requests(self) -> int:
        """How many were sent."""
        again = 0 if self.repeated is None else self.repeated.attempts
        return again + sum(call.attempts for call in self.calls)

    @property
    def deterministic(self) -> bool:
        """Whether the same question, with another seed, brought the same reply word for word."""
        return (
            self.repeated is not None and self.repeated.reply is not None and self.repeated.text == self.calls[0].text
        )

    @property
    def at_once(self) -> float | None:
        """How many calls the server worked on at once: what one after the other would have taken, by what it took.

        Below 1 where the first was shorter than the others. None where too few were made side by side.
        """
        beside = len(self.calls) - 1
        if beside < PROBES_AT_ONCE or self.took <= 0:
            return None
        return _seconds(self.calls[0]) * beside / self.took

    @property
    def fell_behind(self) -> bool:
        """Whether that is fewer than were sent at once."""
        turns = math.ceil((len(self.calls) - 1) / min(PROBES_AT_ONCE, self.member.concurrency))
        return self.at_once is not None and self.took > FALLS_BEHIND * turns * _seconds(self.calls[0])

    @property
    def time(self) -> ReplyTime | None:
        """Of one reply: where the server fell behind, that of the first, which had it for itself. None: no reply."""
        replies = [call for call in self.calls if call.attempts and call.outcome is not Outcome.FAILED]
        if not replies:
            return None
        written = [call.usage.output_tokens for call in replies if call.usage.output_tokens]
        return ReplyTime(
            seconds=_seconds(replies[0]) if self.fell_behind else median(map(_seconds, replies)),
            output_tokens=fmean(written) if written else None,
        )


def _seconds(call: Call[AnswerReply]) -> float:
    return call.seconds / max(call.attempts, 1)


async def probe_answers(
    member: Member,
    probes: int,
    prompts: PromptLibrary,
    framework: Framework,
    settings: Settings,
    allowed_hosts: Iterable[str] = (),
) -> ProbedAnswers:
    """Puts ``probes`` questions to ``member``, the first alone, the others side by side; where one is not answered,
    ``QUESTIONS_TO_A_WEAK_MEMBER`` in all. ``allowed_hosts`` are the pool's. Raises InputError when no model can be made
    of the member.
    """
    asked = member.model_copy(update={"attempts": 1})
    # unchecked: a pool of one is none to run with
    spec = PoolSpec.model_construct(members=(asked,), allowed_hosts=tuple(allowed_hosts))
    models = make_models(spec, framework)
    topics = framework.topics
    slots = asyncio.Semaphore(min(PROBES_AT_ONCE, member.concurrency))
    try:
        pool = Pool(spec, models, words=prompts, recorder=Unrecorded(), ledger=Ledger(), seed=settings.seed)

        async def ask(number: int) -> Call[AnswerReply]:
            topic = topics[number % len(topics)]
            prompt = prompts.render("answer", question=topic.text, fact=topic.fact or "")
            async with slots:
                return await pool.ask(asked, prompt, AnswerReply, purpose=DOCTOR, sample=number)

        calls = [await ask(0)]
        began = time.perf_counter()
        calls += await asyncio.gather(*map(ask, range(1, probes)))
        if any(call.outcome is not Outcome.ANSWERED for call in calls):
            calls += await asyncio.gather(*map(ask, range(probes, QUESTIONS_TO_A_WEAK_MEMBER)))
        took = time.perf_counter() - began
        repeated = await ask(len(topics) * ASKED_AGAIN) if calls[0].outcome is Outcome.ANSWERED else None
    finally:
        await close_models(models.values())
    return ProbedAnswers(member, calls, took, repeated)


def judged(probed: ProbedAnswers) -> Check:
    """The member's row: how many of how many were answered, what became of the others, and the speed."""
    calls = probed.calls
    outcomes = Counter(call.outcome for call in calls)
    answered = answer_share(outcomes[Outcome.ANSWERED], len(calls))
    share, (low, high) = answered.estimate, answered.interval or (0.0, 1.0)
    verdict = CheckVerdict.OK if share >= USABLE else CheckVerdict.WARNING
    verdict = CheckVerdict.PROBLEM if share < DOUBTFUL else verdict
    word = {CheckVerdict.OK: "usable", CheckVerdict.WARNING: "doubtful"}.get(verdict, "not usable")
    said = f"{outcomes[Outcome.ANSWERED]} of {len(calls)} answered [{100 * low:.0f}, {100 * high:.0f} %]"
    parts = [
        said,
        *(f"{outcomes[each]} {each.value}" for each in Outcome if outcomes[each] and each is not Outcome.ANSWERED),
    ]
    lost = [outcome for outcome, _ in outcomes.most_common() if outcome is not Outcome.ANSWERED]
    return Check(
        what=f"answers {probed.member.id}",
        verdict=verdict,
        detail=f"{word}: {', '.join(parts)}; {speed_in_words(probed)}",
        remedy=_surer(len(calls)) if verdict is CheckVerdict.OK else _remedy(lost[0]),
    )


def repetition(probed: ProbedAnswers) -> Check | None:
    """A row where the member is deterministic; None where it is not, or nothing was answered."""
    if not probed.deterministic:
        return None
    return Check(
        what=f"samples {probed.member.id}",
        verdict=CheckVerdict.WARNING,
        detail="asked twice, it replied the same word for word (temperature 0, or a cache): samples are no replicates",
        remedy="raise its temperature; 'adaem evaluate' can vary the words instead: -s samples.vary=wording",
    )


def _surer(asked: int) -> str:
    """Few questions tell little, however they were answered."""
    return f"to be surer: --probes {QUESTIONS_TO_A_WEAK_MEMBER}" if asked < QUESTIONS_TO_A_WEAK_MEMBER else ""


def speed_in_words(probed: ProbedAnswers) -> str:
    """Seconds a call, tokens a second where the endpoint counts them, and how many calls it serves at once."""
    seconds = [_seconds(call) for call in probed.calls if call.attempts]
    if not seconds:
        return "nothing was sent"
    words = [f"{median(seconds):.1f} s a call"]
    written = sum(call.usage.output_tokens or 0 for call in probed.calls)
    if written and sum(seconds) > 0:
        words.append(f"{written / sum(seconds):.0f} tokens/s")
    if (at_once := probed.at_once) is not None:
        words.append(f"{max(1.0, at_once):.1f} calls at once")
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
