"""A set of topics as the YAML file that a run, or a framework's ``topics``, takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from ..errors import FileError
from ..framework import SeedTopic
from ..texts.safe_text import one_line
from .yaml_records import LARGEST_YAML


def topics_as_yaml(topics: Sequence[SeedTopic], source: Path) -> str:
    """The file's text, which says that it was made of ``source``. Raises ``FileError`` where it would be too large."""
    rows = [each.model_dump(mode="json", exclude_none=True) for each in topics]
    body = yaml.safe_dump({"topics": rows}, allow_unicode=True, sort_keys=False, width=1_000)
    if len(body.encode()) > LARGEST_YAML:
        problem = (
            f"its {len(topics):,} topics make a file of {len(body.encode()):,} bytes, and {LARGEST_YAML:,} are read"
        )
        raise FileError(source, problem, remedy="split it")
    return f"# Topics made of {one_line(source.name)}: questions in one line each, near copies left out.\n{body}"
