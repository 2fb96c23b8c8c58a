"""``adaem export``: questions, answers, labels and scores as files, or the questions as a task for Inspect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ...domain.question import Question
    from ...records import RunFolder


def export_verb(path: Path, to: Literal["jsonl", "csv", "parquet", "inspect"], out: Path | None) -> None:
    """Writes the export, by default into the run's own folder, and prints each file with its rows."""
    from ...records import open_run
    from ...reports.export.as_inspect import export_inspect
    from ...reports.export.write_export import export_tables
    from ...reports.plain_text import plain
    from ..process.console import output

    folder = open_run(path)
    place = out if out is not None else folder.path / "exports" / to
    written = export_inspect(folder, _asking(folder), place) if to == "inspect" else export_tables(folder, to, place)
    console = output()
    for file, rows in written.items():
        console.print(plain(f"{rows:>9,}  {file}"), soft_wrap=True)


def _asking(folder: RunFolder) -> Callable[[Question], tuple[str, str]]:
    """Asks as the run did: with its own prompts, the reply's schema in words."""
    from ...domain.errors import FileError
    from ...domain.reply_types import AnswerReply
    from ...pool.replies.reply_schemas import sent_schema
    from ...prompts.library import PromptLibrary, Template

    used = folder.read_manifest().prompts
    if not {"answer", "schema"} <= set(used):
        raise FileError(folder.manifest_path, "lacks the prompts that ask a question", remedy="copy the run again")
    library = PromptLibrary({name: Template(name, **each.model_dump()) for name, each in used.items()})
    schema = library.schema_words(sent_schema(AnswerReply).text)

    def ask(question: Question) -> tuple[str, str]:
        prompt = library.render("answer", question=question.text, fact=question.fact)
        return prompt.system, f"{prompt.user}\n\n{schema}"

    return ask
