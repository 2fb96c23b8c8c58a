"""Text from models, made harmless without changing its words."""

from __future__ import annotations

import re

# Control characters that are no white space, lone surrogates, and the bidi controls that reorder what a reader sees.
# Joiners stay, since scripts need them.
_HARMFUL = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\ud800-\udfff\u202a-\u202e\u2066-\u2069]",
)


def one_line(text: str) -> str:
    """``text`` on one line: control characters and bidi overrides are dropped, white space runs become one space."""
    return " ".join(_HARMFUL.sub("", text).split())


def harmless(text: str) -> str:
    """``text`` with its line breaks and tabs, every character that could steer a terminal replaced by "�"."""
    return _HARMFUL.sub("\N{REPLACEMENT CHARACTER}", text).replace("\r", "")
