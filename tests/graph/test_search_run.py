"""The whole graph on the simulated pool: what a run leaves behind, and that a seed decides all of it."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from adaem.domain.answer import Outcome, Phase
from adaem.domain.pool_spec import PoolSpec, Role
from adaem.pool.simulated.simulated_model import SimulatedModel
from adaem.records import Manifest, RunFolder, read_trace
from adaem.results.run_summary import summarise
from finished_runs import FinishedRuns
from growing import Quiet, grow, lines, records_of, simulated_pool, write_pool

TINY: dict[str, Any] = {"questions": 2, "budget__calls": 700}


def untimed_trace(folder: RunFolder) -> list[str]:
    """The trace without times and without the run's own id."""
    run_id = folder.read_manifest().run_id
    events, _ = read_trace(folder.trace_path)
    return [event.model_dump_json(exclude={"started_at", "seconds"}).replace(run_id, "RUN") for event in events]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, Manifest, Quiet]:
    folder = tmp_path_factory.mktemp("runs")
    listener = Quiet()
    return *grow(folder / "one", listener, pool=simulated_pool(folder / "pool.yaml")), listener


def test_a_run_leaves_every_file_that_it_promises(finished: tuple[RunFolder, Manifest, Quiet]) -> None:
    folder, manifest, _ = finished
    assert manifest.status == "finished"
    assert manifest.stop_reason == "the search has spent its calls"
    assert manifest.simulated
    assert manifest.simulator_version
    for path in (folder.records_path, folder.checkpoints_path, folder.trace_path, folder.questions_path):
        assert path.stat().st_size > 0
    assert (folder.memory_path / "chroma.sqlite3").exists()
    assert not list(folder.path.glob("*.partial"))


def test_every_published_line_has_the_terms_of_its_fresh_score(finished: tuple[RunFolder, Manifest, Quiet]) -> None:
    folder, manifest, _ = finished
    published = lines(folder)
    assert [line["rank"] for line in published] == list(range(1, len(published) + 1))
    assert sum(line["published"] for line in published) == min(manifest.settings.questions, len(published))
    terms = [
        "divergence",
        "interval",
        "p_value",
        "q_value",
        "noise_floor",
        "quadratic",
        "disentanglement",
        "opinion_diversity",
        "total",
    ]
    with records_of(folder) as records:
        confirmed = records.critiques(Phase.CONFIRM, Role.PANEL)
    for line in published:
        assert line["simulated"] is True
        assert set(terms) <= set(line["score"])
        assert line["score"]["divergence"] == confirmed[line["id"]].score.divergence  # type: ignore[union-attr]
        assert line["samples"] == list(confirmed[line["id"]].samples)
        assert 0 < line["score"]["p_value"] <= line["score"]["q_value"] <= 1


def test_confirmation_and_evaluation_ask_for_fresh_samples(finished: tuple[RunFolder, Manifest, Quiet]) -> None:
    folder, manifest, _ = finished
    samples = manifest.settings.samples
    with records_of(folder) as records:
        for line in lines(folder):
            answers, _ = records.answers(line["id"])
            numbers = {phase: {a.sample for a in answers if a.phase is phase} for phase in Phase}
            assert numbers[Phase.SEARCH] == set(range(samples.search))
            assert numbers[Phase.CONFIRM] == set(range(samples.search, samples.search + samples.confirm))
            assert not numbers[Phase.EVALUATE] & (numbers[Phase.SEARCH] | numbers[Phase.CONFIRM])


def test_examinees_never_take_part_in_the_search(finished: tuple[RunFolder, Manifest, Quiet]) -> None:
    folder, manifest, _ = finished
    assert manifest.pool is not None
    examinees = {member.id for member in manifest.pool.with_role(Role.EXAMINEE)}
    with records_of(folder) as records:
        asked = {
            answer.member
            for question_id in records.questions()
            for answer in records.answers(question_id, [Phase.SEARCH, Phase.CONFIRM])[0]
        }
        evaluated = {
            answer.member
            for question_id in records.ids("evaluated_grown")
            for answer in records.answers(question_id, [Phase.EVALUATE])[0]
        }
    assert not asked & examinees
    assert examinees < evaluated


