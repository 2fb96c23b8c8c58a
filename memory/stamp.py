"""The stamp that a memory carries, and when it may be opened: vectors of different embedders must never mix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..domain.errors import StampMismatch
from ..domain.record import Record

SCHEMA = 1
"""Version of what is stored beside each text; raise it when ``items.Remembered`` changes."""

_PREFIX = "adaem_"
_REMEDY = "use the settings it was made with, or name another folder with --memory"


class Stamp(Record):
    """What must be equal for a memory to be of use. ``embedder`` is the embedder's fingerprint."""

    schema_version: int = SCHEMA
    framework: str
    embedder: str
    dimension: int

    def as_metadata(self) -> dict[str, str | int]:
        """The stamp as the collection's metadata."""
        return {_PREFIX + name: value for name, value in self.model_dump().items()}


def read_stamp(place: Path | str, stored: Mapping[str, object] | None) -> Stamp:
    """The stamp in a collection's metadata. Raises ``StampMismatch`` when it has none, or that of another version."""
    metadata = _stamped(place, stored)
    version = metadata.get(f"{_PREFIX}schema_version")
    if version != SCHEMA:
        raise StampMismatch(
            f"memory {place}: its schema version is {version!r}, this program's is {SCHEMA} — {_REMEDY}"
        )
    return Stamp.model_validate({name: metadata.get(_PREFIX + name) for name in Stamp.model_fields})


def check_stamp(place: Path | str, stored: Mapping[str, object] | None, wanted: Stamp) -> None:
    """Raises ``StampMismatch``, naming the first part that differs, when the memory at ``place`` is not ``wanted``."""
    metadata = _stamped(place, stored)
    for name, value in wanted.as_metadata().items():
        if metadata.get(name) != value:
            part = name.removeprefix(_PREFIX).replace("_", " ")
            remedy = _REMEDY
            if part == "embedder" and _kind(metadata.get(name)) == _kind(value):
                # The same embedder with other weights, or from a version that stamped something else than its weights.
                remedy = f"make its vectors again: adaem memory rebuild {place} RUN..., or name another with --memory"
            raise StampMismatch(
                f"memory {place}: its {part} is {metadata.get(name)!r}, this run's is {value!r} — {remedy}"
            )


def _stamped(place: Path | str, stored: Mapping[str, object] | None) -> Mapping[str, object]:
    metadata = stored or {}
    if not any(name.startswith(_PREFIX) for name in metadata):
        raise StampMismatch(f"memory {place}: was not made by adaem (no stamp) — name another folder with --memory")
    return metadata


def _kind(fingerprint: object) -> str:
    return str(fingerprint).partition("/")[0]
