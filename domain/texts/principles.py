"""Principles out of a text that somebody wrote for people: a code of conduct, a list of values, a mission statement.

By rule: headings, list items or paragraphs, whichever the text has. What a principle is called is what stands before a
colon or a dash, a heading or a bold beginning; where there is none, its first words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .safe_text import one_line

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^\s*(?:[-*•‣–]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+(.*)$")
_NAMED = re.compile(
    r"^(?:\*\*|__)?(?P<name>[^:—–]{1,80}?)(?:\*\*|__)?\s*(?::|—|–|\s-\s)\s*(?:\*\*|__)?\s*(?P<rest>.+)$"
)
_BOLD = re.compile(r"^(?:\*\*|__)(?P<name>.{1,80}?)[.:]?(?:\*\*|__)\s*[.:—–-]?\s+(?P<rest>.+)$")
_SENTENCE = re.compile(r"^(?P<name>.{1,80}?)[.!。]\s+(?P<rest>.+)$")
_MARKS = re.compile(r"[*_`]{1,3}")

MOST_NAME_WORDS = 6
FEWEST_PRINCIPLES = 2


@dataclass(frozen=True)
class Principle:
    """``name`` as the text has it, or the first words of ``text``."""

    name: str
    text: str


def read_principles(text: str) -> tuple[str, tuple[Principle, ...]]:
    """The text's title, empty where it has none, and its principles in order; fewer than two where it is not a list."""
    lines = text.split("\n")
    title, blocks = _by_headings(lines) or _by_items(lines) or _by_paragraphs(lines)
    return _plain(title), tuple(each for name, body in blocks if (each := _principle(name, body)).text)


def without_list_mark(line: str) -> str:
    """What stands behind a bullet, a number or a letter; the line itself where it has none.

    >>> without_list_mark("2. Tact"), without_list_mark("Tact")
    ('Tact', 'Tact')
    """
    item = _ITEM.match(line)
    return item.group(1) if item else line


def _by_headings(lines: list[str]) -> tuple[str, list[tuple[str, str]]] | None:
    """The deepest level of heading that stands at least twice; what comes before it is not a principle."""
    levels = [len(match.group(1)) for line in lines if (match := _HEADING.match(line))]
    level = max((each for each in levels if levels.count(each) >= FEWEST_PRINCIPLES), default=0)
    if not level:
        return None
    title, blocks = "", list[tuple[str, str]]()
    for line in lines:
        if match := _HEADING.match(line):
            if len(match.group(1)) == level:
                blocks.append((match.group(2), ""))
            elif not blocks:
                title = title or match.group(2)
        elif blocks:
            blocks[-1] = (blocks[-1][0], f"{blocks[-1][1]} {without_list_mark(line)}")
    return title, blocks


def _by_items(lines: list[str]) -> tuple[str, list[tuple[str, str]]] | None:
    """List items, each with the lines that follow it; a line behind an empty one begins something else."""
    blocks: list[tuple[str, str]] = []
    title, open_item = "", False
    for line in lines:
        if item := _ITEM.match(line):
            blocks.append(("", item.group(1)))
            open_item = True
        elif not line.strip():
            open_item = False
        elif open_item or (blocks and line[:1].isspace()):
            blocks[-1] = ("", f"{blocks[-1][1]} {line}")
        elif not blocks and not title:
            title = line.lstrip("# ")
    return (title, blocks) if len(blocks) >= FEWEST_PRINCIPLES else None


def _by_paragraphs(lines: list[str]) -> tuple[str, list[tuple[str, str]]]:
    """Paragraphs, or lines where there is but one; a first one that is not a sentence is the title."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", "\n".join(lines)) if part.strip()]
    if len(paragraphs) == 1 or (len(paragraphs) == FEWEST_PRINCIPLES and "\n" not in paragraphs[0]):
        paragraphs = [line.strip() for line in lines if line.strip()]
    title = ""
    if (
        len(paragraphs) > FEWEST_PRINCIPLES
        and "\n" not in paragraphs[0]
        and not re.search(r"[.!?。:—–]", paragraphs[0].lstrip("# "))
    ):
        title, *paragraphs = paragraphs
    blocks = []
    for paragraph in paragraphs:
        first, _, rest = paragraph.partition("\n")
        headed = bool(rest.strip()) and len(first.split()) <= MOST_NAME_WORDS and not re.search(r"[.!?,;。]$", first)
        blocks.append((first, rest) if headed else ("", paragraph))
    return title.lstrip("# "), blocks


def _principle(name: str, body: str) -> Principle:
    text = one_line(body)
    if name:
        return Principle(_plain(name).rstrip(" .:"), _plain(text) or _plain(name))
    for form in (_BOLD, _NAMED, _SENTENCE):
        if (match := form.match(text)) and len(match["name"].split()) <= MOST_NAME_WORDS:
            # The first sentence of a principle is part of it; a name before a colon is not.
            return Principle(_plain(match["name"]), _plain(text if form is _SENTENCE else match["rest"]))
    words = _plain(text).split()
    more = " …" if len(words) > MOST_NAME_WORDS else ""
    return Principle(" ".join(words[:MOST_NAME_WORDS]).rstrip(".,;:") + more, _plain(text))


def _plain(text: str) -> str:
    return one_line(_MARKS.sub("", text))
