"""Results of other programs as rows with the columns of an import; what else they hold stays beside, for ``--map``.

Each reader takes rows or a document as it is in the file, and yields ``question_id, question, model, answer``, with
``sample`` and ``wording`` where there are any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...domain.errors import FileError
from ...domain.texts.safe_text import one_line
from ...domain.texts.text_ids import question_id_of
from .dotted_path import ABSENT, value_at
from .table_rows import Rows, read_bytes

NOT_MODELS = frozenset(
    {
        "question_id",
        "id",
        "question",
        "prompt",
        "wording",
        "sample",
        "topic",
        "topic_id",
        "fact",
        "category",
        "language",
    }
)
"""Columns of a wide table that hold no model's answers."""


def alpaca_rows(path: Path, rows: Rows) -> Rows:
    """AlpacaEval's outputs: ``instruction``, ``output``, ``generator``. The question's id is a digest of its words."""
    for place, row in rows:
        question = _text(row.get("instruction"))
        yield (
            place,
            {
                **row,
                "question_id": question_id_of(question),
                "question": question,
                "model": row.get("generator") or _stem(path),
                "answer": row.get("output"),
            },
        )


def wide_rows(path: Path, rows: Rows) -> Rows:
    """A column a model: ``question`` (or ``prompt``), perhaps ``question_id``, and the models' answers."""
    for place, row in rows:
        column = next((name for name in ("question", "prompt") if name in row), None)
        if column is None:
            raise FileError(
                path,
                f"missing: question; present: {', '.join(map(one_line, row)) or 'nothing'}",
                place=place,
                remedy="call the column of the questions 'question'",
            )
        question = _text(row[column])
        known = {name: value for name, value in row.items() if name in NOT_MODELS}
        question_id = row.get("question_id") or row.get("id") or question_id_of(question)
        models = [name for name in row if name not in NOT_MODELS]
        if not models:
            raise FileError(path, "no column is a model's", place=place, remedy="give each model a column of its own")
        for model in models:
            yield (
                f"{place}, column {one_line(model)!r}",
                {**known, "question_id": question_id, "question": question, "model": model, "answer": row[model]},
            )


def promptfoo_rows(path: Path, document: Mapping[str, object]) -> Rows:
    """promptfoo's result file: one row an output. With one variable that is the question, else the rendered prompt.

    Where several prompts were compared, each is a wording; ``question_id`` comes from the variables, which they share.
    """
    results: Any = value_at(document, "results.results")
    if results is ABSENT:
        results = document.get("results")
    if not isinstance(results, list):
        raise FileError(
            path, "has no list of results", place="results.results", remedy="write it with promptfoo eval -o"
        )
    prompts = {_text(value_at(each, "prompt.raw")) for each in results if isinstance(each, dict)}
    labels = {_text(value_at(each, "prompt.label")) for each in results if isinstance(each, dict)}
    for number, each in enumerate(results):
        place = f"results.results.{number}"
        if not isinstance(each, dict):
            raise FileError(path, "is not an object", place=place, remedy="write it with promptfoo eval -o")
        variables = value_at(each, "vars")
        variables = variables if isinstance(variables, dict) else {}
        question = _text(variables.get("question") or (next(iter(variables.values())) if len(variables) == 1 else ""))
        prompt = _text(value_at(each, "prompt.raw"))
        words = question or (json.dumps(variables, sort_keys=True) if variables else prompt)
        output = value_at(each, "response.output")
        if output is ABSENT or output is None:
            error = _first_text(each, "error", "response.error")
            output = f"Error: {error}" if error else ""
        row = {
            **each,
            "question_id": _text(variables.get("id")) or question_id_of(words),
            "question": question or prompt,
            "model": _first_text(each, "provider.label", "provider.id", "provider"),
            "answer": output if isinstance(output, str) else json.dumps(output, ensure_ascii=False),
        }
        several = len(labels) > 1 and len(prompts) > 1
        yield place, row | ({"wording": _text(value_at(each, "prompt.label"))} if several else {})


def lm_eval_rows(path: Path, rows: Rows) -> Rows:
    """lm-evaluation-harness' ``samples_*.jsonl``: one file a model, whose name is in the results file beside it.

    Without that file it is the folder's name (``org__model``), or the file's. Of several filters the first counts.
    Each of a document's responses is a sample; a document without any has a missing answer. Each task numbers its
    documents from 0, so that a question is known by its words; by its document where a request alone tells them, in
    which models' templates differ; and by its own id where ``adaem export`` wrote it. Raises ``FileError`` for
    responses that are no texts.
    """
    model = _lm_eval_model(path)
    first_filter: str | None = None
    for place, row in rows:
        name = _text(row.get("filter"))
        first_filter = name if first_filter is None else first_filter
        if name != first_filter:
            continue
        doc = row.get("doc")
        doc = doc if isinstance(doc, dict) else {}
        asked = value_at(row, "arguments.gen_args_0.arg_0")
        question = _text(doc.get("question")) or _text(asked)
        own_id = _first_text(doc, "question_id", "id") if doc.get("adaem_prompt") else ""
        words = _text(doc.get("question")) or (json.dumps(doc, sort_keys=True) if doc else question)
        question_id = own_id or question_id_of(words)
        for sample, answer in enumerate(_responses(path, place, row)):
            known = {
                **row,
                "question_id": question_id,
                "question": question,
                "model": model,
                "answer": answer,
                "sample": sample,
            }
            if doc.get("adaem_prompt"):
                known |= {"wording": doc["adaem_prompt"], "adaem_topic": doc.get("topic_id") or question_id}
            yield place, known


def _responses(path: Path, place: str, row: Mapping[str, object]) -> list[str]:
    """A list of lists: one for each request of the document, with an entry for each repeat."""
    requests: Any = row.get("resps") or row.get("filtered_resps")
    requests = requests if isinstance(requests, list) else [requests]
    answers = [answer for each in requests for answer in (each if isinstance(each, list) else [each])]
    if not all(answer is None or isinstance(answer, str) for answer in answers):
        raise FileError(
            path,
            "holds log-likelihoods, not texts",
            place=place,
            remedy="run the task with output_type: generate_until, which writes what a model says",
        )
    return [answer or "" for answer in answers] or [""]


def _lm_eval_model(path: Path) -> str:
    stem = path.name.removesuffix(".gz").removesuffix(".jsonl")
    _, _, date = stem.rpartition("_")
    for beside in sorted(path.parent.glob(f"results_{date}.json")) if date else ():
        try:
            results = json.loads(read_bytes(beside, 64_000_000))
        except (ValueError, RecursionError):
            break
        name = results.get("model_name") if isinstance(results, dict) else None
        if isinstance(name, str) and name:
            return name
    folder = path.resolve().parent.name
    return folder.replace("__", "/") if "__" in folder else _stem(path)


def _stem(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).stem


def _first_text(row: Mapping[str, object], *paths: str) -> str:
    """What stands at the first of the paths that leads to something."""
    return next((text for path in paths if (text := _text(value_at(row, path)))), "")


def _text(value: object) -> str:
    return "" if value is None or value is ABSENT else value if isinstance(value, str) else str(value)
