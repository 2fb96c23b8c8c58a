"""Help at 80 columns: every command has examples that can be copied as they stand, and no summary is cut."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator

import pytest
import typer.main
from adaem.cli.app import app
from adaem.cli.examples import examples
from adaem.cli.verb_groups import HEADINGS
from command_tree import commands

Command = Callable[..., tuple[int, str, str]]


UsageError: type[Exception] = typer.BadParameter.__mro__[1]
ROOT = typer.main.get_command(app)
ALL = dict(commands(ROOT))
GROUPS = {path for path, command in ALL.items() if hasattr(command, "commands")}


def shown_examples(text: str) -> list[str]:
    """The lines below the heading of the examples."""
    _, heading, below = re.split(r"^  (Examples?:)$", text, flags=re.MULTILINE)
    assert heading.endswith("s:") == (len(below.split("\n")) > 3)
    return below.strip("\n").split("\n")


def typed(line: str) -> Iterator[list[str]]:
    """The arguments of each ``adaem`` in an example, as a shell would split it."""
    for part in line.split(" && "):
        words = shlex.split(part.partition(" > ")[0])
        if words[0] != "cd":
            assert words[0] == "adaem", line
            yield words[1:]


def parse(words: list[str]) -> tuple[str, ...]:
    """Parses ``words`` without doing what they ask for; the command that they lead to."""
    path: tuple[str, ...] = ()
    if words[:1] == ["--import-path"]:  # stands before the verb
        del words[:2]
    while words and (*path, words[0]) in ALL:
        path = (*path, words.pop(0))
    if words != ["--help"]:
        assert path not in GROUPS, f"{' '.join(path)} is a group, and {words} no command of it"
        ALL[path].make_context("adaem", words)
    return path


def test_there_are_commands_to_look_at() -> None:
    assert {("run",), ("memory",), ("memory", "check"), ("fork",), ("graph",)} <= set(ALL)
    groups = {(), ("agents",), ("judge",), ("memory",), ("framework",), ("local",), ("prompts",), ("settings",)}
    assert groups | {("framework", "topics")} == GROUPS


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_has_examples_that_parse_and_cuts_nothing(path: tuple[str, ...], adaem: Command) -> None:
    code, out, err = adaem(*path, "--help")
    assert (code, err) == (0, "")
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    lines = shown_examples(out)
    for line in lines:
        assert len(line) <= 78
        assert " | " not in line
    about = {parse(words) for line in lines for words in typed(line)}
    # The examples are about this command, or about those of its group.
    assert any(each[: len(path)] == path for each in about)


@pytest.mark.parametrize("path", sorted(GROUPS), ids=" ".join)
def test_a_group_lists_its_commands_with_whole_summaries(path: tuple[str, ...], adaem: Command) -> None:
    _, out, _ = adaem(*path, "--help")
    headings = HEADINGS if path == () else ("Commands",)
    listed = [line for each in headings for line in out.partition(f"\n{each}:\n")[2].partition("\n\n")[0].splitlines()]
    assert sorted(line.split()[0] for line in listed) == sorted(ALL[path].commands)
    assert not [line for line in listed if line.endswith("...") or not line.endswith((".", "?"))]


def test_examples_keep_their_lines_and_follow_the_introduction() -> None:
    assert examples("adaem run") == "\b\nExample:\n  adaem run"
    assert examples("a", "b", introduction="Words.") == "Words.\n\n\b\nExamples:\n  a\n  b"


@pytest.mark.parametrize("wrong", ["adaem rnu", "adaem run --qestions 3", "adaem export x --to xls", "adaem export"])
def test_a_wrong_example_would_be_noticed(wrong: str) -> None:
    (words,) = typed(wrong)
    with pytest.raises((AssertionError, UsageError)):
        parse(words)
