"""Markdown tables, and the intervals of what was counted in draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.stats import binomtest
from scipy.stats import t as student


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first column is text."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def share(found: int, of: int, level: float = 0.99) -> str:
    """ "2 of 200: 1.0 % [0.0, 4.5]", exact interval (Clopper–Pearson)."""
    if not of:
        return "–"
    interval = binomtest(found, of).proportion_ci(level, method="exact")
    return f"{found} of {of}: {100 * found / of:.1f} % [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def mean_interval(numbers: Sequence[float], form: str = ".3f") -> str:
    """ "0.951 [0.947, 0.955]": the mean over draws with its 95 % t interval; NaN draws are left out.

    Of hits and misses, 1 and 0, it is Wilson's interval.
    """
    known = np.array([each for each in numbers if not np.isnan(each)])
    if len(known) < 2:
        return "–" if not len(known) else f"{known[0]:{form}}"
    mean = float(known.mean())
    if np.isin(known, (0.0, 1.0)).all():
        interval = binomtest(int(known.sum()), len(known)).proportion_ci(0.95, method="wilson")
        return f"{mean:{form}} [{interval.low:{form}}, {interval.high:{form}}]"
    half = float(student.ppf(0.975, len(known) - 1) * known.std(ddof=1) / np.sqrt(len(known)))
    return f"{mean:{form}} [{mean - half:{form}}, {mean + half:{form}}]"
