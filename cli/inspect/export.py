"""``adaem export``: the tables as files, the questions as a task or a dataset for others, or what a paper needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ...domain.question import Question
    from ...records import RunFolder

Target = Literal["jsonl", "csv", "parquet", "huggingface", "inspect", "lm-eval", "paper"]


def export_verb(path: Path, to: Target, out: Path | None) -> None:
    """Writes the export, by default into the run's own folder, and prints each file with its rows."""
    from ...records import open_run
    from ...reports.plain_text import plain
    from ..process.console import output

    folder = open_run(path)
    written = _write(folder, to, out if out is not None else folder.path / "exports" / to)
    console = output()
    for file, rows in written.items():
        console.print(plain(f"{rows:>9,}  {file}" if rows is not None else f"{'':>9}  {file}"), soft_wrap=True)


def _write(folder: RunFolder, to: Target, out: Path) -> Mapping[Path, int | None]:
    from ...reports.export.as_huggingface import export_huggingface
    from ...reports.export.as_inspect import export_inspect
    from ...reports.export.as_lm_eval import export_lm_eval
    from ...reports.export.write_export import export_tables

    match to:
        case "inspect":
            return export_inspect(folder, _asking(folder), out)
        case "lm-eval":
            return export_lm_eval(folder, _asking(folder), out)
        case "huggingface":
            return export_huggingface(folder, out)
        case "paper":
            from ...reports.paper.write_paper import export_paper

            return export_paper(folder, out)
        case _:
            return export_tables(folder, to, out)


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
