"""``run.sqlite``: what goes in comes out, twice is once, and a damaged file is said to be damaged."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.answer import Answer, KeyPoint, Outcome, Phase, Stance
from adaem.domain.calls import Call, Prompt, Usage
from adaem.domain.critique import Critique
from adaem.domain.errors import FileError, NotWritten
from adaem.domain.judgement import Judgement, Label
from adaem.domain.pool_spec import Role
from adaem.domain.question import Question
from adaem.domain.reply_types import AnswerReply
from adaem.records import MoveRecord, RunRecords
from hypothesis import given
from hypothesis import strategies as st
from small_world import HOSTILE

text = st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(sorted(HOSTILE.values())))
small = st.integers(0, 9)
points = st.builds(KeyPoint, point=text, justification=text)
answers = st.builds(
    Answer,
    question_id=text,
    member=text,
    phase=st.sampled_from(Phase),
    sample=small,
    outcome=st.sampled_from(Outcome),
    stance=st.none() | st.sampled_from(Stance),
    key_points=st.lists(points, max_size=3).map(tuple),
    detail=text,
    call_id=text,
)
labels = st.builds(Label, key_point=small, value=text, quote=text)
judgements = st.builds(
    Judgement,
    judge=text,
    outcome=st.sampled_from(Outcome),
    labels=st.lists(labels, max_size=3).map(tuple),
    dropped=small,
    detail=text,
    call_id=text,
)
tokens = st.none() | st.integers(0, 2**62)
calls = st.builds(
    Call[AnswerReply],
    id=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    member=text,
    purpose=text,
    sample=small,
    prompt=st.builds(Prompt, name=text, fingerprint=text, system=text, user=text),
    outcome=st.sampled_from(Outcome),
    reply=st.none(),
    text=text,
    detail=text,
    model_name=text,
    finish_reason=text,
    usage=st.builds(Usage, input_tokens=tokens, output_tokens=tokens),
    attempts=small,
    seconds=st.floats(0, 1e6),
)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunRecords]:
    with RunRecords(tmp_path_factory.mktemp("records") / "run.sqlite") as opened:
        yield opened


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[RunRecords]:
    with RunRecords(tmp_path / "run.sqlite") as opened:
        yield opened


@given(answers, st.none() | judgements)
def test_any_answer_and_judgement_come_back(records: RunRecords, answer: Answer, judged: Judgement | None) -> None:
    records.put_answers([answer], [judged])
    found, judgements = records.answers(answer.question_id, [answer.phase])
    assert (answer, judged) in list(zip(found, judgements, strict=True))


@given(judgements, text)
def test_any_judgement_of_a_question_comes_back(records: RunRecords, judged: Judgement, question_id: str) -> None:
    records.put_question_judgement(question_id, judged)
    assert records.question_judgement(question_id) == judged


@given(calls)
def test_any_call_comes_back_but_for_its_reply(records: RunRecords, call: Call[AnswerReply]) -> None:
    records.record(call)
    assert [found.model_dump() for found in records.calls([call.id, "no such id"])] == [call.model_dump()]


def call(
    identifier: str, *, attempts: int = 1, outcome: Outcome = Outcome.ANSWERED, tokens: int | None = 3
) -> Call[Any]:
    prompt = Prompt(name="answer", fingerprint="f", system="the same words", user=identifier)
    usage = Usage(input_tokens=tokens)
    return Call(
        **{"id": identifier, "member": "zebra", "purpose": "search", "sample": 0, "prompt": prompt},
        **{"outcome": outcome, "usage": usage, "attempts": attempts},
    )


def question(identifier: str, text: str = "Is it?") -> Question:
    return Question(id=identifier, topic_id="t", topic="T?", text=text)


def test_writing_twice_is_writing_once(fresh: RunRecords) -> None:
    answer = Answer(question_id="q", member="m", phase=Phase.SEARCH, sample=0, outcome=Outcome.REFUSED)
    move = MoveRecord(round=0, dispatch=0, kind="propose", topic_id="t", question_id="q", status="kept")
    critique = Critique(question_id="q", phase=Phase.SEARCH, group=Role.SCOUT, critic="c", score=None, unscored="few")
    for _ in range(2):
        fresh.record(call("c1", attempts=2))
        fresh.put_questions([question("q")])
        fresh.put_answers([answer], [None])
        fresh.put_moves([move])
        fresh.put_critiques([critique])
        fresh.put_ids("published", ["q"])
    assert fresh.calls_spent() == 2
    assert fresh.questions() == {"q": question("q")}
    assert fresh.answers("q") == ([answer], [None])
    assert list(fresh.moves()) == [move]
    assert fresh.critiques(Phase.SEARCH, Role.SCOUT) == {"q": critique}
    assert fresh.critiques(Phase.SEARCH, Role.PANEL) == {}
    assert fresh.ids("published") == ("q",)


def test_a_later_write_replaces_an_earlier_one(fresh: RunRecords) -> None:
    answer = Answer(question_id="q", member="m", phase=Phase.SEARCH, sample=0, outcome=Outcome.ANSWERED)
    judged = Judgement(judge="j", outcome=Outcome.ANSWERED)
    fresh.put_answers([answer], [None])
    fresh.put_answers([answer], [judged])
    assert fresh.answers("q") == ([answer], [judged])


def test_a_judgement_is_stored_beside_its_own_answer(fresh: RunRecords) -> None:
    made = [
        Answer(question_id="q", member="m", phase=phase, sample=sample, outcome=Outcome.ANSWERED)
        for phase in (Phase.CONFIRM, Phase.SEARCH)
        for sample in (0, 1)
    ]
    judged = Judgement(judge="j", outcome=Outcome.ANSWERED)
    fresh.put_answers(made, [None] * len(made))
    fresh.put_judgements([made[3]], [judged])
    assert fresh.answers("q") == (made, [None, None, None, judged])
    fresh.put_judgements([made[3]], [None])
    assert fresh.answers("q") == (made, [None] * 4)


def test_answers_of_different_phases_and_samples_stay_apart_and_in_order(fresh: RunRecords) -> None:
    made = [
        Answer(question_id="q", member=member, phase=phase, sample=sample, outcome=Outcome.FAILED)
        for phase in (Phase.SEARCH, Phase.CONFIRM)
        for member in ("okapi", "zebra")
        for sample in (1, 0)
    ]
    fresh.put_answers(made, [None] * len(made))
    found, _ = fresh.answers("q")
    assert found == sorted(made, key=lambda each: (each.phase.value, each.member, each.sample))
    assert len(fresh.answers("q", [Phase.CONFIRM])[0]) == 4
    assert fresh.answers("q", []) == ([], [])
    assert fresh.answers("other") == ([], [])


def test_questions_by_id(fresh: RunRecords) -> None:
    fresh.put_questions(question(name) for name in ("c", "a", "b"))
    assert list(fresh.questions()) == ["a", "b", "c"]
    assert list(fresh.questions(["c", "nobody", "a"])) == ["a", "c"]
    assert fresh.questions([]) == {}
    assert fresh.question_judgement("a") is None
    assert fresh.ids("never written") == ()


def test_calls_come_in_the_order_asked_for_and_are_counted(fresh: RunRecords) -> None:
    fresh.record(call("b", attempts=2, outcome=Outcome.REFUSED, tokens=None))
    fresh.record(call("a"))
    assert [found.id for found in fresh.calls(["b", "none", "a", "b"])] == ["b", "a", "b"]
    assert fresh.calls(["a"])[0].prompt.system == "the same words"
    assert fresh.calls_spent() == 3
    (spent,) = fresh.spending()
    assert spent[:6] == ("zebra", "answer", 2, 3, 3, 0)
    assert (spent.tokens, spent.uncounted, spent.cost, spent.unpriced) == (0, 0, 0.0, 2)
    assert fresh.call_outcomes() == {("answer", "answered"): 1, ("answer", "refused"): 1}


def test_a_write_that_fails_half_way_leaves_nothing(fresh: RunRecords) -> None:
    first = Answer(question_id="q", member="m", phase=Phase.SEARCH, sample=0, outcome=Outcome.FAILED)
    too_large = first.model_copy(update={"sample": 2**70})
    with pytest.raises(OverflowError):
        fresh.put_answers([first, too_large], [None, None])
    assert fresh.answers("q") == ([], [])
    fresh.put_answers([first], [None])
    assert fresh.answers("q") == ([first], [None])


def test_records_can_be_read_while_they_are_written_and_after(tmp_path: Path) -> None:
    path = tmp_path / "a folder? with #odd% signs" / "run.sqlite"
    path.parent.mkdir()
    with RunRecords(path) as writer:
        writer.put_questions([question("a")])
        with RunRecords(path, read_only=True) as reader:
            writer.put_questions([question("b")])
            assert list(reader.questions()) == ["a", "b"]
    assert [each.name for each in path.parent.iterdir()] == ["run.sqlite"]
    before = path.read_bytes()
    with RunRecords(path, read_only=True) as reader:
        assert list(reader.questions()) == ["a", "b"]
        with pytest.raises(NotWritten, match="may not be written"):
            reader.put_questions([question("c")])
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database " * 100, b"{}\n", None], ids=["text", "json", "missing"])
def test_a_file_that_holds_no_records(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "run.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match="cannot be read as a run's records"):
        RunRecords(path, read_only=True)
    assert (path.read_bytes() if path.exists() else None) == content


def test_a_cut_off_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    with RunRecords(path) as writer:
        writer.put_questions(question(str(number), "x" * 500) for number in range(200))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(FileError, match="malformed"):
        RunRecords(path, read_only=True)


def test_a_record_of_another_version_is_named(fresh: RunRecords, tmp_path: Path) -> None:
    fresh.put_questions([question("a")])
    with sqlite3.connect(tmp_path / "run.sqlite") as other:
        other.execute('UPDATE questions SET body = \'{"id": "a", "novel_field": 1}\'')
    other.close()
    with pytest.raises(FileError, match="holds a question that this version cannot read"):
        fresh.questions()


def test_a_file_whose_writer_was_killed_in_mid_write_can_be_read(tmp_path: Path) -> None:
    path, killed = tmp_path / "run.sqlite", tmp_path / "killed"
    killed.mkdir()
    with RunRecords(path) as records:
        records.put_ids("confirmed", ["a", "b"])
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 2")
        writer.execute("BEGIN")
        # More than the cache holds, so that pages and the journal that undoes them are on disk already.
        writer.executemany("INSERT INTO lists VALUES (?, ?)", [(str(n), "x" * 5000) for n in range(50)])
        for name in ("run.sqlite", "run.sqlite-journal"):
            shutil.copy(tmp_path / name, killed / name)
        writer.execute("ROLLBACK")
    only_reading = f"{(killed / 'run.sqlite').as_uri()}?mode=ro"
    with closing(sqlite3.connect(only_reading, uri=True)) as reader, pytest.raises(sqlite3.OperationalError):
        reader.execute("SELECT * FROM lists")
    with RunRecords(killed / "run.sqlite", read_only=True) as again:
        assert again.ids("confirmed") == ("a", "b")


def test_no_key_goes_in_or_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, path = "0123456789-abcdefghij", tmp_path / "run.sqlite"
    said = f"your key {key}"
    with RunRecords(path) as records:  # as an earlier version stored it, or this one where the key was not known
        records.record(call("before").model_copy(update={"text": said}))
        records.put_questions([question("before").model_copy(update={"text": said})])
    assert key.encode() in path.read_bytes()
    monkeypatch.setenv("OTHER_API_KEY", key)
    with RunRecords(path) as records:
        records.record(call("after").model_copy(update={"text": said}))
        records.put_questions([question("after").model_copy(update={"text": said})])
        assert [each.text for each in records.calls(["before", "after"])] == ["your key [hidden]"] * 2
        assert [each.text for each in records.questions().values()] == ["your key [hidden]"] * 2
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT text FROM calls WHERE id = 'after'").fetchone() == ("your key [hidden]",)


def test_ids_are_added_by_their_places_one_row_each(tmp_path: Path) -> None:
    with RunRecords(tmp_path / "run.sqlite") as records:
        records.put_ids("asked", ["b", "a"])  # as an earlier version kept it
        records.add_ids("asked", {2: "c", 10: "d"})
        records.add_ids("asked", {0: "b"})
        records.add_ids("asked-too", {0: "x"})
        assert records.ids("asked") == ("b", "c", "d", "a")
        records.add_ids("asked", {5: "a"})
        records.add_ids("asked", {5: "a"})
        assert records.ids("asked") == ("b", "c", "a", "d")
        assert records.ids("asked-too") == ("x",)
    with closing(sqlite3.connect(tmp_path / "run.sqlite")) as database:
        bodies = [body for (body,) in database.execute("SELECT body FROM lists WHERE name LIKE 'asked/%'")]
    assert sorted(bodies) == ["a", "b", "c", "d"]
