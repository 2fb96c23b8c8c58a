"""The pool files of docs/REAL-MODELS.md are pool files, and pass the doctor when their addresses are on loopback."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiktoken
import yaml
from adaem.domain.pool_spec import Member, PoolSpec
from adaem.pool.endpoints.endpoint import check_keys
from loopback import LoopbackServer, completion
from places import ROOT

PAGE = (ROOT / "docs" / "REAL-MODELS.md").read_text(encoding="utf-8")
SET_UPS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
FITS = json.dumps({"expresses": True, "quote": "choose for themselves"})


def test_the_page_has_the_five_set_ups() -> None:
    assert [each["name"] for each in SET_UPS] == ["openai", "local", "lan", "several", "personas"]


@pytest.mark.parametrize("pool", SET_UPS, ids=lambda pool: str(pool["name"]))
def test_a_set_up_sends_each_key_home_without_asking(pool: dict[str, Any]) -> None:
    check_keys(PoolSpec.model_validate(pool), ())


@pytest.mark.parametrize("pool", SET_UPS, ids=lambda pool: str(pool["name"]))
def test_a_set_up_passes_the_doctor_on_loopback(
    pool: dict[str, Any],
    adaem: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = PoolSpec.model_validate(pool)
    monkeypatch.chdir(tmp_path)
    vocabulary = {bytes([byte]): byte for byte in range(256)}
    plain = tiktoken.Encoding("bytes", pat_str=".", mergeable_ranks=vocabulary, special_tokens={})
    monkeypatch.setattr(tiktoken, "get_encoding", lambda _: plain)  # it would be downloaded
    with LoopbackServer() as server:
        for member in spec.members:
            name = member.model.split(":", 1)[1]
            server.behave(name, completion(FITS, model=(*member.answers_as, name)[0]))
        moved: list[dict[str, Any]] = [{**written, "base_url": server.url} for written in pool["members"]]
        for written in moved:
            if "key_variable" in written or pool["name"] == "openai":
                written.setdefault("key_variable", "OPENAI_API_KEY")
                monkeypatch.setenv(written["key_variable"], f"dummy-of-{written['key_variable']}")
        (tmp_path / "pool.yaml").write_text(yaml.safe_dump({**pool, "members": moved}), encoding="utf-8")
        code, out, err = adaem("doctor", "--pool", "pool.yaml", "-s", "allowed_hosts=[127.0.0.1]", "--json")
        found = json.loads(out)
        assert (code, err, found["verdict"]) == (0, "", "ok"), out
        assert "dummy-of" not in out
        assert server.count == found["requests"] == len(spec.members)
    modes = {row["what"]: row["schema_mode"] for row in found["checks"] if row["what"].startswith("endpoint")}
    assert modes == {f"endpoint {each.id}": "text" if each.schema_mode == "text" else "body" for each in spec.members}


def test_members_on_the_page_use_every_field_that_it_explains() -> None:
    table = re.findall(r"^\| (`[^|]*) \|", PAGE, re.MULTILINE)
    explained = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}
    assert set(Member.model_fields) <= explained
    assert {name for pool in SET_UPS for member in pool["members"] for name in member} <= explained


def test_the_defaults_on_the_page_are_the_defaults() -> None:
    rows = dict(re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", PAGE, re.MULTILINE))
    shown = {names.strip("`"): value.strip(" `") for names, value in rows.items() if "," not in names}
    for name in ("concurrency", "timeout", "attempts", "schema_mode"):
        assert (
            shown[name] == f"{Member.model_fields[name].default:g}"
            if name == "timeout"
            else (shown[name] == str(Member.model_fields[name].default))
        )


def test_the_commands_of_the_page_exist(adaem: Callable[..., tuple[int, str, str]]) -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines():
        program, verb, *words = shlex.split(line, comments=True)
        code, out, _ = adaem(verb, "--help")
        assert (program, code) == ("adaem", 0), line
        for option in (word for word in words if word.startswith("-")):
            assert re.search(rf"(?<!\S){option}\b", out), f"{verb} has no {option}"
