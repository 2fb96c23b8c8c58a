"""The pages in a browser, by what a person sees and does; a model's words that would like to be a page stay words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, opened_address, until
from finished_runs import FinishedRuns
from viewing import Viewing, plant, viewing

pytestmark = pytest.mark.slow

PAGES = ("", "/questions", "/question?id=q0001-01&models=all&samples=all", "/trace", "/step?id=1.1.probe")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "runs"
    folder.mkdir()
    plant(finished_runs.copy(folder / "first", questions=4, budget__calls=1500).path, "q0001-01")
    finished_runs.copy(folder / "second", questions=4, budget__calls=1500)
    return folder


@pytest.fixture(scope="module")
def view(runs: Path) -> Iterator[Viewing]:
    with viewing(runs) as view:
        yield view


def texts(found: Opened, selector: str) -> list[str]:
    return [str(each) for each in found.page.locator(selector).all_inner_texts()]


def settled(found: Opened) -> Any:
    found.page.wait_for_load_state("networkidle")
    return found.page


def test_from_the_list_to_two_models_answers_in_three_clicks(view: Viewing) -> None:
    with opened_address(view.address("/")) as found:
        page = found.page
        page.get_by_role("link", name="second").click()
        page.get_by_role("link", name="Questions", exact=True).click()
        page.locator("table.questions a[dir=auto]").first.click()
        names = texts(found, ".side-by-side h3")
        assert len(names) == 2
        assert page.locator(".side-by-side mark").count() > 0
        assert page.locator(".side-by-side .valued").first.is_visible()
        other = page.locator("input[name=models]:not(:checked)").first
        value = other.get_attribute("value")
        other.check()
        until(found, "document.querySelectorAll('.side-by-side article').length === 3")
        assert value in texts(found, ".side-by-side h3")
        assert f"models={value}" in page.url  # the address can be copied
        page.locator("details.call summary").first.click()
        page.get_by_role("heading", name="Raw reply").first.wait_for()
        assert found.said == []


def test_words_that_are_searched_for_stand_in_the_address_and_rows_sort(view: Viewing) -> None:
    with opened_address(view.address("/run/second/questions")) as found:
        page = found.page
        questions = texts(found, "table.questions a[dir=auto]")
        wanted = max(questions[0].strip("?").split(), key=len)
        page.keyboard.press("/")
        page.keyboard.type(wanted)
        until(found, f"location.search.includes('words={wanted}')")
        page.reload()
        rows = texts(found, "table.questions a[dir=auto]")
        assert questions[0] in rows
        assert set(rows) <= set(questions)
        page.get_by_role("link", name="question", exact=True).click()
        assert page.locator("th[aria-sort=ascending]").inner_text() == "question"
        shown = [text.casefold() for text in texts(found, "table.questions a[dir=auto]")]
        assert shown == sorted(shown)


def test_keys_go_to_the_next_step_and_back(view: Viewing) -> None:
    with opened_address(view.address("/run/second/trace?node=critique")) as found:
        page = found.page
        page.locator("ol.tree a").first.click()
        page.wait_for_url("**/step?*")
        first = settled(found).url
        page.keyboard.press("j")
        page.wait_for_url(lambda url: url != first)
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(first)
        assert page.get_by_role("heading", name="Answers and labels").is_visible()
        assert found.said == []


def test_hostile_words_run_nothing_on_any_page(view: Viewing) -> None:
    with opened_address(view.address("/run/first/questions?words=planted")) as found:
        assert "<script>document.title='run'</script>" in found.page.inner_text("table.questions")
        for path in PAGES:
            found.page.goto(view.address(f"/run/first{path}"))
            settled(found) if path else found.page.wait_for_timeout(300)
            for fold in found.page.locator("details > summary").all()[:6]:
                fold.click()
            assert found.page.title() != "run"
            assert found.page.locator("img, iframe, object, [onerror]").count() == 0
            assert found.page.locator("script:not([src^='/static/'])").count() == 0
        assert [each for each in found.said if "Content Security Policy" in each] == []
        assert [each for each in found.fetched if not each.startswith(f"http://127.0.0.1:{view.port}/")] == []


@pytest.mark.parametrize("width", [390, 1200])
def test_no_page_scrolls_sideways_and_dark_is_not_light(view: Viewing, width: int) -> None:
    with opened_address(view.address("/"), width=width) as found:
        for path in ("/", "/compare", *(f"/run/first{each}" for each in PAGES)):
            found.page.goto(view.address(path))
            assert found.run("document.documentElement.scrollWidth") <= width, path
        colour = "getComputedStyle(document.body).backgroundColor"
        light = found.run(colour)
        found.page.emulate_media(color_scheme="dark")
        assert found.run(colour) != light


def test_a_page_without_the_token_says_what_to_do(view: Viewing) -> None:
    with opened_address(f"http://127.0.0.1:{view.port}/run/first") as found:
        assert "Open the whole address that adaem view printed" in found.page.inner_text("body")


@pytest.mark.timeout(300)
def test_a_cell_of_the_findings_opens_the_questions_behind_it(view: Viewing) -> None:
    with opened_address(view.address("/run/second/findings")) as found:
        page = found.page
        page.set_default_timeout(240_000)
        page.locator(".heat td a").first.wait_for()
        page.locator("#circle svg").wait_for()
        page.locator("#contrasts-table tbody tr").first.wait_for()
        number = page.locator("#contrasts-table [role=status]").inner_text()
        page.locator("#contrasts-table select[name=value]").select_option("refusal")
        status = "document.querySelector('#contrasts-table [role=status]').innerText"
        until(found, f"{status} !== {number!r}")
        assert {row.split("\t")[1] for row in texts(found, "#contrasts-table tbody tr")} == {"refusing"}
        model = page.locator(".heat tbody th").first.inner_text().rstrip("*")
        page.locator(".heat td a").first.click()
        page.locator("table.questions").wait_for()
        assert f"rate of {model} on" in page.inner_text("table.questions thead")
        rates = [float(each.split(" %")[0]) for each in texts(found, "table.questions td[data-label=apart]")]
        assert rates == sorted(rates, reverse=True)
        assert 0 < len(rates) <= 4  # the seeds that were evaluated beside them do not stand here
        assert found.said == []


@pytest.mark.timeout(300)
def test_two_folders_side_by_side_lead_to_answers_then_and_now(view: Viewing) -> None:
    with opened_address(view.address("/compare?first=second")) as found:
        page = found.page
        page.set_default_timeout(240_000)
        page.locator("select[name=second]").select_option("first")
        page.get_by_role("button", name="Compare").click()
        page.locator("#paired").wait_for()
        page.locator("section[aria-labelledby=paired] tbody a").first.click()
        assert set(texts(found, ".side-by-side h3")) == {"first", "second"}
        assert page.locator("mark").count() > 0
        assert found.said == []