def test_the_topic_cap_holds_among_the_confirmed(finished: tuple[RunFolder, Manifest, Quiet]) -> None:
    folder, manifest, _ = finished
    topics = [line["topic_id"] for line in lines(folder)]
    assert max(topics.count(topic) for topic in topics) <= manifest.settings.search.topic_cap


def test_the_budget_is_never_exceeded(finished: tuple[RunFolder, Manifest, Quiet]) -> None:
    folder, manifest, listener = finished
    assert listener.context is not None
    assert listener.context.ledger.total <= manifest.settings.budget.calls
    with records_of(folder) as records:
        # Two models may give the same words, and their judgements are then one recorded call: never more than spent.
        assert records.calls_spent() <= listener.context.ledger.total


def test_the_trace_tells_each_step_in_order_and_points_to_its_calls(
    finished: tuple[RunFolder, Manifest, Quiet],
) -> None:
    folder, _, listener = finished
    events, damaged = read_trace(folder.trace_path)
    assert damaged == 0
    assert [event.position for event in events] == sorted(event.position for event in events)
    assert len({event.id for event in events}) == len(events) == len(listener.events)
    assert not [event for event in events if event.node == "failure"]
    order = ["propose", "refine", "novelty", "probe", "critique"]
    first = [event for event in events if event.id.startswith("1.1.")]
    assert [event.node for event in first] == [node for node in order if node in {event.node for event in first}]
    with records_of(folder) as records:
        probe = next(event for event in events if event.node == "probe")
        assert len(records.calls(probe.call_ids)) == len(probe.call_ids) > 0
    explore = events[0]
    assert explore.node == "explore"
    assert explore.data["table"][0]["topic_id"]


def test_every_confirmed_question_was_new_to_the_memory(finished: tuple[RunFolder, Manifest, Quiet]) -> None:
    folder, _, _ = finished
    texts = [re.sub(r"\W+", " ", line["question"]).casefold() for line in lines(folder)]
    assert len(set(texts)) == len(texts)


def test_missing_answers_are_counted_and_never_zero(finished: tuple[RunFolder, Manifest, Quiet]) -> None:
    folder, _, _ = finished
    summary = summarise(folder)
    with records_of(folder) as records:
        outcomes = records.call_outcomes()
    assert sum(summary.missing.values()) == sum(
        count for (_, outcome), count in outcomes.items() if outcome != Outcome.ANSWERED.value
    )
    with records_of(folder) as records:
        asked = [records.answers(question, [Phase.EVALUATE])[0] for question in records.ids("evaluated_grown")]
    of_member = Counter(answer.member for answers in asked for answer in answers)
    assert {profile.member: profile.answers + profile.missing for profile in summary.profiles} == of_member
    assert sum(profile.missing for profile in summary.profiles) > 0


