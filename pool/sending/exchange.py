"""One call under way: what its requests share, what they have brought, and the call that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...domain.answer import Outcome
from ...domain.calls import Call, InFlight, Prompt, Usage
from ...domain.errors import BudgetExhausted
from ...domain.pool_spec import Member
from ...domain.reply_types import Reply
from ..endpoints.dialect import Dialect, runs_openai_models
from ..endpoints.endpoint import base_url
from ..replies.reply_schemas import SentSchema
from .sender import Bill


@dataclass(frozen=True)
class AttemptResult:
    """What a call has brought so far. ``refused`` is what the endpoint did not take (``dialect``); ``unpaid``: why the
    budget paid for no request at all.
    """

    outcome: Outcome
    detail: str = ""
    reply: Reply | None = None
    text: str = ""
    thinking: str = ""
    yes_probability: float | None = None
    model_name: str = ""
    system_fingerprint: str = ""
    route: str = ""
    finish_reason: str = ""
    refused: str = ""
    hopeless: bool = False
    unpaid: BudgetExhausted | None = None


@dataclass(frozen=True)
class Exchange:
    """One call under way: all that its requests share, and their running bill."""

    call_id: str
    member: Member
    prompt: Prompt
    schema: type[Reply]
    sent: SentSchema
    purpose: str
    seed: int
    bill: Bill = field(default_factory=Bill)


def options_of(exchange: Exchange, dialect: Dialect) -> dict[str, Any]:
    """What goes beside the messages. An extra_body given here replaces the model's own, so it is merged."""
    member = exchange.member
    body = dialect.body()
    if not dialect.schema_in_words:
        # A provider's own package knows nothing of bounds on strings, and may be OpenAI's (Azure's, say).
        bounded = (address := base_url(member)) is not None and not runs_openai_models(address)
        body["response_format"] = exchange.sent.response_format if bounded else exchange.sent.without_lengths
    options: dict[str, Any] = {"extra_body": body} if body else {}
    if member.send_seed or member.simulated:
        options["seed"] = exchange.seed  # 31 bits: some servers keep it in a signed integer
    return options


def finished_call(sample: int, exchange: Exchange, result: AttemptResult, before: Call[Any] | None) -> Call[Any]:
    """The finished call. One that failed in an earlier session keeps what it had cost there."""
    bill = exchange.bill
    unpriced = bill.cost is None or (before is not None and before.cost is None)
    return exchange.sent.call(
        id=exchange.call_id,
        member=exchange.member.id,
        purpose=exchange.purpose,
        sample=sample,
        prompt=exchange.prompt,
        outcome=result.outcome,
        reply=result.reply,
        text=result.text,
        thinking=result.thinking,
        yes_probability=result.yes_probability,
        detail=result.detail,
        model_name=result.model_name,
        system_fingerprint=result.system_fingerprint,
        route=result.route,
        finish_reason=result.finish_reason,
        usage=bill.usage if before is None else _sum(bill.usage, before.usage),
        tokens=bill.tokens + (before.tokens if before else 0),
        uncounted=bill.uncounted + (before.uncounted if before else 0),
        cost=None if unpriced else (bill.cost or 0.0) + ((before.cost or 0.0) if before else 0.0),
        attempts=bill.attempts + (before.attempts if before else 0),
        faults=(*(before.faults if before else ()), *bill.faults),
        seconds=bill.seconds + (before.seconds if before else 0.0),
    )


def in_flight(exchange: Exchange, *, requests: int = 0, tokens: int = 0, cost: float | None = 0.0) -> InFlight:
    """What the call has cost so far, with ``requests`` more that may take ``tokens`` and ``cost``."""
    bill = exchange.bill
    return InFlight(
        call_id=exchange.call_id,
        member=exchange.member.id,
        purpose=exchange.purpose,
        prompt=exchange.prompt.name,
        requests=bill.attempts + requests,
        tokens=bill.tokens + tokens,
        cost=None if bill.cost is None or cost is None else bill.cost + cost,
    )


def _sum(one: Usage, other: Usage) -> Usage:
    def added(a: int | None, b: int | None) -> int | None:
        return b if a is None else a if b is None else a + b

    return Usage(
        input_tokens=added(one.input_tokens, other.input_tokens),
        output_tokens=added(one.output_tokens, other.output_tokens),
    )
