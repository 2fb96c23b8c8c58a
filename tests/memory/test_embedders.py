"""Embedders: what their vectors are, how one is named, and the OpenAI-compatible one over a real loopback server."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaem.domain.errors import InputError, RunFailed
from adaem.memory.embedders.embedder import Embedder, unit_rows
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.embedders.named_embedder import make_embedder
from adaem.memory.embedders.openai_embedder import OpenAIEmbedder
from adaem.memory.equality import LONGEST_TEXT
from hypothesis import given, settings
from hypothesis import strategies as st

NORWAY = (
    "In Norway, where overtime was capped in 2021, is it right to work overtime for a higher salary "
    "if it costs the family its free evenings?"
)
HOSTILE = ["a\x00b\x1b[31m", "لا إله \u202eabc", "\ud800 lone", "x" * 200_000, "?", "😀"]


@pytest.fixture(scope="module")
def hashing() -> HashingEmbedder:
    return HashingEmbedder()


def test_rows_are_unit_float32_in_order(hashing: HashingEmbedder) -> None:
    vectors = hashing.embed([NORWAY, "Is it right?", *HOSTILE])
    assert vectors.dtype == np.float32
    assert vectors.shape == (2 + len(HOSTILE), hashing.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.array_equal(hashing.embed(["Is it right?"])[0], vectors[1])
    assert hashing.embed([]).shape == (0, hashing.dimension)


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=60), others=st.lists(st.text(max_size=20), max_size=4))
def test_a_row_does_not_depend_on_its_batch(hashing: HashingEmbedder, text: str, others: list[str]) -> None:
    assert np.array_equal(hashing.embed([*others, text])[-1], hashing.embed([text])[0])


def test_only_the_beginning_of_a_huge_text_is_read(hashing: HashingEmbedder) -> None:
    begun = "word " * (LONGEST_TEXT // 5)
    one, other = hashing.embed([begun + "this", begun + "that"])
    assert np.array_equal(one, other)


def test_another_process_makes_the_same_vectors(hashing: HashingEmbedder) -> None:
    code = (
        "import sys; from adaem.memory.embedders.hashing_embedder import HashingEmbedder; e = HashingEmbedder();"
        "print(e.fingerprint); print(e.embed([sys.argv[1]]).tobytes().hex())"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, NORWAY], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "77"}
    ).stdout.split()
    assert out == [hashing.fingerprint, hashing.embed([NORWAY]).tobytes().hex()]


def test_unit_rows_by_hand() -> None:
    assert unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])) == pytest.approx(np.array([[0.6, 0.8], [0.0, 0.0]]))


def test_heavy_libraries_are_not_loaded_by_import() -> None:
    code = (
        "import sys, adaem.memory.chroma_memory, adaem.memory.novelty, adaem.memory.topic_neighbours;"
        "import adaem.memory.embedders.named_embedder;"
        "print(sorted({'chromadb', 'sklearn', 'langchain_openai', 'openai', 'httpx', 'scipy'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


class TinyEmbedder:
    """An embedder of one's own, as a user would bring it."""

    name, fingerprint, dimension, nearest, mean_of_three, note = "tiny", "tiny/1", 2, 0.9, 0.8, "knows lengths only"

    def embed(self, texts: list[str]) -> Any:
        return unit_rows(np.array([[1.0, len(text)] for text in texts]).reshape(-1, 2))


def test_embedders_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "an_embedder_of_mine", sys.modules[__name__])
    assert make_embedder("hashing").name == "hashing"
    own = make_embedder("an_embedder_of_mine:TinyEmbedder")
    assert isinstance(own, Embedder)
    assert own.name == "tiny"


