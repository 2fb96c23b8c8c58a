"""A memory on a Chroma server: several runs share it at once, one is killed, and nothing is lost or doubled."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from adaem.domain.errors import StampMismatch, StoreError
from adaem.memory.chroma_client import holds_memory
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.embedder import Vectors
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.inspection import inspect
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds
from adaem.memory.standings import Standing, StandingChange
from chroma_server import chroma_server, emptied, kill_server
from claiming import QUESTIONS
from places import SUPPORT

Command = Callable[..., tuple[int, str, str]]
EMBEDDER = HashingEmbedder()
CARS = "Should cities close their centres to private cars?"


def item(run: str, number: int, text: str = CARS, score: float | None = None) -> Remembered:
    return Remembered(id=f"{run}/q{number}", text=text, topic_id="t", topic="T?", run_id=run, score=score)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture
def url(server: str) -> Iterator[str]:
    """The server, with nothing on it afterwards."""
    yield server
    emptied(server)


def test_one_sees_what_the_other_remembers(url: str) -> None:
    with Memory.open(url, EMBEDDER, "schwartz") as one, Memory.open(url, EMBEDDER, "schwartz") as other:
        one.remember([item("a", 1, score=0.5)])
        one.note([StandingChange(kind="topic", subject="t", standing=Standing.USED, why="asked", run_id="a")])
        assert other.get(["a/q1"]) == [item("a", 1, score=0.5)]
        assert other.ids_of_text(f"  {CARS.upper()} ") == ("a/q1",)
        assert other.nearest([CARS], 1)[0][0].similarity == pytest.approx(1.0, abs=1e-5)
        assert [change.why for change in other.changes()] == ["asked"]
        other.forget(["a/q1"])
        assert one.count() == 0
    with Memory.reopen(url, lambda stamp: EMBEDDER) as again:
        assert again.count() == 0


def test_what_one_is_about_to_ask_the_other_does_not(url: str) -> None:
    with Memory.open(url, EMBEDDER, "schwartz") as one, Memory.open(url, EMBEDDER, "schwartz") as other:
        gates = [NoveltyGate(memory, Thresholds.of(EMBEDDER)) for memory in (one, other)]
        assert gates[0].claim(item("a", 1)).novel
        refused = gates[1].claim(item("b", 1))
        assert (refused.novel, refused.reason, refused.neighbours[0].id) == (False, "equal", "a/q1")
        assert gates[0].claim(item("a", 2)).novel, "a run's own candidates are compared when they are remembered"
        assert gates[1].claim(item("b", 2, "May a museum keep what was taken in a war?")).novel
        one.remember([item("a", 1)])
        assert gates[1].check(CARS).reason == "equal"
        one.forget(["a/q1", "a/q2"])
        assert gates[1].claim(item("b", 3)).novel


class CountingEmbedder(HashingEmbedder):
    """Counts the texts that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: Counter[str] = Counter()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts.update(texts)
        return super().embed(texts)


def test_an_announcement_is_read_once_and_forgotten_when_it_is_gone(url: str) -> None:
    counting = CountingEmbedder()
    with Memory.open(url, EMBEDDER, "schwartz") as one, Memory.open(url, counting, "schwartz") as other:
        words = [f"Should the harbour of town {number} be closed to ships?" for number in range(5)]
        for number, text in enumerate(words):
            one.announce(item("a", number, text), 3)
        for number in range(3):
            near = other.announce(item("b", number, f"May a museum of room {number} keep its loot?"), 9)
            assert {each.id: each.text for each in near} == {f"a/q{place}": text for place, text in enumerate(words)}
        assert [counting.texts[text] for text in words] == [1] * 5
        # In other words under the same id, and one less.
        one.announce(item("a", 0, CARS), 3)
        one.retract(["a/q1"])
        near = other.announce(item("b", 4, CARS), 9)
        assert near[0].id == "a/q0"
        assert near[0].similarity == pytest.approx(1.0, abs=1e-5)
        assert {each.text for each in near} == {CARS, *words[2:]}
        assert [counting.texts[text] for text in words[1:]] == [1] * 4
    # A run that was killed left them there: the process that goes on with it takes them back.
    with Memory.open(url, EMBEDDER, "schwartz") as again:
        again.retract([f"a/q{number}" for number in range(5)])
        assert {each.id for each in again.announce(item("c", 1), 9)} == {f"b/q{number}" for number in (0, 1, 2, 4)}


def test_a_seed_is_claimed_by_its_words_alone(url: str) -> None:
    with Memory.open(url, EMBEDDER, "schwartz") as one, Memory.open(url, EMBEDDER, "schwartz") as other:
        gates = [NoveltyGate(memory, Thresholds(nearest=0.1, mean_of_three=0.1)) for memory in (one, other)]
        assert gates[0].claim_words(item("a", 1))
        assert not gates[1].claim_words(item("b", 1, CARS.upper()))
        assert gates[1].claim_words(item("b", 2, "Should towns close their centres to private cars?"))
        one.remember([item("a", 1)])
        assert not gates[1].claim_words(item("b", 3))


def test_looking_whether_there_is_a_memory_makes_none(url: str) -> None:
    assert not holds_memory(url)
    assert not holds_memory(url)
    Memory.open(url, EMBEDDER, "schwartz").close()
    assert holds_memory(url)


