"""A run that is really under way, killed and resumed, as its page shows it without being loaded again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from browser import Opened, opened_address, until
from places import ROOT
from served import ServedPool
from viewing import viewing

SETTINGS = ("questions=2", "budget.rounds=3", "search.moves_per_round=4", "search.permutations=99")
SAMPLES = ("samples.search=2", "samples.confirm=2", "samples.evaluate=2", "budget.calls=700")


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, ROOT / "main.py", *arguments], stdout=subprocess.DEVNULL)


def state(found: Opened, wanted: str) -> None:
    until(found, f"document.querySelector('[data-part=state] .state').innerText === {wanted!r}", 240)


def requests(found: Opened) -> int:
    return int(found.page.locator("[data-part=progress] .of").first.inner_text().split(" of ")[0].replace(",", ""))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_shows_itself_while_it_runs_when_it_is_killed_and_when_it_goes_on(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    run = runs / "watched"
    runs.mkdir()
    with ServedPool(latency=0.1) as served, viewing(runs) as view:
        pool = served.pool_file(tmp_path / "pool.yaml", concurrency=4)
        settings = [word for each in (*SETTINGS, *SAMPLES) for word in ("-s", each)]
        process = start("run", "--pool", pool, "--out", run, *settings)
        try:
            with opened_address(view.address("/")) as found:
                found.page.set_default_timeout(240_000)
                while not (run / "run.sqlite").exists() or not (run / "manifest.json").exists():
                    assert process.poll() is None
                    found.page.wait_for_timeout(100)
                found.page.goto(view.address("/run/watched"))
                state(found, "running")
                asked = "parseInt(document.querySelector('[data-part=progress] .of').innerText.replace(',', ''))"
                until(found, f"{asked} > 60", 240)
                assert found.page.locator("[data-part=members] tbody tr").count() >= 3
                found.page.locator("[data-part=best] li").first.wait_for()
                process.kill()
                process.wait()
                state(found, "cut off")
                assert "adaem resume" in found.page.inner_text("[data-part=state]")
                before = requests(found)
                process = start("resume", run, "-s", "allowed_hosts=[127.0.0.1]")
                state(found, "running")
                state(found, "finished")
                assert requests(found) > before
                found.page.locator("[data-part=curve] svg").wait_for()
                assert found.said == []
                assert process.wait(60) == 0
        finally:
            process.kill()
    assert sorted(path.name for path in run.iterdir() if path.name.startswith("run.sqlite")) == ["run.sqlite"]
