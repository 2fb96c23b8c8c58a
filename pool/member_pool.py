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

from ..domain.answer import Outcome, Phase
from ..domain.calls import Call, Prompt
from ..domain.errors import BudgetExhausted, EndpointUnreachable, NotRecorded
from ..domain.pool_spec import Member, PoolSpec
from ..domain.reply_types import Reply
from .budget.ledger import Ledger
from .budget.tokens import TokenCounter
from .budget.usage_watch import UsageWatch
from .endpoints.chat_models import own_keys
from .endpoints.endpoint import secrets
from .member_client import MemberClient, model_of
from .replies.faults import Fault
from .replies.reply_schemas import sent_schema
from .sending.call_store import RecordedCalls, Recorder
from .sending.conversation import Words
from .sending.exchange import AttemptResult, Exchange, finished_call, in_flight
from .sending.reachability import Reachability, address_of
from .sending.reply_reader import ReplyReader
from .sending.sender import Sender
from .telemetry import call_span

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

R = TypeVar("R", bound=Reply)

DOCTOR = "doctor"
"""The purpose of the doctor's calls: whether a member can be asked as it will be."""

_AS_DEPLOYED = frozenset({DOCTOR, *(phase.value for phase in Phase)})
"""Purposes for which a member speaks for itself, under its own system prompt; see ``Member``."""

_refusals: ContextVar[list[BudgetExhausted] | None] = ContextVar("refusals", default=None)
_step: ContextVar[tuple[float, float] | None] = ContextVar("step", default=None)
"""When the present step began, by the loop's clock, and the seconds that it may take."""


class Pool:
    """The members of one run behind one budget. Used from one event loop.

    ``models`` holds a chat model for each member id of ``spec``; the caller closes them (``close_models``). Without
    ``models`` nobody is asked: calls come from ``recorder`` and ``earlier`` alone. ``earlier`` are the recorded calls
    of another run; those that are reached are charged to the budget, as they were there, and their requests counted
    in ``recalled``. ``seed`` is the run's. ``patience``: seconds for which an endpoint that cannot be reached is waited
    for; with 0 its members are taken out as any that keep failing. ``telemetry``: each call has a span. Raises
    InputError for a member without a model, or whose schema_mode its provider cannot serve.

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
        telemetry: bool = False,
    ) -> None:
        self.spec = spec
        self.ledger = ledger
        self.notices: list[str] = []
        self.on_outage: Callable[[str], None] = lambda _: None
        self.recalled = 0
        self._telemetry = telemetry
        self._recorder = recorder
        self._earlier = earlier
        self._live = models is not None
        hidden = (*secrets(spec.members), *own_keys((models or {}).values()))
        self._reader = ReplyReader(hidden)
        asked = [member for member in spec.members if not member.recorded] if models is not None else []
        line: Any = {"ledger": ledger, "counter": counter or TokenCounter(), "secrets": hidden}
        addresses = {member.id: address_of(member) for member in asked}
        self._endpoints = {
            each: Reachability(each, patience, tell=self._tell_of_outage) for each in dict.fromkeys(addresses.values())
        }
        shared: Any = {
            **{"reader": self._reader, "words": words, "recorder": recorder},
            **{"watch": UsageWatch(), "tell": self.notices.append},
        }
        self._clients: dict[str, MemberClient] = {}
        for member in asked:
            endpoint = self._endpoints[addresses[member.id]]
            sender = Sender(member, model_of(member, models or {}), endpoint=endpoint, **line)
            self._clients[member.id] = MemberClient(member, sender, **shared)
        self._fingerprints = {member.id: _fingerprint(member, seed) for member in spec.members}
        self._words_digest = sha256(f"{words.schema_words('')}\n{words.repair_words('')}".encode()).hexdigest()
        self._under_way: dict[str, asyncio.Event] = {}
        self._finished: set[str] = set()
        self._unpaid: dict[str, BudgetExhausted] = {}

    @property
    def out(self) -> Mapping[str, str]:
        """The members that have been taken out because they keep failing, with the reason."""
        breakers = {member_id: client.breaker for member_id, client in self._clients.items()}
        return {member_id: breaker.reason for member_id, breaker in breakers.items() if breaker.open}

    @property
    def waiting_for(self) -> Mapping[str, tuple[float, str]]:
        """The addresses that are waited for: the seconds for which nobody has reached them, and why, on one line."""
        found = ((each, each.seconds_out) for each in self._endpoints.values())
        return {each.address: (seconds, each.reason) for each, seconds in found if seconds is not None}

    @property
    def last_faults(self) -> Mapping[str, Fault]:
        """Of each member whose last request failed, what went wrong."""
        faults = ((member_id, client.last_fault) for member_id, client in self._clients.items())
        return {member_id: fault for member_id, fault in faults if fault is not None}

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
            with call_span(self._telemetry, member, prompt, purpose) as end:
                call = await self._make_call(exchange, sample, before)
                end(call)
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
                detail = f"the call was cut short by {type(error).__name__}"
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
        reply, problem, _ = self._reader.parse(call.text, schema)
        if reply is None:  # recorded by a version that read it otherwise
            return call.model_copy(update={"outcome": Outcome.UNPARSABLE, "detail": problem})
        return call.model_copy(update={"reply": reply})

    async def _attempt_in_time(self, exchange: Exchange) -> AttemptResult:
        client = self._clients[exchange.member.id]
        if not client.breaker.admits():
            return AttemptResult(Outcome.FAILED, f"taken out: {client.breaker.reason}")
        began, seconds = _step.get() or (0.0, 0.0)
        noted = False
        try:
            async with asyncio.timeout_at(
                began + seconds + self._seconds_out_since(began) if seconds else None
            ) as limit:
                await asyncio.sleep(0)  # a limit that has passed already ends the call here, with nothing sent
                result = await client.converse(exchange, limit)
            client.note(result)
            noted = True
        except BudgetExhausted as error:
            result = AttemptResult(Outcome.FAILED, str(error), unpaid=error)
        except TimeoutError:
            exchange.bill.faults.append("step time-out")
            result = AttemptResult(Outcome.FAILED, f"not finished within the step's {seconds:g} s")
        finally:
            if not noted:
                client.breaker.forget()
        return result

    def _seconds_out_since(self, moment: float) -> float:
        return sum(endpoint.seconds_out_since(moment) for endpoint in self._endpoints.values())

    def _note_unpaid(self, call_id: str) -> None:
        """Tells whoever waits for this call, in whatever step, that the budget ended it."""
        if (refusals := _refusals.get()) is not None and (unpaid := self._unpaid.get(call_id)) is not None:
            refusals.append(unpaid)

    def _tell_of_outage(self, line: str) -> None:
        self.on_outage(line)


def _fingerprint(member: Member, seed: int) -> str:
    """All of a member that shapes its replies, and the run's seed."""
    shape = member.model_dump(include={"id", "model", "base_url", "temperature", "max_tokens", "parameters"})
    return json.dumps({**shape, "seed": seed}, sort_keys=True)


def _digest(shape: list[Any]) -> str:
    return sha256(json.dumps(shape).encode()).hexdigest()
