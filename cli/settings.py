"""``adaem settings``: what a run would be made of, and where each value comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .examples import examples

settings = typer.Typer(
    name="settings",
    help="Show every setting, and the JSON Schema of a settings file.",
    epilog=examples("adaem settings show settings.yaml", "adaem settings schema > settings.schema.json"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@settings.command(
    epilog=examples(
        "adaem settings show",
        "adaem settings show settings.yaml -s search.policy=ucb",
        "adaem settings show settings.yaml --json",
    )
)
def show(
    config: Annotated[Path | None, typer.Argument(metavar="[CONFIG]", help="A YAML file with settings.")] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Set one setting; may be given many times.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show every setting with its value and where that comes from.

    That is the default, a line of the file, or the command line.
    """
    from ..domain.loading import parse_override
    from ..domain.settings_sources import DEFAULT, resolved_settings

    found = resolved_settings(config, dict(map(parse_override, overrides or [])))
    if as_json:
        print(json.dumps({"settings": [each.model_dump(mode="json") for each in found]}, indent=2))  # noqa: T201
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from ..reports.plain import plain

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("setting", "value", "from"):
        table.add_column(heading, overflow="fold")
    for each in found:
        value = each.value if isinstance(each.value, str) else json.dumps(each.value)
        # Bold marks what is not a default; the last column says the same in words.
        style = "" if each.source == DEFAULT else "bold"
        table.add_row(*(plain(text, style=style) for text in (each.key, value, each.source)))
    Console().print(table)


@settings.command(epilog=examples("adaem settings schema > settings.schema.json"))
def schema() -> None:
    """Print the JSON Schema of a settings file.

    Editors complete and check with it.
    """
    from ..domain.settings import Settings

    print(json.dumps(Settings.model_json_schema(), indent=2))  # noqa: T201
