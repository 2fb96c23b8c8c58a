"""Text and tables as LaTeX, with the package booktabs; a text of a model's or a file's never becomes a command."""

from __future__ import annotations

import re

from ...domain.texts.safe_text import one_line
from ..sheets.sheet import Sheet

_SPECIAL = {
    "\\": r"\textbackslash{}",
    # By name, since BibTeX counts braces behind a backslash, too.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",  # \textquotedbl is in no font of LaTeX's own encoding
    "±": r"$\pm$",
    "−": "$-$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "×": r"$\times$",
    "√": r"$\surd$",
    "†": r"\dag{}",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "\N{NO-BREAK SPACE}": "~",
}
_PATTERN = re.compile("|".join(map(re.escape, _SPECIAL)))


def latex_text(text: str) -> str:
    r"""``text`` on one line as LaTeX shows it.

    >>> latex_text(r"50 % of \input{x}")
    '50 \\% of \\textbackslash{}input\\textbraceleft{}x\\textbraceright{}'
    """
    return _PATTERN.sub(lambda sign: _SPECIAL[sign.group()], one_line(text))


def latex_table(sheet: Sheet, label: str) -> str:
    """A floating table: the title as its caption, the note below in small print."""
    columns = "l" * sheet.words + "r" * (sheet.size - sheet.words)
    lines = [
        r"\begin{table}",
        rf"\caption{{{latex_text(sheet.title)}}}",
        rf"\label{{tab:{label}}}",
        r"\centering",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _row(sheet.columns),
        r"\midrule",
        *map(_row, sheet.rows),
        r"\bottomrule",
        r"\end{tabular}",
        *([rf"\par\smallskip{{\footnotesize {latex_text(sheet.foot)}.}}"] if sheet.foot else []),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(map(_cell, cells)) + r" \\"


def _cell(text: str) -> str:
    # A cell that opens with a bracket would be taken for an argument of the line end before it.
    written = latex_text(text)
    return f"{{{written}}}" if written.startswith(("[", "*")) else written
