"""A host of one's own network that is asked by plain http: doctor, plan, run, resume, and another judge's pool."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiktoken
import yaml
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reading.yaml_records import load_pool
from adaem.domain.settings import Settings
from adaem.jobs.inputs import with_judges
from adaem.jobs.trust import check_pool_of
from adaem.records import RunFolder
from foreign import edit_manifest
from loopback import LoopbackServer, completion
from named_hosts import Resolver
from named_hosts import leads_to as leads_to
from served import ServedPool

Command = Callable[..., tuple[int, str, str]]
ALLOWED = "allowed_hosts=[gpu.lan]"
UNENCRYPTED = "prompts and keys can be read on the network"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    vocabulary = {bytes([byte]): byte for byte in range(256)}
    plain = tiktoken.Encoding("bytes", pat_str=".", mergeable_ranks=vocabulary, special_tokens={})
    monkeypatch.setattr(tiktoken, "get_encoding", lambda _: plain)  # it would be downloaded


def pool_at(address: str, *allowed_hosts: str, **member: Any) -> str:
    members = [
        {"id": name, "model": f"openai:{name}", "base_url": address, "roles": roles, **member}
        for name, roles in (("a", ["scout", "panel"]), ("b", ["scout", "panel"]), ("j", ["judge"]))
    ]
    Path("pool.yaml").write_text(yaml.safe_dump({"members": members, "allowed_hosts": [*allowed_hosts]}))
    return "pool.yaml"


def test_the_doctor_asks_there_and_says_that_others_can_read(adaem: Command, leads_to: Resolver) -> None:
    leads_to(["127.0.0.1"])
    with LoopbackServer() as server:
        for name in "abj":
            server.behave(name, completion(json.dumps({"expresses": True, "quote": "choose"}), model=name))
        address = server.url.replace("127.0.0.1", "gpu.lan")
        host = address.split("/")[2]
        code, out, _ = adaem("doctor", "--pool", pool_at(address, "gpu.lan"), "--json")
        assert server.count == 3
        rows = {row["what"]: row for row in json.loads(out)["checks"]}
        assert (code, rows["endpoint a"]["verdict"], rows["encryption"]["verdict"]) == (0, "ok", "warning")
        assert rows["encryption"]["detail"] == f"unencrypted to {host} (for a, b, j): {UNENCRYPTED}"
        assert out.count(UNENCRYPTED) == 1, "the row of the run says it again"

        code, out, _ = adaem("doctor", "--pool", pool_at(address), "--json")
        rows = {row["what"]: row for row in json.loads(out)["checks"]}
        assert (code, rows["endpoint a"]["verdict"]) == (1, "problem")
        assert "allowed_hosts: [gpu.lan]" in rows["endpoint a"]["remedy"]
        assert "encryption" not in rows
        assert server.count == 3


def test_the_doctor_puts_real_questions_there_too(adaem: Command, leads_to: Resolver) -> None:
    leads_to(["127.0.0.1"])
    with ServedPool() as served:
        pool = load_pool(
            served.pool_file(Path("served.yaml"), base_url=served.server.url.replace("127.0.0.1", "gpu.lan"))
        )
        Path("lan.yaml").write_text(pool.model_copy(update={"allowed_hosts": ("gpu.lan",)}).model_dump_json())
        _, out, _ = adaem("doctor", "--pool", "lan.yaml", "--probes", 2, "--json")
    usable = [row for row in json.loads(out)["checks"] if row["what"].startswith("answers")]
    assert len(usable) == len(pool.respondents)
    # The port is drawn, and with it who declines: ten are asked where one of two is not answered.
    for row in usable:
        assert re.search(r"[1-9]\d* of (2|10) answered", row["detail"]), row
        assert "failed" not in row["detail"], row


def test_a_plan_and_the_notes_of_a_run_name_the_host(adaem: Command) -> None:
    code, out, _ = adaem("plan", "--pool", pool_at("http://192.168.1.20:8000/v1", "192.168.1.20:8000"), "--json")
    assert (
        code,
        json.loads(out)["notices"].count(f"unencrypted to 192.168.1.20:8000 (for a, b, j): {UNENCRYPTED}"),
    ) == (0, 1)
    for allowed in ((), ("192.168.1.20:8001",)):
        code, out, err = adaem("plan", "--pool", pool_at("http://192.168.1.20:8000/v1", *allowed))
        assert (code, out) == (2, "")
        assert err.rstrip().endswith("add to the pool file: allowed_hosts: [192.168.1.20]")
    code, _, err = adaem("plan", "--pool", pool_at("http://8.8.8.8/v1", "8.8.8.8"))
    assert code == 2
    assert "allowed_hosts.0: is no private address: prompts and keys would cross the internet unencrypted" in err


def test_a_refused_host_leaves_nothing_behind(adaem: Command) -> None:
    code, _, err = adaem("run", "--pool", pool_at("http://gpu.lan:8000/v1"), "--out", "run")
    assert (code, len(err.splitlines())) == (2, 1)
    assert not Path("run").exists()


def test_a_run_is_made_there_and_goes_on_only_where_its_user_names_the_host(
    adaem: Command, leads_to: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(["127.0.0.1"])
    with ServedPool() as served, LoopbackServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        monkeypatch.setenv("ALL_PROXY", proxy.url.removesuffix("/v1"))
        address = served.server.url.replace("127.0.0.1", "gpu.lan")
        pool = load_pool(served.pool_file(Path("served.yaml"), base_url=address))
        Path("lan.yaml").write_text(pool.model_copy(update={"allowed_hosts": ("gpu.lan",)}).model_dump_json())
        small = ["-s", "samples.search=2", "-s", "samples.confirm=2", "--calls", 400, "--questions", 2]
        code, _, err = adaem("run", "--pool", "lan.yaml", "--out", "run", *small)
        assert code == 0, err
        assert UNENCRYPTED in " ".join(RunFolder(Path("run")).read_manifest().notices)
        sent = len(served.exchanges)
        assert sent > 100

        edit_manifest(Path("run"), lambda data: data.update(status="interrupted"))
        code, _, err = adaem("resume", "run")
        assert (code, len(served.exchanges)) == (2, sent)
        assert f"gpu.lan (unencrypted: {UNENCRYPTED}), which is no known provider's address" in err
        code, _, err = adaem("resume", "run", "-s", ALLOWED, "-s", "budget.calls=450")
        assert code == 0, err
        assert proxy.count == 0


def test_a_folder_is_held_to_its_readers_word() -> None:
    pool = load_pool(pool_at("http://192.168.1.20:8000/v1", "192.168.1.20"))
    with pytest.raises(
        InputError, match=r"192\.168\.1\.20 \(unencrypted: .*-s 'allowed_hosts=\[\"192\.168\.1\.20\"\]'"
    ):
        check_pool_of(Path("run"), pool, Settings())
    check_pool_of(Path("run"), pool, Settings(allowed_hosts=("192.168.1.20",)))
    encrypted = load_pool(pool_at("https://192.168.1.20:8000/v1"))
    with pytest.raises(InputError, match=r"asked at 192\.168\.1\.20, which"):
        check_pool_of(Path("run"), encrypted, Settings())


def test_judges_of_another_pool_bring_their_hosts() -> None:
    pool = load_pool(pool_at("http://10.0.0.7/v1", "10.0.0.7"))
    others = PoolSpec.model_validate(
        {
            "members": [{"id": "k", "model": "openai:k", "roles": ["judge"], "base_url": "http://gpu.lan/v1"}],
            "allowed_hosts": ["gpu.lan", "10.0.0.7"],
        }
    )
    sitting = with_judges(pool, others)
    assert [member.id for member in sitting.members] == ["a", "b", "k"]
    assert sitting.allowed_hosts == ("10.0.0.7", "gpu.lan")


def test_a_name_that_leads_to_the_internet_stops_a_run_before_it_begins(adaem: Command, leads_to: Resolver) -> None:
    leads_to(["93.184.215.14"])
    code, _, err = adaem("run", "--pool", pool_at("http://gpu.lan:8000/v1", "gpu.lan"), "--out", "run")
    assert (code, Path("run").exists()) == (2, False)
    assert "gpu.lan, which leads to 93.184.215.14, no private address" in err.splitlines()[-1]


def test_a_judge_of_recorded_answers_is_asked_there_only_where_its_pool_allows_it(
    adaem: Command, leads_to: Resolver
) -> None:
    leads_to(["127.0.0.1"])
    rows = [
        {"question_id": f"q{number}", "question": f"Should {thing} be banned?", "model": name, "answer": f"No {thing}."}
        for number, thing in enumerate(("cars", "trains"))
        for name in "ab"
    ]
    Path("rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    given = ("import", "rows.jsonl", "--framework", "schwartz", "--judge", "llm")
    with LoopbackServer() as server:
        server.behave("j", completion(json.dumps({"labels": []}), model="j"))
        address = server.url.replace("127.0.0.1", "gpu.lan")
        code, _, err = adaem(*given, "--pool", pool_at(address), "--out", "refused")
        assert (code, server.count, Path("refused").exists()) == (2, 0, False)
        assert err.rstrip().endswith("add to the pool file: allowed_hosts: [gpu.lan]")
        adaem(*given, "--pool", pool_at(address, "gpu.lan"), "--out", "asked")
        assert server.count > 0
    notices = RunFolder(Path("asked")).read_manifest().notices
    assert [notice.partition(":")[0] for notice in notices if UNENCRYPTED in notice] == ["unencrypted to gpu.lan"]
