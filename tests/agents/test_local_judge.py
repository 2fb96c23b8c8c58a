"""The local judge: labelled files read strictly, folds that do not leak, and a file that is data or is refused."""

from __future__ import annotations

import asyncio
import gzip
import json
import pickle
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaem.agents.judges.labelled_texts import LabelledTexts, read_labelled_texts, source_groups
from adaem.agents.judges.local.empty_texts import FEWEST, empty_texts
from adaem.agents.judges.local.linear_model import QUOTED_WORDS, SAYS_NOTHING
from adaem.agents.judges.local.local_judge import LocalJudge
from adaem.agents.judges.local.model_file import load_model, save_model
from adaem.agents.judges.local.thresholds import best_threshold
from adaem.agents.judges.local.training import grouped_folds, train
from adaem.agents.protocols import BatchJudge
from adaem.agents.registry import make_agent
from adaem.domain.answer import Outcome
from adaem.domain.errors import FileError, InputError
from adaem.domain.judgement import Label
from adaem.domain.reading.yaml_records import load_framework
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.embedders.minilm_embedder import MiniLmEmbedder
from places import SHARED_DATA
from small_world import QUESTION, VALUES, answer, framework, framework_data, world

DATA = SHARED_DATA
CUES = {"care": "kindness helps people", "power": "command brings wealth", "safety": "danger needs guards"}


def rows(sources: int = 20) -> list[dict[str, Any]]:
    found = []
    for source in range(sources):
        for value, cue in CUES.items():
            found.append({"text": f"{cue} in the town {source}", "values": [value], "group": f"g{source}"})
    return found


def written(path: Path, content: list[dict[str, Any]]) -> Path:
    text = "\n".join(json.dumps(row) for row in content).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def read(path: Path) -> LabelledTexts:
    return read_labelled_texts([path], framework())


@pytest.fixture(scope="module")
def judge_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judge")
    path = folder / "judge.npz"
    save_model(train(read(written(folder / "rows.jsonl.gz", rows())), framework(), seed=1), path)
    return path