def test_another_framework_and_a_wrong_address_are_told(url: str, adaem: Command, tmp_path: Path) -> None:
    Memory.open(url, EMBEDDER, "schwartz").close()
    with pytest.raises(StampMismatch, match="framework is 'schwartz'"):
        Memory.open(url, EMBEDDER, "another")
    with pytest.raises(StoreError, match="write http://host:port"):
        Memory.open("http://:x", EMBEDDER, "schwartz")
    with pytest.raises(StoreError, match="password") as caught:
        Memory.open("http://me:geheim@127.0.0.1:9", EMBEDDER, "schwartz")
    assert "geheim" not in str(caught.value)
    run = tmp_path / "run"
    code, _, told = adaem("run", "--memory", "http://127.0.0.1:9", "--out", run)
    assert (code, "does not answer" in told or "cannot be read" in told) == (2, True), told
    assert "chroma run" in told
    assert not run.exists()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_of_three_that_want_to_ask_the_same_one_does(url: str) -> None:
    script = SUPPORT / "claiming.py"
    runs = [
        subprocess.Popen([sys.executable, str(script), url, run], stderr=subprocess.PIPE) for run in ("a", "b", "c")
    ]
    # How long it takes is the machine's matter; what a run says when it fails is not to be lost.
    ends = [(run.communicate()[1].decode(), run.returncode) for run in runs]
    assert [code for _, code in ends] == [0, 0, 0], ends
    with Memory.open(url, EMBEDDER, "schwartz") as memory:
        found = inspect(memory)
    assert (found.lost, found.doubled) == ((), ())
    # Two that come to one at the same moment both give way; more than a few such would be a fault of its own.
    assert 0.9 * QUESTIONS <= found.questions <= QUESTIONS


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_run_whose_server_dies_says_so_in_one_line_and_goes_on_when_it_is_back(
    adaem: Command, tmp_path: Path
) -> None:
    run, shared = tmp_path / "run", tmp_path / "served"
    shared.mkdir()
    with chroma_server(shared) as url:
        given = ["--rounds", "3", "--calls", "4000", "--questions", "2", "--json"]
        command = [sys.executable, "-m", "adaem.main", "run", *given, "--memory", url, "--out", str(run)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            trace = run / "trace.jsonl"
            while process.poll() is None and not (trace.exists() and trace.read_bytes().count(b"\n") > 8):
                time.sleep(0.05)
            killed_at_work = process.poll() is None
            kill_server(url)
            told = process.stderr.read() if process.stderr else ""
    assert killed_at_work, told
    assert process.returncode == 2, told
    (line,) = [each for each in told.splitlines() if "memory http" in each]
    assert "does not answer" in line
    assert f"adaem resume {run}" in line
    assert "Traceback" not in told
    assert json.loads((run / "manifest.json").read_text(encoding="utf-8"))["status"] == "interrupted"
    with chroma_server(shared, port=int(url.rpartition(":")[2])):
        code, shown, told = adaem("resume", run, "-s", f"memory={url}", "--json")
        assert code == 0, told
        code, shown, told = adaem("memory", "check", url, "--json")
        found = json.loads(shown)
        assert (code, found["lost"], found["doubled"]) == (0, [], []), told
        listed = json.loads(adaem("memory", "list", url, "--most", "9999", "--json")[1])["questions"]
    lines = (run / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["id"] for line in lines} <= {each["id"].partition("/")[2] for each in listed}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_runs_share_it_at_once_and_one_is_killed(url: str, adaem: Command, tmp_path: Path) -> None:
    def start(name: str, seed: int) -> subprocess.Popen[bytes]:
        given = ["--rounds", "4", "--calls", "6000", "--questions", "3", "--seed", str(seed), "--json"]
        command = [sys.executable, "-m", "adaem.main", "run", *given, "--memory", url, "--out", str(tmp_path / name)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    # The two that end have the same seed: left alone they would ask the same questions.
    runs = [start("one", 1), start("two", 1), start("killed", 2)]
    trace = tmp_path / "killed" / "trace.jsonl"
    for _ in range(1_200):
        if trace.exists() and trace.read_bytes().count(b"\n") > 15:
            break
        time.sleep(0.05)
    runs[2].send_signal(signal.SIGKILL)
    assert [run.wait(timeout=240) for run in runs[:2]] == [0, 0]
    assert runs[2].wait() == -signal.SIGKILL
    code, shown, told = adaem("memory", "check", url, "--json")
    assert (code, json.loads(shown)["lost"], json.loads(shown)["doubled"]) == (0, [], []), told
    assert adaem("resume", tmp_path / "killed", "-s", f"memory={url}", "--json")[0] == 0
    code, shown, told = adaem("memory", "check", url, "--json")
    found = json.loads(shown)
    assert (code, found["lost"], found["doubled"]) == (0, [], []), told
    listed = json.loads(adaem("memory", "list", url, "--most", "9999", "--json")[1])["questions"]
    kept = {each["id"].partition("/")[2] for each in listed if each["run_id"] == _run_id(tmp_path / "two")}
    lines = (tmp_path / "two" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["id"] for line in lines} <= kept
    assert len({each["run_id"] for each in listed}) == 3


def _run_id(run: Path) -> str:
    return str(json.loads((run / "manifest.json").read_text(encoding="utf-8"))["run_id"])
