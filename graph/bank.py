"""The questions of a bank in the place of a framework's topics, and what a pool of recorded members asks for."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from ..agents.recordings import Recordings
from ..domain.errors import InputError
from ..domain.framework import IDENTIFIER, Framework, SeedTopic
from ..domain.pool import PoolSpec, Role
from ..domain.question import Question
from ..domain.settings import Settings
from ..pool.outcomes import reads_as_refusal
from ..records.bank import read_bank
from .drafting import drafting_of

AREA = "bank"
"""The area of a question whose file names no topic."""

_IDENTIFIER = re.compile(IDENTIFIER)


def with_bank(framework: Framework, settings: Settings) -> Framework:
    """``framework`` with each question of the settings' bank as a topic of its own; as it is without a bank.

    Raises ``FileError`` when the bank cannot be read.
    """
    if settings.bank is None:
        return framework
    bank = read_bank(Path(settings.bank), reads_as_refusal)
    return framework.model_copy(update={"topics": tuple(map(_topic, bank.questions))})


def _topic(question: Question) -> SeedTopic:
    area = question.topic if question.topic != question.text and question.topic_id != question.id else AREA
    return SeedTopic(id=_identifier(question.id), text=question.text, area=area, fact=question.fact or None)


def _identifier(question_id: str) -> str:
    """The question's own id where a topic can have it, and one made of it where not."""
    if _IDENTIFIER.fullmatch(question_id):
        return question_id
    return f"{AREA}-{sha256(question_id.encode()).hexdigest()[:12]}"


def check_recorded(settings: Settings, pool: PoolSpec) -> tuple[str, ...]:
    """What to tell of recorded members; nothing where there are none. Raises ``InputError`` when they lack a file of
    answers, or would have to write questions.
    """
    recorded = [member for member in pool.members if member.recorded]
    if not recorded:
        return ()
    Recordings(settings, pool)
    writing = [member.id for member in pool.with_role(Role.AUTHOR) if member.recorded]
    if writing and drafting_of(settings).asks_models:
        raise InputError(
            f"member {writing[0]!r}: its answers are recorded, it cannot write questions — give another member the "
            "role author, or take the explorer bank and the refiner none"
        )
    who = f"{len(recorded)} of {len(pool.members)} members are"
    return (f"{who} recorded: their answers come from {Path(str(settings.bank)).name}, and nobody was asked for them",)
