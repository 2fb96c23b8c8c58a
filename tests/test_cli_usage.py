"""Mistakes in what is typed: one line like every other error, which says where to look it up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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
    "resume runs/first --rounds 0": "adaem resume: --rounds: Input should be greater than or equal to 1"
    " — see 'adaem resume --help'",
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
