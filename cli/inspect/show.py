"""``adaem show``: a question with the models' answers."""

from __future__ import annotations

from pathlib import Path


def show_verb(path: Path, question: str, models: str, as_json: bool) -> None:
    """Prints the question and its answers, as text or as one JSON object; ``models`` are names between commas."""
    from ...records import open_run
    from ...records.status import current_manifest
    from ...reports.terminal.question_report import question_report
    from ...reports.trace.trace_tables import banner
    from ...results.question_answers import question_answers
    from ..process.console import output

    folder = open_run(path)
    manifest = current_manifest(folder)
    wanted = list(dict.fromkeys(name for each in models.split(",") if (name := each.strip())))
    answers = question_answers(folder, question, wanted)
    if as_json:
        print(answers.model_dump_json(indent=2))  # noqa: T201
        return
    output().print(question_report(answers, banner(manifest) if manifest.simulated else ""))
