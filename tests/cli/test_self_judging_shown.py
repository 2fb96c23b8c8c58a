"""Where a user reads that a judge judges its own answers: before a run, while it goes on, and in its report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.records import open_run
from growing import SMALL, simulated_pool, write_pool

Command = Callable[..., tuple[int, str, str]]

SENTENCE = "judge scout-1 also answers as scout and panel member; a model that judges its own answers may favour them"


@pytest.mark.slow
def test_a_run_tells_of_it_from_plan_to_report(adaem: Command, tmp_path: Path) -> None:
    folder, page = tmp_path / "run", tmp_path / "page.html"
    small = SMALL | {"questions": 2, "budget.calls": 400, "agents.judge": "panel_judge:PanelJudge"}
    options = ["--pool", simulated_pool(tmp_path / "pool.yaml")]
    options += [part for name, value in small.items() for part in ("-s", f"{name}={value}")]
    code, out, _ = adaem("plan", *options, "--json")
    assert (code, [SENTENCE in each for each in json.loads(out)["notices"]].count(True)) == (0, 1)
    code, out, told = adaem("run", *options, "--out", folder)
    assert code == 0, told
    assert f"Note: the {SENTENCE}" in told
    assert " ".join(out.split()).count(SENTENCE) == 1
    assert any(SENTENCE in notice for notice in open_run(folder).read_manifest().notices)
    code, out, _ = adaem("report", folder, "--json", "--html", page)
    assert (code, SENTENCE in json.loads(out)["results"]["limits"]["self_judging"]) == (0, True)
    assert f"The {SENTENCE}" in page.read_text(encoding="utf-8")


def test_a_plan_of_real_models_tells_of_it_and_of_authors_says_nothing(adaem: Command, tmp_path: Path) -> None:
    def planned(*own: str) -> list[str]:
        members: list[dict[str, Any]] = [
            {"id": name, "model": f"ollama:{model}", "roles": list(roles), "price": {"input": 0, "output": 0}}
            for name, model, *roles in (
                ("one", "one", "scout", "panel"),
                ("two", "two", "scout", "panel"),
                ("judge", "judge", "judge"),
                ("own", "judge", *own),
            )
        ]
        code, out, told = adaem("plan", "--pool", write_pool(tmp_path / "pool.yaml", members), "--json")
        assert code == 0, told
        return [notice for notice in json.loads(out)["notices"] if "its own answers" in notice]

    assert planned("author") == []
    (notice,) = planned("panel", "author")
    assert notice.startswith("the judge judge also answers as panel member own; ")
