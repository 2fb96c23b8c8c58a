"""The one way in which text reaches the terminal: as text. Markup is not read, escapes cannot steer."""

from __future__ import annotations

from rich.text import Text

from ..domain.texts.safe_text import harmless


def plain(text: str, style: str = "", *, cut: bool = False) -> Text:
    """``text``, from whomever it comes, shown character by character; ``cut`` keeps it to one row of the screen."""
    result = Text(harmless(text), style=style)
    if cut:
        result.no_wrap = True
        result.overflow = "ellipsis"
    return result
