"""Figures as inline SVG: text stays text, colours follow the page's light or dark scheme, ids never meet.

Drawn by matplotlib without pyplot, which keeps figures in a global list.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from ...domain.reading.isolated_import import import_away
from ...domain.texts.safe_text import one_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, MUTED, GRID, PAPER = "#101010", "#707070", "#d0d0d0", "#fefefe"

SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's palette, which colour-blind readers can tell apart; its yellow and black left out."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

_VARIABLES = {INK: "var(--ink)", MUTED: "var(--muted)", GRID: "var(--grid)", PAPER: "var(--paper)"} | {
    colour: f"var(--series-{place})" for place, colour in enumerate(SERIES)
}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a model's name is no formula
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": GRID,
    "font.size": 10,
}


_FOR_PRINT: dict[Any, Any] = {"pdf.fonttype": 42, "svg.hashsalt": "adaem"}
"""Fonts that an editor of PDF can read, and ids that are the same each time."""


@contextmanager
def drawing_style(*, for_print: bool = False) -> Iterator[None]:
    """The page's style of drawing; every figure is made and written inside."""
    import_away("matplotlib")
    import matplotlib

    with matplotlib.rc_context({**_STYLE, **(_FOR_PRINT if for_print else {})}), warnings.catch_warnings():
        # The reader's browser has the glyphs that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support .* natively")
        yield


def as_svg(figure: Figure, name: str, title: str, description: str) -> Markup:
    """``figure`` as an ``<svg role="img">`` with a title and a description. ``name`` is unique among the pictures."""
    import matplotlib

    name = f"picture-{name}"  # sections have ids of their own
    written = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(written, format="svg", transparent=True, metadata=nothing)
    text = written.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", lambda tag: _own(tag.group(), name), text)
    opening = re.match(r"<svg[^>]*>", text)
    assert opening is not None
    box = re.search(r'viewBox="[^"]+"', opening.group())
    assert box is not None
    head = (
        f'<svg {box.group()} xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-labelledby="{name}-title {name}-description"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(description)}</desc>'
    )
    return Markup(head + text[opening.end() :])  # noqa: S704  matplotlib escapes the texts in it


def standalone(drawing: str) -> str:
    """A drawing as a file of its own, in the colours of a light page: outside of it there are none to follow."""
    for colour, variable in _VARIABLES.items():
        drawing = drawing.replace(variable, colour)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + drawing.replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1
    )


def short(text: str, length: int) -> str:
    """A name that fits into a figure; the table beside it has the whole."""
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1] + "…"


def _own(tag: str, name: str) -> str:
    """One tag with the figure's name before every id, and the scheme's variables for colours."""
    tag = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", tag)
    return re.sub("#[0-9a-f]{6}", lambda colour: _VARIABLES.get(colour.group(), colour.group()), tag)
