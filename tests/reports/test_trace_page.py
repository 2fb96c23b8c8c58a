"""The trace as a page, in a real browser: hostile answers stay text, nothing leaves, everything opens by keyboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from adaem.domain.answer import Answer, KeyPoint, Outcome, Phase, Stance
from adaem.domain.errors import FileError, InputError
from adaem.domain.judgement import Judgement, Label
from adaem.domain.texts.safe_text import harmless
from adaem.records import RunFolder, RunRecords, read_trace
from adaem.reports.trace.trace_page import stretches, trace_page, write_trace_page
from browser import opened
from finished_runs import FinishedRuns
from small_world import HOSTILE

MERMAID = 'graph TD; A-->B; click A call alert() "x"'
PLANTED = {
    **HOSTILE,
    "mermaid": MERMAID,
    "handler": "<svg onload=\"document.title='run'\">",
    "close": "</details></main>",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> RunFolder:
    """A run of which one question was answered with everything that is hostile, each text quoted by the judge too."""
    folder = tmp_path_factory.mktemp("page")
    run = finished_runs.copy(folder / "run", questions=4, budget__calls=1500)
    question = next(event.question_id for event in read_trace(run.trace_path)[0] if event.node == "critique")
    with RunRecords(run.records_path) as records:
        answers = [
            Answer(
                question_id=question,
                member=f"<b>{name}</b>",
                phase=Phase.SEARCH,
                sample=0,
                outcome=Outcome.ANSWERED,
                stance=Stance.YES,
                key_points=tuple(KeyPoint(point=text, justification="so") for _ in range(3)),
            )
            for name, text in PLANTED.items()
        ]
        judgements = [
            Judgement(
                judge="j",
                outcome=Outcome.ANSWERED,
                labels=(Label(key_point=0, value="<i>power</i>", quote=text),),
            )
            for text in PLANTED.values()
        ]
        records.put_answers(answers, judgements)
    text = run.trace_path.read_text(encoding="utf-8").split("\n")
    event = json.loads(text[0])
    event["summary"] = HOSTILE["html"] + HOSTILE["hyperlink"]
    run.trace_path.write_text("\n".join([json.dumps(event), *text[1:]]), encoding="utf-8")
    return run


@pytest.fixture(scope="module")
def page(run: RunFolder) -> Path:
    file = run.path.parent / "trace & ä.html"
    assert write_trace_page(run, file) == file.stat().st_size
    return file


@pytest.mark.slow
def test_hostile_text_is_shown_and_never_executed(page: Path) -> None:
    with opened(page) as found:
        found.run("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert found.said == []
        assert found.fetched == []
        assert found.run("document.title").startswith("Trace of")
        assert (
            found.run("document.querySelectorAll('script, main img, main svg, iframe, [onload], [onerror]').length")
            == 0
        )
        shown = " ".join(found.run("document.body.textContent").split())
        for name, text in PLANTED.items():
            assert " ".join(harmless(text).split()) in shown, name
            assert " ".join(harmless(f"<b>{name}</b>").split()) in shown
        assert "\x1b" not in page.read_text(encoding="utf-8")
        marks = found.run("[...document.querySelectorAll('mark')].map(each => each.textContent)")
        assert harmless(HOSTILE["html"]) in marks


@pytest.mark.slow
def test_it_is_ready_at_once_and_a_step_can_be_linked_to(page: Path, run: RunFolder) -> None:
    events = read_trace(run.trace_path)[0]
    with opened(page) as found:
        assert found.seconds < 2
        assert found.run("document.querySelectorAll('details.step').length") == len(events)
        assert found.run("document.getElementById('step-1.1.critique') !== null")


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 768])
def test_no_screen_has_to_scroll_sideways(page: Path, width: int) -> None:
    with opened(page, width=width) as found:
        found.run("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert found.run("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_the_keyboard_opens_a_step(page: Path) -> None:
    with opened(page) as found:
        found.page.keyboard.press("Tab")
        assert found.run("document.activeElement.textContent") == "Skip to the rounds"
        step = found.page.locator("details.step > summary").first
        step.focus()
        found.page.keyboard.press("Enter")
        assert found.run("document.activeElement.parentElement.open")


@pytest.mark.slow
def test_dark_and_light_differ(page: Path) -> None:
    with opened(page) as found:
        light = found.run("getComputedStyle(document.body).backgroundColor")
        found.page.emulate_media(color_scheme="dark")
        assert found.run("getComputedStyle(document.body).backgroundColor") != light


def test_quotes_that_overlap_are_cut_once() -> None:
    labels = (
        Label(key_point=0, value="power", quote="bcd"),
        Label(key_point=0, value="safety", quote="cde"),
        Label(key_point=1, value="care", quote="a"),
        Label(key_point=0, value="care", quote="f"),
    )
    judgement = Judgement(judge="j", outcome=Outcome.ANSWERED, labels=labels)
    told = [(each.text, each.value) for each in stretches("abcdefg", judgement, 0)]
    assert told == [("a", ""), ("bcd", "power"), ("e", ""), ("f", "care"), ("g", "")]
    assert "".join(text for text, _ in told) == "abcdefg"
    assert [each.text for each in stretches("abc", None, 0)] == ["abc"]


def test_a_file_that_cannot_be_written_is_one_line(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none/trace\.html: cannot be written"):
        write_trace_page(run, tmp_path / "none" / "trace.html")


def test_without_jinja_it_says_what_to_install(run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adaem.reports.trace.trace_page.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'adaem\[page\]'"):
        write_trace_page(run, tmp_path / "trace.html")


def test_of_a_long_search_only_the_confirmed_are_there_in_words(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trace_page(run)
    monkeypatch.setattr("adaem.reports.trace.trace_page.MOST_IN_WORDS", 2)
    short = trace_page(run)
    with RunRecords(run.records_path, read_only=True) as records:
        confirmed = records.ids("confirmed")
    judged = [event.question_id for event in read_trace(run.trace_path)[0] if event.node == "critique"]
    assert whole.count('class="answers"') == len(judged) > 2
    assert short.count('class="answers"') == sum(question in confirmed for question in judged) < len(judged)
    assert len(short) < len(whole)
