"""``adaem trace``: the tree and its filters, one step whole, the life of a question, and a run that is followed."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from adaem.domain.reading.yaml_records import package_folder
from adaem.domain.settings import Search
from adaem.records import RunFolder, TraceEvent, read_trace
from adaem.reports.trace.question_history import life_of, word_diff
from adaem.reports.trace.score_terms import terms_of
from adaem.reports.trace.step_details import changed_by, place_of, step_at
from adaem.reports.trace.trace_lines import Chosen, choose, trace_lines
from growing import grow, records_of, simulated_pool

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run with rewrites, duplicates' gate, a confirmation and an evaluation."""
    folder = tmp_path_factory.mktemp("trace")
    framework = yaml.safe_load((package_folder("frameworks") / "schwartz.yaml").read_text(encoding="utf-8"))
    framework["topics"] = framework["topics"][:8]
    (folder / "few.yaml").write_text(yaml.safe_dump(framework), encoding="utf-8")
    given: dict[str, Any] = {"framework": str(folder / "few.yaml"), "search__refine_share": 0.5, "questions": 2}
    return grow(folder / "one", pool=simulated_pool(folder / "pool.yaml"), **given)[0]


def events_of(folder: RunFolder) -> list[TraceEvent]:
    return read_trace(folder.trace_path)[0]


