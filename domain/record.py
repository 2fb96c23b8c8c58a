"""The base of every record: immutable, and strict about unknown fields."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value object. Unknown fields are refused, so that a misspelt key never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")
