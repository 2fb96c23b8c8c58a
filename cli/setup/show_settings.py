"""``adaem settings``: what a run would be made of, and where each value comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..examples import examples

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ...domain.settings_sources import ResolvedSetting

WIDEST_ORIGIN = 24
"""Columns for where a value comes from, at most: a longer path goes on in the next row."""

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
    config: Annotated[
        Path | None, typer.Argument(metavar="[CONFIG]", help="A YAML file with settings, or: paper.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Set one setting; may be given many times.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show every setting with its value, its origin and its meaning.

    The origin is the default, a line of the file, or the command line.
    """
    from ...domain.reading.yaml_records import parse_override
    from ...domain.settings_sources import resolved_settings

    resolved = resolved_settings(config, dict(map(parse_override, overrides or [])))
    if as_json:
        print(json.dumps({"settings": [each.model_dump(mode="json") for each in resolved]}, indent=2))  # noqa: T201
        return
    from rich.console import Group

    from ..process.console import output

    keys = max(len(each.key) for each in resolved)
    origins = min(WIDEST_ORIGIN, max(len(each.source) for each in resolved))
    output().print(Group(*(part for each in resolved for part in _render(each, keys, origins))))


def _render(setting: ResolvedSetting, keys: int, origins: int) -> Iterator[RenderableType]:
    """Its key, value and origin in columns of these widths, and below them, over the whole width, its meaning."""
    from rich.padding import Padding
    from rich.table import Table

    from ...domain.settings_sources import DEFAULT
    from ...reports.plain_text import plain

    row = Table.grid(padding=(0, 2, 0, 0), expand=True)
    row.add_column(width=keys, overflow="fold")
    row.add_column(ratio=1, overflow="fold")
    row.add_column(width=origins, overflow="fold")
    value = setting.value if isinstance(setting.value, str) else json.dumps(setting.value)
    # Bold marks what is not a default; the last column says the same in words.
    style = "" if setting.source == DEFAULT else "bold"
    row.add_row(*(plain(text, style=style) for text in (setting.key, value, setting.source)))
    yield row
    yield Padding(plain(setting.meaning, style="dim"), (0, 0, 0, 4))


@settings.command(epilog=examples("adaem settings schema > settings.schema.json"))
def schema() -> None:
    """Print the JSON Schema of a settings file.

    Editors complete and check with it.
    """
    from ...domain.settings import Settings

    print(json.dumps(Settings.model_json_schema(), indent=2))  # noqa: T201
