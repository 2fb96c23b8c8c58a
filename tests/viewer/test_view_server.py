"""The server: who may see its pages, what a folder of a stranger shows, and the lists that it filters."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from adaem.domain.errors import InputError
from adaem.results.browsing.run_follower import Trouble
from adaem.viewer.screens import Screens
from adaem.viewer.serve import listen_on
from adaem.viewer.shelf import Shelf
from finished_runs import FinishedRuns
from foreign import edit_manifest
from places import ROOT
from viewing import HOSTILE, TOKEN, Viewing, plant, viewing

Command = Callable[..., tuple[int, str, str]]

PAGES = ("/", "/compare", "/run/first", "/run/first/questions", "/run/first/trace", "/run/first/findings")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    folder = tmp_path_factory.mktemp("view") / "runs"
    folder.mkdir()
    run = finished_runs.copy(folder / "first", questions=4, budget__calls=1500).path
    plant(run, "q0001-01")
    newer = finished_runs.copy(folder / "newer", questions=4, budget__calls=1500).path
    edit_manifest(newer, lambda data: data.update(schema_version=99))
    broken = finished_runs.copy(folder / "broken", questions=4, budget__calls=1500).path
    (broken / "run.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    (folder / "empty").mkdir()
    return folder


@pytest.fixture(scope="module")
def view(runs: Path) -> Iterator[Viewing]:
    with viewing(runs) as view:
        yield view


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_without_the_token_nothing_is_shown(view: Viewing) -> None:
    for path in (*PAGES, "/static/viewer.js", "/run/first/events"):
        for token in (None, "another", ""):
            reply = view.get(path, token=token)
            assert reply.status == 403
            assert "first" not in reply.text


def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address(view: Viewing) -> None:
    reply = view.get(f"/run/first/questions?token={TOKEN}&words=a+b", token=None)
    assert reply.status == 303
    assert reply.headers["location"] == "/run/first/questions?words=a+b"
    assert f"adaem-view-{view.port}={TOKEN}" in reply.headers["set-cookie"]
    assert "httponly" in reply.headers["set-cookie"].lower()
    assert view.get(f"//example.org/?token={TOKEN}", token=None).headers["location"].startswith("/example.org")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "example.org"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://example.org"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "script"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"},
    ],
)
def test_other_names_and_other_sites_are_refused(view: Viewing, headers: dict[str, str]) -> None:
    assert view.get("/", **headers).status in (403, 421)


def test_a_link_from_elsewhere_may_be_followed_but_nothing_written(view: Viewing) -> None:
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert view.get("/", **followed).status == 200
    assert view.get("/", Host=f"localhost:{view.port}").status == 200
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert view.get("/", method=method).status == 405


def test_every_answer_forbids_scripts_of_its_own(view: Viewing) -> None:
    for path in (*PAGES, "/nothing", "/static/page.css"):
        headers = view.get(path).headers
        assert "default-src 'none'; script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    for path in PAGES:
        assert not re.search(r"<script(?! src=\"/static/)|<[^>]*\son\w+=|<[^>]*javascript:", view.get(path).text)


def test_only_the_files_of_the_package_are_given_out(view: Viewing) -> None:
    assert view.get("/static/htmx.LICENSE.txt").status == 200
    for name in ("..%2fguard.py", "%2e%2e/guard.py", "guard.py", "page.html.jinja"):
        assert view.get(f"/static/{name}").status == 404


def test_each_folder_is_listed_and_one_that_cannot_be_read_says_why(view: Viewing) -> None:
    text = view.get("/").text
    assert "3 folders" in text
    assert "was written by another version of adaem" in text
    listed = rows(view.get("/?as=csv&sort=name").text)
    assert [row["name"] for row in listed] == ["broken", "first", "newer"]
    assert listed[1]["simulated"] == "yes"
    assert "1 folder of 3" in view.get("/?words=first+simulated").text


@pytest.mark.parametrize(
    "page",
    [
        *("", "/questions", "/question?id=q0001-01", "/step?id=1.explore"),
        pytest.param("/findings/body", marks=pytest.mark.slow),  # computed in a process of its own
    ],
)
def test_a_broken_folder_is_one_message(view: Viewing, page: str) -> None:
    if page != "/step?id=1.explore":  # the trace is whole
        reply = view.get(f"/run/broken{page}")
        assert reply.status == 422
        assert "cannot be read as a run’s records" in reply.text.replace("&#39;", "’")
    assert view.get(f"/run/newer{page}").status == 422
    assert view.get(f"/run/nobody{page}").status == 422


def test_questions_are_filtered_searched_and_given_as_a_table(view: Viewing) -> None:
    everything = rows(view.get("/run/first/questions?as=csv").text)
    published = rows(view.get("/run/first/questions?as=csv&status=published&sort=rank").text)
    assert [row["rank"] for row in published] == [str(rank) for rank in range(1, len(published) + 1)]
    assert len(published) < len(everything)
    known = [float(row["divergence_bits"]) for row in everything if row["divergence_bits"]]
    assert known == sorted(known, reverse=True)
    apart = rows(view.get("/run/first/questions?as=csv&model=scout-1&against=scout-2&value=power").text)
    figures = [abs(float(row["scout-1 − scout-2 on Power"])) for row in apart]
    assert figures == sorted(figures, reverse=True)
    assert len(rows(view.get("/run/first/questions?as=csv&words=Q0001-01+planted").text)) == 1
    one, twice = (
        re.findall(
            r'data-label="apart">([^<]+)', view.get(f"/run/first/questions?model=scout-1{and_}&value=power").text
        )
        for and_ in ("", "&against=scout-1")
    )
    assert one == twice
    assert one[0].endswith(" %")
    for wrong in ("model=nobody", "value=nothing", "most_q=2", "sort=colour"):
        assert view.get(f"/run/first/questions?{wrong}").status == 422


def test_a_cell_that_a_spreadsheet_would_run_is_text(view: Viewing, runs: Path) -> None:
    trace = runs / "first" / "trace.jsonl"
    events = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    events[0]["summary"] = "=HYPERLINK(1)"
    trace.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    assert "'=HYPERLINK(1)" in [row["decided"] for row in rows(view.get("/run/first/trace?as=csv").text)]


def test_hostile_words_are_text_on_every_page(view: Viewing) -> None:
    shown = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")
    shown = shown.replace("'", "&#39;").replace("\u202e", "�")
    pages = ("/questions?words=planted", "/question?id=q0001-01&models=all&samples=all", "/trace", "/step?id=1.1.probe")
    for page in (*pages, "", "/question/life?id=q0001-01"):
        text = view.get(f"/run/first{page}").text
        assert "<script>document" not in text, page
        assert "<b hx-get" not in text, page
        assert "\u202e" not in text, page
        assert shown in text or page == "/step?id=1.1.probe", page


def test_the_answers_stand_side_by_side_with_the_quoted_words_marked(view: Viewing) -> None:
    text = view.get("/run/first/question?id=q0001-01&models=scout-1&models=scout-2&stage=search").text
    assert text.count("<article") == 2
    assert re.search(r"<mark>words that stay</mark><span class=\"valued\">Power</span>", text)
    address = re.findall(r'hx-get="(/run/first/call\?id=[^"]+)"', text)[0]
    call = view.get(address.replace("&amp;", "&"), HX_Request="true").text
    assert "<h4>Prompt</h4>" in call
    assert ", sample 0: " in call
    assert "<html" not in call


def test_the_first_look_at_a_live_page_sends_every_part(view: Viewing) -> None:
    with closing(socket.create_connection(("127.0.0.1", view.port), timeout=30)) as stream:
        head = f"GET /run/first/events HTTP/1.1\r\nHost: 127.0.0.1:{view.port}\r\n"
        stream.sendall(f"{head}Cookie: adaem-view-{view.port}={TOKEN}\r\n\r\n".encode())
        received = b""
        while b": still here" not in received:
            received += stream.recv(65_536)
    text = received.decode("utf-8", "replace")
    assert "Mean search score of the best 4, and mean divergence of all confirmed ones" in text
    parts = {"state", "progress", "best", "curve", "work", "members", "troubles", "spent"}
    assert set(re.findall(r"^event: (\w+)", text, re.MULTILINE)) == parts
    assert "text/event-stream" in text


def test_what_brought_no_answer_is_counted_in_a_sentence() -> None:
    trouble = Trouble("1.2.failure", "a move", "failed", "no draft was usable")

    def sentence(unanswered: int, failed_moves: int) -> str:
        standing = {"troubles": [trouble], "unanswered": unanswered, "failed_moves": failed_moves}
        return Screens().html("live/troubles", standing=standing, entry=None)

    assert "<p>1 move failed; the latest:</p>" in sentence(0, 1)
    assert "<p>2 calls brought no answer; the latest:</p>" in sentence(2, 0)
    assert "<p>1 call brought no answer, 3 moves failed; the latest:</p>" in sentence(1, 3)


def test_keys_stay_when_folders_come_and_names_that_are_taken_get_a_number(tmp_path: Path, runs: Path) -> None:
    shelf = Shelf([runs, tmp_path])
    before = {entry.key: entry.path for entry in shelf.entries()}
    other = tmp_path / "elsewhere" / "first"
    other.mkdir(parents=True)
    (tmp_path / "no-run").mkdir()
    (tmp_path / "no-run" / "manifest.json").write_text('{"manifest_version": 3}', encoding="utf-8")
    (other / "run.sqlite").touch()
    (other / "manifest.json").write_bytes((runs / "first" / "manifest.json").read_bytes())
    after = {entry.key: entry.path for entry in shelf.entries()}
    assert after == before | {"first-2": other.resolve()}


def test_what_cannot_be_served_is_one_line(adaem: Command, tmp_path: Path) -> None:
    code, _, err = adaem("view", tmp_path / "nowhere", "--no-browser")
    assert code == 2
    assert err == f"adaem: {tmp_path / 'nowhere'}: is no folder — name the folder of a run, or one that holds runs\n"
    with closing(listen_on(None)) as taken:
        port = taken.getsockname()[1]
        code, _, err = adaem("view", tmp_path, "--no-browser", "--port", port)
        assert code == 2
        assert err.startswith(f"adaem: --port {port}: is taken")
        code, _, err = adaem("view", tmp_path, "--no-browser", "--port", 70_000)
        assert code == 2
        assert "70000 is more than 65535" in err
        with pytest.raises(InputError):
            listen_on(port)


def test_the_newest_run_is_called_latest(adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = adaem("view", "latest", "--no-browser")
    assert code == 2
    assert err.startswith("adaem: latest: there is no run in runs/")


def test_ctrl_c_says_nothing_of_a_live_page_that_is_open(runs: Path) -> None:
    command = [sys.executable, str(ROOT / "main.py"), "view", str(runs), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port, token = re.findall(r":(\d+)/\?token=(\S+)", server.stdout.readline())[0]
        with closing(socket.create_connection(("127.0.0.1", int(port)), timeout=30)) as stream:
            head = f"GET /run/first/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            stream.sendall(f"{head}Cookie: adaem-view-{port}={token}\r\n\r\n".encode())
            assert stream.recv(20).startswith(b"HTTP/1.1 200")
            server.send_signal(signal.SIGINT)
            _, said = server.communicate(timeout=30)
    assert "Traceback" not in said
    assert "ERROR" not in said


def test_without_the_extra_one_line_says_how_to_get_it(adaem: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adaem.viewer.serve.NEEDED_PACKAGES", ("no_such_package",))
    code, _, err = adaem("view", "--no-browser")
    assert code == 2
    assert "pip install 'adaem[view]'" in err
