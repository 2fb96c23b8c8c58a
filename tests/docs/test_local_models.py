"""The page on small models tells the truth: its models, ports and defaults, and its commands with real weights."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

import pytest
from adaem.cli.setup.local_verbs import CONTEXT, SLOTS
from adaem.domain.pool_spec import Role
from adaem.domain.reading.yaml_records import load_pool
from adaem.local_models.catalogue import KNOWN_MODELS, ModelKind
from adaem.pool.endpoints.endpoint import check_keys
from places import ROOT

PAGE = (ROOT / "docs" / "LOCAL-MODELS.md").read_text(encoding="utf-8")


def test_the_table_is_the_catalogue() -> None:
    rows = re.findall(r"^\| `([^`]+)` \|[^|]*\| ([^|]*) \| (\d+) MB \| (\S+)", PAGE, re.MULTILINE)
    listed = [(each.name, f"{each.download / 1e6:.0f}", each.licence) for each in KNOWN_MODELS.values()]
    assert [(name, size, licence.removesuffix("'s")) for name, _, size, licence in rows] == listed
    assert ["base model" in kind for _, kind, _, _ in rows] == [
        each.kind is ModelKind.BASE for each in KNOWN_MODELS.values()
    ]


def test_ports_and_defaults_on_the_page_are_those_of_the_program() -> None:
    ports = {name: int(port) for port, name in re.findall(r"(\d{4}) for `([^`]+)`", PAGE)}
    assert ports == {each.name: each.port for each in KNOWN_MODELS.values() if each.port is not None}
    assert f"{SLOTS} by default" in PAGE
    assert f"{CONTEXT} by" in PAGE


def test_the_shipped_pool_asks_the_catalogues_models_at_their_ports_without_a_key() -> None:
    pool = load_pool("local")
    check_keys(pool, ())
    for member in pool.members:
        model = KNOWN_MODELS[member.model.removeprefix("openai:")]
        assert member.base_url == f"http://127.0.0.1:{model.port}/v1"
        assert member.concurrency == SLOTS
        assert member.price is not None
        assert member.price.input == member.price.output == 0
    assert not pool.lacks({Role.AUTHOR: 1, Role.SCOUT: 4, Role.PANEL: 4, Role.EXAMINEE: 1})
    assert len({member.system for member in pool.with_role(Role.PANEL)}) == 4
    assert not pool.with_role(Role.JUDGE)


def test_the_commands_of_the_page_exist(adaem: Callable[..., tuple[int, str, str]]) -> None:
    tried = 0
    for line in "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)).splitlines():
        program, verb, *words = shlex.split(line, comments=True)
        if program == "pip":
            assert words == ["adaem[local]"]
            continue
        within = [words.pop(0)] if verb in ("local", "judge") else []
        code, out, _ = adaem(verb, *within, "--help")
        assert (program, code) == ("adaem", 0), line
        for option in (word for word in words if word.startswith("-")):
            assert re.search(rf"(?<!\S){option}\b", out), f"{verb} has no {option}"
        tried += 1
    assert tried == 8


@pytest.mark.parametrize("target", re.findall(r"`make (\w+)", PAGE))
def test_its_make_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
