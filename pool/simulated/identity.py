"""Which simulated member is meant: ``Member.parameters``, checked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from ...domain.errors import InputError
from ...domain.pool_spec import Member, PoolSpec
from .version_parameters import FIRST_VERSION, parameters_of

KINDS = ("respondent", "author", "judge")
VARIANTS = ("", "null", "flat", "no-rewrites", "generic", "echo")


@dataclass(frozen=True)
class Identity:
    """A simulated member's parameters.

    version       of the simulator (docs/SIMULATOR.md)
    world         the number of the draw of all planted parameters, >= 0
    variant       "" (default); "null": no respondent differs; "flat": no question beats the seeds; "no-rewrites":
                  rewriting never helps; "generic": generic questions separate best; "echo": respondents echo
    respondent    which respondent of the world, >= 1; near: the respondent whose planted numbers it nearly shares
    family        from version 2: respondents of one family, >= 1, are alike
    item_sd       from version 2, in place of the drawn one: 0 throws dice, 20 hardly ever changes its answer
    twin_of       takes all planted numbers of that respondent instead (name its family, too); verbosity: factor on
                  its lengths; rewording: other words for the same reasons; refusals: its flat refusal rate, in [0, 1]
    learning      from version 2, an author's: how often it models a proposal on what it is shown, in [0, 1]
    author, judge which author or judge, >= 1
    style_penalty the judge's additional chance to miss a value in a key point with markup, in [0, 1]
    false_quotes  the judge's rate of quotes that are not in the text, in [0, 1]
    """

    kind: str
    version: int = field(default=FIRST_VERSION, repr=False)  # not part of what a member's chance is derived from
    world: int = 1
    variant: str = ""
    respondent: int = 0
    near: int = 0
    family: int = field(default=0, repr=False)
    item_sd: float = field(default=-1.0, repr=False)
    twin_of: int = 0
    verbosity: float = 1.0
    rewording: bool = False
    refusals: float = -1.0
    author: int = 1
    learning: float = field(default=-1.0, repr=False)
    judge: int = 1
    style_penalty: float = -1.0
    false_quotes: float = -1.0

    @property
    def planted(self) -> int:
        """The number of the respondent whose planted parameters hold."""
        return self.twin_of or self.respondent

    @property
    def learns(self) -> float:
        """How often an author models a proposal on what it is shown, in [0, 1]."""
        return parameters_of(self.version).learning if self.learning < 0 else self.learning


_COMMON = {"version", "world", "variant"}
_ALLOWED = {
    "respondent": _COMMON
    | {"respondent", "near", "family", "item_sd", "twin_of", "verbosity", "rewording", "refusals"},
    "author": _COMMON | {"author", "learning"},
    "judge": _COMMON | {"judge", "style_penalty", "false_quotes"},
}
_LARGEST_ITEM_SD = 1_000
_FROM_VERSION_2 = ("family", "item_sd", "learning")
_TYPES = {each.name: each.type for each in fields(Identity)}


def _checked(member: Member, name: str, value: object) -> int | float | bool | str:
    wanted = str(_TYPES[name])
    fits = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "bool": isinstance(value, bool),
        "str": isinstance(value, str),
    }[wanted]
    if not fits or not isinstance(value, int | float | bool | str):
        raise InputError(f"member {member.id!r}: the parameter {name!r} must be of type {wanted}, not {value!r}")
    if name == "variant" and value not in VARIANTS:
        raise InputError(f"member {member.id!r}: the variant {value!r} is not one of {', '.join(VARIANTS[1:])}")
    if wanted == "int" and int(value) < (0 if name == "world" else 1):
        raise InputError(f"member {member.id!r}: the parameter {name!r} must be at least {0 if name == 'world' else 1}")
    if name in {"refusals", "learning", "style_penalty", "false_quotes"} and not 0 <= float(value) <= 1:
        raise InputError(f"member {member.id!r}: the parameter {name!r} must lie in [0, 1], not {value!r}")
    if name == "item_sd" and not 0 <= float(value) <= _LARGEST_ITEM_SD:
        allowed = f"[0, {_LARGEST_ITEM_SD}]"
        raise InputError(f"member {member.id!r}: the parameter 'item_sd' must lie in {allowed}, not {value!r}")
    if name == "verbosity" and not 0.1 <= float(value) <= 10:
        raise InputError(f"member {member.id!r}: the parameter 'verbosity' must lie in [0.1, 10], not {value!r}")
    return float(value) if wanted == "float" else value


def identify(member: Member) -> Identity:
    """The identity that ``member`` names. Raises InputError for a wrong kind, or an unknown or ill-typed parameter."""
    kind = member.model.partition(":")[2]
    if not member.simulated or kind not in KINDS:
        raise InputError(
            f"member {member.id!r}: {member.model!r} is not a simulated model — write simulated:respondent, "
            "simulated:author or simulated:judge"
        )
    if unknown := sorted(set(member.parameters) - _ALLOWED[kind]):
        raise InputError(
            f"member {member.id!r}: a simulated {kind} has no parameter {unknown[0]!r} — "
            f"it knows {', '.join(sorted(_ALLOWED[kind]))}"
        )
    given = {name: _checked(member, name, value) for name, value in member.parameters.items()}
    identity = Identity(kind=kind, **given)  # type: ignore[arg-type]
    parameters_of(identity.version)
    if identity.version == 1 and (later := [name for name in _FROM_VERSION_2 if name in given]):
        raise InputError(f"member {member.id!r}: {later[0]!r} needs version 2 of the simulator — add 'version: 2'")
    if kind == "respondent" and not identity.planted:
        raise InputError(f"member {member.id!r}: name its 'respondent' number, or 'twin_of'")
    if identity.near and identity.family:
        raise InputError(f"member {member.id!r}: it takes its family from the one it is 'near'; leave out 'family'")
    if identity.near and identity.near == identity.planted:
        raise InputError(f"member {member.id!r}: it cannot be 'near' itself; use 'twin_of' for a twin")
    return identity


def simulator_version(pool: PoolSpec) -> str | None:
    """The version of the simulator that a pool's simulated members name, "1 and 2" if they differ; None without any."""
    versions = sorted({identify(member).version for member in pool.members if member.simulated})
    return " and ".join(map(str, versions)) or None
