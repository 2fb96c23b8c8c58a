"""docs/VIEW.md: its commands run in order; a server that one starts shows the run before it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from places import ROOT

PAGE = (ROOT / "docs" / "VIEW.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_commands_run_and_the_servers_show_the_run(tmp_path: Path) -> None:
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    run, *views = (shlex.split(line)[1:] for line in commands.splitlines())
    small = ["--questions", "4", "--calls", "1500"]
    subprocess.run([sys.executable, ROOT / "main.py", *run, *small], cwd=tmp_path, check=True, capture_output=True)
    for view in views:
        command = [sys.executable, str(ROOT / "main.py"), *view, *([] if "--no-browser" in view else ["--no-browser"])]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                address = server.stdout.readline().strip()
                browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
                with browser.open(address, timeout=60) as response:
                    assert "first" in response.read().decode()
                    assert response.url.endswith("/run/first" if "runs/first" in view else "/")
            finally:
                server.terminate()
                server.wait(30)


def test_every_page_of_the_app_is_described() -> None:
    pages = PAGE.partition("## The learning curve")[0]
    described = set(re.findall(r"^\| (\w+(?: \w+)?) \|", pages, re.MULTILINE)) - {"page"}
    assert described == {"Runs", "Overview", "Findings", "Questions", "a question", "Trace", "Compare"}
