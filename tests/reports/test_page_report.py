"""The page as text: whole, the same each time, and harmless whatever models, files and people have written."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.records import RunFolder, create_run
from adaem.records.run_records import RunRecords
from adaem.reports.page import page_of
from adaem.results.answer_arrays import AnswerArrays
from adaem.results.compute import results
from adaem.results.folder_report import FolderReport, folder_report
from answered import Given, apart, evaluated, primed_evaluation, said, silent
from asking import ask, checked, write_asked
from finished_runs import FinishedRuns
from growing import simulated_pool

Command = Callable[..., tuple[int, str, str]]

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> $x_1$ _a_ \u202eevil\u202c {{ 7*7 }} & \"'"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    folder = tmp_path_factory.mktemp("page")
    finished_runs.copy(folder / "run", questions=4, budget__calls=1500)
    parts = checked(write_asked(folder / "q.jsonl", 12), simulated_pool(folder / "pool.yaml"))
    ask(parts, folder / "evaluation")
    return folder


class Tags(HTMLParser):
    """Every tag with its attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def shown(page: str) -> str:
    """The words of the page: what stands in no tag, and in no style."""
    return re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", page, flags=re.DOTALL))


def page_for(of: AnswerArrays, path: Path) -> str:
    """The page of results made by hand, in a folder that holds no answer of its own."""
    folder = create_run(path)
    with RunRecords(folder.records_path) as records:
        records.put_questions(of.questions)
    folder.write_manifest(of.manifest)
    return page_of(FolderReport(folder, results(of, 0)))


def check(page: str) -> None:
    """What every page keeps, whatever is on it."""
    tags = Tags(page).found
    names = [tag for tag, _ in tags]
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(names) - {"link"}
    assert [each.get("href") for tag, each in tags if tag == "link"] == ["data:,"]
    for tag, attributes in tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("src", "href", "xlink:href", "action"):
            assert not re.match(r"\s*(https?:|//|javascript:|file:)", attributes.get(name) or ""), (tag, attributes)
    assert "url(http" not in page
    assert "@import" not in page
    policies = [each["content"] for _, each in tags if each.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    ids = [each["id"] for _, each in tags if each.get("id")]
    assert len(set(ids)) == len(ids)
    links = [str(each["href"])[1:] for tag, each in tags if tag == "a"]
    assert set(links) <= set(ids)
    for tag, attributes in tags:
        if tag == "svg":
            assert attributes["role"] == "img"
            assert set(str(attributes["aria-labelledby"]).split()) <= set(ids)
    levels = [int(tag[1]) for tag in names if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later <= earlier + 2 for earlier, later in pairwise(levels))
    assert not re.search(r"\b(nan|inf|None|undefined)\b", shown(page))


@pytest.mark.parametrize("kind", ["run", "evaluation"])
def test_the_page_of_a_folder_is_whole_and_the_same_each_time(home: Path, kind: str) -> None:
    folder = RunFolder(home / kind)
    report = folder_report(folder)
    found, page = report.results, page_of(report)
    check(page)
    assert page == page_of(folder_report(folder))
    assert "Simulated respondents: no real model was asked" in page
    for sentence in found.sentences:
        assert sentence in re.sub(r"&#39;", "'", page)
    for model in found.asked.models:
        assert model.id in page
    assert str(home) not in page  # where it lies is nobody's business


def test_its_figures_are_those_of_json(adaem: Command, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    code, printed, told = adaem("report", home / "evaluation", "--html", file, "--json")
    assert (code, told) == (0, "")
    found = json.loads(printed)
    page = file.read_text(encoding="utf-8")
    words = " ".join(shown(page).split())
    assert f"{found['asked']['answers']:,} judged answers" in words
    profile = found["profiles"][0]
    rate = profile["values"]["security"]["rate"]["estimate"]
    assert f'title="{profile["model"]}, Security: {100 * rate:.0f} %' in page
    needed = found["contrasts"]["more_questions"]
    assert needed > 1
    open_ones = f"are inconclusive; half of them would need at least {needed:,} more questions, on new topics, to show"
    assert f"{found['contrasts']['unsettled']:,} {open_ones} a difference of 5 %" in words


def test_a_runs_summary_and_its_page_have_the_same_figures(home: Path) -> None:
    """A member's rates are told in two places, and are one statistic."""
    folder = RunFolder(home / "run")
    report = folder_report(folder)
    brief, whole = report.run, report.results
    assert brief is not None
    assert [profile.member for profile in brief.profiles] == [profile.model for profile in whole.profiles]
    for one, other in zip(brief.profiles, whole.profiles, strict=True):
        assert one.rates, one.member
        for value, rate in one.rates.items():
            told = other.values[value].rate
            assert told is not None
            assert (rate.rate, rate.interval) == (told.estimate, told.interval)
    words = " ".join(shown(page_of(report)).split())
    measured = [comparison for comparison in brief.comparisons if comparison.grown is not None]
    assert measured
    for comparison in measured:
        assert comparison.grown is not None
        assert comparison.grown.interval is None or f"{comparison.grown.interval[1]:.3f}" in words


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    def given(n: int) -> Sequence[Given]:
        return [said(HOSTILE, "care"), said(HOSTILE), said("okapi", *["power"] * (n % 2)), said("okapi")]

    of = evaluated(6, given, topics=lambda n: f"{HOSTILE} {n}")
    page = page_for(of, tmp_path / "run")
    check(page)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in shown(page).replace("&#39;", "'")
    assert "\u202e" not in page


def lone(_: int) -> Sequence[Given]:
    return [said("zebra", "care"), said("zebra")]


def same(_: int) -> Sequence[Given]:
    return [said("zebra", "care"), said("zebra", "care"), said("okapi", "care"), said("okapi", "care")]


def mute(n: int) -> Sequence[Given]:
    return [*lone(n), silent("okapi"), silent("okapi", Outcome.FAILED)]


def nobody(_: int) -> Sequence[Given]:
    return [silent("zebra"), silent("okapi")]


def foreign(n: int) -> Sequence[Given]:
    return [said("斑马", "care"), said("斑马"), said("حمار", *["power"] * (n % 2)), said("حمار")]


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (evaluated(24, lone), "there is nothing to compare it with"),
        (evaluated(1, same), "1 topic: no interval can be given"),
        (evaluated(24, same, topics=lambda _: "one"), "no difference can be settled"),
        (evaluated(24, same), "two answers to one question and wording never differ"),
        (evaluated(24, mute), "no answer at all: okapi"),
        (evaluated(24, nobody), "No answer was judged"),
        (evaluated(0, same), "No question was asked"),
        (evaluated(24, foreign), "斑马"),
        (apart(), "expressed by no model"),
        (primed_evaluation(), "zebra"),
    ],
    ids=["one model", "one question", "one topic", "identical", "mute", "nobody", "none", "scripts", "apart", "primed"],
)
def test_what_cannot_be_said_is_said(of: AnswerArrays, words: str, tmp_path: Path) -> None:
    page = page_for(of, tmp_path / "run")
    check(page)
    assert words.lower() in " ".join(shown(page).split()).lower()


