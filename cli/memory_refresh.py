"""``adaem memory refresh``: remembered questions on today's models."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..records import RunFolder


def refresh_verb(
    place: str,
    pool: str | None,
    sample: int,
    measured: Path | None,
    settings: Sequence[str],
    seed: int,
    out: Path | None,
    embedder: str | None,
    as_json: bool,
) -> None:
    """Draws questions, has the pool answer them, and notes in the memory what has expired."""
    from rich.console import Console

    from ..domain.errors import InputError
    from ..graph.life import note
    from ..graph.refreshing import drawn, expiries, remeasured, write_questions
    from ..records import open_run
    from ..reports.decay import decay
    from ..reports.plain import plain
    from .memory import opened_memory, print_table

    if (pool is None) == (measured is None):
        raise InputError("memory refresh: on which models? name a --pool, or with --measured what was asked before")
    if measured is None:
        assert pool is not None
        with opened_memory(place, embedder) as memory:
            questions = drawn(memory, sample, seed)
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "remembered.jsonl"
            write_questions(questions, source)
            run = _ask(source, pool, settings, out, place)
    else:
        run = open_run(measured)
    with opened_memory(place, embedder) as memory:
        found = remeasured(memory, run)
        noted = note(memory, expiries(found, run.read_manifest().run_id))
    told = decay(
        [each.question.score or 0.0 for each in found],
        [None if each.score is None else each.score.divergence for each in found],
        [each.question.topic_id for each in found],
    )
    simulated = run.read_manifest().simulated
    if as_json:
        body = {
            "memory": place,
            "run": str(run.path),
            "simulated": simulated,
            "decay": told.as_json(),
            "expired": [change.model_dump(mode="json") for change in noted],
            "questions": [
                {
                    "id": each.question.id,
                    "remembered": each.question.score,
                    "today": None if each.score is None else each.score.divergence,
                    "interval": None if each.score is None else each.score.interval,
                    "p_value": None if each.score is None else each.score.p_value,
                    "unscored": each.unscored,
                    "expired": each.expired,
                }
                for each in found
            ],
        }
        print(json.dumps(body, indent=2, ensure_ascii=False))  # noqa: T201
        return
    rows = []
    for each in sorted(found, key=lambda each: -(each.question.score or 0.0)):
        score = each.score
        today = "–" if score is None else f"{score.divergence:+.3f}"
        chance = "–" if score is None or score.p_value is None else f"{score.p_value:.3f}"
        mark = "expired" if each.expired else ("" if score is not None else each.unscored)
        rows.append((f"{each.question.score:+.3f}", today, chance, mark, each.question.text))
    print_table(["then", "today", "p", "", "question (divergence in bits)"], rows, right=(0, 1, 2))
    lines = ["SIMULATED respondents: nothing here is about real models."] if simulated else []
    if told.change is not None:
        about = "too few topics for an interval"
        if told.interval is not None:
            about = f"95 % interval {told.interval[0]:+.3f} to {told.interval[1]:+.3f}, by topic"
        lines.append(
            f"{told.questions} questions of {told.topics} topics: {told.remembered:+.3f} bits then, {told.today:+.3f} "
            f"today; change {told.change:+.3f} ({about})."
        )
        lines.append("The scores then are the search's, of its own scouts; these may be other models.")
    lines.append(f"{told.missing} could not be scored; {len(noted)} newly expired. The answers are in {run.path}.")
    Console().print(plain("\n".join(lines)))


def _ask(source: Path, pool: str, settings: Sequence[str], out: Path | None, place: str) -> RunFolder:
    from rich.console import Console

    from ..domain.errors import RunFailed
    from ..domain.loading import parse_override
    from ..graph.evaluating import evaluate
    from ..graph.evaluation_parts import check_evaluation
    from .evaluate import EvaluationWatcher
    from .run import until_done

    parts = check_evaluation(source, pool, dict(map(parse_override, settings)))
    watcher = EvaluationWatcher(Console(stderr=True))
    folder, manifest = asyncio.run(until_done(evaluate(parts, out, watcher), watcher))
    if manifest.status == "interrupted":
        raise RunFailed(
            f"{manifest.stop_reason} — go on with 'adaem resume {folder.path}', and then "
            f"'adaem memory refresh {place} --measured {folder.path}'"
        )
    return folder
