"""Chromium or Chrome without a window, for files and pages on this machine: what they show, and what they fetch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any, Literal

import pytest

COMMANDS = ("chromium", "chromium-browser", "google-chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
QUIET = [
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Opened:
    """A page as it stands. ``said``: the console's messages and errors; ``fetched``: every other address asked for."""

    page: Any
    said: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        return self.page.evaluate(script)

    @property
    def seconds(self) -> float:
        """From the opening to the page being laid out and ready for its reader."""
        milliseconds = self.run("performance.getEntriesByType('navigation')[0].loadEventEnd")
        return float(milliseconds) / 1000


def until(found: Opened, condition: str, seconds: float = 30) -> None:
    """Waits until a JavaScript expression is true: Playwright's own way would be stopped by a page's policy."""
    end = time.monotonic() + seconds
    while not found.run(condition):
        assert time.monotonic() < end, condition
        found.page.wait_for_timeout(100)


@contextmanager
def opened(
    path: Path, *, width: int = 1200, height: int = 900, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Opened]:
    """``path`` in a browser of its own; the test is skipped where there is none."""
    with opened_address(path.resolve().as_uri(), width=width, height=height, scheme=scheme) as found:
        yield found


@contextmanager
def opened_address(
    address: str, *, width: int = 1200, height: int = 900, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Opened]:
    """The page at ``address`` in a browser of its own; the test is skipped where there is none."""
    executable = next(filter(None, map(which, (*COMMANDS, *APPLICATIONS))), None)
    if executable is None:
        pytest.skip("neither Chromium nor Chrome is installed (Debian's package is chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=QUIET)
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        found = Opened(page)
        page.on("console", lambda message: found.said.append(message.text))
        page.on("pageerror", lambda error: found.said.append(str(error)))
        # A request that the page's own policy stops is told on the console, and goes nowhere.
        for end in ("requestfinished", "requestfailed"):
            page.on(end, lambda request: found.fetched.append(request.url) if _left(request, address) else None)
        page.goto(address, wait_until="load")
        yield found
        browser.close()


def _left(request: Any, address: str) -> bool:
    return bool(request.url.partition("#")[0] != address and request.failure != "csp")
