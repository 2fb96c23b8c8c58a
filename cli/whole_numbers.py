"""Options that take a whole number, read strictly: some write six thousand as 6.000, which is not 6."""

from __future__ import annotations

from typing import Any

import typer


def whole_number(*names: str, help: str, metavar: str = "N", least: int | None = None, most: int | None = None) -> Any:
    """An option for a whole number from ``least`` to ``most``, written in digits only; its name is the parameter's."""

    def parse(typed: str | int) -> int:
        try:
            number = int(typed)
        except ValueError:
            raise ValueError(f"{typed!r:.60} is not a whole number; write it with digits only") from None
        if least is not None and number < least:
            raise ValueError(f"{number} is less than {least}")
        if most is not None and number > most:
            raise ValueError(f"{number} is more than {most}")
        return number

    # ``min`` and ``max`` are for the help alone: with a parser of one's own nothing else looks at them.
    return typer.Option(*names, metavar=metavar, help=help, min=least, max=most, parser=parse)
