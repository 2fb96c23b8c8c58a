"""One tiny call to a member, by the same way as every other call: does it answer, to a schema, and under which name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...domain.answer import Outcome
from ...domain.calls import Call
from ...domain.checkup import Check, CheckVerdict, MemberSpeed, ReplyTime
from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.pool_spec import ANSWERING, Member, PoolSpec
from ...domain.reply_types import ValueReply
from ...domain.settings import Settings
from ...pool.budget.ledger import Ledger
from ...pool.endpoints.chat_models import close_models, make_models
from ...pool.endpoints.endpoint import check_keys, key_variable
from ...pool.endpoints.refused_settings import remedy_for
from ...pool.member_pool import DOCTOR, Pool
from ...pool.replies.faults import TIME_OUT, Fault
from ...pool.sending.call_store import Unrecorded
from ...prompts import PromptLibrary
from .answer_probes import QUESTIONS_TO_A_WEAK_MEMBER, judged, probe_answers, repetition
from .context_check import check_context

LONGEST_WAIT = 30.0
"""Seconds; a member's own time-out counts where it is shorter."""

KEY_POINT = "Freedom: people should choose for themselves how they live."


@dataclass(frozen=True)
class MemberCall:
    """One call, what went wrong with its last request, and what the pool had to say about the member."""

    call: Call[ValueReply]
    fault: Fault | None
    notices: tuple[str, ...] = ()


class TinyCalls:
    """Asks members the judge's question about one value and one key point: it is short, and so is its reply.

    ``allowed_hosts`` are the pool's. ``requests`` counts those sent to real models so far, ``speeds`` has those of the
    real members that replied.
    """

    def __init__(
        self, prompts: PromptLibrary, framework: Framework, settings: Settings, allowed_hosts: Iterable[str] = ()
    ) -> None:
        value = framework.values[0]
        self.requests = 0
        self.speeds: dict[str, MemberSpeed] = {}
        self._weak: set[str] = set()
        self._prompts = prompts
        self._framework = framework
        self._settings = settings
        self._allowed_hosts = tuple(allowed_hosts)
        self._prompt = prompts.render("judge_value", value=f"{value.name}: {value.definition}", text=KEY_POINT)

    async def check(self, member: Member) -> Check:
        """What became of the call. The schema goes into the body first, unless the pool file says otherwise, and into
        words where that brings nothing. Raises InputError when no model can be made of the member, or when its key
        would go where it may not.
        """
        modes = ("text",) if member.schema_mode == "text" else ("body", "text")
        asked: dict[str, MemberCall] = {}
        refused: MemberCall | None = None
        for mode in modes:
            try:
                asked[mode] = await self._ask(member, mode)
            except InputError:
                # This provider's client may have no place for a schema; anything else is wrong in words too.
                if mode == "text" or member.schema_mode == "body":
                    raise
                continue
            if not _about_the_schema(asked[mode]):
                break
            refused = refused or asked[mode]
        answered = [mode for mode, each in asked.items() if each.call.reply is not None]
        last = (answered or list(asked))[-1]
        if asked[last].call.outcome in (Outcome.TRUNCATED, Outcome.UNPARSABLE):
            self._weak.add(member.id)
        call = asked[last].call
        if call.reply is not None and not member.simulated:
            took = ReplyTime(seconds=call.seconds / max(call.attempts, 1), output_tokens=call.usage.output_tokens)
            self.speeds[member.id] = MemberSpeed(member=member.id, model=member.model, tiny=took)
        return _judged(member, last, asked[last], refused)

    async def look_closer(self, member: Member, pool: PoolSpec, probes: int) -> list[Check]:
        """Rows on the member's context, where its server tells that, and on ``probes`` real questions; without a number
        only a weak member, whose tiny reply was cut off or did not fit, is asked any.
        """
        found = [await check_context(member, pool, self._prompts, self._framework)]
        number = probes or (QUESTIONS_TO_A_WEAK_MEMBER if member.id in self._weak else 0)
        if number and ANSWERING & set(member.roles):
            probed = await probe_answers(
                member, number, self._prompts, self._framework, self._settings, self._allowed_hosts
            )
            self.requests += probed.requests
            found += [judged(probed), repetition(probed)]
            if member.id in self.speeds:
                at_once = probed.at_once if probed.fell_behind else None
                measured = {"answer": probed.time, "at_once": at_once}
                self.speeds[member.id] = self.speeds[member.id].model_copy(update=measured)
        return [check for check in found if check is not None]

    async def _ask(self, member: Member, mode: str) -> MemberCall:
        """The one use of the pool: a pool of one member, asked once, that keeps nothing."""
        timeout = min(member.timeout, LONGEST_WAIT)
        # One call breaks no limit by the minute, and keeping to one would only make it wait.
        unlimited = {"requests_per_minute": None, "tokens_per_minute": None}
        asked = member.model_copy(update={"schema_mode": mode, "timeout": timeout, "attempts": 1, **unlimited})
        # unchecked: a pool of one is none to run with
        spec = PoolSpec.model_construct(members=(asked,), allowed_hosts=self._allowed_hosts)
        check_keys(spec, self._settings.allowed_hosts)
        models = make_models(spec, self._framework)
        try:
            pool = Pool(
                spec,
                models,
                words=self._prompts,
                recorder=Unrecorded(),
                ledger=Ledger(),
                seed=self._settings.seed,
            )
            call = await pool.ask(asked, self._prompt, ValueReply, purpose=DOCTOR, sample=0)
        finally:
            await close_models(models.values())
        if not member.simulated:
            self.requests += call.attempts
        return MemberCall(call, pool.last_faults.get(member.id), tuple(pool.notices))


