"""``adaem framework``: the value theories that ship, a template for your own, and what a file's texts are worth."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..examples import examples
from .topics_verbs import topics

if TYPE_CHECKING:
    from ...domain.checkup import Check
    from ...domain.framework import Framework

framework = typer.Typer(
    name="framework",
    help="List, show, write and check value theories.",
    epilog=examples("adaem framework list", "adaem framework new my-theory.yaml"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

framework.add_typer(topics)

Name = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped theory, or a YAML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@framework.command("list", epilog=examples("adaem framework list"))
def list_verb(as_json: AsJson = False) -> None:
    """List the value theories that ship; name one with --framework."""
    import json

    from ...domain.reading.yaml_records import load_framework, shipped_frameworks

    loaded = {name: load_framework(name) for name in shipped_frameworks()}
    if as_json:
        print(json.dumps({"frameworks": [_row(name, theory) for name, theory in loaded.items()]}, indent=2))  # noqa: T201
        return
    from ...reports.terminal.framework_tables import framework_list
    from ..process.console import output

    output().print(framework_list(loaded))


def _row(name: str, theory: Framework) -> dict[str, object]:
    return {
        "name": name,
        "title": theory.name,
        "version": theory.version,
        "values": list(theory.value_ids),
        "opposites": any(value.opposites for value in theory.values),
        "circle": bool(theory.circle),
        "topics": len(theory.topics),
    }


@framework.command(epilog=examples("adaem framework show schwartz", "adaem framework show my-theory.yaml --json"))
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a theory: sources, values, opposites, circle and seed topics."""
    from ...domain.reading.yaml_records import load_framework

    theory = load_framework(name)
    if as_json:
        print(theory.model_dump_json(indent=2))  # noqa: T201
        return
    from ...reports.terminal.framework_tables import framework_page
    from ..process.console import output

    output().print(framework_page(theory))


@framework.command(
    epilog=examples(
        "adaem framework new my-theory.yaml",
        "adaem framework new code.yaml --from code-of-conduct.txt",
        "adaem run --framework my-theory.yaml",
    )
)
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The YAML file to write; it must not exist yet.")],
    principles: Annotated[
        Path | None,
        typer.Option("--from", metavar="TEXT", help="A text with principles: a list, headings or paragraphs."),
    ] = None,
) -> None:
    """Write a theory to be edited, or one of a text's principles.

    It runs as it stands; the second with real models, since simulated ones need examples.
    """
    from ...domain.errors import FileError
    from ...domain.framework_draft import draft_framework
    from ...domain.reading.yaml_records import package_folder, read_text
    from ...records.whole_file import new_file

    if file.suffix not in (".yaml", ".yml"):
        raise FileError(file, "a framework's file ends in .yaml", remedy=f"call it {file.stem or 'my-theory'}.yaml")
    name = re.sub(r"[^a-z0-9_-]+", "-", file.stem.lower()).strip("-_")[:64]
    identifier = name if re.match(r"[a-z]", name) else "my-theory"
    if principles is None:
        text = read_text(package_folder("frameworks") / "template.txt").replace("FILE", str(file))
        text = text.replace("id: my-theory", f"id: {identifier}")
    else:
        text = draft_framework(principles, identifier)
    try:
        with new_file(file) as place:
            place.write_text(text, encoding="utf-8")
    except FileExistsError:
        raise FileError(file, "exists already", remedy="choose another name, or remove it first") from None
    except OSError as error:
        raise FileError(file, error.strerror or "cannot be written", remedy="check its folder") from None
    calibrate = " --calibrate" if principles is None else ""
    print(f"Wrote {file}: edit it, then  adaem framework check {shlex.quote(str(file))}{calibrate}")  # noqa: T201


@framework.command(
    epilog=examples("adaem framework check my-theory.yaml", "adaem framework check my-theory.yaml --calibrate")
)
def check(
    file: Annotated[str, typer.Argument(metavar="FILE|NAME", help="A YAML file, or a shipped theory.")],
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate", help="Try on planted values which of the theory's can be told apart: half a minute."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a theory: what is missing, overlaps or does not balance?

    Exit code 1 when there is a problem.
    """
    from ...domain.checkup import Checkup, CheckVerdict
    from ...domain.framework_check import check_texts
    from ...domain.reading.yaml_records import load_framework

    theory = load_framework(file)
    checks = (*check_texts(theory), *(_calibrated(theory) if calibrate else ()))
    verdicts = {each.verdict for each in checks}
    worst = next((one for one in (CheckVerdict.PROBLEM, CheckVerdict.WARNING) if one in verdicts), CheckVerdict.OK)
    checkup = Checkup(verdict=worst, simulated=calibrate, requests=0, checks=checks)
    if as_json:
        print(checkup.model_dump_json(indent=2))  # noqa: T201
    else:
        from ...reports.terminal.framework_tables import framework_checkup
        from ..process.console import output

        output().print(framework_checkup(theory, checkup))
    if worst is CheckVerdict.PROBLEM:
        raise typer.Exit(1)


def _calibrated(theory: Framework) -> tuple[Check, ...]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn

    from ...calibration.discriminability import checks, measure_discriminability
    from ..progress_bar import Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("planted worlds", total=None)
        return checks(
            measure_discriminability(theory, lambda done, total: bar.update(task, completed=done, total=total))
        )
