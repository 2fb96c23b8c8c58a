"""docs/FRAMEWORKS.md: its example is run as it stands, its outputs and tables are those of the program."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from adaem.domain.framework import MOST_VALUES, Framework
from adaem.domain.reading.yaml_records import load_framework, shipped_frameworks
from places import ROOT

PAGE = ROOT / "docs" / "FRAMEWORKS.md"
TEXT = PAGE.read_text(encoding="utf-8")
SHOWN = re.compile(r"(?<=against the command -->\n```text\n).*?(?=```)", re.DOTALL)
EXAMPLE = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)[0]
SHELL = f'set -eo pipefail; adaem() {{ "{sys.executable}" "{ROOT / "main.py"}" "$@"; }}\n'


def test_the_page_begins_with_a_short_example() -> None:
    assert TEXT.split("```")[0].strip() == "# Value theories"
    assert len(EXAMPLE.splitlines()) < 20


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_example_takes_a_newcomer_from_the_template_to_a_finished_run(tmp_path: Path) -> None:
    """The issue's number is ten minutes, no Python and no file but the generated one; the budget here is small."""
    environment = {**os.environ, "COLUMNS": "80"}
    started = time.monotonic()
    done = subprocess.run(
        ["bash", "-c", SHELL + EXAMPLE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 280
    manifest = json.loads((tmp_path / "runs" / "mine" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["framework"]["id"], len(manifest["framework"]["topics"])) == ("my-theory", 117)
    assert manifest["status"] == "finished"
    for value in ("Thrift", "Hospitality", "Craft", "Play"):
        assert done.stdout.count(value) >= 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my-theory.yaml", "runs"]
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    start = next(place for place, line in enumerate(lines) if line.startswith("My theory"))
    end = next(place for place, line in enumerate(lines) if line.endswith("J ≥ .5.") or line == "apart: J ≥ .5.")
    output = "\n".join(lines[start : end + 1]) + "\n"
    if os.environ.get("ADAEM_UPDATE_DOCS"):
        PAGE.write_text(SHOWN.sub(lambda _: output, TEXT), encoding="utf-8")
        return
    shown = SHOWN.search(TEXT)
    assert shown
    assert shown.group() == output, "ADAEM_UPDATE_DOCS=1 make test ARGS='-m slow -k newcomer'"


def test_the_table_names_what_ships() -> None:
    ships, measured = TEXT.split("## The file")[0], TEXT.split("## Measured")[1]
    rows = re.findall(r"^\| `([a-z-]+)`[^|]*\| (\d+) \|", ships, re.MULTILINE)
    assert sorted(name for name, _ in rows) == list(shipped_frameworks())
    assert sorted(rows) == sorted(set(re.findall(r"^\| `([a-z-]+)`[^|]*\| (\d+) \|", measured, re.MULTILINE)))
    assert {name: int(count) for name, count in rows} == {
        name: len(load_framework(name).values) for name in shipped_frameworks()
    }


def test_the_page_explains_every_key() -> None:
    (table,) = re.findall(r"\| key \| what it is \|\n(.*?)\n\n", TEXT, re.DOTALL)
    keys = {key for cell in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE) for key in re.findall(r"`(\w+)`", cell)}
    assert keys == set(Framework.model_fields)
    assert f"2 to {MOST_VALUES}" in table


def test_every_command_of_the_page_exists_and_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (PAGE.parent / target).exists(), target
    for file in re.findall(r"`python (\S+\.py)", TEXT):
        assert (ROOT / file).exists(), file


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_code_of_conduct_and_a_list_of_arguments_are_used_as_the_page_says(tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1:]
    assert [block.count("adaem") for block in blocks] == [2, 3, 2]
    command = f'adaem() {{ "{sys.executable}" "{ROOT / "main.py"}" "$@"; }}\nset -e\n'
    for block in blocks:
        done = subprocess.run(["sh", "-c", command + block], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert len(load_framework(str(tmp_path / "code.yaml")).values) == 5
    assert len(load_framework("schwartz", str(tmp_path / "topics.yaml")).topics) == 3
    assert (tmp_path / "runs" / "imported" / "questions.jsonl").is_file()
