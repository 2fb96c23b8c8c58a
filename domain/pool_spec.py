"""A pool file as data: the members, how each is reached, and what each is used for (METHOD.md section 1, "pool")."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .named import GIVEN
from .private_hosts import allowed_host
from .record import Record, Whole
from .texts.hiding import KEY_LIKE, looks_like_key

SIMULATED = "simulated"
"""The provider name of simulated members."""

RECORDED = "recorded"
"""The provider name of members whose answers exist already, in the file that the setting ``bank`` names."""

MEMBER_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

MODEL = r"^[a-z0-9_-]+:.+$"

OLD_KEYS = frozenset({"culture", "date"})
"""Keys that a member had until 2026-12, and that no report ever used."""

LONGEST_SYSTEM = 20_000
"""Characters of a system prompt: the longest that providers publish have about as many."""

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


ANSWERING = frozenset({Role.SCOUT, Role.PANEL, Role.EXAMINEE})
"""The roles whose members answer questions."""


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


def _system_prompt(text: str) -> str:
    """``text`` without blanks around it. The error shows none of it."""
    if text and not text.strip():
        raise ValueError("is empty — write the prompt, or remove the line")
    if KEY_LIKE.search(text):
        raise ValueError("holds what looks like a key, and a key belongs in no prompt — remove it")
    return text.strip()


class Member(Record):
    """One model of the pool. ``model`` is a string for LangChain's ``init_chat_model``: "provider:name".

    ``key_variable`` is the *name* of the environment variable that holds the key. ``schema_mode`` says how the reply
    schema travels: in the request's body, or as words in the prompt; ``auto`` starts with the body and falls back
    when the endpoint refuses it. ``parameters`` go into the request's body (for a simulated member: which one it is).
    ``timeout`` is for one request and ``attempts`` for one reply: how often it is asked for when what went wrong may
    pass. ``answers_as`` are other model names under which the endpoint may rightly answer. ``system`` is the system
    prompt with which the model is deployed, as text; a pool file may name a file instead (``load_pool``). It goes with
    answers alone: drafts and judgements are the instrument's, and no persona is to choose or to label them.
    """

    id: MemberId
    model: Annotated[str, StringConstraints(pattern=MODEL)]
    roles: tuple[Role, ...] = Field(min_length=1)
    system: Annotated[str, Field(max_length=LONGEST_SYSTEM), AfterValidator(_system_prompt)] = ""
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
    parameters: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @property
    def provider(self) -> str:
        """The part of ``model`` before the first colon."""
        return self.model.split(":", 1)[0]

    @property
    def system_sha256(self) -> str:
        """The SHA-256 of the system prompt in hexadecimal digits; "" without one."""
        return sha256(self.system.encode()).hexdigest() if self.system else ""

    @property
    def address(self) -> str:
        """The address of its endpoint without a slash at the end; empty where the provider's own is meant."""
        return (self.base_url or "").rstrip("/")

    @property
    def asked_model(self) -> tuple[str, str, str]:
        """What makes two members one model, whatever each is told: its name and its address.

        All simulated ones have one of a few names: parameters tell them apart.
        """
        return self.model, self.address, self._identity

    @property
    def deployment(self) -> tuple[str, str | None, str, str]:
        """What makes two members one and the same: the model, its address as it is written, its system prompt."""
        return self.model, self.base_url, self._identity, self.system

    @property
    def _identity(self) -> str:
        return json.dumps(self.parameters, sort_keys=True) if self.simulated else ""

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
    def given(self) -> bool:
        """Whether this member is a chat model that a Python program made: nobody else can ask it."""
        return self.provider == GIVEN

    @property
    def recorded(self) -> bool:
        """Whether this member's answers were recorded elsewhere: it is never asked."""
        return self.provider == RECORDED

    @model_validator(mode="before")
    @classmethod
    def _without_old_keys(cls, data: object) -> object:
        """The manifests of earlier versions have them with every member; a pool file with one is refused when read."""
        if isinstance(data, dict) and not OLD_KEYS.isdisjoint(data):
            return {key: value for key, value in data.items() if key not in OLD_KEYS}
        return data

    @model_validator(mode="after")
    def _roles_hold(self) -> Member:
        asked = [role.value for role in self.roles if role in (Role.AUTHOR, Role.JUDGE)]
        if self.recorded and asked:
            raise ValueError(
                f"member {self.id!r} is recorded, and cannot be asked as {asked[0]!r}; give that role to another"
            )
        if self.system and (self.recorded or self.simulated):
            raise ValueError(
                f"member {self.id!r} is {self.provider}, and a system prompt changes none of its answers; remove system"
            )
        if self.system and not ANSWERING & {*self.roles}:
            raise ValueError(
                f"member {self.id!r} answers nothing, and a system prompt goes with answers alone; remove system"
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
    """The members of a pool. How many of which role it takes is for the job to say: see ``lacks``.

    ``allowed_hosts`` are those of one's own network that members may be asked at by plain http, each with a port where
    one is meant (``private_hosts``). It is no permission to send a key there: that is a setting.
    """

    name: str = "pool"
    currency: str = Field(default="USD", max_length=8, description="of all prices")
    allowed_hosts: tuple[Annotated[str, AfterValidator(allowed_host)], ...] = ()
    members: tuple[Member, ...] = Field(min_length=1)

    @property
    def simulated(self) -> bool:
        """Whether any member is simulated: then every screen and file says so."""
        return any(member.simulated for member in self.members)

    @property
    def priced(self) -> bool:
        """Whether any member has a price: without one nothing is known of what the members cost."""
        return any(member.price is not None for member in self.members)

    def with_role(self, role: Role) -> tuple[Member, ...]:
        """The members that have ``role``, in the file's order. Authors default to the scouts."""
        members = tuple(member for member in self.members if role in member.roles)
        return members or (self.with_role(Role.SCOUT) if role is Role.AUTHOR else ())

    @property
    def respondents(self) -> tuple[Member, ...]:
        """The members that answer: all that do more than judge or write questions."""
        return tuple(member for member in self.members if ANSWERING & {*member.roles})

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
        taking_part = {each.deployment: each.id for each in self.members if each not in examinees}
        for examinee in examinees:
            twin = taking_part.get(examinee.deployment)
            if twin is not None and not examinee.simulated:
                raise ValueError(
                    f"members: the examinee {examinee.id!r} is the same model as {twin!r}, which takes part in the "
                    "search; an examinee must be held out"
                )
        return self
