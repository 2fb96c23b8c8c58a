"""Sends requests to one member: in turn, within the budget, again where what went wrong may pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, wait_exponential, wait_random

from ...domain.answer import Outcome
from ...domain.calls import Usage
from ...domain.errors import BudgetExhausted, InputError, UnusableResponse
from ...domain.pool_spec import Member
from ..budget.ledger import Ledger, Reservation
from ..budget.tokens import TokenCounter
from ..budget.usage import plausible
from ..endpoints.dialect import REFUSED_SCHEMA, REFUSED_SYSTEM
from ..endpoints.refused_settings import remedy_for
from ..replies import outcomes
from ..replies.faults import BROKEN_BODY, CONNECTION_BROKEN, HALF_A_REPLY, Fault, fault
from ..replies.raw_response import ResponseExtras, collect_extras
from .pace import Pace
from .reachability import Reachability, has_died

BACK_OFF = wait_exponential(multiplier=0.5, max=30) + wait_random(0, 0.5)
"""Half a second, then twice as long each time, with jitter, so that members of one endpoint do not come back as one."""

_MILLION = 1_000_000

_LONGEST_REPLY = 1_000_000
"""Tokens that a member without max_tokens is believed to reply with."""

_DEEPEST_CAUSE = 8

Note = Callable[[int, float | None], Awaitable[None]]
"""Called with the tokens and the money that a request may take at most, before it is sent."""


@dataclass
class Bill:
    """What the requests of one call came to: see ``domain.calls.Call`` for the meaning of each."""

    attempts: int = 0
    seconds: float = 0.0
    input_tokens: int | None = None
    output_tokens: int | None = None
    tokens: int = 0
    uncounted: int = 0
    cost: float | None = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def usage(self) -> Usage:
        """The provider's counts."""
        return Usage(input_tokens=self.input_tokens, output_tokens=self.output_tokens)


@dataclass(frozen=True)
class Request:
    """What is sent. ``schema`` is the text of a schema among the options, which providers count as prompt.

    ``limit`` is the name of the limit on the reply's tokens, where it may have another one instead; else "".
    """

    messages: Sequence[BaseMessage]
    options: Mapping[str, Any]
    schema: str
    limit: str = ""


@dataclass(frozen=True)
class CallTerms:
    """What all requests of one call are sent under. ``bill`` is added to as they are made.

    ``note`` is called right before each is sent, ``withdraw`` when none of those noted so far came to a model.
    ``limit`` ends the call; it stands still while the endpoint is waited for.
    """

    purpose: str
    bill: Bill
    note: Note
    withdraw: Callable[[], None]
    limit: asyncio.Timeout


@dataclass(frozen=True)
class Response:
    """The last response to a request, or the outcome and detail of its failure, ``fault`` saying which kind.

    ``message`` is the model's, unless there is a fault, and ``characters`` are those of its text; ``sent`` are the
    tokens of its prompt by our own count. ``unreached``: no model got the request, which counts for nothing. ``text``
    is a reply that the provider kept back. ``refused``: what the endpoint did not take (see ``dialect``), where another
    request may do without.
    """

    message: AIMessage | None = None
    extras: ResponseExtras = field(default_factory=ResponseExtras)
    outcome: Outcome = Outcome.FAILED
    detail: str = ""
    sent: int = 0
    text: str = ""
    fault: Fault | None = None
    refused: str = ""
    characters: int = 0
    unreached: bool = False


