"""docs/PROMPTS.md: its example is run as it stands, and its table is the program's."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from adaem.prompts import PROMPT_FIELDS, load_prompts
from places import ROOT

PAGE = ROOT / "docs" / "PROMPTS.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLE, CONTROLS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
SHELL = f'set -eo pipefail; adaem() {{ "{sys.executable}" "{ROOT / "main.py"}" "$@"; }}\n'


def test_the_page_begins_with_a_short_example() -> None:
    assert TEXT.split("```")[0].strip() == "# Prompt sets"
    assert len(EXAMPLE.splitlines()) < 20


def carried_out(commands: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", SHELL + commands],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_the_example_makes_a_set_and_a_run_with_it(tmp_path: Path) -> None:
    assert "1 prompt of its own (answer), 16 inherited" in carried_out(EXAMPLE, tmp_path)
    manifest = json.loads((tmp_path / "runs" / "brief" / "manifest.json").read_text(encoding="utf-8"))
    default = load_prompts("default").templates
    changed = [name for name in PROMPT_FIELDS if manifest["prompts"][name]["fingerprint"] != default[name].fingerprint]
    assert changed == ["answer"]
    assert "at most ten words that justify it" in manifest["prompts"]["answer"]["system"]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_controls_say_what_the_page_says(tmp_path: Path) -> None:
    others = "adaem diff runs/first runs/again\nadaem diff runs/first runs/no-facts\n"
    printed = " ".join(carried_out(CONTROLS + others, tmp_path).split())
    assert "paraphrased asks the questions of first again, as a control: paraphrased." in printed
    found = re.findall(
        r"Of (\d+) findings in first, (\d+) survives? in [\w-]+, (\d+) \w+ lost, (\d+) reversed", printed
    )
    (before, paraphrased, lost_words, _), (_, repeated, lost_again, _), (_, bare, lost_facts, _) = found
    assert {reversed_ones for *_, reversed_ones in found} == {"0"}
    said = f"of {before} findings {repeated} survive when the questions are repeated, {paraphrased} in other words, "
    lost = f"{lost_again}, {lost_words} and {lost_facts} are lost"
    assert f"{said}{bare} without facts; {lost}" in " ".join(TEXT.split())


def test_the_table_has_every_prompt_with_its_placeholders() -> None:
    rows = re.findall(r"^\| `(\w+)\.md` \|[^|]*\| ([^|]*) \|$", TEXT, re.MULTILINE)
    assert {name: frozenset(re.findall(r"\$\{(\w+)\}", cell)) for name, cell in rows} == dict(PROMPT_FIELDS)


def test_the_commands_of_the_page_find_what_they_name(tmp_path: Path) -> None:
    commands = re.findall(r"`adaem (prompts show [\w ]+?) >", TEXT)
    assert commands
    for command in commands:
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), *command.split()], capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith("# system")
