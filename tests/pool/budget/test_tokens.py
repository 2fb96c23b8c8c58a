"""Token counting: the deadline of the vocabularies, true upper bounds, and texts that tokenizers choke on."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Literal
from unicodedata import normalize

import pytest
import tiktoken
from adaem.domain.pool_spec import Member
from adaem.pool.budget.tokens import TokenCounter
from hypothesis import given
from hypothesis import strategies as st

# Bytes, and a few pairs merged: "he", "ll", "hell", and two blanks.
MERGES = {b"he": 256, b"ll": 257, b"hell": 258, b"  ": 259}


def encoding(name: str = "o200k_base") -> tiktoken.Encoding:
    return tiktoken.Encoding(
        name=name,
        pat_str=r"\s+|\S+",
        mergeable_ranks={bytes([byte]): byte for byte in range(256)} | MERGES,
        special_tokens={"<|endoftext|>": 300},
    )


def member(model: str = "openai:gpt-4o-mini", base_url: str | None = None) -> Member:
    return Member(id="m", model=model, roles=("scout",), base_url=base_url)


GPT, LLAMA = member(), member("openai:llama3.2", "http://127.0.0.1:11434/v1")
COUNTER = TokenCounter({"o200k_base": encoding()}, {"gpt-4o-mini": "o200k_base"})
ODD = ["", "<|endoftext|>", "a<|im_start|>b", "\ud800 alone", "\x00", "\U0001d54f" * 10, "e\u0301" * 9, "\u0958"]


# --- counting ---------------------------------------------------------------------------------------------------------


def test_openai_models_are_counted_and_all_others_bounded_by_bytes() -> None:
    assert COUNTER.at_most("hello", GPT) == 2  # hell, o
    assert COUNTER.at_most("hello", LLAMA) == 5
    assert COUNTER.at_most("é", LLAMA) == 2
    assert COUNTER.at_most("hello", member("openai:gpt-9")) == 5
    assert TokenCounter().at_most("hello", GPT) == 5


@pytest.mark.parametrize(
    "elsewhere",
    [member(base_url="https://gateway.example/v1"), member("anthropic:gpt-4o-mini"), member("simulated:gpt-4o-mini")],
)
def test_a_model_of_that_name_elsewhere_is_not_openais(elsewhere: Member) -> None:
    assert COUNTER.at_most("hello", elsewhere) == 5


def test_openais_own_address_may_be_written_out() -> None:
    assert COUNTER.at_most("hello", member(base_url="https://api.openai.com/v1")) == 2


def test_a_prompt_by_hand() -> None:
    assert COUNTER.prompt_at_most(["hello", "hell"], GPT) == (2 + 1) + 2 * 4 + 3
    assert COUNTER.prompt_at_most(["hello"], GPT, schema_text='{"type"}') == 2 + 8 + 4 + 3
    assert COUNTER.prompt_at_most(["hello", "hell"], LLAMA, "{}") == (5 + 4 + 2) + 3 * 32 + 256


def test_the_estimate() -> None:
    assert not COUNTER.estimated
    assert COUNTER.about("hello") == 2
    rough = TokenCounter()
    assert rough.estimated
    assert [rough.about("x" * length) for length in (0, 1, 4, 5)] == [0, 1, 1, 2]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("who", [GPT, LLAMA])
def test_odd_texts_raise_nothing(text: str, who: Member) -> None:
    for counter in (COUNTER, TokenCounter()):
        assert 0 <= counter.at_most(text, who) <= counter.prompt_at_most([text], who, text)
        assert counter.about(text) >= 0


def test_a_mark_in_a_text_is_text() -> None:
    assert COUNTER.at_most("<|endoftext|>", GPT) == len("<|endoftext|>")


@pytest.mark.parametrize("text", [" " * 1_000_000, "hell" * 250_000])
def test_texts_that_crash_tiktoken_are_not_given_to_it(text: str) -> None:
    assert COUNTER.at_most(text, GPT) == 1_000_000
    assert COUNTER.about(text) == 250_000


def test_characters_that_composing_makes_longer() -> None:
    assert TokenCounter().at_most("\u0958", LLAMA) == 6  # 3 bytes, but two characters of 3 after NFC
    assert TokenCounter().at_most("\ufdfa", LLAMA) == 33  # 3 bytes, and a whole sentence after NFKC


@given(st.text(), st.sampled_from(["NFC", "NFKC"]))
def test_bytes_bound_what_a_byte_level_tokenizer_makes(text: str, form: Literal["NFC", "NFKC"]) -> None:
    bound = TokenCounter().at_most(text, LLAMA)
    seen = normalize(form, text).encode()  # some tokenizers compose first: Qwen's does (NFC)
    assert len(encoding().encode_ordinary(text)) <= len(text.encode()) <= bound
    assert len(seen) <= bound
    assert COUNTER.at_most(text, GPT) <= bound


# --- loading ----------------------------------------------------------------------------------------------------------


class Fake(ModuleType):
    """A tiktoken whose vocabularies come from ``get``; it counts how often each was asked for."""

    def __init__(self, get: Callable[[str], tiktoken.Encoding] = encoding) -> None:
        super().__init__("tiktoken")
        self.asked: list[str] = []
        self.threads: set[threading.Thread] = set()
        self._get = get

    def encoding_name_for_model(self, model: str) -> str:
        return {"gpt-4o-mini": "o200k_base", "gpt-4": "cl100k_base"}[model]

    def get_encoding(self, name: str) -> tiktoken.Encoding:
        self.asked.append(name)
        self.threads.add(threading.current_thread())
        return self._get(name)


def loaded(monkeypatch: pytest.MonkeyPatch, fake: Fake, *members: Member, deadline: float = 5.0) -> TokenCounter:
    monkeypatch.setitem(sys.modules, "tiktoken", fake)
    return asyncio.run(TokenCounter.load(members, deadline=deadline))


def test_each_vocabulary_is_fetched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake()
    counter = loaded(monkeypatch, fake, GPT, GPT, member("openai:gpt-4"), member("openai:gpt-9"), LLAMA)
    assert sorted(fake.asked) == ["cl100k_base", "o200k_base"]
    assert (counter.notice, counter.estimated) == ("", False)
    assert [counter.at_most("hello", member(f"openai:{name}")) for name in ("gpt-4o-mini", "gpt-4", "gpt-9")] == [
        2,
        2,
        5,
    ]
    assert counter.about("hello") == 2
    assert len(fake.asked) == 2


def test_a_pool_without_openai_needs_the_general_one_only(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake()
    assert not loaded(monkeypatch, fake, LLAMA).estimated
    assert fake.asked == ["o200k_base"]


@pytest.mark.parametrize("error", [OSError("proxy http://me:secret@host"), ValueError("hash"), ImportError("plugin")])
def test_a_failed_download_is_a_notice(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(name: str) -> tiktoken.Encoding:
        raise error

    fake = Fake(fail)
    counter = loaded(monkeypatch, fake, GPT)
    assert counter.estimated
    assert type(error).__name__ in counter.notice
    assert "TIKTOKEN_CACHE_DIR" in counter.notice
    assert "secret" not in counter.notice
    assert (counter.at_most("hello", GPT), counter.about("hello")) == (5, 2)
    assert fake.asked == ["o200k_base"], "it was tried again"


def test_what_came_before_the_failure_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_general(name: str) -> tiktoken.Encoding:
        if name != "o200k_base":
            raise ConnectionError
        return encoding()

    counter = loaded(monkeypatch, Fake(only_general), GPT, member("openai:gpt-4"))
    assert counter.notice
    assert [counter.at_most("hello", each) for each in (GPT, member("openai:gpt-4"))] == [2, 5]
    assert not counter.estimated


def test_a_missing_tiktoken_is_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    counter = asyncio.run(TokenCounter.load([GPT]))
    assert counter.estimated
    assert "ModuleNotFoundError" in counter.notice


def test_the_deadline_holds_off_the_event_loop_and_a_late_answer_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = threading.Event()

    def slow(name: str) -> tiktoken.Encoding:
        assert answer.wait(30)
        return encoding()

    fake = Fake(slow)
    monkeypatch.setitem(sys.modules, "tiktoken", fake)

    async def main() -> tuple[TokenCounter, int]:
        loading = asyncio.create_task(TokenCounter.load([GPT], deadline=0.3))
        ticks = 0
        while not loading.done():
            await asyncio.sleep(0.01)
            ticks += 1
        return await loading, ticks

    started = time.perf_counter()
    counter, ticks = asyncio.run(main())
    assert 0.3 <= time.perf_counter() - started < 5
    assert ticks > 5, "the event loop stood still"
    assert "no answer within 0.3 s" in counter.notice
    answer.set()  # the loop is closed by now
    for thread in fake.threads:
        thread.join(5)
    assert counter.estimated
    assert counter.at_most("hello", GPT) == 5


def test_a_hanging_download_does_not_keep_the_process_alive() -> None:
    script = """
import asyncio, sys, time, types
fake = types.ModuleType("tiktoken")
fake.get_encoding = lambda name: time.sleep(60)
sys.modules["tiktoken"] = fake
from adaem.pool.budget.tokens import TokenCounter
print(asyncio.run(TokenCounter.load(deadline=0.1)).estimated)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_tiktoken_is_not_imported_before_it_is_asked_for() -> None:
    script = "import sys, adaem.pool.budget.tokens as t; t.TokenCounter().about('x'); print('tiktoken' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "False\n"
