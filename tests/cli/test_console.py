"""What a verb prints into a pipe: no blanks behind a line, and long lines broken at the console's width."""

from __future__ import annotations

from io import StringIO

import pytest
from adaem.cli.process.console import output, print_line
from rich.console import Console
from rich.padding import Padding
from rich.text import Text


def test_a_pipe_gets_no_blanks_behind_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    output().print(Padding(Text("words  with blanks"), (0, 0, 1, 2)))
    assert capsys.readouterr().out == "  words  with blanks\n\n"


def test_a_terminal_is_written_to_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert output().file.__class__.__name__ != "_Unpadded"


@pytest.mark.parametrize("line", ["  short", "", "    " + "word " * 12, "word " * 12, "  " + "x" * 45])
def test_a_long_line_stands_farther_in_from_its_second_row_on(line: str) -> None:
    console = Console(file=StringIO(), width=30)
    print_line(console, Text(line))
    assert isinstance(console.file, StringIO)
    first, *rest = console.file.getvalue().splitlines()
    indent = len(line) - len(line.lstrip())
    assert max(map(len, (first, *rest))) <= 30
    assert len(first) - len(first.lstrip()) == indent
    assert {len(each) - len(each.lstrip()) for each in rest} <= {indent + 4 if indent else 0}
    assert "".join((first, *rest)).replace(" ", "") == line.replace(" ", "")
