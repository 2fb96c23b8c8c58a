"""Which simulated member is meant: ``Member.parameters``, checked."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ...domain.errors import InputError
from ...domain.pool_spec import Member

KINDS = ("respondent", "author", "judge")
VARIANTS = ("", "null", "flat", "no-rewrites", "generic", "echo")


@dataclass(frozen=True)
class Identity:
    """A simulated member's parameters.

    world         the number of the draw of all planted parameters, >= 0
    variant       "" (default); "null": no respondent differs; "flat": no question beats the seeds; "no-rewrites":
                  rewriting never helps; "generic": generic questions separate best; "echo": respondents echo
    respondent    which respondent of the world, >= 1; near: the respondent whose planted numbers it nearly shares
    twin_of       takes all planted numbers of that respondent instead; verbosity: factor on its lengths;
                  rewording: other words for the same reasons; refusals: its flat refusal rate, in [0, 1]
    author, judge which author or judge, >= 1
    style_penalty the judge's additional chance to miss a value in a key point with markup, in [0, 1]
    false_quotes  the judge's rate of quotes that are not in the text, in [0, 1]
    """

    kind: str
    world: int = 1
    variant: str = ""
    respondent: int = 0
    near: int = 0
    twin_of: int = 0
    verbosity: float = 1.0
    rewording: bool = False
    refusals: float = -1.0
    author: int = 1
    judge: int = 1
    style_penalty: float = -1.0
    false_quotes: float = -1.0

    @property
    def planted(self) -> int:
        """The number of the respondent whose planted parameters hold."""
        return self.twin_of or self.respondent


_COMMON = {"world", "variant"}
_ALLOWED = {
    "respondent": _COMMON | {"respondent", "near", "twin_of", "verbosity", "rewording", "refusals"},
    "author": _COMMON | {"author"},
    "judge": _COMMON | {"judge", "style_penalty", "false_quotes"},
}
_TYPES = {field.name: field.type for field in fields(Identity)}


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
    if name in {"refusals", "style_penalty", "false_quotes"} and not 0 <= float(value) <= 1:
        raise InputError(f"member {member.id!r}: the parameter {name!r} must lie in [0, 1], not {value!r}")
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
    if kind == "respondent" and not identity.planted:
        raise InputError(f"member {member.id!r}: name its 'respondent' number, or 'twin_of'")
    if identity.near and identity.near == identity.planted:
        raise InputError(f"member {member.id!r}: it cannot be 'near' itself; use 'twin_of' for a twin")
    return identity