class Sender:
    """One member's line: its model, its pace, and what the budget is charged for it. Used from one event loop."""

    def __init__(
        self,
        member: Member,
        model: BaseChatModel,
        *,
        ledger: Ledger,
        counter: TokenCounter,
        secrets: Sequence[str],
        endpoint: Reachability,
    ) -> None:
        if member.max_tokens is None and (ledger.tokens_left is not None or ledger.money_left is not None):
            raise InputError(
                f"member {member.id!r}: a budget in tokens or money needs to know the most that a reply may take "
                "— give it max_tokens in the pool file"
            )
        self.model = model
        self.pace = Pace(member)
        self.endpoint = endpoint
        self._member = member
        self._ledger = ledger
        self._counter = counter
        self._secrets = secrets
        self.errors: tuple[type[Exception], ...] = (*outcomes.request_errors(), UnusableResponse)

    async def send(self, make: Callable[[], Request], terms: CallTerms) -> Response:
        """The response to a request, after as many attempts as the member allows, none of them counted while the
        endpoint cannot be reached.

        ``make`` is called when the request's turn has come, so that it knows what was learnt in the meantime. Raises
        BudgetExhausted when not even one request can be paid; one that ran out between attempts ends with what the last
        attempt brought. Raises EndpointUnreachable, and what ``terms.note`` raises.
        """
        last = await self._reached(make, terms)
        if not _may_pass(last):
            return last  # as nearly all do: the library's bookkeeping would cost them as much as the rest of the turn
        known = [last]

        async def attempt() -> Response:
            nonlocal last
            last = known.pop() if known else await self._reached(make, terms)
            return last

        retrying = AsyncRetrying(
            retry=retry_if_result(_may_pass),
            stop=stop_after_attempt(self._member.attempts),
            wait=_pause,
            retry_error_callback=lambda _: last,
        )
        try:
            return await retrying(attempt)
        except BudgetExhausted:
            return last

    async def _reached(self, make: Callable[[], Request], terms: CallTerms) -> Response:
        """The first response that came from the endpoint itself, however long that was out of reach."""
        began, tries = self.endpoint.now(), 0
        while True:
            tried_at = asyncio.get_running_loop().time()
            response = await self._once(make, terms)
            if not response.unreached:
                if response.fault is None or response.fault.reached:
                    self.endpoint.answered()
                return response
            if not terms.bill.attempts:
                terms.withdraw()
            tries += 1
            assert response.fault is not None
            reason = response.fault.kind if response.fault.status is None else response.detail
            with standing_still(terms.limit, tried_at):
                goes_on = await self.endpoint.wait(tries, began, reason)
            if not goes_on:
                terms.bill.faults.append(response.fault.kind)
                return replace(response, fault=replace(response.fault, passing=False))

    async def _once(self, make: Callable[[], Request], terms: CallTerms) -> Response:
        bill = terms.bill
        async with self.pace.turn(self._about(make)):
            request = make()
            prompt_most = self._counter.prompt_at_most(_texts(request), self._member, request.schema)
            most = prompt_most + (self._member.most_output or 0)
            dearest = self._price(prompt_most, self._member.most_output or 0)
            reservation = await self._ledger.reserve(self._member.id, terms.purpose, tokens=most, money=dearest)
            try:
                await terms.note(most, dearest)
            except BaseException:
                reservation.release()
                raise
            bill.attempts += 1
            started = time.perf_counter()
            response: Response | None = None
            extras = ResponseExtras()
            try:
                with collect_extras() as extras:
                    async with asyncio.timeout(self._member.timeout):
                        message = await self.model.ainvoke(list(request.messages), **request.options)
                sent = sum(map(self._counter.about, _texts(request)))
                response = replace(_checked(message, extras), sent=sent)
            except self.errors as error:
                response = await self._seen_from(self._failed(error, request, extras))
            finally:
                seconds = time.perf_counter() - started
                bill.seconds += seconds
                # Without a response the request was cancelled under way, and may have been paid for.
                self._settle(reservation, response, bill, prompt_most=prompt_most, dearest=dearest)
            if response.unreached:
                return response
            wrong = response.fault
            self.pace.observe(
                seconds,
                ok=wrong is None,
                limited=wrong is not None and wrong.limited,
                retry_after=None if wrong is None else wrong.retry_after,
            )
            if wrong is not None and not response.refused:
                bill.faults.append(wrong.kind)
        return response

    def _settle(
        self,
        reservation: Reservation,
        response: Response | None,
        bill: Bill,
        *,
        prompt_most: int,
        dearest: float | None,
    ) -> None:
        """Replaces what was set aside by the provider's count, by nothing where it certainly charged nothing."""
        if response is not None and response.unreached:
            reservation.release()
            bill.attempts -= 1
            return
        tokens = reservation.tokens
        uncounted = reservation.tokens
        cost = dearest
        if (counted := self._counted(response, prompt_most)) is not None:
            sent, received = counted
            bill.input_tokens = (bill.input_tokens or 0) + sent
            bill.output_tokens = (bill.output_tokens or 0) + received
            tokens = sent + received
            uncounted = 0
            cost = self._price(sent, received)
        elif response is not None and response.fault is not None and not response.fault.charged:
            tokens, uncounted, cost = 0, 0, 0.0
        reservation.settle(tokens=tokens, money=cost, uncounted=uncounted)
        bill.tokens += tokens
        bill.uncounted += uncounted
        bill.cost = None if bill.cost is None or cost is None else bill.cost + cost

    def _counted(self, response: Response | None, prompt_most: int) -> tuple[int, int] | None:
        """(input, output) tokens by the provider's count, None where it gave none that can be right."""
        if response is None or response.message is None:
            return None
        return plausible(
            response.message.usage_metadata,
            prompt_most=prompt_most,
            reply_most=self._member.most_output or _LONGEST_REPLY,
            reply_characters=response.characters,
        )

    async def _seen_from(self, failed: Response) -> Response:
        """``failed``, marked where no model got the request and one waits for its endpoint."""
        wrong = failed.fault
        if wrong is None or failed.refused or wrong.of_schema or not self.endpoint.waits:
            return failed
        died = wrong.kind in (CONNECTION_BROKEN, BROKEN_BODY.kind) and await has_died(self._member)
        return replace(failed, unreached=died or wrong.unreachable)

    def _failed(self, error: Exception, request: Request, extras: ResponseExtras) -> Response:
        if (unusable := _unusable(error)) is not None:
            return Response(None, extras, detail=str(unusable), fault=Fault(unusable.kind, charged=True))
        if extras.reason and (decided := outcomes.without_answer(extras.reason)) is not None:
            return Response(None, extras, *decided)
        outcome, detail = outcomes.failure(error, self._secrets, timeout=self._member.timeout)
        if outcome is not Outcome.FAILED:  # the provider's answer, if only in the dress of an error
            return Response(None, extras, outcome, detail, text=outcomes.kept_back(error))
        wrong = fault(error, self._settings(request))
        refused = ""
        if request.schema and wrong.of_schema and self._member.schema_mode == "auto":
            refused = REFUSED_SCHEMA
        elif request.messages[0].type == REFUSED_SYSTEM and outcomes.refuses_system(error):
            refused = REFUSED_SYSTEM
        elif request.limit and outcomes.refuses_limit(error, request.limit):
            refused = request.limit
        elif wrong.setting:
            detail = f"the endpoint refuses {wrong.setting}: {remedy_for(wrong.setting)} ({detail})"
        elif request.schema and wrong.of_schema:
            wrong = replace(wrong, passing=False)  # it will refuse the next one as well
            detail = f"the endpoint refuses the schema in the request's body: set schema_mode: text ({detail})"
        elif extras.reason:
            detail = f"{detail} ({extras.reason})"
        return Response(None, extras, outcome, detail, fault=wrong, refused=refused)

    def _settings(self, request: Request) -> list[str]:
        """The names of the member's settings that the request held."""
        own = {"temperature": self._member.temperature, "max_tokens": self._member.max_tokens}
        body = request.options.get("extra_body") or getattr(self.model, "extra_body", None) or {}
        names = [name for name, value in own.items() if value is not None]
        return list(dict.fromkeys([*names, *self._member.parameters, *body, *({"seed"} & set(request.options))]))

    def _about(self, make: Callable[[], Request]) -> int:
        """Tokens as an endpoint's rate limit counts them: the prompt and the most that the reply may take."""
        if self._member.tokens_per_minute is None:
            return 0
        request = make()
        return sum(map(self._counter.about, [*_texts(request), request.schema])) + (self._member.most_output or 0)

    def _price(self, sent: int, received: int) -> float | None:
        price = self._member.price
        if price is None:
            return 0.0 if self._member.simulated else None
        return (sent * price.input + received * price.output) / _MILLION


