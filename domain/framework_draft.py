"""A framework's file from principles that stand in a text: complete, and to be edited."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import yaml

from .errors import FileError
from .framework import MOST_VALUES
from .reading.files import read_text
from .texts.principles import FEWEST_PRINCIPLES, read_principles
from .texts.safe_text import one_line
from .value_pairs import PAIRS

LARGEST = 200_000
"""Bytes; a code of conduct has some thousand."""

LONGEST_DEFINITION = 2_000
"""Characters: judges are told every definition with every answer."""

HEAD = """\
# Made of {source} by rule: read each name and definition, since judges are told them as they stand here.
# "topics: pairs" asks what comes first when two of these values conflict. For topics of your own write a list, or
# name a set (contested, schwartz) or a file (adaem framework topics import).
# Simulated models and local judges need "examples" of each value, too (docs/FRAMEWORKS.md); real models need none.

"""


def draft_framework(source: Path, identifier: str) -> str:
    """The YAML text of a framework with the principles in ``source`` as its values.

    Raises ``FileError`` where there are fewer than two, more than a judge can read, or one is as long as a chapter.
    """
    title, principles = read_principles(read_text(source, LARGEST))
    if len(principles) < FEWEST_PRINCIPLES:
        remedy = "write each on a line of its own, as 'Name: what it means'"
        raise FileError(
            source, f"holds {len(principles)} principles, and a framework compares {FEWEST_PRINCIPLES}", remedy=remedy
        )
    if len(principles) > MOST_VALUES:
        raise FileError(
            source, f"holds {len(principles):,} principles, {MOST_VALUES} at most are read", remedy="choose among them"
        )
    values, taken = [], set[str]()
    for number, each in enumerate(principles, start=1):
        if len(each.text) > LONGEST_DEFINITION:
            problem = f"its principle {number} ({each.name:.40}) has {len(each.text):,} characters"
            raise FileError(source, problem, remedy=f"shorten it to {LONGEST_DEFINITION:,}")
        slug = _slug(each.name) or f"value-{number}"
        slug = slug if slug not in taken else f"{slug[:58]}-{number}"
        taken.add(slug)
        values.append({"id": slug, "name": each.name, "definition": each.text})
    data = {
        "id": identifier,
        "name": title or source.stem,
        "version": "1",
        "sources": [f"From {source.name}"],
        "topics": PAIRS,
        "values": values,
    }
    body = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=118)
    return HEAD.format(source=one_line(source.name)) + body


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-0123456789")[:60].strip("-")
