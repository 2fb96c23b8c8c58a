"""A pool file as data: the members, how each is reached, and what each is used for (METHOD.md section 1, "pool")."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .record import Record, Whole
from .texts.hiding import looks_like_key

SIMULATED = "simulated"
"""The provider name of simulated members."""

RECORDED = "recorded"
"""The provider name of members whose answers exist already, in the file that the setting ``bank`` names."""

MEMBER_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

MODEL = r"^[a-z0-9_-]+:.+$"

MemberId = Annotated[str, StringConstraints(pattern=MEMBER_ID)]


_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Role(StrEnum):
    """What a member is used for.

    An author proposes and rewrites questions; scouts screen them, and propose and rewrite where no author is named;
    the panel confirms; judges label; examinees are only ever evaluated.
    """

    AUTHOR = "author"
    SCOUT = "scout"
    PANEL = "panel"
    JUDGE = "judge"
    EXAMINEE = "examinee"


class Price(Record):
    """What a member charges, in the pool's currency per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


def _variable_name(text: str) -> str:
    """``text``, where it can be a variable's name. The error never shows it: it may be the key itself, by mistake."""
    if looks_like_key(text):
        raise ValueError("looks like a key, and a key belongs in no file — put it into a variable and name that here")
    if not _VARIABLE.fullmatch(text):
        raise ValueError("is not a valid name of an environment variable: letters, digits and '_', no digit first")
    return text


class Member(Record):
    """One model of the pool. ``model`` is a string for LangChain's ``init_chat_model``: "provider:name".

    ``key_variable`` is the *name* of the environment variable that holds the key. ``schema_mode`` says how the reply
    schema travels: in the request's body, or as words in the prompt; ``auto`` starts with the body and falls back
    when the endpoint refuses it. ``parameters`` go into the request's body (for a simulated member: which one it is).
    ``timeout`` is for one request and ``attempts`` for one reply: how often it is asked for when what went wrong may
    pass. ``answers_as`` are other model names under which the endpoint may rightly answer.
    """

    id: MemberId
    model: Annotated[str, StringConstraints(pattern=MODEL)]
    roles: tuple[Role, ...] = Field(min_length=1)
    base_url: str | None = None
    key_variable: Annotated[str, AfterValidator(_variable_name)] | None = None
    temperature: float | None = Field(default=1.0, ge=0, le=2)
    max_tokens: Whole | None = Field(default=1024, gt=0)
    timeout: float = Field(default=60.0, gt=0, description="seconds")
    concurrency: Whole = Field(default=16, gt=0, description="requests in flight at most")
    requests_per_minute: Whole | None = Field(default=None, gt=0)
    tokens_per_minute: Whole | None = Field(default=None, gt=0)
    attempts: Whole = Field(default=5, ge=1, le=20)
    price: Price | None = None
    answers_as: tuple[str, ...] = ()
    schema_mode: Literal["auto", "body", "text"] = "auto"
    send_seed: bool = False
    culture: str = ""
    date: str = ""
    parameters: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @property
    def provider(self) -> str:
        """The part of ``model`` before the first colon."""
        return self.model.split(":", 1)[0]

    @property
    def most_output(self) -> int | None:
        """The most tokens that a reply may take; None without a limit. Some endpoints (Qwen's) do not count thinking
        towards ``max_tokens``, so that a ``thinking_budget`` comes on top.
        """
        budget = self.parameters.get("thinking_budget", 0)
        thinking = budget if isinstance(budget, int) and budget > 0 and not self.simulated else 0
        return None if self.max_tokens is None else self.max_tokens + thinking

    @property
    def simulated(self) -> bool:
        """Whether this member is a simulated respondent, scout or judge."""
        return self.provider == SIMULATED

    @property
    def recorded(self) -> bool:
        """Whether this member's answers were recorded elsewhere: it is never asked."""
        return self.provider == RECORDED

    @model_validator(mode="after")
    def _roles_hold(self) -> Member:
        asked = [role.value for role in self.roles if role in (Role.AUTHOR, Role.JUDGE)]
        if self.recorded and asked:
            raise ValueError(
                f"member {self.id!r} is recorded, and cannot be asked as {asked[0]!r}; give that role to another"
            )
        if len(set(self.roles)) < len(self.roles):
            raise ValueError(f"member {self.id!r} names a role twice")
        if Role.EXAMINEE in self.roles and len(self.roles) > 1:
            raise ValueError(
                f"member {self.id!r} is an examinee and {self.roles[0].value!r}: an examinee takes no part in the "
                "search; give it that role alone"
            )
        return self


class PoolSpec(Record):
    """The members of a pool. How many of which role it takes is for the job to say: see ``lacks``."""

    name: str = "pool"
    currency: str = Field(default="USD", max_length=8, description="of all prices")
    members: tuple[Member, ...] = Field(min_length=1)

    @property
    def simulated(self) -> bool:
        """Whether any member is simulated: then every screen and file says so."""
        return any(member.simulated for member in self.members)

    def with_role(self, role: Role) -> tuple[Member, ...]:
        """The members that have ``role``, in the file's order. Authors default to the scouts."""
        members = tuple(member for member in self.members if role in member.roles)
        return members or (self.with_role(Role.SCOUT) if role is Role.AUTHOR else ())

    def lacks(self, needed: Mapping[Role, int]) -> str:
        """What a job that needs so many members of each role finds wanting here, in words; empty where nothing is."""
        for role, least in needed.items():
            if (number := len(self.with_role(role))) < least:
                return f"{least} with the role {role.value!r} needed, {number} found"
        return ""

    @model_validator(mode="after")
    def _members_are_distinct(self) -> PoolSpec:
        if twice := [i for i, n in Counter(member.id for member in self.members).items() if n > 1]:
            raise ValueError(f"members: the id {twice[0]!r} is a duplicate; give each its own")
        examinees = self.with_role(Role.EXAMINEE)
        taking_part = {(each.model, each.base_url): each.id for each in self.members if each not in examinees}
        for examinee in examinees:
            twin = taking_part.get((examinee.model, examinee.base_url))
            if twin is not None and not examinee.simulated:
                raise ValueError(
                    f"members: the examinee {examinee.id!r} is the same model as {twin!r}, which takes part in the "
                    "search; an examinee must be held out"
                )
        return self
