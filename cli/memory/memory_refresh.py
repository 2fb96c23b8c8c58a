"""``adaem memory refresh``: remembered questions on today's models."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ...records import RunFolder


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
    from ...domain.errors import InputError
    from ...domain.texts.counting import count, verb
    from ...jobs.memory.refresh_memory import draw_questions, expiries, read_remeasurements, write_questions
    from ...memory.standings import news
    from ...records import open_run
    from ...records.damage import as_read
    from ...reports.plain_text import plain
    from ...results.decay import decay
    from ..process.console import output
    from .open_memory import opened_memory, print_json, print_table

    if (pool is None) == (measured is None):
        raise InputError("memory refresh: no models were named — name a --pool, or an earlier refresh with --measured")
    if measured is None:
        assert pool is not None
        with opened_memory(place, embedder) as memory:
            questions = draw_questions(memory, sample, seed)
            framework = memory.stamp.framework
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "remembered.jsonl"
            write_questions(questions, source)
            run = _ask(source, pool, framework, settings, out, place)
    else:
        run = open_run(measured)
    with opened_memory(place, embedder) as memory:
        with as_read(run.path):
            remeasurements = read_remeasurements(memory, memory.stamp.framework, run)
        noted = news(memory.changes(), expiries(remeasurements, run.read_manifest().run_id))
        memory.note(noted)
    drift = decay(
        [each.question.divergence or 0.0 for each in remeasurements],
        [None if each.score is None else each.score.divergence for each in remeasurements],
        [each.question.topic_id for each in remeasurements],
    )
    simulated = run.read_manifest().simulated
    if as_json:
        body = {
            "memory": place,
            "run": str(run.path),
            "simulated": simulated,
            "decay": drift.as_json(),
            "expired": [change.model_dump(mode="json") for change in noted],
            "questions": [
                {
                    "id": each.question.id,
                    "remembered": each.question.divergence,
                    "today": None if each.score is None else each.score.divergence,
                    "interval": None if each.score is None else each.score.interval,
                    "p_value": None if each.score is None else each.score.p_value,
                    "models": [] if each.critique is None else list(each.critique.models),
                    "samples": [] if each.critique is None else list(each.critique.samples),
                    "missing": {} if each.critique is None else each.critique.missing,
                    "unscored": each.unscored,
                    "expired": each.expired,
                }
                for each in remeasurements
            ],
        }
        print_json(body)
        return
    rows = []
    for each in sorted(remeasurements, key=lambda each: -(each.question.divergence or 0.0)):
        score = each.score
        today = "–" if score is None else f"{score.divergence:+z.3f}"
        chance = "–" if score is None or score.p_value is None else f"{score.p_value:.3f}"
        mark = "expired" if each.expired else ("" if score is not None else each.unscored)
        interval = "–" if score is None or score.interval is None else "{:.2f} to {:.2f}".format(*score.interval)
        rows.append((f"{each.question.divergence:+z.3f}", today, interval, chance, mark, each.question.text))
    print_table(["then", "today", "95 %", "p", "", "question (divergence in bits)"], rows, right=(0, 1, 2, 3))
    lines = ["SIMULATED respondents: nothing here is about real models."] if simulated else []
    if drift.change is not None:
        about = "too few topics, or too much alike, for an interval"
        if drift.interval is not None:
            about = f"95 % interval {drift.interval[0]:+z.3f} to {drift.interval[1]:+z.3f}, by topic"
        lines.append(
            f"{count(drift.questions, 'question')} of {count(drift.topics, 'topic')}: {drift.remembered:+z.3f} bits "
            f"then, {drift.today:+z.3f} today; change {drift.change:+z.3f} ({about})."
        )
        asked = [each.critique for each in remeasurements if each.critique is not None]
        models = sorted({model for critique in asked for model in critique.models})
        missing = sum(sum(critique.missing.values()) for critique in asked)
        lines.append(
            f"Today: {count(len(models), 'model')} ({asked[0].group.value}: {', '.join(models)}); {missing} of their "
            f"calls {verb(missing)} missing. Then: the search's scouts. Other models, or another number of them, "
            "differ by another amount."
        )
    lines.append(f"{drift.missing} could not be scored; {len(noted)} newly expired. The answers are in {run.path}.")
    output().print(plain("\n".join(lines)))


def _ask(source: Path, pool: str, framework: str, settings: Sequence[str], out: Path | None, place: str) -> RunFolder:
    from rich.console import Console

    from ...domain.errors import RunFailed
    from ...domain.reading.yaml_records import parse_override, shipped_frameworks
    from ...domain.texts.command_line import command_in_text
    from ...jobs.evaluation.check_evaluation import check_evaluation
    from ...jobs.evaluation.evaluation_run import evaluate
    from ...jobs.memory.refresh_memory import check_framework
    from ...jobs.trust import to_repeat
    from ...records.status import how_to_continue
    from ..measure.evaluate import EvaluationWatcher
    from ..process.cancellable import run_cancellable

    given = dict(map(parse_override, settings))
    if framework in shipped_frameworks():
        given.setdefault("framework", framework)
    inputs = check_evaluation(source, pool, given)
    check_framework(framework, inputs.framework.id)
    watcher = EvaluationWatcher(Console(stderr=True))
    (folder, manifest), stopped = run_cancellable(evaluate(inputs, out, watcher), watcher)
    if manifest.status == "interrupted":
        way = how_to_continue(folder, manifest, to_repeat(manifest))
        refresh = command_in_text("adaem", "memory", "refresh", place, "--measured", str(folder.path))
        then = f"{way}, and then {refresh}"
        if stopped:
            print(f"adaem: {manifest.stop_reason}; {then}", file=sys.stderr)  # noqa: T201
            raise typer.Exit(stopped)
        raise RunFailed(f"{manifest.stop_reason} — {then}")
    return folder