def _about_the_schema(asked: MemberCall) -> bool:
    """Whether the same request with the schema in words may fare better. Some servers that know no schema fail with a
    500 and say nothing of it.
    """
    wrong = asked.fault
    if asked.call.outcome is Outcome.UNPARSABLE or wrong is None:
        return asked.call.outcome is Outcome.UNPARSABLE
    may_be = wrong.status in (400, 422, 500, 501) and wrong.setting in ("", "response_format")
    return wrong.of_schema or may_be


def _status(asked: MemberCall) -> int | None:
    return asked.fault.status if asked.fault is not None else None


def _judged(member: Member, mode: str, asked: MemberCall, refused: MemberCall | None) -> Check:
    call = asked.call
    seconds = call.seconds / max(call.attempts, 1)
    verdict, problem, remedy = _verdict(member, mode, asked, refused)
    answered_by = f"answers as {call.model_name}" if call.model_name else "does not say which model answers"
    schema = "schema in the body" if mode == "body" else "schema in words"
    answered = call.reply is not None
    detail = f"{answered_by}; {schema}; {seconds:.1f} s" if answered else ""
    return Check(
        what=f"endpoint {member.id}",
        verdict=verdict,
        detail="; ".join(filter(None, (problem, detail))),
        remedy=remedy,
        model_name=call.model_name or None if answered or call.outcome is Outcome.MISROUTED else None,
        schema_mode=mode if answered else None,
        seconds=round(seconds, 3) if answered else None,
    )


def _verdict(member: Member, mode: str, asked: MemberCall, refused: MemberCall | None) -> tuple[CheckVerdict, str, str]:
    """The verdict, what is wrong, and what to do about it."""
    call = asked.call
    if call.reply is not None:
        verdict = _answered(member, mode, refused)
        if verdict[0] is CheckVerdict.OK and asked.notices:
            problem, _, remedy = asked.notices[0].partition(" — ")
            return CheckVerdict.WARNING, problem, remedy
        return verdict
    if call.outcome is Outcome.MISROUTED:
        remedy = "correct the model's name; if it is the same model, list that name under answers_as"
        return CheckVerdict.PROBLEM, f"another model answered ({call.detail})", remedy
    if call.outcome is Outcome.TRUNCATED:
        return CheckVerdict.PROBLEM, f"cut off ({call.detail})", "raise max_tokens: thinking counts too"
    if call.outcome is Outcome.UNPARSABLE:
        return CheckVerdict.PROBLEM, f"its reply does not fit the schema ({call.detail})", "take a more capable model"
    if call.outcome is not Outcome.FAILED:
        return (
            CheckVerdict.WARNING,
            f"{call.outcome.value}: {call.detail}",
            "try again; in a run such calls count as missing",
        )
    if asked.fault is not None and asked.fault.kind == TIME_OUT:
        if member.timeout > LONGEST_WAIT:
            return (
                CheckVerdict.WARNING,
                call.detail,
                f"slow, or still loading: try again (its time-out is {member.timeout:g} s)",
            )
        return CheckVerdict.PROBLEM, call.detail, "see whether the server is up or still loading; else raise timeout"
    if asked.fault is not None and asked.fault.setting:
        return CheckVerdict.PROBLEM, call.detail, remedy_for(asked.fault.setting)
    return _failed(member, _status(asked), call.detail)


def _answered(member: Member, mode: str, refused: MemberCall | None) -> tuple[CheckVerdict, str, str]:
    if mode == "body" or member.schema_mode == "text" or refused is None:
        return CheckVerdict.OK, "", ""
    how = "ignored" if _status(refused) is None else "refused"
    # The pool falls back by itself when a schema is turned down in so many words, not when it is ignored.
    in_words = refused.fault is not None and refused.fault.of_schema
    serious = not in_words or member.schema_mode == "body"
    verdict = CheckVerdict.PROBLEM if serious else CheckVerdict.WARNING
    return (
        verdict,
        f"the schema in the request's body is {how} ({refused.call.detail})",
        "set schema_mode: text for this member",
    )


def _failed(member: Member, status: int | None, detail: str) -> tuple[CheckVerdict, str, str]:
    variable = key_variable(member)
    match status:
        case 401 | 403:
            remedy = f"check the key in {variable}" if variable else "this endpoint needs a key: name its key_variable"
            return CheckVerdict.PROBLEM, detail, remedy
        case 404:
            return (
                CheckVerdict.PROBLEM,
                detail,
                "check the model's name, and that base_url ends as the provider says (/v1)",
            )
        case 429:
            return CheckVerdict.WARNING, detail, "wait, or check the account's quota; then set requests_per_minute"
        case 400 | 422:
            return (
                CheckVerdict.PROBLEM,
                detail,
                "check temperature, max_tokens and parameters: what does this model take?",
            )
        case None:
            return CheckVerdict.PROBLEM, detail, "see whether the server is running and base_url is right"
        case _:
            return CheckVerdict.PROBLEM, detail, "the provider's side failed: try again later"
