"""A fixed file of questions, searched adaptively: asked as they are, of live members or of recorded answers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaem.agents.policies.policy import MoveKind
from adaem.agents.policies.shipped_policies import make_policy
from adaem.agents.prober.recordings import Recordings
from adaem.cli.app import app
from adaem.domain.answer import AnswerText, Outcome, Phase
from adaem.domain.critique import Critique
from adaem.domain.errors import AdaemError
from adaem.domain.pool_spec import PoolSpec, Role
from adaem.domain.question import Question, Topic
from adaem.domain.reading.yaml_records import load_settings
from adaem.domain.settings import Settings
from adaem.graph.search.frontier import Frontier, ScoredQuestion
from adaem.jobs.inputs import check_settings, inputs_of
from adaem.jobs.search_run import resume, run
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.pool.replies.recorded_text import read_answer
from adaem.records import MoveRecord, RunFolder
from adaem.records.question_bank import read_bank
from growing import Quiet, grow, lines, records_of, simulated_pool, write_pool
from typer.testing import CliRunner

JUDGE = "keyword_judge:KeywordJudge"
MODELS = ("acme/okapi-7b", "zebra", "mouse")
VALUES = ("security", "power", "hedonism")
PLACES = ("Norway", "Ghana", "Peru", "Nepal", "Japan", "Samoa", "Chad", "Malta", "Oman", "Fiji", "Cuba", "Laos")
OFFLINE: dict[str, Any] = {
    "agents__explorer": "bank",
    "agents__refiner": "none",
    "agents__judge": JUDGE,
    "samples__search": 2,
    "samples__confirm": 3,
    "budget__evaluate_share": 0,
    "budget__confirm_share": 0.5,
    "budget__calls": 150,
    "questions": 3,
    "novelty__nearest": 1,
    "novelty__mean_of_three": 1,
}


def questions_file(path: Path) -> str:
    rows = [
        {
            "id": f"Q{number}",
            "question": f"Should wages in {place} be public?",
            "fact": f"{place} asks.",
            "topic": "pay",
        }
        for number, place in enumerate(PLACES)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def answers_file(path: Path, questions: int = 8, wordings: int = 5, *, leave_out: str = "") -> str:
    """Each model holds one value, and every other question calls it up."""
    rng = np.random.default_rng(1)
    rows = []
    for number in range(questions):
        for wording in range(wordings):
            for model, own in zip(MODELS, VALUES, strict=True):
                rate = 0.9 if number % 2 == 0 else 0.3
                said = [each for each in VALUES if rng.random() < (rate if each == own or number % 2 else 0.1)]
                row = {
                    "question_id": f"q{number}",
                    "question": f"It is right to close the harbours of {PLACES[number]}",
                    "model": model,
                    "answer": f"Number {number}.{wording}: I think of {' and '.join(said) or 'nothing'}.",
                    "wording": f"form-{wording}",
                }
                if f"{number} {wording} {model}" != leave_out:
                    rows.append(row)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def recorded_pool(path: Path, **roles: list[str]) -> str:
    members = [
        {"id": f"m{number}", "model": f"recorded:{model}", "roles": roles.get(f"m{number}", ["scout", "panel"])}
        for number, model in enumerate(MODELS)
    ]
    return write_pool(path, members)


def search(home: Path, name: str, **settings: Any) -> RunFolder:
    given: dict[str, Any] = {
        "bank": answers_file(home / "answers.jsonl"),
        "pool": recorded_pool(home / "pool.yaml"),
        **OFFLINE,
    }
    return grow(home / name, **(given | settings))[0]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bank")


@pytest.fixture(scope="module")
def offline(home: Path) -> RunFolder:
    return search(home, "offline")


def test_the_questions_of_a_file_are_asked_as_they_are_and_once(tmp_path: Path) -> None:
    bank, pool = questions_file(tmp_path / "bank.jsonl"), simulated_pool(tmp_path / "pool.yaml")
    given: dict[str, Any] = {
        "agents__explorer": "bank",
        "agents__refiner": "none",
        "questions": 4,
        "novelty__nearest": 1,
    }
    folder, manifest = grow(tmp_path / "run", bank=bank, pool=pool, novelty__mean_of_three=1, **given)
    assert manifest.stop_reason.startswith("every topic was asked")
    with records_of(folder) as records:
        moves = list(records.moves())
        asked = [each for each in records.questions().values() if not each.id.startswith("seed-")]
        assert {purpose for _, purpose in ((each.member, each.prompt) for each in records.spending_by_purpose())} == {
            "search",
            "confirm",
            "judge",
            "judge_question",
        }, "nobody is asked to write, and no seed is left to compare with"
    assert Counter(each.text for each in asked) == {f"Should wages in {place} be public?": 1 for place in PLACES}
    assert {each.fact for each in asked} == {f"{place} asks." for place in PLACES}
    assert len({each.topic_id for each in asked}) == len(PLACES), "each question is a topic of its own in the search"
    assert len({each.drawn_with for each in asked}) == 1, "and all are drawn together in an interval"
    lines = [json.loads(line) for line in folder.questions_path.read_text(encoding="utf-8").splitlines()]
    assert {line["topic_id"] for line in lines} == {each.drawn_with for each in asked}
    assert {move.kind for move in moves} == {"propose"}
    assert manifest.forecast is not None
    spent = {row.purpose: row.calls for row in manifest.forecast.rows}
    assert spent["search"] > 0
    assert not {"propose", "refine"} & spent.keys()


def test_a_bank_may_be_rewritten_but_never_drawn_twice() -> None:
    topics = [Topic(id=f"t{number}", text=f"Is {number} right?") for number in range(3)]
    frontier = Frontier(topics, HashingEmbedder(), Settings())
    question = Question(id="q1", topic_id="t1", topic=topics[1].text, text=topics[1].text)
    move = MoveRecord(
        round=1, dispatch=1, kind="propose", topic_id="t1", question_id="q1", parent_id=None, status="kept"
    )
    critique = Critique(
        question_id="q1", phase=Phase.SEARCH, group=Role.SCOUT, critic="divergence", score=None, unscored="for a test"
    )
    frontier.learn([move], [ScoredQuestion(question, critique, 0.1, 0.01, 0.1)])
    view = frontier.view(1000.0, 10.0, one_each=True)
    assert view.open.tolist() == [True, False, True]
    assert view.alive.all()
    assert frontier.view(1000.0, 10.0).open.all()
    for name in ("expected-improvement", "ucb", "paper", "random"):
        moves = make_policy(name)(view, 3, np.random.default_rng(0))
        assert {each.topic for each in moves if each.kind is MoveKind.PROPOSE} <= {0, 2}


def test_recorded_answers_are_given_out_once_and_charged(offline: RunFolder) -> None:
    with records_of(offline) as records:
        calls = records.calls_spent()
        given = [
            (answer.question_id, answer.member, answer.wording)
            for question_id in records.questions()
            for answer in records.answers(question_id)[0]
        ]
        confirmed = records.ids("confirmed")
        known = records.questions()
        best = records.critiques(Phase.CONFIRM, Role.PANEL)
    assert len(given) == len(set(given)) == calls, "every answer counts as one call of the budget, and none comes twice"
    assert len(known) == 8
    assert confirmed
    assert {int(known[each].topic_id[1:]) % 2 for each in confirmed[:3]} == {0}, "those that call up the values"
    assert all(critique.score is not None for critique in best.values())


def test_members_are_compared_on_the_same_wordings(home: Path) -> None:
    pool = PoolSpec.model_validate(
        {"members": [{"id": m, "model": f"recorded:{m}", "roles": ["panel"]} for m in MODELS[1:]]}
    )
    question = Question(id="x", topic_id="q1", topic="", text=f"It is right to close the harbours of {PLACES[1]}")

    def order(seed: int, number: int) -> list[str]:
        said = Recordings(Settings(bank=answers_file(home / "again.jsonl"), seed=seed), pool)
        return [said.call(question, pool.members[number], Phase.SEARCH, sample)[0].wording for sample in range(5)]

    assert order(0, 0) == order(0, 1)
    assert sorted(order(0, 0)) == [f"form-{number}" for number in range(5)]
    assert order(0, 0) != order(1, 0)


def test_what_was_not_recorded_is_missing_and_costs_nothing(tmp_path: Path) -> None:
    bank = answers_file(tmp_path / "short.jsonl", wordings=3, leave_out="0 2 zebra")
    folder = search(tmp_path, "short", bank=bank)
    with records_of(folder) as records:
        answers = [answer for each in records.questions() for answer in records.answers(each)[0]]
        assert records.calls_spent() == sum(answer.outcome is Outcome.ANSWERED for answer in answers)
    lacking = [answer for answer in answers if answer.outcome is Outcome.FAILED]
    assert lacking
    assert all(not answer.key_points and answer.detail.startswith("not recorded: ") for answer in lacking)
    assert {answer.detail for answer in lacking} >= {"not recorded: no answer to the wording 'form-2'"}


def test_a_hole_in_the_grid_shifts_no_wording(home: Path) -> None:
    pool = PoolSpec.model_validate(
        {"members": [{"id": m, "model": f"recorded:{m}", "roles": ["panel"]} for m in MODELS[1:]]}
    )
    question = Question(id="x", topic_id="q0", topic="", text=f"It is right to close the harbours of {PLACES[0]}")
    said = Recordings(Settings(bank=answers_file(home / "hole.jsonl", leave_out="0 2 zebra")), pool)
    answers = [[said.call(question, member, Phase.SEARCH, sample)[0] for sample in range(5)] for member in pool.members]
    assert [each.wording for each in answers[0]] == [each.wording for each in answers[1]]
    lacking = [each for each in answers[0] if each.outcome is Outcome.FAILED]
    assert [(each.wording, each.detail) for each in lacking] == [
        ("form-2", "not recorded: no answer to the wording 'form-2'")
    ]


def test_a_bank_is_read_once_until_it_changes(tmp_path: Path) -> None:
    table = tmp_path / "bank.csv"
    asked: list[str] = []

    def noted(answer: str, question: str) -> AnswerText:
        asked.append(answer)
        return read_answer(answer, question)

    for answer, times in (("Yes.", 1), ("Yes.", 1), ("No.", 2)):
        table.write_text(f"question_id,question,model,answer\n1,Is it right?,okapi,{answer}\n", encoding="utf-8")
        assert read_bank(table, noted).answers[0].key_points[0].point == answer
        assert len(asked) == times


def test_what_a_table_marks_as_unpublished_is_left_out(tmp_path: Path) -> None:
    table = tmp_path / "bank.csv"
    table.write_text("question,published\nIs it right?,true\nIs it wrong?,false\nIs it so?,\n", encoding="utf-8")
    assert [each.text for each in read_bank(table, read_answer).questions] == ["Is it right?", "Is it so?"]


def test_a_run_does_not_go_on_with_another_file(tmp_path: Path) -> None:
    folder = search(tmp_path, "changed")
    answers_file(tmp_path / "answers.jsonl", wordings=4)
    with pytest.raises(
        AdaemError, match=r"answers\.jsonl: is not the file that the run began with — put that one back"
    ):
        inputs_of(folder, {"agents.judge": JUDGE, "bank": str(tmp_path / "answers.jsonl")})


def test_what_a_bank_cannot_tell_is_said_before_the_run(tmp_path: Path) -> None:
    given: dict[str, Any] = {key.replace("__", "."): value for key, value in OFFLINE.items()}
    given |= {"bank": answers_file(tmp_path / "a.jsonl", wordings=4), "pool": recorded_pool(tmp_path / "pool.yaml")}
    notices = " ".join(check_settings(load_settings(None, given)).notices)
    assert "a question has at most 4 recorded answers of a member, and the samples ask for 5" in notices
    given |= {"bank": questions_file(tmp_path / "bank.jsonl"), "pool": simulated_pool(tmp_path / "live.yaml")}
    notices = " ".join(check_settings(load_settings(None, given | {"agents.judge": "llm"})).notices)
    assert "the bank's 12 questions come from 1 topics there: the search takes each as a topic of its own" in notices


@pytest.mark.slow
def test_the_same_seed_makes_the_same_run_and_a_stopped_one_goes_on(home: Path, offline: RunFolder) -> None:
    assert lines(search(home, "twin")) == lines(offline)

    class Impatient(Quiet):
        def finished(self, event: Any) -> None:
            super().finished(event)
            if len(self.events) == 12:
                for task in asyncio.all_tasks():
                    task.cancel()

    stopped = grow(
        home / "stopped", Impatient(), bank=str(home / "answers.jsonl"), pool=str(home / "pool.yaml"), **OFFLINE
    )
    assert stopped[1].status == "interrupted"
    folder, manifest = asyncio.run(
        resume(stopped[0].path, {"agents.judge": JUDGE, "bank": str(home / "answers.jsonl")}, Quiet())
    )
    assert manifest.status == "finished"
    assert lines(folder) == lines(offline)
    with records_of(folder) as went_on, records_of(offline) as whole:
        assert went_on.calls_spent() == whole.calls_spent(), "what was charged before the stop is charged once"


def test_a_replay_asks_nobody_and_changes_nothing(home: Path, offline: RunFolder) -> None:
    inputs = inputs_of(offline, {"agents.judge": JUDGE, "bank": str(home / "answers.jsonl")})
    again, _ = asyncio.run(run(inputs, home / "replay", Quiet(), replayed=offline))
    assert lines(again) == lines(offline)


def adaem(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*arguments])
    if isinstance(result.exception, AdaemError):
        return 2, str(result.exception)
    return result.exit_code, result.output


def test_what_is_shown_says_that_the_answers_are_recorded(offline: RunFolder) -> None:
    code, out = adaem("report", str(offline.path))
    assert code == 0
    words = " ".join(out.split())
    assert "3 of 3 members are recorded: their answers come from answers.jsonl, and nobody was asked for them" in words
    assert "SIMULATED" not in out
    code, out = adaem("trace", str(offline.path), "--question", "q0001-01")
    assert code == 0
    code, out = adaem("trace", str(offline.path), "1.1.probe")
    assert code == 0
    assert "I think of" in out


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"bank": None}, "its answers are recorded, but no file of answers is named"),
        ({"bank": "questions.jsonl"}, "no answer of 'acme/okapi-7b' is in questions.jsonl — it holds questions alone"),
        ({"bank": "nowhere.jsonl"}, "nowhere.jsonl: no such file"),
        ({"bank": "empty.jsonl"}, "empty.jsonl: holds no question"),
        ({"agents.explorer": "llm"}, "to the bank's own questions alone — take the explorer bank and the refiner none"),
        ({"agents.refiner": "reflect"}, "to the bank's own questions alone — take the explorer bank and the refiner"),
        (
            {"pool": "mixed.yaml"},
            "members 'm0' and 'live': one has answered already, in the bank's wordings, the other",
        ),
        (
            {"pool": "other.yaml"},
            "no answer of 'unheard' is in answers.jsonl — the models there are",
        ),
        ({"pool": "judging.yaml"}, "member 'm0' is recorded, and cannot be asked as 'judge'"),
    ],
)
def test_what_does_not_fit_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], wanted: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answers_file(Path("answers.jsonl"))
    questions_file(Path("questions.jsonl"))
    Path("empty.jsonl").touch()
    recorded_pool(Path("pool.yaml"))
    Path("other.yaml").write_text(Path("pool.yaml").read_text().replace("zebra", "unheard"), encoding="utf-8")
    live = '{id: live, model: "simulated:respondent", roles: [scout, panel], parameters: {world: 1, respondent: 1}}'
    mixed = f'members: [{{id: m0, model: "recorded:zebra", roles: [scout, panel]}}, {live}]'
    Path("mixed.yaml").write_text(mixed, encoding="utf-8")
    Path("judging.yaml").write_text(
        'members: [{id: m0, model: "recorded:zebra", roles: [panel, judge]}]', encoding="utf-8"
    )
    given: dict[str, Any] = {key.replace("__", "."): value for key, value in OFFLINE.items()}
    given |= {"bank": "answers.jsonl", "pool": "pool.yaml"} | settings
    code, out = adaem("run", *(part for key, value in given.items() for part in ("-s", f"{key}={json.dumps(value)}")))
    assert code == 2
    assert wanted in out
    assert out.count("\n") == 0
    assert not Path("runs").exists()


def test_recorded_members_answer_no_new_questions(tmp_path: Path, offline: RunFolder) -> None:
    pool = recorded_pool(tmp_path / "pool.yaml")
    given = ("--pool", pool, "-s", f"agents.judge={JUDGE}", "--out", str(tmp_path / "evaluated"))
    code, out = adaem("evaluate", str(offline.path), *given)
    assert (code, out.count("\n")) == (2, 0)
    assert "its answers are recorded, it cannot be asked — only 'adaem run' takes such members" in out
    assert not (tmp_path / "evaluated").exists()


def test_the_doctor_asks_no_recorded_member(home: Path, offline: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    given: dict[str, Any] = {**OFFLINE, "bank": "answers.jsonl", "pool": "pool.yaml"}
    settings = (part for key, value in given.items() for part in ("-s", f"{key.replace('__', '.')}={value}"))
    code, out = adaem("doctor", *settings, "--json")
    checks = {each["what"]: each for each in json.loads(out)["checks"]}
    assert code == 0
    assert checks["endpoint m0"]["verdict"] == "skipped"
    assert json.loads(out)["requests"] == 0


@pytest.mark.slow
def test_a_search_that_only_rewrites_ends_when_rewrites_bring_nothing_new(tmp_path: Path) -> None:
    rows = [{"question": f"Should dogs be banned in {place}?"} for place in PLACES[:3]]
    bank = tmp_path / "bank.jsonl"
    bank.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    given: dict[str, Any] = {
        "agents__explorer": "bank",
        "search__refine_share": 1.0,
        "questions": 2,
        "novelty__nearest": 1,
        "seed": 1,  # one with which a question of the three is scored
    }
    pool = simulated_pool(tmp_path / "pool.yaml")
    folder, manifest = grow(tmp_path / "run", bank=str(bank), pool=pool, novelty__mean_of_three=1, **given)
    # Either all rewrites are refused, or it is known that rewriting does not pay and nothing else is left.
    ends = ("moves in a row brought no question that could be scored", "every topic was asked")
    assert any(words in manifest.stop_reason for words in ends)
    with records_of(folder) as records:
        moves = list(records.moves())
    assert sum(move.kind == "propose" for move in moves) == 3
    assert {move.status for move in moves if move.kind == "refine"} <= {"kept", "duplicate"}


def test_the_forecast_compares_with_the_seeds_that_are_left(tmp_path: Path) -> None:
    bank, pool = questions_file(tmp_path / "bank.jsonl"), simulated_pool(tmp_path / "pool.yaml")
    given: dict[str, Any] = {
        "agents.explorer": "bank",
        "agents.refiner": "none",
        "bank": bank,
        "pool": pool,
        "questions": 3,
    }
    assert check_settings(load_settings(None, given)).forecast.evaluated == 0
    assert check_settings(load_settings(None, {**given, "budget.rounds": 1})).forecast.evaluated == 0
    few = {**given, "budget.rounds": 1, "search.moves_per_round": 10}
    assert check_settings(load_settings(None, few)).forecast.evaluated == 2
