"""Whole runs through langchain-openai, HTTP and JSON, against simulated members behind a server on loopback."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.pool_spec import Member
from adaem.domain.reading.yaml_records import load_framework
from adaem.pool.simulated import make_simulated
from adaem.pool.simulated.simulated_model import SimulatedModel
from adaem.records import Manifest, RunFolder
from growing import Quiet, grow, lines, records_of
from served import ServedPool, prompt_digest

TINY: dict[str, Any] = {"questions": 3, "budget__calls": 700, "samples__search": 2, "samples__confirm": 2}


@pytest.fixture(scope="module")
def served() -> Iterator[ServedPool]:
    with ServedPool() as served:
        yield served


@pytest.fixture(scope="module")
def finished(
    served: ServedPool, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RunFolder, Manifest, Quiet, list[int]]:
    """A finished run, and which of the server's exchanges are its own, first and last."""
    folder, listener, first = tmp_path_factory.mktemp("served"), Quiet(), len(served.exchanges)
    found = grow(folder / "run", listener, pool=served.pool_file(folder / "pool.yaml"), **TINY)
    return *found, listener, [first, len(served.exchanges)]


def test_a_run_over_http_publishes_questions(finished: tuple[RunFolder, Manifest, Quiet, list[int]]) -> None:
    folder, manifest, _, _ = finished
    assert manifest.status == "finished"
    assert not manifest.simulated
    published = [line for line in lines(folder) if line["published"]]
    assert len(published) == manifest.settings.questions
    assert all(line["score"] is not None for line in published)


def test_every_request_is_in_the_records_and_none_is_sent_twice(
    served: ServedPool, finished: tuple[RunFolder, Manifest, Quiet, list[int]]
) -> None:
    folder, _, listener, [first, last] = finished
    exchanges = served.exchanges[first:last]
    assert listener.context is not None
    assert len(exchanges) == listener.context.ledger.total
    with records_of(folder) as records:
        assert records.calls_spent() == len(exchanges)
    assert max(Counter(exchange.key for exchange in exchanges).values()) == 1


def test_the_providers_counts_are_kept(
    served: ServedPool, finished: tuple[RunFolder, Manifest, Quiet, list[int]]
) -> None:
    folder, _, _, _ = finished
    with records_of(folder) as records:
        question_id = lines(folder)[0]["id"]
        (call,) = records.calls([records.answers(question_id)[0][0].call_id])
    sent, received = (len(text) for text in (call.prompt.system + call.prompt.user, call.text))
    assert (call.usage.input_tokens, call.usage.output_tokens) == (sent // 4 + 1, received // 4 + 1)
    assert call.model_name == call.member


def test_what_comes_over_http_is_what_the_simulated_member_says(
    served: ServedPool, finished: tuple[RunFolder, Manifest, Quiet, list[int]]
) -> None:
    folder, _, _, [first, last] = finished
    model = make_simulated(
        Member.model_validate(
            {"id": "scout-1", "model": "simulated:respondent", "roles": ["scout"]}
            | {"parameters": {"world": 1, "respondent": 1}}
        ),
        load_framework("schwartz"),
    )
    assert isinstance(model, SimulatedModel)
    with records_of(folder) as records:
        answers = [answer for line in lines(folder) for answer in records.answers(line["id"])[0]]
        calls = records.calls([answer.call_id for answer in answers if answer.member == "scout-1"])
    heard = defaultdict(set)
    for exchange in served.exchanges[first:last]:
        heard[exchange.key.member, exchange.key.prompt].add(exchange.key.seed)
    assert len(calls) > 10
    for call in calls:
        texts = [call.prompt.system, call.prompt.user]
        said = {model.reply(texts, {"seed": seed}) for seed in heard["scout-1", prompt_digest(*texts)]}
        assert call.attempts > 1 or call.text in said


def test_the_same_seed_gives_the_same_run(
    served: ServedPool, finished: tuple[RunFolder, Manifest, Quiet, list[int]], tmp_path: Path
) -> None:
    folder, _, _, [first, last] = finished
    again, _ = grow(tmp_path / "again", pool=served.pool_file(tmp_path / "pool.yaml"), **TINY)
    assert lines(again) == lines(folder)
    keys = [exchange.key for exchange in served.exchanges]
    assert Counter(keys[last : last + last - first]) == Counter(keys[first:last])
