"""What ``Member.parameters`` may add to a request: how a reply is sampled, never where it goes or what it asks."""

from __future__ import annotations

from collections.abc import Mapping

from ...domain.errors import InputError
from ...domain.pool_spec import Member

Value = str | int | float | bool

_NUMBERS = (
    *("frequency_penalty", "presence_penalty", "repetition_penalty", "repeat_penalty", "repeat_last_n"),
    *("length_penalty", "min_p", "min_tokens", "mirostat", "mirostat_eta", "mirostat_tau", "num_ctx"),
    *("thinking_budget", "top_logprobs", "top_a", "top_k", "top_p", "typical_p"),
)
_TEXTS = ("reasoning_effort", "safety_identifier", "service_tier", "stop", "user", "verbosity")
_SWITCHES = ("enable_thinking", "include_reasoning", "logprobs", "safe_prompt", "skip_special_tokens", "store")

BODY_FIELDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(_NUMBERS, (int, float)),
    **dict.fromkeys(_TEXTS, (str,)),
    **dict.fromkeys(_SWITCHES, (bool,)),
    "keep_alive": (str, int, float),
}
"""The names that may be sent, with the types of their values."""

_WANTED: Mapping[tuple[type, ...], str] = {
    (int, float): "a number",
    (str,): "text: put it in quotes",
    (bool,): "true or false",
}
_LIMITS = frozenset({"max_completion_tokens", "max_output_tokens", "max_new_tokens", "num_predict"})


def body_fields(member: Member) -> dict[str, Value]:
    """A member's parameters as they are sent, a switch that YAML reads as text (``off``) as true or false.

    Raises InputError for a name that may not be sent and for a value of another type: a server that takes no notice of
    it would measure another model than was meant.
    """
    return {name: _checked(member, name, value) for name, value in member.parameters.items()}


def _checked(member: Member, name: str, value: Value) -> Value:
    where = f"member {member.id!r}: the parameter {name!r}"
    if name in _LIMITS:
        raise InputError(f"{where} is max_tokens by another name — set max_tokens, on which the budget relies")
    if name not in BODY_FIELDS:
        raise InputError(f"{where} is not one that may be sent — those are: {', '.join(sorted(BODY_FIELDS))}")
    types = BODY_FIELDS[name]
    if types == (bool,) and isinstance(value, str) and (switch := _SWITCH.get(value.lower())) is not None:
        return switch
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise InputError(f"{where} is {value!r}, but takes {_WANTED.get(types, 'text or a number')}")
    return value


_SWITCH = {"on": True, "yes": True, "off": False, "no": False}
"""How YAML 1.1 writes a switch; elsewhere these are words."""
