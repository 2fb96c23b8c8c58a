"""Which vectors a search reads: once in a folder, what is new on a server, and Chroma's graph beyond a limit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from adaem.domain.errors import StoreError
from adaem.memory import chroma_access as access
from adaem.memory import vector_search as search
from adaem.memory.chroma_access import Access
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.items import Remembered
from adaem.memory.vector_search import VectorSearch
from chromadb.errors import InternalError

EMBEDDER = HashingEmbedder()
TEXTS = {
    "a": "Should cities close their centres to private cars?",
    "b": "May a museum keep what was taken in a war?",
    "c": "Is it right to work overtime for a higher salary?",
}


class Rows:
    """As much of a collection as a search asks for. Vectors of ids in ``lost`` fail as they do on Chroma's server."""

    def __init__(self, lost: str = "") -> None:
        self.texts = dict(TEXTS)
        self.lost = lost
        self.read: list[str] = []

    def count(self) -> int:
        return len(self.texts)

    def get(self, ids: list[str] | None = None, *, include: list[str]) -> dict[str, Any]:
        found = [each for each in (self.texts if ids is None else ids) if each in self.texts]
        if "embeddings" in include:
            if set(found) & set(self.lost):
                raise InternalError("Error finding id")
            self.read += found
        texts = [self.texts[each] for each in found]
        return {
            "ids": found,
            "documents": texts if "documents" in include else None,
            "embeddings": EMBEDDER.embed(texts) if "embeddings" in include else None,
        }


def made(place: Path | str, rows: Rows) -> VectorSearch:
    return VectorSearch(Access(place), rows, EMBEDDER)  # type: ignore[arg-type]


def nearest(found: VectorSearch, text: str) -> str:
    return found.nearest(EMBEDDER.embed([text]), 1)[0][0][0]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two attempts."""
    monkeypatch.setattr(access, "FIRST_WAIT", 0.0)


def test_a_folder_is_read_once_and_a_server_for_what_is_new(tmp_path: Path) -> None:
    for place, expected in ((tmp_path, "abc"), ("http://127.0.0.1:9", "abcd")):
        rows = Rows()
        found = made(place, rows)
        assert nearest(found, TEXTS["b"]) == "b"
        rows.texts["d"] = "Is it right to fine citizens who do not vote?"
        del rows.texts["a"]
        assert (nearest(found, rows.texts["d"]) == "d") == (expected == "abcd")
        assert (nearest(found, TEXTS["a"]) == "a") == (expected == "abc")
        assert "".join(rows.read) == expected


def test_a_vector_that_the_server_cannot_give_is_made_of_its_text() -> None:
    found = made("http://127.0.0.1:9", Rows(lost="b"))
    assert [nearest(found, text) for text in TEXTS.values()] == ["a", "b", "c"]


def test_a_vector_that_a_folder_cannot_give_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="move the folder away"):
        nearest(made(tmp_path, Rows(lost="b")), TEXTS["a"])


def test_beyond_the_limit_the_graph_answers_and_below_it_all_are_compared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "EXACT", 3)
    items = [
        Remembered(id=identifier, text=text, topic_id="t", topic="T?", run_id="r")
        for identifier, text in {**TEXTS, "d": "Is it right to fine citizens who do not vote?"}.items()
    ]
    with Memory.open(tmp_path, EMBEDDER, "schwartz") as memory:
        for kept in (items[:3], items, items[1:]):
            memory.remember(kept)
            memory.forget([item.id for item in items if item not in kept])
            found = memory.nearest([item.text for item in kept], 2)
            assert [row[0].id for row in found] == [item.id for item in kept]
            assert all(row[0].similarity == pytest.approx(1.0, abs=1e-5) for row in found)
            assert all(len(row) == 2 for row in found)
