"""Mistakes in what is typed: one line like every other error, which says where to look it up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import typer.main
from adaem.cli.app import app
from command_tree import commands

Command = Callable[..., tuple[int, str, str]]

MISTAKES = {
    "rnu": "adaem: No such command 'rnu'. Did you mean 'run'? — see 'adaem --help'",
    "memory shwo": "adaem memory: No such command 'shwo'. Did you mean 'show'? — see 'adaem memory --help'",
    "run --zzz": "adaem run: No such option: --zzz — see 'adaem run --help'",
    "run -x": "adaem run: No such option: -x — see 'adaem run --help'",
    "run one two": "adaem run: Got unexpected extra argument(s) (two) — see 'adaem run --help'",
    "run --json=3": "adaem: Option '--json' does not take a value — see 'adaem --help'",
    "export": "adaem export: Missing argument 'RUN' — see 'adaem export --help'",
    "export runs/first": "adaem export: Missing option '--to'. Choose from: jsonl, csv, parquet, "
    "huggingface, inspect, lm-eval, paper — see 'adaem export --help'",
    "export runs/first --to xls": "adaem export: Invalid value for '--to': 'xls' is not one of 'jsonl', 'csv', "
    "'parquet', 'huggingface', 'inspect', 'lm-eval', 'paper' — see 'adaem export --help'",
    "resume runs/first --rounds 0": "adaem resume: Invalid value for '--rounds': 0 is less than 1"
    " — see 'adaem resume --help'",
    "run --calls 6.000": "adaem run: Invalid value for '--calls': '6.000' is not a whole number; write it with digits "
    "only — see 'adaem run --help'",
    "memory list shared --most 1e2": "adaem memory list: Invalid value for '--most': '1e2' is not a whole number; "
    "write it with digits only — see 'adaem memory list --help'",
}


@pytest.mark.parametrize("typed", MISTAKES)
def test_a_mistake_is_one_line(typed: str, adaem: Command) -> None:
    assert adaem(*typed.split()) == (2, "", f"{MISTAKES[typed]}\n")


def test_a_misspelt_option_is_told_the_right_one(adaem: Command) -> None:
    code, out, err = adaem("run", "--qestions", "3")
    assert (code, out) == (2, "")
    assert err.startswith("adaem run: No such option: --qestions (")
    assert "--questions" in err


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


@pytest.mark.slow
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
    assert f"'{option}': '6.000' is not a whole number" in err
