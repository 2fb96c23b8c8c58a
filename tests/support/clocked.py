"""The command in a process whose clock is wrong: ``python clocked.py HOURS VERB...``, negative hours for one behind."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, tzinfo

from adaem.cli import main
from adaem.memory import standings as life


class Clock(datetime):
    """``datetime`` for ``life``, which asks it for the time alone."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.ahead


if __name__ == "__main__":
    Clock.ahead = timedelta(hours=float(sys.argv[1]))
    setattr(life, "datetime", Clock)  # noqa: B010 - the module does not export it
    sys.argv = ["adaem", *sys.argv[2:]]
    main()