def test_both_forms_are_read_plain_and_packed(tmp_path: Path) -> None:
    own = read(
        written(tmp_path / "own.jsonl", [{"text": ["one", "two\nlines"], "values": ["care"], "model": "m", "id": 7}])
    )
    [row] = own.rows
    assert (row.id, row.texts, row.values, row.model) == ("7", ("one", "two lines"), {"care"}, "m")
    theirs = {
        "id": "A1",
        "conclusion": "We should",
        "stance": "against",
        "premise": "since",
        "values": ["Care: x", "Face"],
    }
    data = read(written(tmp_path / "theirs.jsonl.gz", [theirs]))
    assert [(row.text, row.group, row.values) for row in data.rows] == [("since", "We should", {"care"})]
    assert data.labels_dropped == {"face": 1}


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    good = {"id": "1", "text": "good", "values": []}
    content = [good, good, {"text": " \n\u0000", "values": ["care"]}, {"text": "x" * 200_000, "values": []}]
    data = read(written(tmp_path / "rows.jsonl", content))
    assert (data.read, len(data.rows)) == (4, 1)
    assert data.left_out == {"duplicate row": 1, "empty text": 1, "longer than 100,000 characters": 1}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"values": []}', "the key 'text' is missing"),
        (b'{"text": "x"}', "the key 'values' is missing"),
        (b'{"id": "1", "premise": "x", "values": []}', "the key 'conclusion' is missing"),
        (b'{"text": "x", "values": ["honour"]}', "'honour' is no value of the framework 'tiny'"),
        (b'{"text": "x", "values": ["face"]}', "'face' is no value"),
        (b'{"text": "x", "values": "care"}', "'values' is no list"),
        (b'{"text": 3, "values": []}', "neither a string nor a list"),
        (b'{"text": "x", "values": [], "group": []}', "'group' is neither a text nor a number"),
        (b'{"id": "a", "text": "other", "values": []}', "the id 'a' stands for another row on rows.jsonl line 1"),
        (b'{"text": "x", "values": [}', "not valid JSON"),
        (b"[1]", "is not a JSON object"),
        ('{"text": "caf\u00e9", "values": []}'.encode("latin-1"), "is not UTF-8 text"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, line: bytes, problem: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"id": "a", "text": "x", "values": ["care"]}\n\n' + line)
    with pytest.raises(FileError) as caught:
        read(path)
    assert problem in caught.value.problem
    assert caught.value.place == "line 3"


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    for name, content, problem in (
        ("a.jsonl", None, "no such file"),
        ("b.jsonl.gz", b"no gzip", "is not gzip"),
        ("c.jsonl.gz", gzip.compress(b"x" * 1000)[:-9], "is a damaged gzip file"),
        ("d.jsonl", b"\n", "holds no row"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(FileError, match=problem):
            read(tmp_path / name)


def test_rows_with_one_group_or_one_text_are_one_source(tmp_path: Path) -> None:
    pairs = [("a", "g1"), ("b", "g1"), ("B", "g2"), ("c", "g3"), ("d", "g2")]
    data = read(written(tmp_path / "rows.jsonl", [{"text": t, "values": [], "group": g} for t, g in pairs]))
    groups = source_groups(data.rows)
    assert groups[0] == groups[1] == groups[2] == groups[4] != groups[3]


def test_no_source_stands_in_two_folds() -> None:
    sources = np.random.default_rng(0).integers(0, 30, 400)
    folds = grouped_folds(sources, seed=3)
    assert sorted(np.concatenate(folds).tolist()) == list(range(400))
    for number, fold in enumerate(folds):
        others = np.concatenate(folds[:number] + folds[number + 1 :])
        assert not set(sources[fold].tolist()) & set(sources[others].tolist())


def test_the_best_threshold_by_hand() -> None:
    truth, scores = np.array([True, False, True, False, False]), np.array([5.0, 4.0, 3.0, 1.0, 0.0])
    assert best_threshold(truth, scores, "f1") == 2.0  # F1 4/5 with the first three
    assert best_threshold(truth, scores, "youden") == 2.0  # J 1 - 1/3
    assert best_threshold(np.array([True, False]), np.array([1.0, 1.0]), "f1") < 1.0


def test_a_value_that_cannot_be_learnt_is_named(tmp_path: Path) -> None:
    without = [row | {"values": [] if row["values"] == ["power"] else row["values"]} for row in rows()]
    with pytest.raises(InputError, match="0 rows from 0 sources express 'power', too few to learn it"):
        train(read(written(tmp_path / "rows.jsonl", without)), framework(), seed=0)


def judge_of(path: Path) -> LocalJudge:
    judge = make_agent("judge", "local", world(settings=settings_of(path)).context)
    assert isinstance(judge, LocalJudge)
    return judge


def settings_of(path: Path) -> dict[str, Any]:
    return {"agents": {"judge": "local"}, "judge": {"file": str(path)}}


def test_it_learns_and_labels_key_points(judge_file: Path) -> None:
    judge = judge_of(judge_file)
    report = judge.model.report
    assert (report.used, report.sources, report.macro_f1) == (60, 20, 1.0)
    point = "danger needs\n guards"
    found = asyncio.run(judge.judge(answer("zebra", 0, [point, "kindness helps people", "quite"])))
    assert (found.outcome, found.judge, found.call_ids) == (Outcome.ANSWERED, judge.name, ())
    assert found.labels == (
        Label(key_point=0, value="safety", quote="danger needs guards"),
        Label(key_point=1, value="care", quote="kindness helps people"),
    )
    wording = QUESTION.model_copy(update={"text": "Why is command wealth in the town?", "fact": ""})
    assert asyncio.run(judge.judge_question(wording)).values == {"power"}
    assert judge.name.startswith("local-")


def test_the_file_keeps_the_judge_and_the_same_training_makes_the_same_file(judge_file: Path, tmp_path: Path) -> None:
    model, sha = load_model(judge_file, framework())
    again = tmp_path / "again.npz"
    save_model(train(read(written(tmp_path / "rows.jsonl.gz", rows())), framework(), seed=1), again)
    assert load_model(again, framework())[1] == sha
    save_model(model, tmp_path / "copy.npz")
    texts = ["kindness", "x" * 200_000, "", "danger wealth"]
    assert np.array_equal(load_model(tmp_path / "copy.npz", framework())[0].scores(texts), model.scores(texts))
    with pytest.raises(FileError, match="exists already"):
        save_model(model, again)


def test_it_knows_what_it_was_trained_on(judge_file: Path) -> None:
    model, _ = load_model(judge_file, framework())
    assert model.knows("Kindness helps people in the town 3")
    assert model.knows("g3")
    assert not model.knows("kindness")


def test_a_long_text_is_quoted_in_a_few_words_of_its_own(judge_file: Path) -> None:
    filler = " ".join(["and then the town"] * 40)
    text = f"{filler} kindness helps people {filler} danger needs guards {filler}"
    quotes = load_model(judge_file, framework())[0].quotes(text, [VALUES.index("safety"), VALUES.index("care")])
    assert [cue in quote for cue, quote in zip((CUES["safety"], CUES["care"]), quotes, strict=True)] == [True, True]
    assert all(quote in text and len(quote.split()) <= QUOTED_WORDS for quote in quotes)


def test_probabilities_are_of_the_whole_answer(judge_file: Path) -> None:
    judge = judge_of(judge_file)
    points = ["kindness helps people", "danger needs guards in the town", "!!!"]
    found = asyncio.run(judge.judge(answer("zebra", 0, points))).probabilities
    single = 1 / (1 + np.exp(-judge.model.log_odds(points[:2])))
    expected = 1 - (1 - single[0]) * (1 - single[1])
    assert found == pytest.approx(dict(zip(VALUES, expected.tolist(), strict=True)), abs=6e-4)
    assert set(asyncio.run(judge.judge(answer("zebra", 0, ["!!!"]))).probabilities.values()) == {0.0}


@pytest.fixture(scope="module")
def embedding_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedding")
    data = read(written(folder / "rows.jsonl", rows()))
    save_model(train(data, framework(), seed=1, embedder=HashingEmbedder()), folder / "judge.npz")
    return folder / "judge.npz"


def test_embeddings_are_part_of_the_model_and_the_file_names_their_embedder(embedding_file: Path) -> None:
    model, _ = load_model(embedding_file, framework())
    fingerprint = HashingEmbedder().fingerprint
    assert (model.report.embedder, model.report.embedder_fingerprint) == ("hashing", fingerprint)
    texts = [f"{cue} in the town" for cue in CUES.values()]
    assert model.log_odds(texts).argmax(axis=1).tolist() == [VALUES.index(value) for value in CUES]
    without = replace(model, vector_coefficients=np.zeros_like(model.vector_coefficients))
    assert not np.allclose(without.log_odds(texts), model.log_odds(texts))


def test_a_file_with_vectors_and_no_embedder_is_damaged(embedding_file: Path, tmp_path: Path) -> None:
    (tmp_path / "spoilt.npz").write_bytes(metadata(embedding_file, embedder=""))
    with pytest.raises(FileError, match="is a damaged local judge"):
        load_model(tmp_path / "spoilt.npz", framework())


def test_texts_that_say_nothing_are_made_of_the_labelled_ones() -> None:
    texts = [row["text"] for row in rows()]
    made = empty_texts(texts, np.random.default_rng(0))
    assert made == empty_texts(texts, np.random.default_rng(0))
    known = {word for text in texts for word in text.split()}
    assert sum(set(text.split()) <= known for text in made) >= 2 * FEWEST
    assert not set(made) & set(texts)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not DATA.exists(), reason="the real labelled texts are not here (../shared/data)")
def test_it_is_silent_where_nothing_is_said() -> None:
    """Kinds of texts that it was not trained on, and arguments that it has not seen. Every fourth row will do."""
    try:
        embedder = MiniLmEmbedder()
    except InputError as error:
        pytest.skip(str(error))
    theory = load_framework("schwartz")
    data, unseen = (
        read_labelled_texts([DATA / f"valueeval23_{name}.jsonl.gz"], theory) for name in ("training", "validation")
    )
    model = train(replace(data, rows=data.rows[::4]), theory, seed=0, embedder=embedder)
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    gibberish = [" ".join("".join(rng.choice(letters, 6)) for _ in range(8)) for _ in range(40)]
    reversed_words = [" ".join(row.text.split()[::-1]) for row in unseen.rows[:400:10]]
    assert (model.scores(gibberish) >= 0).mean() <= 0.02
    assert (model.log_odds(reversed_words) == SAYS_NOTHING).mean() >= 0.5
    assert (model.log_odds([row.text for row in unseen.rows[::20]]) == SAYS_NOTHING).mean() <= 0.06


class Elsewhere(HashingEmbedder):
    """An embedder that is no part of adaem."""

    name = "elsewhere"

    def __init__(self) -> None:
        super().__init__()
        self.fingerprint = "elsewhere/1"


def test_an_embedder_of_ones_own_is_taken_from_the_user_never_from_the_file(embedding_file: Path) -> None:
    stranger = embedding_file.with_name("stranger.npz")
    stranger.write_bytes(metadata(embedding_file, embedder="elsewhere", embedder_fingerprint="elsewhere/1"))
    with pytest.raises(FileError, match=r"was trained with the embedder 'elsewhere' \(elsewhere/1\), and this one is"):
        load_model(stranger, framework(), "hashing")
    mine = f"{__name__}:{Elsewhere.__name__}"
    assert isinstance(load_model(stranger, framework(), mine)[0].embedder, Elsewhere)


def changed(path: Path, **arrays: Any) -> bytes:
    with np.load(path) as found:
        kept = {name: found[name] for name in found.files}
    buffer = BytesIO()
    np.savez(buffer, **{name: array for name, array in (kept | arrays).items() if array is not None})
    return buffer.getvalue()


def metadata(path: Path, **changes: Any) -> bytes:
    with np.load(path) as found:
        report = json.loads(bytes(found["metadata"])) | changes
    return changed(path, metadata=np.frombuffer(json.dumps(report).encode(), dtype=np.uint8))


class Bomb:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("code in a judge's file was executed",))


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda path: b"", "is not a local judge"),
        (lambda path: pickle.dumps(Bomb()), "is not a local judge"),
        (lambda path: path.read_bytes()[:2000], "is a damaged local judge"),
        (lambda path: path.read_bytes()[:400] + b"\0" * 50 + path.read_bytes()[450:], "is a damaged local judge"),
        (lambda path: changed(path, words=np.array([Bomb()], dtype=object)), "is a damaged local judge"),
        (lambda path: changed(path, thresholds=None), "is a damaged local judge"),
        (lambda path: changed(path, thresholds=np.zeros(2)), "is a damaged local judge"),
        (lambda path: changed(path, intercepts=np.full(3, np.nan)), "is a damaged local judge"),
        (lambda path: changed(path, words=np.frombuffer(b'["a"]', dtype=np.uint8)), "is a damaged local judge"),
        (lambda path: metadata(path, format="other"), "is not a local judge"),
        (lambda path: metadata(path, format_version=3), "was written by a newer adaem (format 3)"),
        (lambda path: metadata(path, format_version=1), "was written by an older adaem (format 1)"),
        (lambda path: changed(path, thresholds=np.zeros((2, 2))), "is a damaged local judge"),
        (
            lambda path: metadata(path, embedder="hashing", embedder_fingerprint="other"),
            "was trained with the embedder 'hashing' (other), and this one is hashing/512/",
        ),
        (lambda path: metadata(path, framework="other"), "of the framework 'other', not of 'tiny'"),
        (lambda path: metadata(path, used="many"), "is a damaged local judge"),
        (lambda path: metadata(path, accuracy={"care": None}), "is a damaged local judge"),
    ],
)
def test_a_file_that_is_no_sound_judge_is_refused(judge_file: Path, tmp_path: Path, spoil: Any, problem: str) -> None:
    path = tmp_path / "spoilt.npz"
    path.write_bytes(spoil(judge_file))
    with pytest.raises(FileError) as caught:
        load_model(path, framework())
    assert problem in caught.value.problem


