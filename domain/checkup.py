"""What ``adaem doctor`` found, one check a row."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .record import Record


class CheckVerdict(StrEnum):
    """How a check came out. A warning lets a run go on, a problem does not; skipped: it could not be made."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


class Check(Record):
    """One check. ``remedy`` says what to do; empty where there is nothing.

    An endpoint also tells, where it answered, ``model_name`` (who says that it answered, empty where it does not say),
    ``schema_mode`` (how the schema got through) and ``seconds`` until the reply.
    """

    what: str
    verdict: CheckVerdict
    detail: str
    remedy: str = ""
    model_name: str | None = None
    schema_mode: str | None = None
    seconds: float | None = Field(default=None, ge=0)


class ReplyTime(Record):
    """Seconds that a reply took, and its tokens; None where the endpoint does not count them."""

    seconds: float = Field(ge=0, le=1e6)
    output_tokens: float | None = Field(default=None, ge=0, le=1e9)


class MemberSpeed(Record):
    """How fast a member replied, known by its id and model.

    ``tiny`` is the time of the tiny question's reply, ``answer`` that of an answer to a real question where any was
    put. ``at_once``: how many calls the server worked on at once where it fell behind those that were sent, else None.
    """

    member: str
    model: str
    tiny: ReplyTime
    answer: ReplyTime | None = None
    at_once: float | None = Field(default=None, ge=1e-3, le=1e6)


class Checkup(Record):
    """All checks in order. ``requests`` went to real models; ``simulated``: the pool has simulated members.

    ``speeds`` are those of the real members that replied: 'adaem plan --from' takes them.

    ``verdict`` is ``problem`` when any check is; else ``warning`` when any is; else ``ok``.
    """

    verdict: CheckVerdict
    simulated: bool
    requests: int = Field(ge=0)
    checks: tuple[Check, ...]
    speeds: tuple[MemberSpeed, ...] = ()
