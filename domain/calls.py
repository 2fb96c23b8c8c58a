"""One call to one member: what is sent, and what came back."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import Field

from .answer import Outcome
from .record import Record
from .reply_types import Reply

R = TypeVar("R", bound=Reply)


class Prompt(Record):
    """A rendered prompt with the name and fingerprint of the template that it was made from."""

    name: str
    fingerprint: str
    system: str
    user: str


class Usage(Record):
    """Tokens as the provider counted them; None where it said nothing."""

    input_tokens: int | None = None
    output_tokens: int | None = None


class InFlight(Record):
    """What one call may have cost up to now, its request under way included: kept while nobody knows what it brings.

    ``requests`` were sent, or are about to be; ``tokens`` and ``cost`` are what they took, as far as that is known, and
    the most that they may have taken otherwise (``cost`` None: the price is unknown).
    """

    call_id: str
    member: str
    purpose: str
    prompt: str
    requests: int = Field(ge=1)
    tokens: int = Field(ge=0)
    cost: float | None = Field(default=None, ge=0)


class Call(Record, Generic[R]):
    """A finished call, its repair included. ``reply`` is set exactly when the outcome is ``answered``.

    ``text`` is the last response's answer, ``thinking`` what a reasoning model thought before it, where the response
    shows that. ``attempts`` says how many requests were sent (the budget counts each; 0 where the member was not asked
    at all), ``seconds`` their wall time together. ``faults`` are those that failed, a few words each. ``usage`` are the
    provider's counts, summed over the requests; ``tokens`` and ``cost`` what the budget was charged: the provider's
    count, or the most that a request without one may have taken (then ``uncounted`` of the tokens are such).
    ``yes_probability`` is that of a yes in a reply that is one yes or no, where the response told the log-probabilities
    of its tokens.
    ``model_name``, ``system_fingerprint`` and ``route`` say who answered, as far as the response tells. ``id`` is a
    digest of all that shaped the call, the sample index included, so that repeats stay distinct and a run with the
    same seed has the same ids.
    """

    id: str
    member: str
    purpose: str
    sample: int
    prompt: Prompt
    outcome: Outcome
    reply: R | None = None
    text: str = ""
    thinking: str = ""
    detail: str = ""
    yes_probability: float | None = Field(default=None, ge=0, le=1)
    model_name: str = ""
    system_fingerprint: str = ""
    route: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()
    tokens: int = Field(default=0, ge=0)
    uncounted: int = Field(default=0, ge=0)
    cost: float | None = Field(default=None, ge=0)
    attempts: int = Field(default=1, ge=0)
    faults: tuple[str, ...] = ()
    seconds: float = 0.0