def test_a_missing_file_and_a_framework_of_the_same_name_with_other_values(judge_file: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        load_model(tmp_path / "none.npz", framework())
    with pytest.raises(FileError, match="was trained for the values"):
        load_model(judge_file, framework(values=framework_data()["values"][:2]))


def test_the_settings_name_it(judge_file: Path) -> None:
    judge = judge_of(judge_file)
    assert judge.model.report.value_ids == VALUES
    # Its file carries how often it erred on folds of sources that it had not seen.
    assert (judge.accuracy.judge, judge.accuracy.measured_by) == (judge.name, "training")
    assert {value: each.positives for value, each in judge.accuracy.values.items()} == dict.fromkeys(VALUES, 20)
    with pytest.raises(InputError, match=r"agents\.judge=local needs judge\.file=FILE"):
        make_agent("judge", "local", world().context)


@pytest.mark.skipif(not DATA.exists(), reason="the real labelled texts are not here (../shared/data)")
def test_valueeval_is_read_as_it_is() -> None:
    data = read_labelled_texts([DATA / "valueeval23_validation.jsonl.gz"], load_framework("schwartz"))
    assert (data.read, len(data.rows), data.left_out) == (1896, 1896, {})
    assert set(data.labels_dropped) == {"face", "humility"}
    assert sum("hedonism" in row.values for row in data.rows) == 103


def test_many_answers_in_one_pass_are_judged_as_one_after_the_other(judge_file: Path) -> None:
    judge = judge_of(judge_file)
    assert isinstance(judge, BatchJudge)
    texts = [["kindness helps people in the town"], ["!!!"], ["danger needs guards in the town", "…", CUES["power"]]]
    answers = [answer("zebra", number, points) for number, points in enumerate(texts)]
    assert asyncio.run(judge.judge_all(answers)) == [asyncio.run(judge.judge(each)) for each in answers]