def test_the_tree_has_every_step_once_and_fits(
    grown: RunFolder, adaem: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    code, out, err = adaem("trace", str(grown.path))
    assert (code, err) == (0, "")
    shown = [line.split()[0] for line in out.splitlines() if re.search(r"\[\d+ calls?[,\]]", line)]
    assert shown == [event.id for event in events_of(grown)]
    assert "SIMULATED" in out.splitlines()[0]
    found = json.loads(adaem("trace", str(grown.path), "--json")[1])
    assert [step["id"] for step in found["steps"]] == shown
    assert found["simulated"] is True


def test_a_score_change_is_measured_against_what_was_rewritten(grown: RunFolder) -> None:
    events = events_of(grown)
    lines = {line.id: line for line in trace_lines(events, {})}
    rewrites = [event for event in events if event.node == "refine" and event.data["draft"]["text"]]
    assert rewrites
    with records_of(grown) as records:
        scores = {line.question_id: line.score for line in lines.values() if line.score is not None}
        for event in rewrites:
            own = lines.get(event.id.replace("refine", "critique"))
            if own is not None and own.score is not None:
                parent = records.questions([event.question_id])[event.question_id].parent_id
                assert own.change == pytest.approx(own.score - scores[str(parent)])
    assert all(line.change is None for line in lines.values() if ".propose" in line.id)


def test_the_filters(grown: RunFolder, adaem: Command) -> None:
    lines = trace_lines(events_of(grown), {})
    topic = next(line.topic_id for line in lines if line.topic_id)
    assert {line.topic_id for line in choose(lines, Chosen(topic=topic), "run")} == {topic}
    assert {line.node for line in choose(lines, Chosen(agent="critic"), "run")} == {"critique"}
    slowest = choose(lines, Chosen(slowest=3), "run")
    assert [line.seconds for line in slowest] == sorted((line.seconds for line in lines), reverse=True)[:3]
    code, out, _ = adaem("trace", str(grown.path), "--topic", topic, "--agent", "critique", "--json")
    assert code == 0
    assert {step["node"] for step in json.loads(out)["steps"]} == {"critique"}


def test_costs_are_summed_where_there_is_a_price_and_missing_where_not(grown: RunFolder) -> None:
    events = [event for event in events_of(grown) if event.node == "probe"][:1]
    first, second = events[0].call_ids[:2]
    assert trace_lines(events, {first: 0.5, second: 0.25, "another": 9.0})[0].cost == 0.75
    assert trace_lines(events, {})[0].cost is None


def test_one_step_has_all_of_it(grown: RunFolder) -> None:
    events, manifest = events_of(grown), grown.read_manifest()
    with records_of(grown) as records:
        place = next(place for place, event in enumerate(events) if event.node == "critique" and event.data)
        step = step_at(events, place, records, manifest)
        assert step.terms[-1].name == "score"
        assert step.terms[-1].value == events[place].data["critique"]["score"]["total"]
        assert {prompt.name for prompt in step.prompts} >= {"judge"}
        assert {prompt.fingerprint for prompt in step.prompts if prompt.name == "judge"} == {
            manifest.prompts["judge"].fingerprint
        }
        assert len(step.replies) == len(events[place].call_ids)
        (asked,) = step.answered
        assert any(judgement and judgement.labels for _, judgement in asked.answers)
        assert (step.previous, step.following) == (events[place - 1].id, events[place + 1].id)
        assert {each.what: (each.before, each.after) for each in step.changed}["status"] == (None, "kept")


def test_what_changed_is_told_by_move_and_by_run() -> None:
    def event(name: str, position: tuple[int, int, int, int], about: str, **update: Any) -> TraceEvent:
        return TraceEvent(id=name, position=position, node="n", question_id=about, update=update)

    events = [
        event("1.explore", (1, 0, 0, 0), "", round=1),
        event("1.1.propose", (1, 1, 1, 6), "a", attempt=1, question={"text": "A?"}),
        event("1.2.propose", (1, 1, 2, 6), "b", attempt=1, question={"text": "B?"}),
        event("1.1.propose.2", (1, 1, 1, 12), "a", attempt=2, question={"text": "C?"}),
        event("1.remember", (1, 2, 0, 0), "", barren=0),
        event("2.explore", (2, 0, 0, 0), "", round=2, barren=0),
    ]
    told = [[(each.what, each.before, each.after) for each in changed_by(events, place)] for place in (3, 5)]
    assert told == [[("attempt", 1, 2), ("question.text", "A?", "C?")], [("round", 1, 2)]]


def test_the_formulas_hold_the_numbers(grown: RunFolder) -> None:
    score = next(event.data["critique"]["score"] for event in events_of(grown) if event.node == "critique")
    terms = {term.name: term for term in terms_of(score, "divergence", Search(beta=0.5))}
    assert terms["divergence D*"].formula.startswith(f"plug-in - floor = {score['plug_in']:.3f} - ")
    assert terms["divergence D*"].value == pytest.approx(score["plug_in"] - score["noise_floor"])
    assert f"0.5 x {score['disentanglement']:.3f}" in terms["score"].formula
    assert terms["opinion diversity O"].value is None


def test_the_neighbours_of_a_step(grown: RunFolder, adaem: Command) -> None:
    events = events_of(grown)
    code, after, _ = adaem("trace", str(grown.path), events[2].id, "--next", "--json")
    assert code == 0
    assert json.loads(after)["event"]["id"] == events[3].id
    code, before, _ = adaem("trace", str(grown.path), events[2].id, "--prev", "--json")
    assert json.loads(before)["event"]["id"] == events[1].id
    assert place_of(events, events[2].id, "run", -1) == 1
    assert adaem("trace", str(grown.path), events[0].id, "--prev")[0] == 2


def test_every_step_can_be_shown(grown: RunFolder, adaem: Command) -> None:
    for node in dict.fromkeys(event.node for event in events_of(grown)):
        step = next(event.id for event in events_of(grown) if event.node == node)
        code, out, err = adaem("trace", str(grown.path), step)
        assert (code, err) == (0, ""), step
        assert out.startswith(f"step {step}: {node}")


def test_the_life_of_every_question_says_why(grown: RunFolder, adaem: Command) -> None:
    events, manifest = events_of(grown), grown.read_manifest()
    with records_of(grown) as records:
        lives = {each: life_of(each, records, events, manifest, "run") for each in records.questions()}
        published, ranking = records.ids("published"), records.ids("confirmed")
        rewritten = next(each for each in records.questions().values() if each.parent_id)
    assert all(life.why.endswith(".") and life.why.count(". ") == 0 for life in lives.values())
    for question_id, life in lives.items():
        assert life.published == (question_id in published)
        assert life.rank == (ranking.index(question_id) + 1 if question_id in ranking else None)
    assert {life.why.split(":")[0].split(",")[0] for life in lives.values()} >= {"Kept and published", "Kept"}
    line = lives[rewritten.id].line
    assert [each.question_id for each in line][-2:] == [rewritten.parent_id, rewritten.id]
    assert " ".join(word.text for word in line[-1].words if word.did != "out") == rewritten.text
    assert " ".join(word.text for word in line[-1].words if word.did != "in") == line[-2].text
    assert rewritten.id in {each.question_id for each in lives[str(rewritten.parent_id)].rewrites}
    code, out, _ = adaem("trace", str(grown.path), "--question", rewritten.id)
    assert code == 0
    assert lives[rewritten.id].why in " ".join(out.split())


def test_word_diff_by_hand() -> None:
    words = word_diff("Should tips be abolished in Norway?", "Should all tips be kept in Norway?")
    told = [(word.did, word.text) for word in words]
    assert told == [
        ("kept", "Should"),
        ("in", "all"),
        ("kept", "tips be"),
        ("out", "abolished"),
        ("in", "kept"),
        ("kept", "in Norway?"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["1.1.propos"], "no step is called '1.1.propos' — did you mean 1.1.propose"),
        (["--question", "q0001-1"], "no question is called 'q0001-1' — did you mean q0001-"),
        (["--topic", "nothing"], "no step is about the topic 'nothing' — did you mean"),
        (["--agent", "critc"], "no step is by 'critc' — did you mean critic"),
        (["1.explore", "--question", "q0001-01"], "STEP and --question show different things"),
        (["1.explore", "--topic", "x"], "leave STEP out"),
        (["--next"], "with a STEP to go from"),
        (["1.explore", "--next", "--prev"], "give one of them"),
        (["--follow", "--json"], "--follow prints no object"),
        (["--follow", "--slowest", "3"], "leave --follow out"),
        (["--inspect", "log.zip"], "name a file that ends in .eval"),
        (["--html", "trace.htmx"], "a page would be written under this name — name a file that ends in .html"),
    ],
)
def test_bad_input_is_one_line(grown: RunFolder, adaem: Command, arguments: list[str], words: str) -> None:
    code, out, err = adaem("trace", str(grown.path), *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_trace_cut_off_shows_all_whole_events_and_says_so(grown: RunFolder, adaem: Command, tmp_path: Path) -> None:
    shutil.copytree(grown.path, tmp_path / "cut")
    trace = tmp_path / "cut" / "trace.jsonl"
    trace.write_bytes(trace.read_bytes()[:-40])
    code, out, _ = adaem("trace", str(tmp_path / "cut"))
    assert code == 0
    assert "1 line of the trace is cut off or damaged" in out
    assert events_of(grown)[-2].id in out


def test_in_a_pipe_the_tree_keeps_to_the_columns(
    grown: RunFolder, adaem: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    code, narrow, _ = adaem("trace", str(grown.path))
    assert code == 0
    lines = narrow.splitlines()
    assert max(map(len, lines)) <= 60
    assert not [line for line in lines if line != line.rstrip()]
    monkeypatch.setenv("COLUMNS", "1000")
    _, wide, _ = adaem("trace", str(grown.path))
    # Nothing is lost, and a step's second row stands farther in than its first.
    assert narrow.split() == wide.split()
    assert any(len(line) - len(line.lstrip()) == 10 for line in lines)


def test_following_a_run_shows_each_step_once_and_ends_with_it(
    grown: RunFolder, adaem: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    code, out, _ = adaem("trace", str(grown.path), "--follow", "--agent", "critic")
    assert code == 0
    *lines, last = out.splitlines()
    assert last == "The run is finished."
    wanted = [event.id for event in events_of(grown) if event.agent == "critic"]
    assert [line.split()[0] for line in lines] == wanted


@pytest.mark.slow
def test_a_run_in_progress_is_followed_to_its_end(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    pool = simulated_pool(tmp_path / "pool.yaml")
    running = Thread(target=grow, args=(tmp_path / "run",), kwargs={"pool": pool, "budget__calls": 1000})
    running.start()
    try:
        while not (tmp_path / "run" / "run.sqlite").exists():
            time.sleep(0.01)
        code, out, _ = adaem("trace", str(tmp_path / "run"), "--follow", "--agent", "prober")
    finally:
        running.join()
    assert code == 0
    *lines, last = out.splitlines()
    assert last == "The run is finished."
    wanted = {event.id for event in events_of(RunFolder(tmp_path / "run")) if event.agent == "prober"}
    assert len(lines) == len(wanted)
    assert {line.split()[0] for line in lines} == wanted
