"""One question: the models' answers side by side first, then its score, the rates behind it, and its life."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from ...domain.answer import Phase
from ...domain.critique import Critique
from ...domain.errors import InputError
from ...domain.pool_spec import Role
from ...records import Manifest, RunRecords
from ...reports.trace.question_history import life_of
from ...reports.trace.score_terms import Term, critic_of, terms_of
from ...results.browsing.listed_folders import ListedFolder
from ...results.browsing.question_rows import QuestionTable
from ...results.browsing.row_choice import choose_rows, read_choice
from .answer_columns import ANSWER_STAGES, AnswerColumn, answer_columns, stages_of
from .questions_page import PHASES, STATUSES, choice_query

if TYPE_CHECKING:
    from ..application import Viewer


def question_page(viewer: Viewer, request: Request) -> Response:
    """The question named by ``id``, with the answers of the models that are asked for."""
    entry = viewer.shelf.entry(request.path_params["key"])
    manifest = entry.made
    question_id = request.query_params.get("id", "")
    table = viewer.shelf.questions(entry).table()
    with RunRecords(entry.folder.records_path, read_only=True) as records:
        if question_id not in table.by_id:
            return _only_drafted(viewer, entry, question_id)
        row = table.rows[table.by_id[question_id]]
        stages = stages_of(records, question_id)
        asked_for = request.query_params.get("stage", "")
        stage = asked_for if asked_for in stages else next(iter(stages), "")
        models = _models(table, question_id, manifest, records, stage)
        chosen = chosen_models(request, models)
        every = request.query_params.get("samples") == "all"
        columns: list[AnswerColumn] = []
        if stage:
            columns = answer_columns(records, manifest, question_id, stage, chosen or models[:2], every=every)
        context = {
            "row": row,
            "question_id": question_id,
            "stages": stages,
            "stage": stage,
            "models": models,
            "chosen": chosen or models[:2],
            "every": every,
            "columns": columns,
            "scores": _scores(records, question_id, manifest),
            "table": table,
            "rates": _rates(records, question_id, stage),
            "phases": PHASES,
            "statuses": STATUSES,
            "grown": manifest.evaluation is None and manifest.recorded is None,
            **_neighbours(request, table, question_id),
        }
    return viewer.screens.page("questions/question", row.text, entry, "questions", **context)


def life_part(viewer: Viewer, request: Request) -> Response:
    """From its seed to its rank."""
    entry = viewer.shelf.entry(request.path_params["key"])
    question_id = request.query_params.get("id", "")
    events = viewer.shelf.steps(entry).about(question_id)
    scores = viewer.shelf.questions(entry).table().searched
    with RunRecords(entry.folder.records_path, read_only=True) as records:
        life = life_of(question_id, records, events, entry.made, entry.key, scores)
    return viewer.screens.part(request, "questions/life", entry=entry, life=life)


def chosen_models(request: Request, models: list[str]) -> list[str]:
    """Those of ``models`` that the address names, all for "all"; none where it names none."""
    wanted = request.query_params.getlist("models")
    return list(models) if "all" in wanted and "all" not in models else [each for each in models if each in wanted]


def _only_drafted(viewer: Viewer, entry: ListedFolder, question_id: str) -> Response:
    """A candidate that was never asked has a life and nothing else."""
    events = viewer.shelf.steps(entry).about(question_id)
    if not events:
        raise InputError(f"no question is called {question_id!r} — see the list of questions")
    with RunRecords(entry.folder.records_path, read_only=True) as records:
        life = life_of(question_id, records, events, entry.made, entry.key)
    return viewer.screens.page("questions/drafted", life.line[-1].text, entry, "questions", life=life)


def _models(table: QuestionTable, question_id: str, manifest: Manifest, records: RunRecords, stage: str) -> list[str]:
    """Who answered, the two whose rates lie farthest apart in front."""
    answering = {answer.member for answer in records.answers(question_id, [Phase(stage)])[0]} if stage else set()
    members = [member.id for member in manifest.pool.members] if manifest.pool else []
    known = dict.fromkeys([*members, *table.models, *sorted(answering)])
    models = [model for model in known if model in answering]
    rates = table.rates[table.by_id[question_id]]
    places = [place for place, model in enumerate(table.models) if model in answering and not np.isnan(rates[place, 0])]
    pairs = list(combinations(places, 2))
    if not pairs:
        return models
    first, second = max(pairs, key=lambda pair: float(np.abs(rates[pair[0]] - rates[pair[1]]).max()))
    front = [table.models[first], table.models[second]]
    return [*front, *(model for model in models if model not in front)]


def _scores(records: RunRecords, question_id: str, manifest: Manifest) -> list[tuple[Critique, list[Term]]]:
    """What the critics said of it, the published one first."""
    critiques = [
        critique
        for phase in (Phase.CONFIRM, Phase.EVALUATE, Phase.SEARCH)
        for group in Role
        if (critique := records.critiques(phase, group, [question_id]).get(question_id)) is not None
    ]
    settings = manifest.settings

    def terms(critique: Critique) -> list[Term]:
        score, critic = critique.score, critic_of(critique.critic, settings)
        return [] if score is None else terms_of(score.model_dump(mode="json"), critic, settings.search)

    return [(each, terms(each)) for each in critiques]


def _rates(records: RunRecords, question_id: str, stage: str) -> list[tuple[str, tuple[float, ...], int]]:
    """Each model's rates in the phase that is shown, and the number of answers behind them."""
    if stage not in [phase.value for phase in ANSWER_STAGES]:
        return []
    rows: dict[str, tuple[str, tuple[float, ...], int]] = {}
    for group in Role:
        critique = records.critiques(Phase(stage), group, [question_id]).get(question_id)
        for each in zip(*(critique.models, critique.rates, critique.samples), strict=True) if critique else ():
            rows.setdefault(each[0], each)
    return list(rows.values())


def _neighbours(request: Request, table: QuestionTable, question_id: str) -> dict[str, Any]:
    """The questions before and after it in the list that it was opened from, and that list's query."""
    choice = read_choice(request.query_params)
    places = choose_rows(table, choice).places
    ids = [table.rows[place].id for place in places]
    at = ids.index(question_id) if question_id in ids else None
    return {
        "query": choice_query(choice),
        "previous": ids[at - 1] if at else "",
        "following": ids[at + 1] if at is not None and at + 1 < len(ids) else "",
        "number": None if at is None else at + 1,
        "of": len(ids),
    }
