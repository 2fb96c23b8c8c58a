"""A server's passing faults are tried again, what does not pass is one line, and nothing is written twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from adaem.domain.errors import StoreError
from adaem.memory import chroma_access as access
from adaem.memory.chroma_access import ATTEMPTS_AT_SERVER, Access
from adaem.memory.chroma_client import served_client
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.inspection import inspect
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds
from adaem.memory.standings import Standing, StandingChange
from chroma_proxy import Faults, answering, failing_proxy
from chroma_server import chroma_server, emptied
from chromadb.errors import ChromaError, InternalError, InvalidArgumentError, NotFoundError, RateLimitError

URL = "http://127.0.0.1:9"
EMBEDDER = HashingEmbedder()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two attempts."""
    monkeypatch.setattr(access, "FIRST_WAIT", 0.0)


class Script:
    """Raises its errors one after the other, then returns."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def bare(status: int) -> Exception:
    """What Chroma's client raises for an answer that it does not know."""
    request = httpx.Request("GET", URL)
    error = Exception("<html>")
    error.__context__ = httpx.HTTPStatusError("so", request=request, response=httpx.Response(status, request=request))
    return error


@pytest.mark.parametrize(
    "error",
    [InternalError("Nothing found on disk"), RateLimitError("slowly"), httpx.ConnectError("refused"), bare(503)],
)
def test_a_passing_fault_is_tried_again(error: Exception) -> None:
    script = Script(error, error)
    assert Access(URL)(script) == "done"
    assert script.calls == 3


@pytest.mark.parametrize("error", [InvalidArgumentError("no"), NotFoundError("gone"), bare(403), ValueError("no JSON")])
def test_what_does_not_pass_is_asked_once(error: Exception) -> None:
    script = Script(error)
    with pytest.raises(StoreError, match=f"memory {URL}: .* — start it with"):
        Access(URL)(script)
    assert script.calls == 1


def test_a_fault_that_does_not_pass_ends_in_one_line() -> None:
    script = Script(*[InternalError("Error\nfinding id")] * 99)
    with pytest.raises(StoreError, match=r"cannot be read or written \(Error finding id\)"):
        Access(URL)(script)
    assert script.calls == ATTEMPTS_AT_SERVER


def test_a_server_that_is_gone_is_not_waited_for_at_every_call() -> None:
    reached = Access(URL)
    gone = [Script(*[httpx.ConnectError("refused")] * 99) for _ in range(3)]
    for script in gone:
        with pytest.raises(StoreError, match="does not answer"):
            reached(script)
    assert [script.calls for script in gone] == [ATTEMPTS_AT_SERVER, 1, 1]
    assert reached(Script()) == "done"
    assert reached(Script(httpx.ConnectError("refused"))) == "done", "it is waited for again"


def test_a_folder_is_asked_once(tmp_path: Path) -> None:
    script = Script(InternalError("damaged"))
    with pytest.raises(StoreError, match="move the folder away"):
        Access(tmp_path)(script)
    assert script.calls == 1


def test_a_fault_of_the_program_stays_one() -> None:
    with pytest.raises(ZeroDivisionError):
        Access(URL)(lambda: 1 // 0)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, "<html>welcome</html>"), (200, "[]"), (200, "{}"), (200, "null"), (404, '{"detail": "no"}'), (503, "busy")],
)
def test_what_is_no_chroma_is_told_in_one_line(status: int, body: str) -> None:
    with answering(lambda *_: (status, body.encode())) as url, pytest.raises(StoreError) as caught:
        served_client(url)
    assert url in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture
def failing(server: str) -> Iterator[tuple[str, Faults]]:
    with failing_proxy(server) as proxy:
        yield proxy
    emptied(server)


@pytest.mark.slow
def test_nothing_is_doubled_or_lost_where_every_third_request_fails(failing: tuple[str, Faults]) -> None:
    url, faults = failing
    texts = [f"Should number {number} be asked?" for number in range(8)]
    changes = [
        StandingChange(kind="topic", subject="t", standing=standing, why="so it is")
        for standing in (Standing.USED, Standing.WITHDRAWN, Standing.USED)
    ]
    with Memory.open(url, EMBEDDER, "schwartz") as memory:
        faults.every = 3
        gate = NoveltyGate(memory, Thresholds(nearest=0.999, mean_of_three=0.999))
        for number, text in enumerate(texts):
            item = Remembered(id=f"r/q{number}", text=text, topic_id="t", topic="T?", run_id="r")
            assert gate.claim(item).novel
            memory.remember([item])
            assert memory.nearest([text], 1)[0][0].id == item.id
            assert gate.check(text).reason == "equal"
        for change in changes:
            memory.note([change])
        memory.forget(["r/q0"])
        found, log = inspect(memory), memory.changes()
    assert faults.failed > 50
    assert (found.questions, found.lost, found.doubled) == (7, (), ())
    assert [(change.id, change.counter) for change in log] == [
        (change.id, number) for number, change in enumerate(changes, start=1)
    ]


def _no_digest(memory: Memory) -> None:
    memory._collection.upsert(ids=["x"], embeddings=EMBEDDER.embed(["x"]), documents=["x"], metadatas=[{"topic": "T?"}])


def _no_change(memory: Memory) -> None:
    memory.note([StandingChange(kind="topic", subject="t", standing=Standing.USED, why="so it is")])
    assert memory._client is not None
    log = memory._client.get_collection("changes", embedding_function=None)
    log.update(ids=log.get()["ids"], metadatas=[{"counter": 2**60}])


@pytest.mark.parametrize(
    ("spoil", "read"), [(_no_digest, lambda memory: memory.get(["x"])), (_no_change, lambda memory: memory.changes())]
)
def test_rows_of_a_stranger_are_told_in_one_line(
    tmp_path: Path, spoil: Callable[[Memory], None], read: Callable[[Memory], object]
) -> None:
    with Memory.open(tmp_path / "m", EMBEDDER, "schwartz") as memory:
        spoil(memory)
        with pytest.raises(StoreError, match="contains data that adaem did not write") as caught:
            read(memory)
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, ChromaError)
