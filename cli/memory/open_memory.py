"""What the verbs of ``adaem memory`` share: the memory opened, what an id means, and how hostile texts are shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...memory.chroma_memory import Memory
    from ...memory.items import Remembered
    from ...memory.standings import Kind


def subject(opened: Memory, identifier: str) -> tuple[Kind, Remembered]:
    """Whether ``identifier`` is a question or a topic, and the question, or one of the topic's.

    Raises ``InputError`` with the nearest ids.
    """
    from difflib import get_close_matches

    from ...domain.errors import InputError

    if questions := opened.get([identifier]):
        return "question", questions[0]
    items = list(opened.all_items())
    if about := next((item for item in items if item.topic_id == identifier), None):
        return "topic", about
    near = get_close_matches(identifier, [*(item.id for item in items), *{item.topic_id for item in items}], n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"see 'adaem memory list {opened.place}'"
    raise InputError(f"memory {opened.place}: no question or topic has the id {identifier!r} — {hint}")


@contextmanager
def opened_memory(place: str, embedder: str | None) -> Iterator[Memory]:
    """The memory at ``place``, a run's own where that is a run; see ``Memory.reopen``."""
    from ...memory.chroma_client import place_of
    from ...memory.chroma_memory import Memory
    from ...memory.embedders.named_embedder import embedder_behind
    from ...records import RunFolder
    from ...records.damage import as_read

    path = place_of(place)
    if isinstance(path, Path) and (run := RunFolder(path)).manifest_path.exists():
        path = run.memory_path
    with as_read(place), Memory.reopen(path, lambda stamp: embedder_behind(stamp.embedder, embedder)) as memory:
        yield memory


def size(opened: Memory) -> int | None:
    """Bytes on disk, None for a server's."""
    if not isinstance(opened.place, Path):
        return None
    return sum(file.stat().st_size for file in opened.place.rglob("*") if file.is_file())


def named(item: Remembered) -> str:
    """A question with its id."""
    return f"{item.text} ({item.id})"


def shown_score(item: Remembered) -> str:
    """The search score in bits, a dash where there is none."""
    return "–" if item.score is None else f"{item.score:+z.3f}"


def print_json(data: dict[str, Any]) -> None:
    """One object on standard output."""
    print(json.dumps(data, indent=2, ensure_ascii=False))  # noqa: T201


def say(*lines: str) -> None:
    """Lines on standard output, harmless whatever they hold."""
    from ...reports.plain_text import plain
    from ..process.console import output

    output().print(plain("\n".join(lines)))


def print_table(columns: Sequence[str], rows: Sequence[tuple[str, ...]], right: tuple[int, ...] = ()) -> None:
    """A table of texts that may be hostile, with the columns at the places ``right`` aligned to the right."""
    from rich.box import SIMPLE
    from rich.table import Table

    from ...reports.plain_text import plain
    from ..process.console import output

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for number, column in enumerate(columns):
        last = number == len(columns) - 1
        table.add_column(column, justify="right" if number in right else "left", overflow="fold", no_wrap=not last)
    for row in rows:
        table.add_row(*map(plain, row))
    output().print(table)
