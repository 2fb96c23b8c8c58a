"""How help shows examples: one a line, as it would be typed, so that each can be copied whole."""

from __future__ import annotations


def examples(*lines: str, introduction: str = "") -> str:
    """The text below a command's help: ``introduction`` as a paragraph, then ``lines`` as they stand, a line each.

    Help indents a line by four columns and does not break it, so that none should be longer than 74.
    """
    heading = "Example:" if len(lines) == 1 else "Examples:"
    # A paragraph that begins with \b is not wrapped anew.
    lines_shown = "\n".join(("\b", heading, *(f"  {line}" for line in lines)))
    return f"{introduction}\n\n{lines_shown}" if introduction else lines_shown
