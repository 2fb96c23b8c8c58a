"""Results of other programs: which question, model, wording and sample each of their answers is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.errors import FileError
from adaem.domain.texts.text_ids import question_id_of
from adaem.records.given_questions import read_questions
from recorded_files import QUESTION, read, said, written

ROW = {"question_id": "q1", "question": QUESTION, "model": "okapi", "answer": "Yes, for all; surely."}


def test_alpaca_eval(tmp_path: Path) -> None:
    rows = [{"instruction": QUESTION, "output": f"Yes, says {who}.", "generator": who} for who in ("x", "y")]
    found = read(written(tmp_path / "outputs.json", rows))
    assert said(found) == [(QUESTION, "x", "", 0, "Yes, says x."), (QUESTION, "y", "", 0, "Yes, says y.")]
    assert found.questions[0].id == question_id_of(QUESTION)
    assert found.source.format == "alpaca-eval"


def test_lm_eval_takes_the_models_name_from_the_results_or_the_folder(tmp_path: Path) -> None:
    rows = [
        {
            "doc_id": 3,
            "doc": {"question": QUESTION},
            "arguments": {"gen_args_0": {"arg_0": "…"}},
            "resps": [["Yes.", "Perhaps so."]],
            "filtered_resps": ["Yes."],
            "filter": each,
        }
        for each in ("none", "take-first")
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path = written(tmp_path / "org__model" / "samples_mine_2026-12-01T00-00-00.1.jsonl", text)
    found = read(path)
    assert said(found) == [(QUESTION, "org/model", "", 0, "Yes."), (QUESTION, "org/model", "", 1, "Perhaps so.")]
    assert found.questions[0].id == question_id_of(QUESTION)
    written(tmp_path / "org__model" / "results_2026-12-01T00-00-00.1.json", {"model_name": "org/model:v2"})
    assert read(path).source.models == ("org/model:v2",)
    assert read(tmp_path).source.models == ("org/model:v2",)


def lm_eval_row(doc: dict[str, Any], asked: str, responses: object) -> dict[str, Any]:
    row = {"doc_id": 0, "doc": doc, "arguments": {"gen_args_0": {"arg_0": asked}}, "filter": "none"}
    return row | {"resps": responses, "filtered_resps": responses}


def test_lm_eval_numbers_documents_anew_in_each_task_and_own_ids_stay(tmp_path: Path) -> None:
    documents: list[tuple[str, str, dict[str, Any]]] = [
        ("a", "one", {"question": QUESTION, "id": 0}),
        ("a", "two", {"question": "Is it another?", "id": 0}),
        *((model, "three", {"text": "no question"}) for model in ("a", "b")),
    ]
    for number, (model, task, doc) in enumerate(documents):
        row = lm_eval_row(doc, f"<{model}> {number}", [["Yes."]])
        written(tmp_path / f"org__{model}" / f"samples_{task}_2026-12-01T00-00-00.1.jsonl", row)
    found = read(tmp_path)
    texts = {question.id: question.text for question in found.questions}
    assert texts[question_id_of(QUESTION)] == QUESTION
    # The document that two models were asked about in templates of their own is one question.
    assert (len(texts), len(found.answers)) == (3, 4)
    own = {"question_id": "q7", "adaem_prompt": "p", "question": QUESTION}
    assert read(written(tmp_path / "own.jsonl", lm_eval_row(own, "…", [["Yes."]]))).questions[0].id == "q7"


def test_lm_eval_without_a_response_is_missing_and_log_likelihoods_are_one_line(tmp_path: Path) -> None:
    silent: list[Any] = [[[]], [], None, [None]]
    for number, responses in enumerate(silent):
        found = read(written(tmp_path / f"{number}.jsonl", lm_eval_row({}, QUESTION, responses)))
        assert found.source.outcomes == {"answered": 0, "unparsable (empty)": 1}
    scored: list[Any] = [[[[-1.5, False]], [["-2.5", "True"]]], [[-3.5]]]
    for responses in scored:
        with pytest.raises(FileError, match=r"line 1: holds log-likelihoods, not texts — .*generate_until"):
            read(written(tmp_path / "a.jsonl", lm_eval_row({}, QUESTION, responses)))


def test_only_lm_evals_own_results_are_left_out_of_a_folder(tmp_path: Path) -> None:
    written(tmp_path / "results_okapi.json", [ROW])
    written(tmp_path / "results_2026-12-01T00-00-00.123456.json", {"model_name": "m"})
    assert len(read(tmp_path).answers) == 1


def test_promptfoo_with_and_without_a_variable(tmp_path: Path) -> None:
    def result(provider: Any, output: str | None, **more: Any) -> dict[str, Any]:
        prompt = {"raw": f"Please: {QUESTION}", "label": "polite"}
        return {"provider": provider, "prompt": prompt, "response": {"output": output}, **more}

    results = [
        result({"id": "openai:a", "label": "one"}, "Yes.", vars={"q": QUESTION}),
        result({"id": "openai:b"}, "No.", vars={"q": QUESTION}),
        result("openai:c", None, vars={"q": QUESTION}, error="429 Too Many Requests"),
    ]
    found = read(written(tmp_path / "results.json", {"evalId": "e", "results": {"version": 3, "results": results}}))
    assert found.source.format == "promptfoo"
    assert found.source.models == ("one", "openai:b", "openai:c")
    assert found.source.outcomes == {"answered": 2, "failed": 1}
    assert [question.text for question in found.questions] == [QUESTION]
    asked = read(written(tmp_path / "plain.json", {"results": {"results": [result("m", "Yes.", vars={})]}}))
    assert asked.questions[0].text == f"Please: {QUESTION}"
    failed = result("m", "Yes.", vars={"q": QUESTION}) | {"response": {"error": "429 Too Many Requests"}}
    assert read(written(tmp_path / "failed.json", {"results": [failed]})).source.outcomes == {
        "answered": 0,
        "failed": 1,
    }


def test_promptfoo_knows_a_question_of_several_variables_by_these(tmp_path: Path) -> None:
    results = [
        {
            "id": f"{thing} {style}",
            "provider": "m",
            "prompt": {"raw": f"{style} {thing} in {place}", "label": style},
            "vars": variables,
            "response": {"output": f"Yes, {thing}."},
        }
        for style in ("polite", "curt")
        for thing, place in (("tips", "bars"), ("tax", "law"))
        for variables in ({"thing": thing, "place": place},)
    ]
    path = written(tmp_path / "results.json", {"results": results})
    found = read(path)
    assert (len(found.questions), found.source.wordings) == (2, ("curt", "polite"))
    assert [question.id for question in read_questions(path).questions] == [each.id for each in found.questions]
