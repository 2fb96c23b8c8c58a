"""What a run's folder may choose: every setting has its place, the page shows it, and nothing else counts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reading.yaml_records import override_settings, parse_override
from adaem.domain.setting_trust import REPEATED_SETTINGS, TRUST, Trust
from adaem.domain.settings import Settings
from adaem.jobs.trust import check_pool_of, check_resumed_with, check_settings_of, to_repeat
from adaem.memory.embedders.named_embedder import make_embedder
from adaem.pool.endpoints.endpoint import unnamed_host
from adaem.records import Manifest, RunFolder
from adaem.records.status import how_to_continue
from places import ROOT
from pydantic import BaseModel
from small_world import framework

Command = Callable[..., tuple[int, str, str]]
PAGE = (ROOT / "docs" / "FOLDERS.md").read_text(encoding="utf-8")
HERE = Path("run")
FOREIGN = {
    "embedder": "openai:text-embedding-3-small",
    "memory": "shared",
    "bank": "bank.jsonl",
    "agents.explorer": "theirs:Explorer",
    "agents.refiner": "theirs:Refiner",
    "agents.prober": "theirs:Prober",
    "agents.judge": "installed-judge",
    "agents.critic": "theirs:Critic",
    "judge.embedder": "sentence-transformers:/models/judge",
    "judge.file": "judge.npz",
    "judge.accuracy": "accuracy.json",
    "search.policy": "theirs:policy",
    "search.surrogate": "theirs:Surrogate",
}


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, each in model.model_fields.items():
        if isinstance(each.annotation, type) and issubclass(each.annotation, BaseModel):
            yield from keys(each.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_every_setting_has_its_place() -> None:
    assert set(TRUST) == set(keys(Settings))


def test_whatever_takes_a_path_or_a_name_is_no_plain_choice() -> None:
    """A text that is not one of a fixed few could name anything."""
    schema = Settings.model_json_schema()

    def free(part: dict[str, Any]) -> bool:
        if reference := part.get("$ref"):
            return free(schema["$defs"][reference.rpartition("/")[2]])
        kinds = [part, *part.get("anyOf", []), *([part["items"]] if "items" in part else [])]
        return any(each.get("type") == "string" and "enum" not in each for each in kinds)

    def texts(properties: dict[str, Any], prefix: str = "") -> Iterator[str]:
        for name, part in properties.items():
            if reference := part.get("$ref"):
                yield from texts(schema["$defs"][reference.rpartition("/")[2]]["properties"], f"{prefix}{name}.")
            elif free(part):
                yield f"{prefix}{name}"

    found = {key for key in texts(schema["properties"]) if TRUST[key] is Trust.DATA}
    assert found == set()


def test_the_page_shows_them_all() -> None:
    shown: dict[str, str] = {}
    for line in PAGE.splitlines():
        if (cells := [cell.strip() for cell in line.split("|")])[1:2] and cells[1].startswith("`"):
            shown |= dict.fromkeys(re.findall(r"`([\w.]+)`", cells[1]), cells[2])
    assert shown == {key: trust.value for key, trust in TRUST.items()}


def test_the_foreign_settings_are_all_that_can_be_repeated() -> None:
    assert set(FOREIGN) == set(REPEATED_SETTINGS)


@pytest.mark.parametrize("key", FOREIGN)
def test_what_a_folder_names_counts_when_it_is_repeated(key: str) -> None:
    settings = override_settings(Settings(), {key: FOREIGN[key]})
    with pytest.raises(InputError, match=re.escape(f"{key}={FOREIGN[key]}")) as refused:
        check_settings_of(HERE, settings, {})
    (typed,) = re.findall(r"yourself with -s (\S+)$", str(refused.value))
    check_settings_of(HERE, settings, dict([parse_override(typed)]))
    check_settings_of(HERE, settings, {}, unused=(key,))


def test_all_that_must_be_repeated_is_told_at_once() -> None:
    settings = override_settings(Settings(), {"memory": "my shared", "bank": "bank.jsonl"})
    with pytest.raises(InputError, match=r"with -s 'memory=my shared' -s bank=bank\.jsonl$"):
        check_settings_of(HERE, settings, {})


@pytest.mark.parametrize(
    ("key", "begun", "other"),
    [
        ("agents.judge", "python:judge:WordJudge", "llm"),
        ("agents.explorer", "llm", "theirs:Explorer"),
        ("search.policy", "expected-improvement", "random"),
        ("search.surrogate", "mine:Surrogate", "none"),
    ],
)
def test_a_run_goes_on_with_the_parts_that_it_began_with(key: str, begun: str, other: str) -> None:
    settings = override_settings(Settings(), {key: begun})
    check_resumed_with({key: begun, "budget.calls": 9, "memory": "moved"}, settings)
    with pytest.raises(InputError, match=re.escape(f"-s {key}={other}: it began with {begun} and goes on with that")):
        check_resumed_with({key: other}, settings)
    with pytest.raises(InputError, match="-s seed: a run goes on with its own settings"):
        check_resumed_with({"seed": 2}, settings)


def test_what_ships_needs_no_word() -> None:
    check_settings_of(HERE, Settings(), {})
    given = {"agents.judge": "jury", "agents.explorer": "bank", "search.policy": "ucb", "embedder": "onnx"}
    check_settings_of(HERE, override_settings(Settings(), given), {})


def pool(**member: Any) -> PoolSpec:
    return PoolSpec.model_validate({"members": [{"id": "a", "roles": ["panel"], **member}]})


@pytest.mark.parametrize(
    ("member", "host"),
    [
        ({"model": "simulated:respondent"}, None),
        ({"model": "recorded:x"}, None),
        ({"model": "openai:x"}, None),
        ({"model": "anthropic:x"}, None),
        ({"model": "openai:x", "base_url": "https://openrouter.ai/api/v1"}, None),
        ({"model": "openai:x", "base_url": "http://localhost:8000/v1"}, "localhost"),
        ({"model": "openai:x", "base_url": "http://127.0.0.1:22"}, "127.0.0.1"),
        ({"model": "openai:x", "base_url": "https://API.evil.example./v1"}, "api.evil.example"),
        ({"model": "huggingface:/tmp/model"}, "huggingface"),
        ({"model": "ollama:x"}, "ollama"),
        ({"model": "no-such-provider:x"}, "no-such-provider"),
    ],
)
def test_a_member_is_asked_at_a_known_address_or_an_allowed_one(member: dict[str, Any], host: str | None) -> None:
    found = unnamed_host(pool(**member), ())
    assert found == (None if host is None else ("a", host))
    if host is not None:
        with pytest.raises(InputError, match=re.escape(f"'allowed_hosts=[\"{host}\"]'")):
            check_pool_of(HERE, pool(**member), Settings())
        check_pool_of(HERE, pool(**member), Settings(allowed_hosts=(host,)))


def manifest(settings: Settings, members: PoolSpec) -> Manifest:
    return Manifest(
        run_id="r",
        adaem_version="0",
        created_at="",
        simulated=False,
        settings=settings,
        framework=framework(),
        framework_sha256="",
        pool=members,
        prompts={},
        embedder="",
        packages={},
        status="interrupted",
        lacks=("budget.calls=9", "agents.judge=theirs:Judge"),
    )


def test_what_a_run_says_must_be_repeated_is_enough_and_a_folder_says_nothing() -> None:
    settings = override_settings(Settings(), {"memory": "shared", "agents.judge": "mine:Judge"})
    asked = pool(model="openai:x", base_url="http://localhost:8000/v1")
    stopped = manifest(settings, asked)
    given = dict(map(parse_override, to_repeat(stopped)))
    assert given == {"memory": "shared", "agents.judge": "mine:Judge", "allowed_hosts": ["localhost"]}
    check_settings_of(HERE, settings, given)
    check_pool_of(HERE, asked, override_settings(settings, given))
    told = how_to_continue(RunFolder(HERE), stopped, to_repeat(stopped))
    command = shlex.split(told.removeprefix("go on with `").removesuffix("`"))
    assert command[:3] == ["adaem", "resume", "run"]
    assert command[3:] == [part for each in (*to_repeat(stopped), "budget.calls=9") for part in ("-s", each)]
    # What people are shown they type: a folder from elsewhere proposes no code.
    assert "theirs" not in told
    assert how_to_continue(RunFolder(HERE), stopped) == "go on with 'adaem resume run -s budget.calls=9'"


def test_a_folder_that_is_called_as_a_model_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "org" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"write sentence-transformers:\./org/model for the folder"):
        make_embedder("sentence-transformers:org/model")


def test_a_module_is_found_where_the_command_line_says(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine_only.py").write_text("class Refiner:\n    pass\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, _, told = adaem("agents", "check", "mine_only:Refiner", "--as", "refiner")
    assert code == 2
    assert "cannot import it (No module named 'mine_only') — install its package, or name the folder" in told
    assert "--import-path DIR" in told
    code, _, told = adaem("--import-path", ".", "agents", "check", "mine_only:Refiner", "--as", "refiner")
    assert (code, "it has no method 'refine'" in told) == (2, True)
    code, _, told = adaem("--import-path", "nowhere", "agents", "list")
    assert (code, told.strip().partition(" — ")[0]) == (2, "adaem: --import-path nowhere: is not a folder")
