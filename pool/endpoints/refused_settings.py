"""Which of a request's settings an endpoint refused, from the error that it answered with."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..replies.error_details import ErrorWords

_STATUSES = frozenset({400, 422})

_UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|extra (?:inputs|fields)|extra_forbidden"
    r"|not (?:permitted|allowed|recogni[sz]ed|accepted|available)|deprecated|no longer|only the default"
    r"|(?:may|can|must) only|(?:can|may) ?not (?:both )?be|use '?\w+'? instead",
    re.IGNORECASE,
)
_OUT_OF_RANGE = re.compile(
    r"too (?:large|high|big|small|low)|(?:less|greater|more|smaller|larger|higher|lower) than|at most|at least"
    r"|exceed|must be|maximum|minimum|in the range|between|out of range",
    re.IGNORECASE,
)


def refuses_name(words: ErrorWords, name: str) -> bool:
    """Whether an endpoint does not know, or no longer takes, a parameter of this name, whatever its value.

    >>> refuses_name(ErrorWords(("Unrecognized request argument supplied: max_tokens",), (), 400), "max_tokens")
    True
    """
    if words.status not in _STATUSES or not _named(words, name):
        return False
    return _UNSUPPORTED.search(words.text) is not None and _OUT_OF_RANGE.search(words.text) is None


def refused_setting(words: ErrorWords, names: Iterable[str]) -> str:
    """The first of ``names`` that an endpoint refused, or whose value it did; "" where the error is about another
    thing. It will refuse every request that holds it.
    """
    if words.status not in _STATUSES or not (_UNSUPPORTED.search(words.text) or _OUT_OF_RANGE.search(words.text)):
        return ""
    return next((name for name in names if _named(words, name)), "")


def remedy_for(setting: str) -> str:
    """What to write in the pool file. Nothing that changes what is measured is left out unasked."""
    match setting:
        case "temperature" | "max_tokens" | "max_completion_tokens":
            return f"set {setting.replace('completion_', '')}: null, or to what this model takes"
        case "seed":
            return "set send_seed: false"
        case "response_format":
            return "set schema_mode: text"
    return f"remove {setting} from its parameters, or change it"


def _named(words: ErrorWords, name: str) -> bool:
    """Whether the error names the parameter: as its place, in quotes, or as a word that is nothing but a name."""
    if name in words.codes:
        return True
    plain = "_" in name or name in ("temperature", "seed")
    pattern = rf"(?<![\w.]){re.escape(name)}(?!\w)" if plain else rf"['\"`]{re.escape(name)}['\"`]"
    return re.search(pattern, words.text) is not None
