"""The doctor names what is wrong, all of it at once, with a remedy, and never a key."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tiktoken
import yaml
from adaem.domain.settings import Settings
from adaem.jobs.doctor.answer_probes import QUESTIONS_TO_A_WEAK_MEMBER
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.named_embedder import make_embedder
from growing import simulated_pool
from loopback import Behaviour, LoopbackServer, completion, failing, refusing_schemas

Command = Callable[..., tuple[int, str, str]]

KEY = "planted-key-0123456789abcdef"
FITS = json.dumps({"expresses": True, "quote": "choose for themselves"})


@pytest.fixture(autouse=True)
def vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    """tiktoken would download its vocabularies."""
    plain = tiktoken.Encoding(
        "bytes", pat_str=r".", mergeable_ranks={bytes([n]): n for n in range(256)}, special_tokens={}
    )
    monkeypatch.setattr(tiktoken, "get_encoding", lambda _: plain)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LoopbackServer]:
    monkeypatch.setenv("PLANTED_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    with LoopbackServer() as server:
        server.behave("good", completion(FITS))
        yield server


def member(name: str, url: str, **more: Any) -> dict[str, Any]:
    given = {"roles": ["scout", "panel"], "key_variable": "PLANTED_KEY", "timeout": 5.0}
    return {"id": name, "model": f"openai:{name}", "base_url": url} | given | more


def pool_of(server: LoopbackServer, *members: dict[str, Any]) -> str:
    """A pool file with two good members beside ``members``."""
    url = server.url
    everyone = [member("good", url), member("judge", url, model="openai:good", roles=["scout", "panel", "judge"])]
    Path("pool.yaml").write_text(yaml.safe_dump({"members": [*everyone, *members]}), encoding="utf-8")
    return "pool.yaml"


def checks(adaem: Command, *arguments: object) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the rows by name; of rows with one name the first. No key may be in any form of the output."""
    code, out, err = adaem("doctor", *arguments, "--json", "-s", "allowed_hosts=[127.0.0.1]")
    assert KEY not in out + err
    rows: dict[str, dict[str, Any]] = {}
    for check in json.loads(out)["checks"]:
        rows.setdefault(check["what"], check)
    return code, rows


def one(server: LoopbackServer, adaem: Command, *behaviours: Behaviour, **more: Any) -> tuple[int, dict[str, Any]]:
    """The exit code, and the row of one member that behaves so."""
    server.behave("m", *behaviours)
    code, rows = checks(adaem, "--pool", pool_of(server, member("m", server.url, **more)))
    return code, rows["endpoint m"]


# --- endpoints --------------------------------------------------------------------------------------------------------


def test_good_endpoints_are_ok_with_one_request_each(server: LoopbackServer, adaem: Command) -> None:
    code, rows = checks(adaem, "--pool", pool_of(server))
    row = rows["endpoint good"]
    assert (code, row["verdict"], row["model_name"], row["schema_mode"]) == (0, "ok", "good", "body")
    assert 0 <= row["seconds"] < 5
    assert server.count == 2
    assert rows["key PLANTED_KEY"]["detail"] == "set; goes to 127.0.0.1 for good, judge"


