"""The base of every record: immutable, and strict about unknown fields; and the type of its whole numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

LARGEST_WHOLE = 2**63 - 1
"""What a run's records can hold."""

# Some write six thousand as 6.000, which is six to YAML: what people write as a whole number has no point.
Whole = Annotated[int, Strict(), Field(le=LARGEST_WHOLE)]


class Record(BaseModel):
    """A frozen value object. Unknown fields are refused, so that a misspelt key never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")
