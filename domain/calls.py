"""One call to one member: what is sent, and what came back."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import Field

from .answer import Outcome
from .record import Record
from .replies import Reply

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


class Call(Record, Generic[R]):
    """A finished call, its repair included. ``reply`` is set exactly when the outcome is ``answered``.

    ``text`` is the raw text of the last response, ``attempts`` how many times the member was asked (the budget counts
    each), ``seconds`` the wall time of all of them. ``id`` is a digest of all that shaped the call, the sample index
    included, so that repeats stay distinct and a run with the same seed has the same ids.
    """

    id: str
    member: str
    purpose: str
    sample: int
    prompt: Prompt
    outcome: Outcome
    reply: R | None = None
    text: str = ""
    detail: str = ""
    model_name: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()
    attempts: int = Field(default=1, ge=0)
    seconds: float = 0.0
