"""``adaem prompts``: the prompt sets that ship, the words of a set, and whether a set of your own holds together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..examples import examples

if TYPE_CHECKING:
    from rich.table import Table

    from ...prompts.sets import PromptSet

prompts = typer.Typer(
    name="prompts",
    help="List, show and check sets of prompts.",
    epilog=examples("adaem prompts list", "adaem prompts show default answer"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME|DIR", help="A shipped set, or a folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@prompts.command("list", epilog=examples("adaem prompts list"))
def list_verb(as_json: AsJson = False) -> None:
    """List the prompt sets that ship; name one with --prompts."""
    import json

    from ...prompts.sets import load_set, shipped_sets

    rows = [(name, load_set(name)) for name in shipped_sets()]
    if as_json:
        sets = [{"name": name, "own": each.own, "inherits": each.inherits} for name, each in rows]
        print(json.dumps({"sets": sets}, indent=2))  # noqa: T201
        return
    from ...reports.plain_text import plain

    table = _table("name", "inherits", "files of its own")
    for name, each in rows:
        table.add_row(plain(name), plain(", ".join(each.inherits) or "none"), plain(", ".join(each.own)))
    _print(table)


@prompts.command(
    epilog=examples("adaem prompts show german", "adaem prompts show default answer > my-prompts/answer.md")
)
def show(
    name: Name,
    prompt: Annotated[
        str | None, typer.Argument(metavar="[PROMPT]", help="One prompt, as its file has it; else a list of all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a set's prompts with placeholders and origin, or one's text."""
    import json

    from ...domain.errors import InputError
    from ...domain.reading.yaml_records import read_text
    from ...prompts import PROMPT_FIELDS
    from ...prompts.sets import load_set

    prompt_set = load_set(name)
    if prompt is not None and prompt not in PROMPT_FIELDS:
        raise InputError(f"no prompt is called {prompt!r} — choose one of {', '.join(PROMPT_FIELDS)}")
    if as_json:
        rows = [_row(prompt_set, each) for each in PROMPT_FIELDS if prompt in (None, each)]
        data = {"folder": str(prompt_set.folder), "inherits": prompt_set.inherits, "prompts": rows}
        print(json.dumps(data, indent=2))  # noqa: T201
    elif prompt is not None:
        from ...domain.texts.safe_text import harmless

        typer.echo(harmless(read_text(prompt_set.files[prompt])), nl=False)
    else:
        _print(_all(prompt_set))


@prompts.command(epilog=examples("adaem prompts check my-prompts"))
def check(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a set.")], as_json: AsJson = False
) -> None:
    """Check a set: is every prompt there or inherited, and well formed?

    Its parts and its placeholders must be right. Exit code 2 when they are not.
    """
    import json

    from ...prompts.sets import load_set
    from ...reports.plain_text import plain

    prompt_set = load_set(folder)
    below = _inherited(prompt_set)
    same = [name for name in prompt_set.own if below is not None and prompt_set.prompts.templates[name] == below[name]]
    unguarded = [name for name in prompt_set.own if prompt_set.prompts.templates[name].unguarded]
    if as_json:
        result = {"own": prompt_set.own, "inherits": prompt_set.inherits, "unchanged": same, "unguarded": unguarded}
        print(json.dumps(result, indent=2))  # noqa: T201
        return
    rest = (
        f", {len(prompt_set.files) - len(prompt_set.own)} inherited from {' and '.join(prompt_set.inherits)}"
        if below
        else ""
    )
    count = f"{len(prompt_set.own)} prompt{'' if len(prompt_set.own) == 1 else 's'}"
    _print(plain(f"{folder}: ok, {count} of its own ({', '.join(prompt_set.own) or 'none'}){rest}"))
    if same:
        _print(plain(f"Identical to the inherited prompts: {', '.join(same)} — remove them, or change them"))
    for name in unguarded:
        _print(
            plain(
                f"{name}.md says nothing of the fences (<<…>>): models may take what stands between them for "
                f"instructions — keep that sentence of 'adaem prompts show default {name}'"
            )
        )


def _inherited(prompt_set: PromptSet) -> dict[str, object] | None:
    from ...prompts.sets import load_set, shipped_sets

    if not prompt_set.inherits:
        return None
    below = prompt_set.inherits[0]
    return dict(load_set(below if below in shipped_sets() else str(prompt_set.folder / below)).prompts.templates)


def _row(prompt_set: PromptSet, name: str) -> dict[str, object]:
    from ...prompts import PROMPT_FIELDS

    template = prompt_set.prompts.templates[name]
    return {
        "name": name,
        "placeholders": sorted(PROMPT_FIELDS[name]),
        "file": str(prompt_set.files[name]),
        "fingerprint": template.fingerprint,
        "system": template.system,
        "user": template.user,
    }


def _all(prompt_set: PromptSet) -> object:
    from ...prompts import PROMPT_FIELDS
    from ...reports.plain_text import plain

    table = _table("prompt", "of the set", "fingerprint", "placeholders")
    for name, fields in PROMPT_FIELDS.items():
        file: Path = prompt_set.files[name]
        fields_shown = ", ".join(f"${{{field}}}" for field in sorted(fields))
        fingerprint = prompt_set.prompts.templates[name].fingerprint[:12]
        table.add_row(plain(name), plain(file.parent.name), plain(fingerprint), plain(fields_shown))
    return table


def _table(*columns: str) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", ratio=1 if column == columns[-1] else None)
    return table


def _print(renderable: object) -> None:
    from ..process.console import output

    output().print(renderable)