WRONG = {
    "401": (
        [failing(401, f"Incorrect API key provided: {KEY}.")],
        "problem",
        "HTTP 401",
        "check the key in PLANTED_KEY",
    ),
    "404": ([failing(404, "no such model", code="model_not_found")], "problem", "HTTP 404", "check the model's name"),
    "429": ([failing(429, "slow down")], "warning", "HTTP 429", "requests_per_minute"),
    "500": ([failing(500)], "problem", "HTTP 500", "try again later"),
    "400": ([failing(400, "bad request")], "problem", "bad request", "check temperature"),
    "temperature": ([failing(400, "temperature is not supported")], "problem", "refuses temperature", "null"),
    "filter": ([failing(400, "Content Exists Risk")], "warning", "filtered: HTTP 400: Content Exists Risk", "try"),
    "filter, 403": ([failing(403, "Content violates usage guidelines")], "warning", "filtered: HTTP 403", "try again"),
    "misrouted": ([completion(FITS, model="quite-another")], "problem", "quite-another", "answers_as"),
    "refuses schemas": ([refusing_schemas(FITS)], "warning", "refused", "schema_mode: text"),
    "garbage": ([completion("Well, it depends.")], "problem", "does not fit the schema", "more capable"),
    "cut off": ([completion(FITS[:9], finish_reason="length")], "problem", "cut off", "max_tokens"),
    "refusal": ([completion(None, refusal="I must decline.")], "warning", "I must decline", "try again"),
    "no name": ([completion(FITS, model="")], "ok", "", ""),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_an_endpoint_is_said_with_a_remedy(
    what: str, server: LoopbackServer, adaem: Command
) -> None:
    behaviours, verdict, words, remedy = WRONG[what]
    code, row = one(server, adaem, *behaviours)
    assert (code, row["verdict"]) == (1 if verdict == "problem" else 0, verdict), row
    assert words in row["detail"]
    assert remedy in row["remedy"]
    probes = (
        2 * QUESTIONS_TO_A_WEAK_MEMBER if what in ("garbage", "cut off") else 0
    )  # a weak member is put real questions, too
    assert len(server.requests["m"]) <= 4 + probes


def test_a_server_that_ignores_the_schema_is_a_problem(server: LoopbackServer, adaem: Command) -> None:
    def ignores(request: Any) -> Any:
        asked_in_words = "expresses" in request.body["messages"][-1]["content"].split("JSON schema", 1)[-1]
        wanted = "response_format" not in request.body and asked_in_words
        return completion(FITS if wanted else "Well, it depends.")(request)

    code, row = one(server, adaem, ignores)
    assert (code, row["verdict"], row["schema_mode"]) == (1, "problem", "text"), row
    assert "ignored" in row["detail"]
    assert row["remedy"] == "set schema_mode: text for this member"
    code, row = one(server, adaem, ignores, schema_mode="text")
    assert (code, row["verdict"]) == (0, "ok"), row


@pytest.mark.slow
def test_a_slow_server_is_given_up_at_its_time_out(server: LoopbackServer, adaem: Command) -> None:
    code, row = one(server, adaem, completion(FITS, delay=3), timeout=0.2)
    assert (code, row["verdict"], row["detail"]) == (1, "problem", "no response within 0.2 s")


@pytest.mark.slow
def test_one_slower_than_the_doctor_waits_is_a_warning(
    server: LoopbackServer, adaem: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adaem.jobs.doctor.member_check.LONGEST_WAIT", 0.2)
    code, row = one(server, adaem, completion(FITS, delay=3), timeout=60)
    assert (code, row["verdict"]) == (0, "warning")
    assert "time-out is 60 s" in row["remedy"]


@pytest.mark.slow
def test_a_dead_port_and_a_missing_package_do_not_stop_the_others(server: LoopbackServer, adaem: Command) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    odd = {"id": "odd", "model": "nosuch:model", "roles": ["scout"]}
    code, rows = checks(adaem, "--pool", pool_of(server, member("dead", dead), odd))
    assert code == 1
    assert rows["endpoint dead"]["verdict"] == rows["endpoint odd"]["verdict"] == "problem"
    assert "server is running" in rows["endpoint dead"]["remedy"]
    assert rows["endpoint good"]["verdict"] == "ok"


def test_a_key_that_is_not_set_is_one_row_and_its_members_are_not_asked(server: LoopbackServer, adaem: Command) -> None:
    pool = pool_of(server, member("m", server.url, key_variable="NO_SUCH_KEY"))
    code, rows = checks(adaem, "--pool", pool)
    assert (code, rows["key NO_SUCH_KEY"]["verdict"]) == (1, "problem")
    assert "export NO_SUCH_KEY=" in rows["key NO_SUCH_KEY"]["remedy"]
    assert rows["endpoint m"]["verdict"] == "skipped"
    assert not server.requests["m"]


@pytest.mark.slow
def test_a_key_is_not_sent_where_it_may_not_go(
    server: LoopbackServer, adaem: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    pool = pool_of(server, member("m", server.url, key_variable="OPENAI_API_KEY"))
    server.behave("m", completion(FITS))
    code, out, err = adaem("doctor", "--pool", pool, "--json")
    row = next(row for row in json.loads(out)["checks"] if row["what"] == "endpoint m")
    assert (code, row["verdict"], KEY in out + err) == (1, "problem", False)
    assert "allowed_hosts" in row["remedy"]
    assert not server.requests["m"]
    code, rows = checks(adaem, "--pool", pool)
    assert (code, rows["endpoint m"]["verdict"], len(server.requests["m"])) == (0, "ok", 1)


def test_a_held_out_model_that_takes_part_under_another_name_is_noticed(server: LoopbackServer, adaem: Command) -> None:
    server.behave("good-2026-01-02", completion(FITS))
    server.behave("good", lambda request: completion(FITS, model="good-2026-01-02")(request))
    held_out = member("new", server.url, model="openai:good-2026-01-02", roles=["examinee"])
    code, rows = checks(adaem, "--pool", pool_of(server, held_out))
    assert (code, rows["held out new"]["verdict"]) == (0, "warning")


def test_a_judge_that_answers_under_another_name_has_a_row(server: LoopbackServer, adaem: Command) -> None:
    server.behave("sol-2026-01-02", completion(FITS))
    server.behave("sol", lambda request: completion(FITS, model="sol-2026-01-02")(request))
    members = [
        member("good", server.url),
        member("sol-2026-01-02", server.url),
        member("sol", server.url, roles=["judge"]),
    ]
    Path("pool.yaml").write_text(yaml.safe_dump({"members": members}), encoding="utf-8")
    code, rows = checks(adaem, "--pool", "pool.yaml")
    row = rows["self-judging"]
    assert (code, row["verdict"], row["remedy"]) == (0, "warning", "name another judge")
    assert row["detail"].startswith("the judge sol also answers as scout and panel member sol-2026-01-02; ")
    assert rows["run"]["verdict"] == "ok"


@pytest.mark.slow
def test_members_are_asked_at_the_same_time(server: LoopbackServer, adaem: Command) -> None:
    pool = pool_of(server, *(member(f"s{n}", server.url) for n in range(6)))
    for name in [f"s{n}" for n in range(6)]:
        server.behave(name, lambda request: completion(FITS, delay=0.5)(request))
    _, rows = checks(adaem, "--pool", pool)
    seconds = [rows[f"endpoint s{n}"]["seconds"] for n in range(6)]
    # One after the other, each would have had the server for itself.
    assert all(0.5 <= each < 2.5 for each in seconds)


@pytest.mark.slow
def test_a_vocabulary_out_of_reach_is_a_warning(
    server: LoopbackServer, adaem: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pool_of(server)
    code, rows = checks(adaem, "--pool", pool)
    assert (code, rows["tokenizer"]["verdict"]) == (0, "ok")

    def no_network(_: str) -> None:
        raise OSError("no route")

    monkeypatch.setattr(tiktoken, "get_encoding", no_network)
    code, rows = checks(adaem, "--pool", pool)
    assert (code, rows["tokenizer"]["verdict"]) == (0, "warning")
    assert "TIKTOKEN_CACHE_DIR" in rows["tokenizer"]["remedy"]


# --- files, folders, the table ----------------------------------------------------------------------------------------


def test_everything_that_is_wrong_is_a_row(adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("settings.yaml").write_text("questons: 5\nseed: -1\nframework: nosuch\nembedder: best\n", encoding="utf-8")
    members = [{"id": "a b", "model": "openai:x", "roles": ["scout"]}, {"id": "c", "model": "gpt", "roles": []}]
    Path("pool.yaml").write_text(yaml.safe_dump({"members": members}), encoding="utf-8")
    code, out, err = adaem(
        "doctor", "settings.yaml", "--pool", "pool.yaml", "-s", "budget", "--prompts", "no", "--json"
    )
    assert (code, err) == (1, "")
    told = [(row["what"], row["detail"]) for row in json.loads(out)["checks"] if row["verdict"] == "problem"]
    assert [what for what, _ in told] == ["settings"] * 3 + ["framework", "pool", "pool", "prompts", "embedder"]
    details = "\n".join(detail for _, detail in told)
    for words in (
        "questons: unknown key",
        "settings.yaml, seed",
        "not of the form",
        "'nosuch'",
        "members.0",
        "members.1",
    ):
        assert words in details


def test_an_unreadable_settings_file_hides_nothing_else(adaem: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("questions: [", encoding="utf-8")
    code, rows = checks(adaem, tmp_path / "broken.yaml", "--pool", simulated_pool(tmp_path / "pool.yaml"))
    assert (code, rows["settings"]["verdict"]) == (1, "problem")
    assert rows["framework"]["verdict"] == rows["run"]["verdict"] == "skipped"
    assert rows["pool"]["verdict"] == rows["simulated members"]["verdict"] == "ok"


def test_a_budget_that_is_too_small_is_a_problem(adaem: Command) -> None:
    code, rows = checks(adaem, "-s", "budget.calls=10")
    assert (code, rows["run"]["verdict"]) == (1, "problem")
    assert "too small" in rows["run"]["detail"]


def test_a_folder_that_cannot_be_written_is_a_problem(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs").write_text("a file", encoding="utf-8")
    code, rows = checks(adaem, "--memory", "runs/memory")
    assert code == 1
    assert rows["folder of runs"]["verdict"] == rows["memory"]["verdict"] == "problem"


def test_a_shared_memory_is_opened_if_it_is_there(adaem: Command, tmp_path: Path) -> None:
    folder = tmp_path / "memory"
    _, rows = checks(adaem, "--memory", folder)
    assert rows["memory"]["verdict"] == "ok"
    assert not folder.exists()
    embedder = make_embedder(Settings().embedder)
    with Memory.open(folder, embedder, "schwartz"):
        code, rows = checks(adaem, "--memory", folder)
        assert (code, rows["memory"]["verdict"]) == (1, "problem")
        assert "another process has it open" in rows["memory"]["detail"]
    code, rows = checks(adaem, "--memory", folder)
    assert (code, rows["memory"]["detail"]) == (0, f"{folder}: 0 questions remembered")


def test_the_default_pool_is_called_simulated_and_nothing_is_left(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = adaem("doctor")
    assert code == 0
    assert out.startswith("SIMULATED MEMBERS")
    assert "✓ ok" in out
    assert max(map(len, out.splitlines())) <= 80
    assert list(tmp_path.iterdir()) == []


def test_the_table_reads_without_colour_and_hides_keys(server: LoopbackServer, adaem: Command) -> None:
    server.behave("bad", failing(401, f"headers were Authorization: Bearer {KEY} \x1b[31m[bold]"))
    wrong = member("shy", server.url, key_variable="sk-oops-12345678")
    pool = pool_of(server, member("bad", server.url), member("late", server.url, key_variable="NO_SUCH_KEY"))
    code, out, err = adaem("doctor", "--pool", pool, "-s", "allowed_hosts=[127.0.0.1]")
    assert (code, KEY in out + err, "\x1b" in out) == (1, False, False)
    assert max(map(len, out.splitlines())) <= 80
    for words in (
        "✗ problem",
        "– skipped",
        "✓ ok",
        "→ check the key in PLANTED_KEY",
        "requests sent to real models: 3",
    ):
        assert words in " ".join(out.split())
    code, out, err = adaem("doctor", "--pool", pool_of(server, wrong))
    assert (code, "12345678" in out + err) == (1, False)
