"""Mistakes in what is typed: one line like every other error, which says where to look it up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import typer.main
from adaem.cli.app import app
from command_tree import commands

Command = Callable[..., tuple[int, str, str]]

MISTAKES = {
    "rnu": "adaem: no such command 'rnu', did you mean 'run'? — see 'adaem --help'",
    "memory shwo": "adaem memory: no such command 'shwo', did you mean 'show'? — see 'adaem memory --help'",
    "run --qestions 3": "adaem run: no such option --qestions, did you mean --questions? — see 'adaem run --help'",
    "run --zzz": "adaem run: no such option --zzz — see 'adaem run --help'",
    "run -x": "adaem run: no such option -x — see 'adaem run --help'",
    "run one two": "adaem run: more arguments than it takes: two — see 'adaem run --help'",
    "run --json=3": "adaem run: option --json does not take a value — see 'adaem run --help'",
    "export": "adaem export: missing argument 'RUN' — see 'adaem export --help'",
    "export runs/first": "adaem export: missing option --to, choose from: jsonl, csv, parquet, inspect"
    " — see 'adaem export --help'",
    "export runs/first --to xls": "adaem export: --to: 'xls' is not one of 'jsonl', 'csv', 'parquet', 'inspect'"
    " — see 'adaem export --help'",
    "export runs/first --to": "adaem export: --to: a value is missing — see 'adaem export --help'",
    "resume runs/first --rounds 0": "adaem resume: --rounds: 0 is less than 1 — see 'adaem resume --help'",
    "run --calls 6.000": "adaem run: --calls: '6.000' is no whole number; write it with digits only"
    " — see 'adaem run --help'",
    "memory list shared --most 1e2": "adaem memory list: --most: '1e2' is no whole number; write it with digits only"
    " — see 'adaem memory list --help'",
}


@pytest.mark.parametrize("typed", MISTAKES)
def test_a_mistake_is_one_line(typed: str, adaem: Command) -> None:
    assert adaem(*typed.split()) == (2, "", f"{MISTAKES[typed]}\n")


def test_the_line_cannot_hold_terminal_escapes(adaem: Command) -> None:
    code, out, err = adaem("run", "--a\x1b[31mb\nc")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "\x1b" not in err


@pytest.mark.parametrize("group", [(), ("memory",)])
def test_a_group_alone_shows_its_help(group: tuple[str, ...], adaem: Command) -> None:
    code, out, err = adaem(*group)
    assert (code, out) == (2, "")
    assert err.startswith(" ".join(("Usage: adaem", *group)))
    assert err == adaem(*group, "--help")[1]


def test_help_and_version_end_well(adaem: Command) -> None:
    assert adaem("--version")[0] == 0
    assert adaem("run", "--help")[0] == 0


NUMBERS = [
    (path, option.opts[0])
    for path, command in commands(typer.main.get_command(app))
    for option in command.params
    if option.metavar in ("L", "M", "N")
]


def test_the_options_for_numbers_are_found(adaem: Command) -> None:
    assert {(("run",), "--calls"), (("memory", "list"), "--most"), (("trace",), "--slowest")} <= set(NUMBERS)
    # One without a metavar would be shown with its type.
    assert not any("<int" in adaem(*path, "--help")[1] for path, _ in commands(typer.main.get_command(app)))


@pytest.mark.parametrize(
    ("path", "option"), NUMBERS, ids=lambda part: part if isinstance(part, str) else " ".join(part)
)
def test_six_thousand_is_not_read_as_six(path: tuple[str, ...], option: str, adaem: Command) -> None:
    code, out, err = adaem(*path, option, "6.000")
    assert (code, out) == (2, "")
    assert f"{option}: '6.000' is no whole number" in err
