"""A remembered question as a row of Chroma, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .equality import text_digest
from .items import Neighbour, Remembered

TEXT_DIGEST = "text_digest"
"""By which equal texts are found on a server, where an index in this process would not know what others write."""


def metadata_of(item: Remembered) -> dict[str, str | float | None]:
    """What is kept beside a question's text and vector."""
    # None is written too: an upsert merges metadata, and only a None removes a score that was there before.
    return {**item.model_dump(exclude={"id", "text"}), TEXT_DIGEST: text_digest(item.text)}


def _fields(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metadata.items() if name != TEXT_DIGEST}


def items_of(page: Mapping[str, Any]) -> list[Remembered]:
    """The questions of a page of rows."""
    return [
        Remembered(id=identifier, text=text, **_fields(metadata))
        for identifier, text, metadata in zip(page["ids"], page["documents"], page["metadatas"], strict=True)
    ]


def neighbours_of(similarities: Sequence[tuple[str, float]], items: Mapping[str, Remembered]) -> list[Neighbour]:
    """The questions that a search has found, with their similarities; one that is gone meanwhile is left out."""
    return [
        Neighbour(**items[identifier].model_dump(), similarity=similarity)
        for identifier, similarity in similarities
        if identifier in items
    ]
