"""Asks members for replies. Whatever a model does is an outcome; only a spent budget and cancellation are raised."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, cast

from langchain_core.messages import AIMessage

from ..domain.answer import Outcome
from ..domain.calls import Call, Prompt, Usage
from ..domain.errors import BudgetExhausted, InputError
from ..domain.pool import Member, PoolSpec
from ..domain.replies import Reply
from . import outcomes
from .conversation import Words as Words
from .conversation import conversation
from .endpoints import secrets
from .ledger import Ledger
from .parsing import parse_reply
from .schemas import SentSchema, sent_schema
from .scrubbing import encodable, hide

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

R = TypeVar("R", bound=Reply)


class Recorder(Protocol):
    """Keeps finished calls."""

    def record(self, call: Call[Any]) -> None:
        """Keep ``call``. Called once for each finished call, before ``ask`` returns it."""
        ...


class Failures(NamedTuple):
    """How often in a row a member brought no words of its own (failed or misrouted), and the last detail."""

    in_a_row: int
    detail: str


@dataclass(frozen=True)
class _Heard:
    """What one request brought."""

    outcome: Outcome
    detail: str = ""
    reply: Reply | None = None
    text: str = ""
    model_name: str = ""
    finish_reason: str = ""
    refuses_schema: bool = False


@dataclass
class _Exchange:
    """One call under way: all that its requests share, and their running totals."""

    member: Member
    prompt: Prompt
    schema: type[Reply]
    sent: SentSchema
    purpose: str
    id: str
    attempts: int = 0
    seconds: float = 0.0
    usage: dict[str, int] = field(default_factory=dict)


class Pool:
    """The members of one run behind one budget. Used from one event loop.

    ``models`` holds a chat model for each member id of ``spec``; the caller closes them (``close_models``). ``seed``
    is the run's. ``counts`` (finished calls by member and outcome) and ``failures`` are for whoever decides whether to
    go on. Raises InputError for a member without a model, or whose schema_mode its provider cannot serve.
    """

    def __init__(
        self,
        spec: PoolSpec,
        models: Mapping[str, BaseChatModel],
        *,
        words: Words,
        recorder: Recorder,
        ledger: Ledger,
        seed: int,
    ) -> None:
        self.spec = spec
        self.ledger = ledger
        self.counts: Counter[tuple[str, Outcome]] = Counter()
        self._models = dict(models)
        self._words = words
        self._recorder = recorder
        self._seed = seed
        self._secrets = secrets(spec.members)
        self._errors = outcomes.request_errors()
        self._slots = {member.id: asyncio.Semaphore(member.concurrency) for member in spec.members}
        self._schema_in_words = {member.id for member in spec.members if not self._takes_body(member)}
        self._fingerprints = {member.id: _fingerprint(member, seed) for member in spec.members}
        self._failures = {member.id: Failures(0, "") for member in spec.members}

    @property
    def failures(self) -> Mapping[str, Failures]:
        """Failures in a row of each member, by id; (0, "") after any reply."""
        return MappingProxyType(self._failures)

    async def ask(self, member: Member, prompt: Prompt, schema: type[R], *, purpose: str, sample: int) -> Call[R]:
        """One reply of ``member`` in the form of ``schema``, or the outcome that took its place.

        A text that does not fit is sent back once; a refusal, a filter or a truncation is not asked again. Each
        request counts against the budget, the refused attempt to send the schema in the body too. When no request is
        left the outcome is ``failed``, with nothing sent or recorded; a budget that runs out later ends the call with
        what it has.
        """
        sent = sent_schema(schema)
        call_id = self._call_id(member, prompt, sent, purpose, sample)
        exchange = _Exchange(member, prompt, schema, sent, purpose, call_id)
        sendable = self._may_go_on(exchange)
        heard = await self._first(exchange) if sendable else _Heard(Outcome.FAILED, "the budget of calls is spent")
        if heard.outcome is Outcome.UNPARSABLE and self._may_go_on(exchange):
            heard = await self._request(exchange, misfit=heard)
        call = sent.call(
            id=call_id,
            member=member.id,
            purpose=purpose,
            sample=sample,
            prompt=prompt,
            outcome=heard.outcome,
            reply=heard.reply,
            text=heard.text,
            detail=heard.detail,
            model_name=heard.model_name,
            finish_reason=heard.finish_reason,
            usage=Usage(**exchange.usage),
            attempts=exchange.attempts,
            seconds=exchange.seconds,
        )
        if sendable:
            self._note(call)
            self._recorder.record(call)
        return cast("Call[R]", call)

    async def _first(self, exchange: _Exchange) -> _Heard:
        """The first response, with the schema in words where the endpoint does not take it in the body."""
        heard = await self._request(exchange)
        if not heard.refuses_schema:
            return heard
        self._schema_in_words.add(exchange.member.id)
        return await self._request(exchange) if self._may_go_on(exchange) else heard

    async def _request(self, exchange: _Exchange, misfit: _Heard | None = None) -> _Heard:
        """Send one request that has been reserved, and say what it brought; ``misfit`` is the response to repair."""
        member = exchange.member
        slot = self._slots[member.id]
        try:
            await slot.acquire()
        except asyncio.CancelledError:
            self.ledger.release(member.id, exchange.purpose)
            raise
        # Decided only now: while this request waited, another may have learnt that the endpoint takes no schema.
        in_words = member.id in self._schema_in_words
        messages = conversation(
            exchange.prompt,
            self._words,
            schema_in_words=exchange.sent.text if in_words else None,
            misfit=(misfit.text, misfit.detail) if misfit else None,
        )
        exchange.attempts += 1
        started = time.perf_counter()
        try:
            async with asyncio.timeout(member.timeout):
                message = await self._models[member.id].ainvoke(messages, **self._options(exchange, in_words))
        except self._errors as error:
            outcome, detail = outcomes.failure(error, self._secrets, timeout=member.timeout)
            may_switch = not in_words and member.schema_mode == "auto" and not member.simulated
            return _Heard(outcome, self._clean(detail), refuses_schema=may_switch and outcomes.refuses_schema(error))
        finally:
            exchange.seconds += time.perf_counter() - started
            slot.release()
        if not isinstance(message, AIMessage):
            return _Heard(Outcome.FAILED, "the response is not an assistant's message")
        return self._heard(exchange, message)

    def _heard(self, exchange: _Exchange, message: AIMessage) -> _Heard:
        for name in ("input_tokens", "output_tokens"):
            if message.usage_metadata and (tokens := message.usage_metadata.get(name)) is not None:
                exchange.usage[name] = exchange.usage.get(name, 0) + cast(int, tokens)
        text = self._clean(str(message.text))
        decided = outcomes.unanswered(message, exchange.member.model.split(":", 1)[1])
        reply: Reply | None = None
        if decided is None:
            reply, problem = parse_reply(text, exchange.schema)
            if reply is not None:
                decided = Outcome.ANSWERED, ""
            elif outcomes.reads_as_refusal(text):
                decided = Outcome.REFUSED, "the text declines to answer"
            else:
                decided = Outcome.UNPARSABLE, problem
        outcome, detail = decided
        return _Heard(
            outcome,
            self._clean(detail),
            reply,
            text,
            model_name=self._clean(outcomes.model_name(message)),
            finish_reason=self._clean(outcomes.finish_reason(message)),
        )

    def _options(self, exchange: _Exchange, in_words: bool) -> dict[str, Any]:
        """What goes beside the messages. An extra_body given here replaces the model's own, so it is merged."""
        member = exchange.member
        options: dict[str, Any] = {}
        if not in_words:
            own = getattr(self._models[member.id], "extra_body", None) or {}
            options["extra_body"] = {**own, "response_format": exchange.sent.response_format}
        if member.send_seed or member.simulated:
            options["seed"] = int(exchange.id[:8], 16) >> 1  # 31 bits: some servers keep it in a signed integer
        return options

    def _takes_body(self, member: Member) -> bool:
        if (model := self._models.get(member.id)) is None:
            raise InputError(f"member {member.id!r}: no model was made for it")
        takes = member.simulated or "extra_body" in type(model).model_fields
        if member.schema_mode == "body" and not takes:
            raise InputError(
                f"member {member.id!r}: the provider {member.provider!r} takes no schema in the request's body — "
                "set schema_mode to auto or text"
            )
        return member.simulated or (takes and member.schema_mode != "text")

    def _may_go_on(self, exchange: _Exchange) -> bool:
        try:
            self.ledger.reserve(exchange.member.id, exchange.purpose)
        except BudgetExhausted:
            return False
        return True

    def _call_id(self, member: Member, prompt: Prompt, sent: SentSchema, purpose: str, sample: int) -> str:
        shape = [self._fingerprints[member.id], sent.digest, prompt.system, prompt.user, purpose, sample]
        return sha256(json.dumps(shape).encode()).hexdigest()[:16]

    def _clean(self, text: str) -> str:
        return hide(encodable(text), self._secrets)

    def _note(self, call: Call[Any]) -> None:
        self.counts[call.member, call.outcome] += 1
        failed = call.outcome in (Outcome.FAILED, Outcome.MISROUTED)
        before = self._failures[call.member].in_a_row
        self._failures[call.member] = Failures(before + 1, call.detail) if failed else Failures(0, "")


def _fingerprint(member: Member, seed: int) -> str:
    """All of a member that shapes its replies, and the run's seed."""
    shape = member.model_dump(include={"id", "model", "base_url", "temperature", "max_tokens", "parameters"})
    return json.dumps({**shape, "seed": seed}, sort_keys=True)