@contextmanager
def standing_still(limit: asyncio.Timeout, since: float) -> Iterator[None]:
    """``limit`` does not run out within the block, and is put off by the seconds since ``since`` (the loop's clock)."""
    when = limit.when()
    limit.reschedule(None)
    try:
        yield
    finally:
        limit.reschedule(None if when is None else when + asyncio.get_running_loop().time() - since)


def _unusable(error: BaseException | None) -> UnusableResponse | None:
    """What was wrong with the response itself, which clients wrap in errors of their own."""
    for _ in range(_DEEPEST_CAUSE):
        if error is None or isinstance(error, UnusableResponse):
            return error
        error = error.__cause__ or error.__context__
    return None


def _texts(request: Request) -> list[str]:
    return [str(message.content) for message in request.messages]


def _checked(message: BaseMessage, extras: ResponseExtras) -> Response:
    if isinstance(message, AIMessage) and (failed := outcomes.server_failed(message)):
        if extras.reason and (decided := outcomes.without_answer(extras.reason)) is not None:
            return Response(None, extras, *decided)
        return Response(message, extras, detail=failed, fault=HALF_A_REPLY)
    if isinstance(message, AIMessage):
        # Reading the text here makes one that cannot be read a failed request, as any other broken body.
        return Response(message, extras, Outcome.ANSWERED, characters=len(str(message.text)))
    return Response(detail="the response is not an assistant's message", fault=BROKEN_BODY)


def _may_pass(response: Response) -> bool:
    return response.fault is not None and response.fault.passing and not response.refused


def _pause(state: RetryCallState) -> float:
    """Seconds before the next attempt; none where the endpoint named a time, since the member's pace keeps that."""
    response: Response = state.outcome.result() if state.outcome else Response()
    named = response.fault is not None and response.fault.retry_after is not None
    return 0.0 if named else BACK_OFF(state)
