"""Several drafts of one call: which is tried, and what an author learns from."""

from __future__ import annotations

from pathlib import Path

import pytest
from adaem.records import Manifest, RunFolder, TraceEvent, read_trace
from finished_runs import FinishedRuns
from growing import Quiet, grow, records_of, simulated_pool

Finished = tuple[RunFolder, Manifest, Quiet]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder, listener = tmp_path_factory.mktemp("drafts"), Quiet()
    return *grow(
        folder / "run", listener, pool=simulated_pool(folder / "pool.yaml"), search__refine_share=0.5, search__drafts=4
    ), listener


def drafted(finished: Finished, node: str) -> list[TraceEvent]:
    return [event for event in finished[2].events if event.node == node and "drafts" in event.data]


@pytest.mark.slow
def test_one_of_four_drafts_is_tried_and_the_trace_says_which_and_why(finished: Finished) -> None:
    events = drafted(finished, "propose")
    assert events
    for event in events:
        drafts = event.data["drafts"]
        assert len(drafts["table"]) == 4
        assert 0.0 <= drafts["weight"] <= 1.0
        assert event.data["draft"]["text"] == event.summary == drafts["table"][0]["text"]
        expected = [each["expected"] for each in drafts["table"]]
        assert expected == sorted(expected, reverse=True)
    with records_of(finished[0]) as records:
        asked = {question.text for question in records.questions().values()}
    offered = {each["text"] for event in events for each in event.data["drafts"]["table"]}
    assert len(offered & asked) < len(offered) / 2


@pytest.mark.slow
def test_authors_are_shown_what_separated_models_once_that_is_known(finished: Finished) -> None:
    late = drafted(finished, "propose")[-1]
    with records_of(finished[0]) as records:
        [call] = records.calls(late.call_ids)
    assert "<<examples" in call.prompt.user
    assert "model 1 (" in call.prompt.user
    first = drafted(finished, "propose")[0]
    with records_of(finished[0]) as records:
        [call] = records.calls(first.call_ids)
    assert "<<examples" not in call.prompt.user


@pytest.mark.slow
def test_one_question_of_a_lineage_is_confirmed(finished: Finished) -> None:
    with records_of(finished[0]) as records:
        confirmed = records.ids("confirmed")
        questions = records.questions()
    parents = {questions[each].parent_id for each in confirmed}
    assert not parents & set(confirmed)


def test_one_draft_a_call_is_asked_for_by_default(finished_runs: FinishedRuns, tmp_path: Path) -> None:
    events, _ = read_trace(finished_runs.copy(tmp_path / "run").trace_path)
    assert not any("drafts" in event.data for event in events)
