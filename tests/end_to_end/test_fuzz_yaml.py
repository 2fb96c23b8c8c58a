"""Pools, frameworks and settings of any text: read, or refused in one line, and never anything else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from adaem.domain.errors import InputError
from adaem.domain.reading.yaml_records import load_framework, load_pool, load_settings, package_folder, parse_override
from adaem.domain.settings_sources import resolved_settings
from adaem.prompts.sets import load_set
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.timeout(600)

READERS: dict[str, Callable[[Path], object]] = {
    "pool": lambda path: load_pool(str(path)),
    "framework": lambda path: load_framework(str(path)),
    "settings": lambda path: (load_settings(path, {}), resolved_settings(path, {})),
}
SEEDS = {
    "pool": (package_folder("pool") / "simulated.yaml").read_text(encoding="utf-8"),
    "framework": (package_folder("frameworks") / "house-rules.yaml").read_text(encoding="utf-8"),
    "settings": (package_folder("cli") / "setup" / "init_settings.yaml").read_text(encoding="utf-8"),
}
PIECES = st.sampled_from(
    (
        *("&a ", "*a", "<<: *a", "<<: [*a, *a]", "!!python/object:os.system", "!!bool x", "!!int x", "!!binary x"),
        *(
            "!!timestamp 2",
            "!!set {a}",
            "!!omap [a]",
            "? ",
            "- ",
            ": ",
            "{",
            "}",
            "[",
            "]",
            "|\n",
            ">-\n",
            "---\n",
            "...\n",
        ),
        *("%YAML 9.9\n", "\t", "\0", "\ufeff", "\u2028", "\x85", "\ud7ff", "'", '"', "\\", "#", "@", "`", "null", "~"),
        *("9" * 5000, "0x" + "f" * 5000, "1:" * 300 + "1", "1e999", ".nan", "-.inf", "2001-13-45", "-1", "1_0", "yes"),
        *("[" * 500, "{a: " * 300, "x" * 3000, "values: ", "members: ", "topics: ", "bank: ", "memory: http://x"),
    )
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats()
    | st.text(max_size=30)
    | st.dates()
    | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12) | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def changed(draw: st.DrawFn, text: str) -> str:
    """The text with pieces put in, put in the place of others, or cut out."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 60))
        piece = draw(PIECES | st.text(max_size=8) | st.just(""))
        text = text[:start] + piece + text[start + length :]
    return text


@st.composite
def replaced(draw: st.DrawFn, text: str) -> str:
    """The data of the text with one value of it another one."""
    data = yaml.safe_load(text)
    at: Any = data
    while True:
        places = list(at) if isinstance(at, dict) else list(range(len(at)))
        place = draw(st.sampled_from(places))
        if isinstance(at[place], dict | list) and at[place] and draw(st.booleans()):
            at = at[place]
            continue
        at[place] = draw(VALUES)
        return yaml.safe_dump(data, allow_unicode=draw(st.booleans()))


def read(kind: str, path: Path, written: bytes) -> None:
    path.write_bytes(written)
    try:
        READERS[kind](path)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - that none is raised is as good


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_file_of_any_text_is_read_or_refused(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    seed = SEEDS[kind]
    texts = st.one_of(changed(seed), replaced(seed), st.lists(PIECES | st.text(max_size=20)).map("".join))
    written = data.draw(texts.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=300))
    read(kind, tmp_path / "any.yaml", written)


@settings(max_examples=500)
@given(
    key=st.text(max_size=20) | st.sampled_from(["seed", "budget", "budget.calls", "agents.judge"]),
    value=st.text() | PIECES,
)
def test_what_is_set_by_hand_is_taken_or_refused(key: str, value: str) -> None:
    try:
        load_settings(None, dict([parse_override(f"{key}={value}")]))
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_prompt_of_any_text_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    seed = (package_folder("prompts") / "default" / "explore.md").read_text(encoding="utf-8")
    (tmp_path / "explore.md").write_text(data.draw(changed(seed)), encoding="utf-8", errors="surrogatepass")
    (tmp_path / "set.yaml").write_text(data.draw(st.just("inherit: default\n") | PIECES), encoding="utf-8")
    try:
        load_set(str(tmp_path))
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017
