"""docs/PAPER.md: its commands work, and its settings are those that the experiments measure."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.reading.yaml_records import load_settings
from adaem.domain.settings import Settings
from places import ROOT
from policies_in_worlds import PAPER_ALONE

PAGE = (ROOT / "docs" / "PAPER.md").read_text(encoding="utf-8")


def moves(run: Path) -> list[dict[str, Any]]:
    """What the policy chose, by the run's trace."""
    events = [json.loads(line) for line in (run / "trace.jsonl").read_text(encoding="utf-8").splitlines()]
    return [move for event in events if event.get("node") == "explore" for move in event["data"].get("table", [])]


@pytest.mark.timeout(300)
def test_its_commands_make_a_run_with_the_papers_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adaem: Callable[..., tuple[int, str, str]]
) -> None:
    monkeypatch.chdir(tmp_path)
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in commands.splitlines():
        code, _, told = adaem(*shlex.split(line)[1:])
        assert code == 0, told
    scores = (tmp_path / "tables" / "scores.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["critic"] for line in scores} == {"paper"}
    kinds = Counter(move["kind"] for move in moves(tmp_path / "runs" / "paper"))
    assert min(kinds["propose"], kinds["refine"]) > 0


def test_every_option_that_it_names_exists(adaem: Callable[..., tuple[int, str, str]]) -> None:
    commands = re.findall(r"`adaem ([a-z]+)(?: [A-Z]+)*((?: --[a-z-]+)?)", PAGE)
    assert len(commands) > 10
    for verb, option in commands:
        code, shown, _ = adaem(verb, "--help")
        assert code == 0, verb
        assert option.strip() in shown, (verb, option)


def test_the_experiment_measures_the_settings_that_ship() -> None:
    shipped, default = load_settings(Path("paper"), {}), Settings()
    changed = {
        name: value for name, value in shipped.search if value != getattr(default.search, name) and name != "new_topics"
    }
    assert {**changed, "samples": shipped.samples.search} == PAPER_ALONE
    assert shipped.agents.critic == "paper"
