"""How long the members of a pool take, as ``adaem doctor --json`` has measured it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

from pydantic import ValidationError

from ...domain.checkup import Checkup, MemberSpeed
from ...domain.errors import FileError
from ...domain.pool_spec import Member, PoolSpec
from ...domain.reading.files import read_text
from ...pool.sending.reachability import address_of


class MeasuredSpeeds:
    """Times of one pool's members. What is not known of one is taken from the others on its server (same address)."""

    def __init__(self, speeds: Mapping[str, MemberSpeed], pool: PoolSpec) -> None:
        """``speeds`` by member id."""
        self.members = tuple(speeds)
        self._speeds = speeds
        self._per_token: dict[str, list[float]] = {}
        self._at_once: dict[str, list[float]] = {}
        for member in pool.members:
            if (speed := speeds.get(member.id)) is None:
                continue
            if (per_token := _per_token(speed)) is not None:
                self._per_token.setdefault(address_of(member), []).append(per_token)
            if speed.at_once is not None:
                self._at_once.setdefault(address_of(member), []).append(speed.at_once)

    def seconds(self, member: Member, output_tokens: float, per_token: float) -> float | None:
        """Seconds of a request with a reply of ``output_tokens``; None of a member that was not measured.

        From the measured reply, an answer where there is one, by the seconds that a token more takes: as measured
        there, on average over its server's members, else ``per_token``.
        """
        if (speed := self._speeds.get(member.id)) is None:
            return None
        measured = speed.answer or speed.tiny
        if measured.output_tokens is None:
            return measured.seconds
        each = fmean(self._per_token.get(address_of(member), [per_token]))
        return max(measured.seconds + each * (output_tokens - measured.output_tokens), min(_seconds(speed)))

    def shares_slots(self, member: Member) -> bool:
        """Whether its server falls behind, so that its members take turns; not known of a member not measured: True."""
        return member.id not in self._speeds or address_of(member) in self._at_once

    def slots(self, member: Member) -> float:
        """How many of its calls are worked on at once: its ``concurrency``, or fewer where its server fell behind.

        A member's own figure goes with its own seconds: their ratio is the server's time for a call when it is busy.
        """
        speed = self._speeds.get(member.id)
        if speed is not None and speed.at_once is not None:
            return min(member.concurrency, speed.at_once)
        return min(member.concurrency, fmean(self._at_once.get(address_of(member), [member.concurrency])))


def read_speeds(path: Path, pool: PoolSpec) -> MeasuredSpeeds:
    """What a file of ``adaem doctor --json`` tells of ``pool``: of members with the same id and model.

    Raises ``FileError`` when it is no such file, or tells of none of them.
    """
    try:
        checkup = Checkup.model_validate_json(read_text(path))
    except ValidationError:
        problem, remedy = "is neither a run nor what 'adaem doctor --json' prints", "name one of them"
        raise FileError(path, problem, remedy=remedy) from None
    models = {member.id: member.model for member in pool.members if not member.simulated}
    known = {speed.member: speed for speed in checkup.speeds if models.get(speed.member) == speed.model}
    if not models:
        raise FileError(path, "every member of the pool is simulated, and has no speed", remedy="leave --from out")
    if not checkup.speeds:
        problem = "it has no speeds: no model replied when the doctor asked"
        raise FileError(path, problem, remedy="see to what 'adaem doctor' reports first")
    if not known:
        problem = f"it has no speed of a member of the pool {pool.name!r}"
        raise FileError(path, problem, remedy="give 'adaem doctor' the same pool")
    return MeasuredSpeeds(known, pool)


def _per_token(speed: MemberSpeed) -> float | None:
    """Seconds that a token more takes, from two replies of different lengths; never below 0."""
    if speed.answer is None or speed.answer.output_tokens is None or speed.tiny.output_tokens is None:
        return None
    longer = speed.answer.output_tokens - speed.tiny.output_tokens
    return max(0.0, (speed.answer.seconds - speed.tiny.seconds) / longer) if longer > 0 else None


def _seconds(speed: MemberSpeed) -> list[float]:
    return [each.seconds for each in (speed.tiny, speed.answer) if each is not None]
