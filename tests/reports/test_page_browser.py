"""The page in a real browser: nothing runs, nothing leaves, and it can be read on any screen, by keyboard, on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from adaem.reports.page import page_of
from adaem.results.folder_report import folder_report
from browser import opened
from finished_runs import FinishedRuns

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    run = finished_runs.copy(folder / "run", questions=4, budget__calls=1500)
    file = folder / "page with spaces & ä.html"
    file.write_text(page_of(folder_report(run)), encoding="utf-8")
    return file


def test_nothing_is_fetched_nothing_complains_and_it_is_ready_at_once(page: Path) -> None:
    with opened(page) as found:
        assert found.said == []
        assert found.fetched == []
        assert found.seconds < 2
        assert found.run("document.querySelectorAll('section h2').length") == 12
        # Every picture has a size, and text that the reader's own fonts draw.
        assert found.run("[...document.querySelectorAll('svg')].every(svg => svg.getBoundingClientRect().height > 50)")
        assert found.run("document.querySelectorAll('svg text').length") > 20


def test_a_script_in_it_would_not_run(page: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.html"
    planted = "<main><script>document.title = 'run'</script><img src='https://example.org/x.png' onerror='alert(1)'>"
    hostile.write_text(page.read_text(encoding="utf-8").replace("<main>", planted), encoding="utf-8")
    with opened(hostile) as found:
        assert found.run("document.title") != "run"
        assert found.fetched == []
        assert any("Content Security Policy" in message for message in found.said)


@pytest.mark.parametrize("width", [320, 360, 768])
def test_no_screen_has_to_scroll_sideways(page: Path, width: int) -> None:
    with opened(page, width=width) as found:
        found.run("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert found.run("document.documentElement.scrollWidth") <= width


def test_dark_and_light_differ(page: Path) -> None:
    colours = (
        "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.querySelector('svg text')).fill"
    )
    with opened(page) as light:
        first = light.run(colours)
        light.page.emulate_media(color_scheme="dark")
        assert light.run(colours) != first


def test_the_keyboard_reaches_everything(page: Path) -> None:
    with opened(page) as found:
        found.page.keyboard.press("Tab")
        assert found.run("document.activeElement.textContent") == "Skip to the answer"
        found.page.keyboard.press("Enter")
        assert found.run("location.hash") == "#answer"
        closed = found.page.locator("details:not([open]) > summary").first
        closed.focus()
        found.page.keyboard.press("Enter")
        assert found.run("document.activeElement.parentElement.open")
        cell = found.page.locator(".heat td").first
        cell.focus()
        assert cell.locator(".told").is_visible()


def test_on_paper_nothing_stays_folded(page: Path) -> None:
    with opened(page) as found:
        found.page.emulate_media(media="print")
        heights = "[...document.querySelectorAll('details table')].map(each => each.getBoundingClientRect().height)"
        assert min(found.run(heights)) > 10
        assert not found.page.locator("nav").is_visible()
