"""One member of a pool as it is reached: what its endpoint takes, and whether it is asked at present."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..domain.answer import Outcome
from ..domain.errors import BudgetExhausted, InputError
from ..domain.pool_spec import Member
from .budget.usage_watch import UsageWatch
from .endpoints.dialect import REFUSED_SYSTEM, Dialect
from .replies.faults import Fault
from .sending.call_store import Recorder
from .sending.circuit_breaker import Breaker
from .sending.conversation import Words, conversation
from .sending.exchange import AttemptResult, Exchange, in_flight, options_of
from .sending.reply_reader import LONGEST_DETAIL, ReplyReader
from .sending.sender import CallTerms, Request, Sender

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_FAILURES = (Outcome.FAILED, Outcome.MISROUTED)
"""Outcomes that bring no words of the member's own."""

_UNREADABLE = "unreadable response"


class MemberClient:
    """Holds one call's conversation with a member, over ``sender``. Used from one event loop.

    ``watch`` is the pool's; ``tell`` gets a line for the user. Raises InputError for a schema_mode that the member's
    provider cannot serve.

    Attributes: ``breaker`` says whether the member is asked at present; ``last_fault`` is what went wrong with the
    last request, None where it was answered.
    """

    def __init__(
        self,
        member: Member,
        sender: Sender,
        *,
        reader: ReplyReader,
        words: Words,
        recorder: Recorder,
        watch: UsageWatch,
        tell: Callable[[str], None],
    ) -> None:
        self.breaker = Breaker()
        self.last_fault: Fault | None = None
        self._member = member
        self._sender = sender
        self._dialect = _dialect(member, sender)
        self._reader = reader
        self._words = words
        self._recorder = recorder
        self._watch = watch
        self._tell = tell

    async def converse(self, exchange: Exchange, limit: asyncio.Timeout) -> AttemptResult:
        """The first response to a request that the endpoint takes (``Dialect``); its repair.

        Raises BudgetExhausted when not even one request can be paid, and what ``Sender.send`` raises.
        """
        result = await self._request(exchange, limit)
        try:
            while result.refused and self._dialect.learn(result.refused):
                if result.refused == REFUSED_SYSTEM:
                    where = "it opens the user's message instead"
                    self._tell(f"{self._member.id} takes no system message: {where}")
                result = await self._request(exchange, limit)
            if result.outcome is Outcome.UNPARSABLE:
                result = await self._request(exchange, limit, misfit=result)
        except BudgetExhausted:
            pass
        return result

    def note(self, result: AttemptResult) -> None:
        """Learn how a call ended: takes the member out when it keeps failing, and back when it answers."""
        was_open = self.breaker.open
        self.breaker.note(result.outcome not in _FAILURES, result.detail, hopeless=result.hopeless)
        if self.breaker.open and not was_open:
            self._tell(f"{self._member.id} was taken out: {self.breaker.reason}")
        elif was_open and not self.breaker.open:
            self._tell(f"{self._member.id} answers again and was taken back")

    async def _request(
        self, exchange: Exchange, limit: asyncio.Timeout, misfit: AttemptResult | None = None
    ) -> AttemptResult:
        """Sends one request; ``misfit`` is the response to repair."""
        dialect = self._dialect

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
            limit_name = dialect.limit if dialect.other_limit else ""
            return Request(messages, options_of(exchange, dialect), schema, limit_name)

        async def note(tokens: int, cost: float | None) -> None:
            if not self._member.simulated:  # nothing leaves this process, so nothing can have been paid for
                await self._recorder.note(in_flight(exchange, requests=1, tokens=tokens, cost=cost))

        def withdraw() -> None:
            self._recorder.withdraw(exchange.call_id)

        response = await self._sender.send(request, CallTerms(exchange.purpose, exchange.bill, note, withdraw, limit))
        self.last_fault = response.fault
        if response.message is None or response.fault is not None:
            return self._reader.failed(response)
        try:
            usage = response.message.usage_metadata
            for line in self._watch.notices(self._member, usage, response.sent):
                self._tell(line)
            return self._reader.read(exchange, response, response.message)
        except self._sender.errors as error:  # what nobody foresaw in a response is an outcome of the call, too
            exchange.bill.faults.append(_UNREADABLE)
            detail = f"the response cannot be read ({type(error).__name__})"
            return AttemptResult(Outcome.FAILED, self._reader.clean(detail, LONGEST_DETAIL))


def model_of(member: Member, models: Mapping[str, BaseChatModel]) -> BaseChatModel:
    """The chat model of ``member``. Raises InputError when there is none."""
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