def test_a_file_that_cannot_be_written_is_one_line(adaem: Command, home: Path, tmp_path: Path) -> None:
    code, printed, told = adaem("report", home / "evaluation", "--html", tmp_path / "nowhere" / "page.html")
    assert (code, printed) == (2, "")
    assert "cannot be written" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("verb", "option", "what", "ending"),
    [
        ("report", "--html", "a page", ".html"),
        ("report", "--md", "Markdown", ".md"),
        ("trace", "--html", "a page", ".html"),
        ("trace", "--inspect", "a log of Inspect", ".eval"),
    ],
)
def test_no_other_file_is_written_over(
    adaem: Command, home: Path, tmp_path: Path, verb: str, option: str, what: str, ending: str
) -> None:
    records = home / "evaluation" / "run.sqlite"
    (tmp_path / "precious.yaml").write_text("precious", encoding="utf-8")
    before = records.read_bytes()
    for file in (records, tmp_path / "precious.yaml"):
        code, printed, told = adaem(verb, home / "evaluation", option, file)
        assert (code, printed) == (2, "")
        assert f"{file}: {what} would be written over it under this name — name a file that ends in {ending}" in told
    code, _, told = adaem(verb, home / "evaluation", option, tmp_path)
    assert code == 2
    assert f"{tmp_path}: is a folder, and {what} would be written under this name" in told
    assert records.read_bytes() == before
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("precious.yaml", "precious")]
    assert not tmp_path.with_name(f"{tmp_path.name}.partial").exists()


@pytest.mark.parametrize("missing", ["jinja2", "matplotlib"])
def test_without_its_packages_it_says_what_to_install(
    adaem: Command, home: Path, tmp_path: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find: Any = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    file = tmp_path / "page.html"
    file.write_text("old", encoding="utf-8")
    code, printed, told = adaem("report", home / "evaluation", "--html", file)
    assert (code, printed) == (2, "")
    assert f"{missing} is not installed — pip install 'adaem[page]'" in told
    assert file.read_text(encoding="utf-8") == "old"