@pytest.mark.slow
def test_the_same_seed_gives_the_same_questions_also_when_answers_arrive_in_another_order(
    finished: tuple[RunFolder, Manifest, Quiet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, _ = finished
    answer_now, jitter = SimulatedModel.ainvoke, random.Random(0)

    async def answer_later(self: SimulatedModel, *args: object, **kwargs: object) -> object:
        await asyncio.sleep(jitter.random() / 500)
        return await answer_now(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(SimulatedModel, "ainvoke", answer_later)
    again, _ = grow(tmp_path / "again", pool=simulated_pool(tmp_path / "pool.yaml"))
    assert lines(again) == lines(folder)
    assert untimed_trace(again) == untimed_trace(folder)


@pytest.mark.slow
def test_another_seed_gives_other_questions(finished_runs: FinishedRuns, tmp_path: Path) -> None:
    folder = finished_runs.copy(tmp_path / "first", **TINY)
    other, _ = grow(tmp_path / "other", pool=simulated_pool(tmp_path / "pool.yaml"), seed=1, **TINY)
    assert lines(folder)
    assert {line["question"] for line in lines(other)} != {line["question"] for line in lines(folder)}


@pytest.mark.slow
def test_a_second_run_on_the_first_ones_memory_asks_nothing_again(tmp_path: Path) -> None:
    pool, memory = simulated_pool(tmp_path / "pool.yaml"), str(tmp_path / "memory")
    asked = []
    for name in ("first", "second"):
        folder, _ = grow(tmp_path / name, pool=pool, memory=memory, **TINY)
        assert not folder.memory_path.exists()
        with records_of(folder) as records:
            asked.append({question.text for question in records.questions().values()})
    assert asked[0]
    assert not asked[0] & asked[1]


@pytest.mark.slow
def test_identical_respondents_show_no_difference(tmp_path: Path) -> None:
    """Of six intervals of 95 % one may miss 0: of fourteen such runs' 28 intervals two did."""
    pool = simulated_pool(tmp_path / "pool.yaml", variant="null")
    verdicts = []
    for seed in (0, 1, 2):
        folder, _ = grow(tmp_path / f"{seed}", pool=pool, budget__calls=6000, questions=16, seed=seed)
        summary = summarise(folder)
        assert {comparison.group for comparison in summary.comparisons} == {"panel", "examinee"}
        assert summary.separating == 0
        verdicts += [comparison.verdict for comparison in summary.comparisons]
    assert verdicts.count("no significant difference between grown and seed questions") >= 5


@pytest.mark.slow
def test_the_rounds_setting_ends_the_search(tmp_path: Path) -> None:
    folder, manifest = grow(tmp_path / "short", pool=simulated_pool(tmp_path / "pool.yaml"), budget__rounds=2)
    assert manifest.stop_reason == "2 rounds done"
    assert summarise(folder).rounds == 2
    assert lines(folder)


def test_the_manifest_is_whole_and_holds_what_the_run_was_made_with(
    finished: tuple[RunFolder, Manifest, Quiet],
) -> None:
    folder, manifest, _ = finished
    data = json.loads(folder.manifest_path.read_text(encoding="utf-8"))
    assert Manifest.model_validate(data) == manifest
    assert data["prompts"]["answer"]["fingerprint"]
    assert data["packages"]["langgraph"]
    assert data["settings"]["seed"] == 0


@pytest.mark.slow
def test_two_authors_take_turns(tmp_path: Path) -> None:
    members = PoolSpec.model_validate(yaml.safe_load(Path(simulated_pool(tmp_path / "one.yaml")).read_text("utf-8")))
    data = [member.model_dump(mode="json") for member in members.members]
    (author,) = [member for member in data if member["id"] == "author"]
    pool = write_pool(tmp_path / "two.yaml", [*data, {**author, "id": "second-author"}])
    folder, _ = grow(tmp_path / "run", pool=pool, budget__rounds=4)
    with records_of(folder) as records:
        proposals = {row[0]: row[2] for row in records.spending() if row[1] == "explore"}
    assert set(proposals) == {"author", "second-author"}
    assert min(proposals.values()) >= 0.3 * sum(proposals.values())


def test_confirmation_and_evaluation_are_traced_with_their_calls(
    finished: tuple[RunFolder, Manifest, Quiet],
) -> None:
    folder, _, _ = finished
    events, _ = read_trace(folder.trace_path)
    waves = [event for event in events if event.node == "confirm"]
    assert len({event.id for event in waves}) == len(waves) >= 2
    confirmed = [question_id for event in waves for question_id in event.data["questions"]]
    assert sorted(confirmed) == sorted(line["id"] for line in lines(folder))
    (evaluation,) = [event for event in events if event.node == "evaluate"]
    assert all(event.call_ids for event in (*waves, evaluation) if event.data["questions"])
