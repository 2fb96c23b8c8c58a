"""The gallery's commands on recorded answers are run, and what the page shows is what they print."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT, SHARED_DATA

PAGE = ROOT / "docs" / "GALLERY.md"
UPDATE = "ADAEM_UPDATE_DOCS"
SHOWN = re.compile(r"<!-- output of: adaem ([^>]*) -->\n```text\n(.*?)\n```", re.DOTALL)


def commands() -> list[str]:
    """The page's shell blocks, in order."""
    return re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_real_models_are_run_by_the_target_that_ci_runs() -> None:
    (target,) = [block.strip() for block in commands() if "make" in block]
    assert target == "make real"
    assert target in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_recorded_answers_give_what_the_page_shows(tmp_path: Path) -> None:
    for name in ("valueeval23_training", "valueeval23_validation", "recorded_answers_pct", "political_monthly"):
        if not (SHARED_DATA / f"{name}.jsonl.gz").is_file():
            pytest.skip(f"{name}.jsonl.gz is not beside this checkout (../shared/data)")
        shutil.copy(SHARED_DATA / f"{name}.jsonl.gz", tmp_path)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    def shell(lines: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", lines],
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return "\n".join(line.rstrip() for line in done.stdout.splitlines())

    for block in commands():
        if "make" not in block:
            shell(block)
    text = PAGE.read_text(encoding="utf-8")
    for command, shown in SHOWN.findall(text):
        found = shell(f"adaem {command}")
        if os.environ.get(UPDATE):
            text = text.replace(shown, found[: found.index("\n\n")])
        else:
            assert found.startswith(shown), command
    if os.environ.get(UPDATE):
        PAGE.write_text(text, encoding="utf-8")