@pytest.mark.parametrize(
    "name", ["", "hash", "openai", "openai:", "openai: ", "no_such_package.x:Thing", "json:Nothing", "json:loads",
             "collections:Counter", "a:b:c", ":x", ".relative:x"],
)  # fmt: skip
def test_an_unknown_embedder_is_refused_with_the_choices(name: str) -> None:
    with pytest.raises(InputError, match="embedder") as caught:
        make_embedder(name)
    assert repr(name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_onnx_without_a_network_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    monkeypatch.setattr(ONNXMiniLM_L6_V2, "DOWNLOAD_PATH", tmp_path)
    monkeypatch.setattr(ONNXMiniLM_L6_V2, "MODEL_DOWNLOAD_URL", "http://127.0.0.1:9/onnx.tar.gz")
    with pytest.raises(InputError, match=r"could not be loaded.*use the embedder 'hashing'"):
        make_embedder("onnx")


class EmbeddingServer:
    """A loopback endpoint that records requests and answers with what ``replies`` says, then with good vectors."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.replies: list[tuple[int, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append((self.path, self.headers["Authorization"], body))
                status, text = outer.replies.pop(0) if outer.replies else (200, outer.vectors(body["input"]))
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.send_header("retry-after-ms", "1")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    @staticmethod
    def vectors(texts: list[str]) -> str:
        data = [{"object": "embedding", "index": i, "embedding": [3.0, 4.0, len(t)]} for i, t in enumerate(texts)]
        return json.dumps(
            {"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
        )


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    running = EmbeddingServer()
    thread = threading.Thread(target=running.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.server.shutdown()
    running.server.server_close()
    thread.join()


@pytest.fixture
def openai(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIEmbedder]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    embedder = make_embedder("openai:small")
    assert isinstance(embedder, OpenAIEmbedder)
    yield embedder
    embedder.close()


def test_openai_sends_plain_text_and_returns_unit_rows(server: EmbeddingServer, openai: OpenAIEmbedder) -> None:
    rows = openai.embed(["", "abcdefghijkl"])
    assert rows == pytest.approx(np.array([[0.6, 0.8, 0.0], [3 / 13, 4 / 13, 12 / 13]]))
    path, key, body = server.requests[0]
    assert (path, key) == ("/v1/embeddings", "Bearer sk-very-secret")
    assert body == {"input": ["", "abcdefghijkl"], "model": "small", "encoding_format": "float"}
    assert openai.dimension == 3
    assert [request[2]["input"] for request in server.requests[1:]] == [["dimension"]]
    assert openai.embed([]).shape == (0, 3)


def test_openai_cuts_a_huge_text(server: EmbeddingServer, openai: OpenAIEmbedder) -> None:
    openai.embed(["x" * 200_000])
    assert [len(request[2]["input"][0]) for request in server.requests] == [LONGEST_TEXT, len("dimension")]


def test_openai_fingerprint_names_model_and_place_but_no_secret() -> None:
    embedder = OpenAIEmbedder("small", api_key="sk-secret", base_url="http://user:secret@127.0.0.1:9/v1/?key=secret")
    assert embedder.fingerprint == "openai/small/127.0.0.1:9/v1"
    assert "secret" not in embedder.name + repr(embedder)
    embedder.close()


def test_openai_retries_what_passes(server: EmbeddingServer, openai: OpenAIEmbedder) -> None:
    server.replies = [(429, "{}"), (503, "busy")]
    assert openai.embed(["abc"]).shape == (1, 3)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, '{"error": {"message": "wrong key sk-very-secret"}}'),
        (404, "no such model sk-very-secret"),
        (200, "not json sk-very-secret"),
        (200, '{"object": "list", "data": []}'),
        (200, '{"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [null, 1]}]}'),
        (200, '{"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": []}]}'),
        (200, '{"object": "list"}'),
        (200, "[]"),
        (200, "null"),
    ],
)
def test_openai_failures_are_one_line_without_the_key(
    server: EmbeddingServer, openai: OpenAIEmbedder, status: int, body: str
) -> None:
    server.replies = [(status, body)]
    with pytest.raises(RunFailed, match="openai:small") as caught:
        openai.embed(["abc"])
    assert "sk-very-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.requests) == 1


def test_openai_needs_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InputError, match="OPENAI_API_KEY is not set"):
        make_embedder("openai:small")


class Letters:
    """Counts letter pairs; the classes below each do one thing wrong."""

    name, fingerprint, dimension, nearest, mean_of_three, note = "letters", "letters/1", 676, 0.98, 0.95, ""

    def embed(self, texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), 676), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            letters = [ord(letter) - 97 for letter in text.lower() if "a" <= letter <= "z"]
            for one, other in pairwise(letters):
                row[one * 26 + other] += 1
        return unit_rows(rows)


class OneRow(Letters):
    def embed(self, texts: Sequence[str]) -> Any:
        return super().embed(texts)[:1]


class Narrow(Letters):
    def embed(self, texts: Sequence[str]) -> Any:
        return super().embed(texts)[:, :100]


class Lists(Letters):
    def embed(self, texts: Sequence[str]) -> Any:
        return super().embed(texts).tolist()


class NotNumbers(Letters):
    def embed(self, texts: Sequence[str]) -> Any:
        return super().embed(texts) * np.nan


class Long(Letters):
    def embed(self, texts: Sequence[str]) -> Any:
        return super().embed(texts) * 10


class Zero(Letters):
    def embed(self, texts: Sequence[str]) -> Any:
        return super().embed(texts) * 0


class Forgetful(Letters):
    def embed(self, texts: Sequence[str]) -> Any:
        return unit_rows(np.eye(len(texts), self.dimension))


class Burning(Letters):
    def embed(self, texts: Sequence[str]) -> Any:
        raise OSError("disk on fire")


class Unmade(Letters):
    def __init__(self) -> None:
        raise RuntimeError("no weights")


class Wordy(Letters):
    nearest: Any = "high"


class Numbered(Letters):
    fingerprint: Any = 7


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (OneRow, "an array (1, 676) for 3 texts, not (3, 676)"),
        (Narrow, "an array (3, 100) for 3 texts, not (3, 676)"),
        (Lists, "embed returned list, not a NumPy array"),
        (NotNumbers, "NaN or infinite"),
        (Long, "a row of length 10, not 1"),
        (Zero, "a row of length 0, not 1"),
        (Forgetful, "two different rows for the same text"),
        (Burning, "it raised OSError: disk on fire"),
        (Unmade, "it cannot be made (RuntimeError: no weights)"),
        (Wordy, "its threshold nearest is 'high', not a cosine"),
        (Numbered, "its fingerprint is 7, not a text"),
    ],
)
def test_an_imported_embedder_that_cannot_be_used_is_refused_in_one_line(made: type, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        make_embedder(f"{__name__}:{made.__name__}")
    assert str(caught.value).startswith(f"embedder '{__name__}:{made.__name__}': ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_imported_embedder_that_keeps_the_contract_is_used() -> None:
    assert make_embedder(f"{__name__}:Letters").name == "letters"
