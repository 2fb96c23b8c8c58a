"""``adaem.evaluate``, ``import_answers``, ``judge`` and ``compare``: what models say is measured, without a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..domain.errors import InputError
from ..domain.framework import Framework
from ..domain.pool_spec import Role
from ..reports.notebook.compared import Comparison
from ..reports.notebook.folder_data import Run
from ..reports.notebook.judged_texts import JudgedTexts
from .events import EvaluationEvents, Event, OnEvent
from .given_parts import GivenParts, Part
from .live_line import default_events
from .searching import finished, plain_settings, tracing_as

if TYPE_CHECKING:
    from ..records.formats.source_rows import SourceFormat, SourceRows
    from ..records.recorded_answers import Repeats
    from .given_parts import PoolLike

QuestionsLike = str | Path | Run | Iterable[str] | Iterable[Mapping[str, Any]]


async def evaluate(
    source: QuestionsLike,
    *,
    pool: PoolLike,
    samples: int | None = None,
    framework: str | Path | Framework | None = None,
    judge: Part | None = None,
    settings: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    on_event: OnEvent | None = None,
) -> Run:
    """The models of a pool answer questions, and are judged: ``adaem evaluate``, with the same folder.

    source      a run (its published questions), its folder, a file of questions, or the questions themselves: texts, or
                rows with a ``question`` and perhaps ``id``, ``topic`` and ``fact`` (``run.questions``, a data frame)
    pool        as for ``run``; models that are given without roles are examinees
    samples     answers of each model to each question

    Framework, prompts and judge are the run's where the questions are a run's. The other options, cancellation and
    errors are as in ``run``.

    >>> import asyncio, adaem
    >>> tips = asyncio.run(adaem.evaluate(["Should tips be abolished?"], pool="simulated", samples=2, out="runs/tips"))
    >>> tips.results.asked.questions, tips.manifest.status
    (1, 'finished')
    """
    from ..jobs.evaluation.check_evaluation import check_evaluation
    from ..jobs.evaluation.evaluation_run import evaluate as evaluate_job

    if pool is None:
        raise InputError("pool: nobody to ask — give its name, a YAML file, or a list of its members")
    given = GivenParts(plain_settings(settings))
    given.pool(pool, (Role.EXAMINEE,))
    given.framework(framework)
    given.agents({}, judge, None)
    members = given.settings.pop("pool")
    with given.here():
        inputs = check_evaluation(_questions(source), members, given.settings, samples=samples)
        with tracing_as(inputs.settings.tracing):
            listener = EvaluationEvents(on_event or default_events())
            return await finished(evaluate_job(inputs, None if out is None else Path(out), listener))


async def import_answers(
    answers: str | Path | Iterable[Mapping[str, Any]],
    *,
    framework: str | Path | Framework,
    judge: Part | None = None,
    pool: PoolLike | None = None,
    columns: Mapping[str, str] | None = None,
    kind: SourceFormat | None = None,
    repeats: Repeats | None = None,
    settings: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    on_event: OnEvent | None = None,
) -> Run:
    """Judges answers that exist already: ``adaem import``, with the same folder.

    answers     a file or folder of any format that ``adaem import`` reads, a data frame, or rows
    judge       a judge's name or file, its class, or an instance; one that asks models takes them from ``pool``
    columns     which column holds what, as ``{"model": "engine", "answer": "choices.0.text"}``
    kind        what the file is, where it does not show: ``--from``; ``repeats`` as ``--repeats``

    Cancelled, the folder has the questions so far; an import is not resumed. Errors are as in ``run``.

    >>> import asyncio, adaem
    >>> rows = [
    ...     {"question_id": f"q{n}", "question": f"Rule {n}?", "model": model, "answer": f"{word} first in {n}."}
    ...     for n in range(4) for model, word in (("okapi", "Safety"), ("zebra", "Freedom"))
    ... ]
    >>> options = {"framework": "schwartz", "judge": "llm", "pool": "simulated", "out": "runs/two"}
    >>> imported = asyncio.run(adaem.import_answers(rows, **options))
    >>> [model.id for model in imported.results.asked.models]
    ['okapi', 'zebra']
    """
    from ..jobs.imports.import_inputs import NO_POOL, check_import
    from ..jobs.imports.recorded_import import import_answers as import_job

    given = GivenParts({**plain_settings(settings), "pool": NO_POOL})
    given.pool(pool, (Role.JUDGE,))
    given.framework(framework)
    given.agents({}, _judge_or_pool(judge, pool), None)
    rows = Path(answers) if isinstance(answers, str | Path) else _rows(answers, "answers", kind)
    tell = on_event or default_events()

    def progress(done: int, total: int) -> None:
        tell(Event("step", "questions judged", done=done, total=total))

    with given.here():
        inputs = check_import(rows, columns or {}, given.settings, kind=kind, repeats=repeats)
        with tracing_as(inputs.settings.tracing):
            place = None if out is None else Path(out)
            return await finished(import_job(inputs, place, progress, lambda line: tell(Event("notice", line))))


async def judge(
    texts: Sequence[str],
    *,
    judge: Part | None = None,
    pool: PoolLike | None = None,
    framework: str | Path | Framework = "schwartz",
    settings: Mapping[str, Any] | None = None,
) -> JudgedTexts:
    """Which values each text expresses, and the words that show it; nothing is written.

    ``judge`` and ``pool`` are as in ``import_answers``. A text that refuses, is empty or an error message is missing,
    not valueless: its ``values`` are None.

    >>> import asyncio, adaem
    >>> judged = asyncio.run(adaem.judge(["Rules keep us safe.", ""], judge="llm", pool="simulated"))
    >>> len(judged.judgements), judged.values[1]
    (2, None)
    """
    from ..domain.pool_spec import PoolSpec
    from ..domain.reading.yaml_records import load_framework, load_pool, load_settings
    from ..jobs.imports.import_inputs import NO_POOL
    from ..jobs.standalone_judge import judge_texts

    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise InputError(f"judge: {type(texts).__name__} was given — give a list of texts")
    texts = list(texts)
    if wrong := [place for place, text in enumerate(texts) if not isinstance(text, str)]:
        what = type(texts[wrong[0]]).__name__
        raise InputError(f"judge: text {wrong[0]} is {what} — give texts; an empty one is a missing answer")
    given = GivenParts({**plain_settings(settings), "pool": NO_POOL})
    given.pool(pool, (Role.JUDGE,))
    given.framework(framework)
    given.agents({}, _judge_or_pool(judge, pool), None)
    with given.here(), tracing_as(False):
        chosen = load_settings(None, given.settings)
        theory = load_framework(chosen.framework)
        members = (
            PoolSpec.model_construct(name=NO_POOL, members=()) if chosen.pool == NO_POOL else load_pool(chosen.pool)
        )
        judgements = await judge_texts(texts, chosen, members, theory)
    return JudgedTexts(tuple(texts), tuple(judgements), theory)


def compare(*folders: str | Path | Run) -> Comparison:
    """Evaluations at different times or of different models, on the questions that they share: ``adaem compare``.

    The first is the baseline. Raises ``InputError`` for fewer than two, other values, or no shared question.

    >>> import adaem
    >>> try:
    ...     adaem.compare("runs/one")
    ... except adaem.InputError as error:
    ...     print(error.problem)
    a comparison takes two folders or more, each named once
    """
    from ..results.comparison.compare_folders import compare as compare_folders

    return Comparison(compare_folders([each.folder.path if isinstance(each, Run) else Path(each) for each in folders]))


def _judge_or_pool(judge: Part | None, pool: PoolLike | None) -> Part:
    if judge is None and pool is None:
        raise InputError(
            "nobody to judge the answers — give a judge (a file made by 'adaem judge train', a class, an instance), or "
            "a pool whose judges are asked"
        )
    return "llm" if judge is None else judge


def _questions(source: QuestionsLike) -> Path | SourceRows:
    if isinstance(source, Run):
        return source.folder.path
    if isinstance(source, str | Path):
        return Path(source)
    if _is_frame(source) or not isinstance(source, Iterable):
        return _rows(source, "questions", None)
    return _rows([{"question": each} if isinstance(each, str) else each for each in source], "questions", None)


def _rows(table: Any, name: str, kind: SourceFormat | None) -> SourceRows:
    """The rows of a data frame of pandas or polars, or of an iterable; missing cells are None.

    Raises ``InputError`` for anything else.
    """
    from ..records.formats.source_rows import rows_in_memory

    if _is_frame(table):
        to_dicts: Callable[[], list[dict[str, Any]]] | None = getattr(table, "to_dicts", None)
        rows = table.to_dict("records") if to_dicts is None else to_dicts()
    elif isinstance(table, Iterable):
        rows = list(table)
    else:
        raise InputError(f"{name}: {type(table).__name__} was given — give a file, a data frame or a list of rows")
    if wrong := [each for each in rows if not isinstance(each, Mapping)]:
        raise InputError(f"{name}: a row is {type(wrong[0]).__name__} — give mappings with the columns' names")
    plain = [{str(key): _cell(value) for key, value in row.items()} for row in rows]
    return rows_in_memory(plain, name, kind)


def _is_frame(table: Any) -> bool:
    return hasattr(table, "columns") and (hasattr(table, "to_dict") or hasattr(table, "to_dicts"))


def _cell(value: Any) -> Any:
    """A cell as plain data: numpy's numbers and arrays as Python's, a missing one as None."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    missing = type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and isnan(value))
    return None if missing else value
