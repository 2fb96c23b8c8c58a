"""The base of every record: immutable, and strict about unknown fields; and the type of its whole numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Strict

LARGEST_WHOLE = 2**63 - 1
"""What a run's records can hold."""


def _held(number: int) -> int:
    if number > LARGEST_WHOLE:
        raise ValueError(f"is larger than {LARGEST_WHOLE}, the largest number that a run can hold")
    return number


# No field with a bound of its own: one that stands where the type is used would then not count.
# Some write six thousand as 6.000, which is six to YAML: what people write as a whole number has no point.
Whole = Annotated[int, Strict(), AfterValidator(_held)]


class Record(BaseModel):
    """A frozen value object. Unknown fields are refused, so that a misspelt key never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")
