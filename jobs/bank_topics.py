"""The questions of a bank in the place of a framework's topics, and what holds for a pool of recorded members."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from ..agents.capabilities import drafting_of
from ..agents.prober.recordings import Recordings
from ..domain.errors import FileError, InputError
from ..domain.framework import IDENTIFIER, Framework, SeedTopic
from ..domain.pool_spec import PoolSpec, Role
from ..domain.question import Question
from ..domain.settings import Settings
from ..pool.replies.recorded_text import read_answer
from ..records.formats.table_rows import read_bytes
from ..records.question_bank import read_bank

BANK_AREA = "bank"
"""The area of a question whose file names no topic."""

RESPONDING = {Role.SCOUT, Role.PANEL, Role.EXAMINEE}

_IDENTIFIER = re.compile(IDENTIFIER)


def with_bank(framework: Framework, settings: Settings) -> Framework:
    """``framework`` with each question of the settings' bank as a topic of its own; as it is without a bank.

    Raises ``FileError`` when the bank cannot be read.
    """
    if settings.bank is None:
        return framework
    if settings.topics is not None:
        raise InputError(
            "topics and bank are both set, and a bank's questions are its topics — leave out one of the two"
        )
    bank = read_bank(Path(settings.bank), read_answer)
    return framework.model_copy(update={"topics": tuple(map(_topic, bank.questions))})


def _topic(question: Question) -> SeedTopic:
    named = question.topic_id != question.id
    return SeedTopic(
        id=_identifier(question.id),
        text=question.text,
        area=question.topic if named and question.topic != question.text else BANK_AREA,
        fact=question.fact or None,
        matter=question.topic_id if named else None,
    )


def _identifier(question_id: str) -> str:
    """The question's own id where a topic can have it, and one made of it where not."""
    if _IDENTIFIER.fullmatch(question_id):
        return question_id
    return f"{BANK_AREA}-{sha256(question_id.encode()).hexdigest()[:12]}"


def check_bank(settings: Settings, pool: PoolSpec) -> tuple[str, ...]:
    """What to tell of a bank and of recorded members; nothing where there are none.

    Raises ``InputError`` when recorded members lack a file of answers, would have to answer questions that are not in
    it, or are to be compared with live ones, who were asked in other words.
    """
    notices = [] if settings.bank is None else list(_topic_notices(Path(settings.bank)))
    recorded = [member for member in pool.members if member.recorded]
    if not recorded:
        return tuple(notices)
    recordings = Recordings(settings, pool)
    drafting = drafting_of(settings)
    first = recorded[0].id
    if not drafting.one_each or drafting.rewrites:
        raise InputError(
            f"member {first!r}: its answers are recorded, to the bank's own questions alone — take the explorer bank "
            "and the refiner none (-s agents.explorer=bank -s agents.refiner=none)"
        )
    live = [member.id for member in pool.members if not member.recorded and {*member.roles} & RESPONDING]
    if live:
        raise InputError(
            f"members {first!r} and {live[0]!r}: one has answered already, in the bank's wordings, the other would be "
            "asked in ours, so that a difference would be the wording's — compare recorded members or live ones"
        )
    notices.append(
        f"{len(recorded)} of {len(pool.members)} members are recorded: their answers come from "
        f"{Path(str(settings.bank)).name}, and nobody was asked for them"
    )
    samples = settings.samples
    wanted = samples.search + samples.confirm + (samples.evaluate if settings.budget.evaluate_share else 0)
    if wanted > recordings.most_answers:
        notices.append(
            f"a question has at most {recordings.most_answers} recorded answers of a member, and the samples ask for "
            f"{wanted}: the rest will be missing"
        )
    return tuple(notices)


def _topic_notices(path: Path) -> Iterator[str]:
    if not path.exists():
        return  # a run that goes on has the questions in its manifest
    questions = read_bank(path, read_answer).questions
    topics = len({question.topic_id for question in questions})
    if topics < len(questions):
        yield (
            f"the bank's {len(questions)} questions come from {topics} topics there: the search takes each as a topic "
            "of its own, and intervals draw the questions of one topic together"
        )


def check_unchanged(settings: Settings, pool: PoolSpec | None, digest: str) -> None:
    """Raises ``FileError`` when recorded members would now speak from another file than the run began with."""
    if settings.bank is None or pool is None or not digest or not any(member.recorded for member in pool.members):
        return
    if bank_digest(settings) != digest:
        raise FileError(settings.bank, "is not the file that the run began with", remedy="put that one back")


def bank_digest(settings: Settings) -> str:
    """The sha256 of the bank's file; empty without one."""
    return "" if settings.bank is None else sha256(read_bytes(Path(settings.bank))).hexdigest()
