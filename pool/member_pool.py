"""Asks members for replies. Whatever a model does is an outcome; raised are cancellation, a replay's end, and records
that cannot be written.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar, cast

from langchain_core.messages import AIMessage

from ..domain.answer import Outcome, Phase
from ..domain.calls import Call, Prompt
from ..domain.errors import BudgetExhausted, EndpointUnreachable, InputError, NotRecorded
from ..domain.pool_spec import Member, PoolSpec
from ..domain.reply_types import AnswerReply, Reply
from ..domain.texts.hiding import hide
from .budget.ledger import Ledger
from .budget.tokens import TokenCounter
from .budget.usage_watch import UsageWatch
from .endpoints.dialect import REFUSED_SYSTEM, Dialect
from .endpoints.endpoint import secrets
from .replies import outcomes
from .replies.cut_replies import CUT_OFF, complete_key_points
from .replies.degenerate import without_reasons
from .replies.faults import Fault
from .replies.reply_parser import LONGEST_REPLY_TEXT, parse_reply
from .replies.reply_schemas import sent_schema
from .replies.thinking import apart, split_thinking
from .sending.call_store import RecordedCalls, Recorder
from .sending.circuit_breaker import Breaker
from .sending.conversation import Words as Words
from .sending.conversation import conversation
from .sending.exchange import AttemptResult, Exchange, finished_call, in_flight, options_of
from .sending.reachability import Reachability, address_of
from .sending.scrubbing import encodable
from .sending.sender import CallTerms, Request, Response, Sender

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

R = TypeVar("R", bound=Reply)

_FAILURES = (Outcome.FAILED, Outcome.MISROUTED)
"""Outcomes that bring no words of the member's own."""

DOCTOR = "doctor"
"""The purpose of the doctor's calls: whether a member can be asked as it will be."""

_AS_DEPLOYED = frozenset({DOCTOR, *(phase.value for phase in Phase)})
"""Purposes for which a member speaks for itself, under its own system prompt; see ``Member``."""

_LONGEST_DETAIL = 500
_LONGEST_NAME = 200
"""Characters of whatever names something: the model that answers, its set-up, why it stopped."""

_UNREADABLE = "unreadable response"

_refusals: ContextVar[list[BudgetExhausted] | None] = ContextVar("refusals", default=None)
_step: ContextVar[tuple[float, float] | None] = ContextVar("step", default=None)
"""When the present step began, by the loop's clock, and the seconds that it may take."""


