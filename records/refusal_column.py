"""What a file itself says of an answer's refusal, in the words that such columns use."""

from __future__ import annotations

from pathlib import Path

from ..domain.errors import FileError

_REFUSED = {"true", "t", "yes", "y", "1", "1.0", "refused", "refusal", "refuse", "declined", "denial"}
_ANSWERED = {"false", "f", "no", "n", "0", "0.0", "answered", "answer", "complete", "compliance", "complied"}
_UNKNOWN = {"", "nan", "na", "n/a", "none", "null", "unknown", "<na>"}


def said_refusal(path: Path, place: str, column: str, value: object) -> bool | None:
    """Whether the file calls an answer refused; None where it does not say. Raises ``FileError`` for other words."""
    word = "" if value is None else str(value).strip().lower()
    if word in _UNKNOWN:
        return None
    if word in _REFUSED or word in _ANSWERED:
        return word in _REFUSED
    raise FileError(
        path,
        f"the column {column!r} holds {value!r:.40}, which does not say whether the answer is a refusal",
        place=place,
        remedy="write true or false, or nothing where it is not known",
    )