class Pool:
    """The members of one run behind one budget. Used from one event loop.

    ``models`` holds a chat model for each member id of ``spec``; the caller closes them (``close_models``). Without
    ``models`` nobody is asked: calls come from ``recorder`` and ``earlier`` alone. ``earlier`` are the recorded calls
    of another run; those that are reached are charged to the budget, as they were there, and their requests counted
    in ``recalled``. ``seed`` is the run's. ``patience``: seconds for which an endpoint that cannot be reached is waited
    for; with 0 its members are taken out as any that keep failing. Raises InputError for a member without a model, or
    whose schema_mode its provider cannot serve.

    Attributes: ``on_outage`` gets a line when an endpoint is waited for, and when it answers again.
    """

    def __init__(
        self,
        spec: PoolSpec,
        models: Mapping[str, BaseChatModel] | None,
        *,
        words: Words,
        recorder: Recorder,
        ledger: Ledger,
        seed: int,
        counter: TokenCounter | None = None,
        earlier: RecordedCalls | None = None,
        patience: float = 0.0,
    ) -> None:
        self.spec = spec
        self.ledger = ledger
        self.notices: list[str] = []
        self.on_outage: Callable[[str], None] = lambda _: None
        self.recalled = 0
        self._words = words
        self._recorder = recorder
        self._earlier = earlier
        self._live = models is not None
        self._secrets = secrets(spec.members)
        asked = [member for member in spec.members if not member.recorded] if models is not None else []
        line: Any = {"ledger": ledger, "counter": counter or TokenCounter(), "secrets": self._secrets}
        addresses = {member.id: address_of(member) for member in asked}
        self._endpoints = {
            each: Reachability(each, patience, tell=self._tell_of_outage) for each in dict.fromkeys(addresses.values())
        }
        self._senders = {
            member.id: Sender(
                member, _model(member, models or {}), endpoint=self._endpoints[addresses[member.id]], **line
            )
            for member in asked
        }
        self._dialects = {each.id: _dialect(each, self._senders[each.id]) for each in asked}
        self._breakers = {member.id: Breaker() for member in spec.members}
        self._fingerprints = {member.id: _fingerprint(member, seed) for member in spec.members}
        self._words_digest = sha256(f"{words.schema_words('')}\n{words.repair_words('')}".encode()).hexdigest()
        self._under_way: dict[str, asyncio.Event] = {}
        self._finished: set[str] = set()
        self._unpaid: dict[str, BudgetExhausted] = {}
        self._watch = UsageWatch()
        self._last_faults: dict[str, Fault] = {}

    @property
    def out(self) -> Mapping[str, str]:
        """The members that have been taken out because they keep failing, with the reason."""
        return {member_id: breaker.reason for member_id, breaker in self._breakers.items() if breaker.open}

    @property
    def waiting_for(self) -> Mapping[str, tuple[float, str]]:
        """The addresses that are waited for: the seconds for which nobody has reached them, and why, on one line."""
        found = ((each, each.seconds_out) for each in self._endpoints.values())
        return {each.address: (seconds, each.reason) for each, seconds in found if seconds is not None}

    @property
    def last_faults(self) -> Mapping[str, Fault]:
        """Of each member whose last request failed, what went wrong."""
        return self._last_faults

    @contextmanager
    def budget_refusals(self) -> Iterator[list[BudgetExhausted]]:
        """Calls made within this block, and by tasks that it starts, leave here why the budget did not pay for them."""
        refusals: list[BudgetExhausted] = []
        token = _refusals.set(refusals)
        try:
            yield refusals
        finally:
            _refusals.reset(token)

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Calls made within this block, and by tasks that it starts, wait no longer than ``seconds`` from now, without
        those in which an endpoint was waited for.
        """
        token = _step.set((asyncio.get_running_loop().time(), seconds))
        try:
            yield
        finally:
            _step.reset(token)

    async def ask(self, member: Member, prompt: Prompt, schema: type[R], *, purpose: str, sample: int) -> Call[R]:
        """One reply of ``member`` in the form of ``schema``, or the outcome that took its place.

        A call that was recorded is not made again, unless it failed in an earlier session. What may pass is tried
        again; a text that does not fit is sent back once; a refusal, a filter or a truncation is not asked again.
        A member's own system prompt goes before that of ``prompt`` where ``purpose`` is an answer's phase, and the call
        is kept with both. Each request counts against the budget. When none can be paid, or the member has been taken
        out, the outcome is ``failed`` with nothing sent; a budget that runs out later ends the call with what it has.
        Whatever was sent is recorded, even where the call does not end. Raises NotRecorded when nobody may be asked and
        the call was not recorded, NotWritten, with nothing sent, when the records cannot be written, and
        EndpointUnreachable when the member's endpoint was waited for in vain.
        """
        if member.system and purpose in _AS_DEPLOYED:
            prompt = prompt.model_copy(update={"system": f"{member.system}\n\n{prompt.system}".rstrip()})
        sent = sent_schema(schema)
        shape = [self._fingerprints[member.id], sent.digest, prompt.system, prompt.user, purpose, sample]
        call_id = _digest([*shape, member.schema_mode, self._words_digest])[:16]
        while (other := self._under_way.get(call_id)) is not None:
            await other.wait()
        before = self._recorder.recorded(call_id)
        if (recorded := self._find(call_id, schema, before)) is not None:
            self._note_unpaid(call_id)
            return cast("Call[R]", recorded)
        if not self._live:
            raise NotRecorded(
                f"the next call is not recorded: {member.id}, {prompt.name}, sample {sample} "
                f"({call_id}) — run it live, or with the settings of the recorded run"
            )
        self._under_way[call_id] = asyncio.Event()
        try:
            exchange = Exchange(call_id, member, prompt, schema, sent, purpose, int(_digest(shape)[:8], 16) >> 1)
            call = await self._make_call(exchange, sample, before)
        finally:
            self._under_way.pop(call_id).set()
        return cast("Call[R]", call)

    async def _make_call(self, exchange: Exchange, sample: int, before: Call[Any] | None) -> Call[Any]:
        """The finished call, recorded. One that does not end leaves behind what it has cost."""
        try:
            result = await self._attempt_in_time(exchange)
            if result.unpaid is not None:
                self._unpaid[exchange.call_id] = result.unpaid
                self._note_unpaid(exchange.call_id)
            call = finished_call(sample, exchange, result, before)
        except (asyncio.CancelledError, EndpointUnreachable):
            if exchange.bill.attempts:
                self._recorder.abandon(in_flight(exchange))
            raise
        except Exception as error:  # raised again: a defect of ours must not make the same request be paid for twice
            if exchange.bill.attempts:
                detail = self._clean(f"the call was cut short by {type(error).__name__}", _LONGEST_DETAIL)
                self._record(finished_call(sample, exchange, AttemptResult(Outcome.FAILED, detail), before))
            raise
        self._record(call)
        return call

    def _record(self, call: Call[Any]) -> None:
        self._recorder.record(call)
        self._finished.add(call.id)

    def take(self, call: Call[Any]) -> None:
        """Keeps a call that was made elsewhere and charges it to the budget, as if it had been made here; once."""
        if self._recorder.recorded(call.id) is None:
            self._recorder.record(call)
            self.ledger.count(call.member, call.purpose, calls=call.attempts, tokens=call.tokens, money=call.cost)

    def _find(self, call_id: str, schema: type[Reply], before: Call[Any] | None) -> Call[Any] | None:
        """The call as it was recorded by this run, in this session if it failed, or by the earlier run."""
        call = before
        if call is not None and call.outcome is Outcome.FAILED and self._live and call_id not in self._finished:
            call = None
        if call is None and self._earlier is not None:
            call = self._earlier.recorded(call_id)
            if call is not None:
                self.ledger.count(
                    call.member,
                    call.purpose,
                    calls=call.attempts,
                    tokens=call.tokens,
                    money=call.cost,
                    uncounted=call.uncounted,
                )
                self._recorder.record(call)
                self._finished.add(call_id)
                self.recalled += call.attempts
        if call is None or call.outcome is not Outcome.ANSWERED:
            return call
        reply, problem, _ = self._parsed(call.text, schema)
        if reply is None:  # recorded by a version that read it otherwise
            return call.model_copy(update={"outcome": Outcome.UNPARSABLE, "detail": problem})
        return call.model_copy(update={"reply": reply})

    async def _attempt_in_time(self, exchange: Exchange) -> AttemptResult:
        breaker = self._breakers[exchange.member.id]
        if not breaker.admits():
            return AttemptResult(Outcome.FAILED, f"taken out: {breaker.reason}")
        began, seconds = _step.get() or (0.0, 0.0)
        noted = False
        try:
            async with asyncio.timeout_at(
                began + seconds + self._seconds_out_since(began) if seconds else None
            ) as limit:
                await asyncio.sleep(0)  # a limit that has passed already ends the call here, with nothing sent
                result = await self._converse(exchange, limit)
            self._note(breaker, exchange.member, result)
            noted = True
        except BudgetExhausted as error:
            result = AttemptResult(Outcome.FAILED, str(error), unpaid=error)
        except TimeoutError:
            exchange.bill.faults.append("step time-out")
            result = AttemptResult(Outcome.FAILED, f"not finished within the step's {seconds:g} s")
        finally:
            if not noted:
                breaker.forget()
        return result

    def _seconds_out_since(self, moment: float) -> float:
        return sum(endpoint.seconds_out_since(moment) for endpoint in self._endpoints.values())

    async def _converse(self, exchange: Exchange, limit: asyncio.Timeout) -> AttemptResult:
        """The first response to a request that the endpoint takes (``Dialect``); its repair."""
        result = await self._request(exchange, limit)
        dialect = self._dialects[exchange.member.id]
        try:
            while result.refused and dialect.learn(result.refused):
                if result.refused == REFUSED_SYSTEM:
                    where = "it opens the user's message instead"
                    self.notices.append(f"{exchange.member.id} takes no system message: {where}")
                result = await self._request(exchange, limit)
            if result.outcome is Outcome.UNPARSABLE:
                result = await self._request(exchange, limit, misfit=result)
        except BudgetExhausted:
            pass
        return result

    async def _request(
        self, exchange: Exchange, limit: asyncio.Timeout, misfit: AttemptResult | None = None
    ) -> AttemptResult:
        """Sends one request; ``misfit`` is the response to repair."""
        sender = self._senders[exchange.member.id]
        dialect = self._dialects[exchange.member.id]

        def request() -> Request:
            in_words = dialect.schema_in_words
            messages = conversation(
                exchange.prompt,
                self._words,
                schema_in_words=exchange.sent.text if in_words else None,
                misfit=(misfit.text, misfit.detail) if misfit else None,
                system_in_user=dialect.system_in_user,
            )
            schema = "" if in_words else exchange.sent.text
            limit = dialect.limit if dialect.other_limit else ""
            return Request(messages, options_of(exchange, dialect), schema, limit)

        async def note(tokens: int, cost: float | None) -> None:
            if not exchange.member.simulated:  # nothing leaves this process, so nothing can have been paid for
                await self._recorder.note(in_flight(exchange, requests=1, tokens=tokens, cost=cost))

        def withdraw() -> None:
            self._recorder.withdraw(exchange.call_id)

        response = await sender.send(request, CallTerms(exchange.purpose, exchange.bill, note, withdraw, limit))
        if response.fault is None:
            self._last_faults.pop(exchange.member.id, None)
        else:
            self._last_faults[exchange.member.id] = response.fault
        if response.message is not None and response.fault is None:
            try:
                usage = response.message.usage_metadata
                self.notices += self._watch.notices(exchange.member, usage, response.sent)
                return self._read(exchange, response, response.message)
            except sender.errors as error:  # what nobody foresaw in a response is an outcome of the call, too
                exchange.bill.faults.append(_UNREADABLE)
                detail = f"the response cannot be read ({type(error).__name__})"
                return AttemptResult(Outcome.FAILED, self._clean(detail, _LONGEST_DETAIL))
        thinking, text = split_thinking(response.text)
        return AttemptResult(
            response.outcome,
            self._clean(response.detail, _LONGEST_DETAIL),
            text=self._clean(text, LONGEST_REPLY_TEXT),
            thinking=self._clean(thinking, LONGEST_REPLY_TEXT),
            refused=response.refused,
            hopeless=response.fault is not None and response.fault.hopeless,
        )

    def _read(self, exchange: Exchange, response: Response, message: AIMessage) -> AttemptResult:
        member = exchange.member
        thinking, text = (self._clean(each, LONGEST_REPLY_TEXT) for each in apart(message, response.extras.thinking))
        decided = outcomes.unanswered(message, member.model.split(":", 1)[1], member.answers_as)
        reply: Reply | None = None
        if decided is None:
            reply, problem, text = self._parsed(text, exchange.schema)
            if thinking and not text:
                problem = "the response holds thinking and no answer"
            if reply is None and outcomes.reads_as_refusal(text):
                decided = Outcome.REFUSED, outcomes.TEXT_REFUSAL
            else:
                decided = (Outcome.UNPARSABLE if reply is None else Outcome.ANSWERED), problem
        elif decided[0] is Outcome.TRUNCATED and exchange.schema is AnswerReply:
            reply, _, text = self._parsed(text, exchange.schema)
            if reply is not None:
                decided = Outcome.ANSWERED, f"{CUT_OFF} ({decided[1]})"
        if reply is not None and outcomes.declines(reply):
            decided, reply = (Outcome.REFUSED, outcomes.TEXT_REFUSAL), None
        elif isinstance(reply, AnswerReply) and not member.simulated:  # those speak in stock phrases, which return
            shown = f"{exchange.prompt.system}\n{exchange.prompt.user}\n{exchange.sent.text}"
            if emptiness := without_reasons(
                [f"{each.point}: {each.justification}" for each in reply.key_points], shown
            ):
                decided, reply = (Outcome.DEGENERATE, emptiness), None
        outcome, detail = decided
        return AttemptResult(
            outcome,
            self._clean(detail, _LONGEST_DETAIL),
            reply,
            text,
            thinking,
            model_name=self._clean(outcomes.model_name(message), _LONGEST_NAME),
            system_fingerprint=self._clean(outcomes.system_fingerprint(message), _LONGEST_NAME),
            route=self._clean(response.extras.route, _LONGEST_NAME),
            finish_reason=self._clean(outcomes.finish_reason(message), _LONGEST_NAME),
        )

    def _parsed(self, text: str, schema: type[Reply]) -> tuple[Reply | None, str, str]:
        """The reply in ``text`` or None, what is wrong, and ``text``; without keys, also where escapes hid them.

        An answer that was cut off after three whole key points is one, and that is what is wrong with it.
        """
        reply: Reply | None
        reply, problem = parse_reply(text, schema)
        if reply is None and schema is AnswerReply and (kept := complete_key_points(text)) is not None:
            reply, problem = kept, CUT_OFF
        if reply is None:
            return None, problem, text
        written = reply.model_dump_json()
        if (cleaned := hide(written, self._secrets)) == written:
            return reply, problem, text
        return *parse_reply(cleaned, schema), cleaned

    def _note_unpaid(self, call_id: str) -> None:
        """Tells whoever waits for this call, in whatever step, that the budget ended it."""
        if (refusals := _refusals.get()) is not None and (unpaid := self._unpaid.get(call_id)) is not None:
            refusals.append(unpaid)

    def _note(self, breaker: Breaker, member: Member, result: AttemptResult) -> None:
        was_open = breaker.open
        breaker.note(result.outcome not in _FAILURES, result.detail, hopeless=result.hopeless)
        if breaker.open and not was_open:
            self.notices.append(f"{member.id} was taken out: {breaker.reason}")
        elif was_open and not breaker.open:
            self.notices.append(f"{member.id} answers again and was taken back")

    def _tell_of_outage(self, line: str) -> None:
        self.on_outage(line)

    def _clean(self, text: str, longest: int) -> str:
        """Hides keys first: one that is cut in two is harder to find."""
        cleaned = hide(encodable(text), self._secrets)
        return cleaned if len(cleaned) <= longest else f"{cleaned[: longest - 1]}…"


def _model(member: Member, models: Mapping[str, BaseChatModel]) -> BaseChatModel:
    if (model := models.get(member.id)) is None:
        raise InputError(f"member {member.id!r}: no model was made for it")
    return model


def _dialect(member: Member, sender: Sender) -> Dialect:
    """What is known of a member's endpoint before it is asked."""
    takes = member.simulated or "extra_body" in type(sender.model).model_fields
    if member.schema_mode == "body" and not takes:
        raise InputError(
            f"member {member.id!r}: the provider {member.provider!r} takes no schema in the request's body — "
            "set schema_mode to auto or text"
        )
    in_body = member.simulated or (takes and member.schema_mode != "text")
    return Dialect(getattr(sender.model, "extra_body", None) or {}, schema_in_words=not in_body)


def _fingerprint(member: Member, seed: int) -> str:
    """All of a member that shapes its replies, and the run's seed."""
    shape = member.model_dump(include={"id", "model", "base_url", "temperature", "max_tokens", "parameters"})
    return json.dumps({**shape, "seed": seed}, sort_keys=True)


def _digest(shape: list[Any]) -> str:
    return sha256(json.dumps(shape).encode()).hexdigest()
