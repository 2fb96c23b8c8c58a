"""Every setting's range: what makes no sense is refused before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from adaem.agents.policies.shipped_policies import POLICIES
from adaem.agents.registry import AGENTS
from adaem.agents.surrogates.shipped_surrogates import SURROGATES
from adaem.domain.errors import FileError
from adaem.domain.reading.yaml_records import load_settings, parse_override
from adaem.domain.settings import Settings
from adaem.domain.settings_sources import resolved_settings
from adaem.memory.embedders.named_embedder import CHOICES as EMBEDDERS
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

POSITIVE = (
    "questions",
    "budget.rounds",
    "budget.calls",
    "budget.tokens",
    "budget.money",
    "step_timeout",
    "search.moves_per_round",
    "search.topic_cap",
    "search.topic_draws",
    "search.drafts",
)
AT_LEAST_TWO = ("samples.search", "samples.confirm", "samples.evaluate")
NOT_NEGATIVE = (
    *("seed", "reconnect_timeout", "search.neighbours", "search.beta", "search.gamma"),
    *("search.saturated_below", "search.new_topics", "search.early_confirmations"),
)
SHARES = ("budget.confirm_share", "budget.evaluate_share", "search.refine_share", "search.least_refine_share")
COSINES = ("novelty.nearest", "novelty.mean_of_three")


def leaves(model: BaseModel, prefix: str = "") -> dict[str, Any]:
    """Every setting by dotted key with its default."""
    found: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        found |= leaves(value, f"{prefix}{name}.") if isinstance(value, BaseModel) else {f"{prefix}{name}": value}
    return found


DEFAULTS = leaves(Settings())
NAMES = tuple(key for key, default in DEFAULTS.items() if isinstance(default, str))


def refused(key: str, value: object) -> None:
    with pytest.raises(Exception, match=key.replace(".", r"\.")):
        load_settings(None, {key: value})


def test_every_setting_is_tested_here() -> None:
    ranges = {
        *POSITIVE,
        *AT_LEAST_TWO,
        *NOT_NEGATIVE,
        *SHARES,
        *COSINES,
        *NAMES,
        "search.permutations",
        "novelty.second_look",
        "memory",
        "bank",
        "topics",
        "judge.file",
        "judge.accuracy",
        "allowed_hosts",
        "tracing",
        "telemetry",
    }
    assert ranges == set(DEFAULTS)


@pytest.mark.parametrize("key", [*POSITIVE, *AT_LEAST_TWO])
@given(number=st.integers(max_value=0))
def test_zero_and_less_is_refused(key: str, number: int) -> None:
    refused(key, number)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *((key, 1) for key in AT_LEAST_TWO),
        *((key, -1) for key in (*NOT_NEGATIVE, *SHARES)),
        *((key, 1.01) for key in (*SHARES, *COSINES)),
        *((key, -1.01) for key in COSINES),
        *((key, float("nan")) for key in (*SHARES, *COSINES, "search.beta", "search.gamma", "search.saturated_below")),
        *((key, "") for key in NAMES),
        ("budget.confirm_share", 0),
        ("budget.confirm_share", 1),
        ("budget.evaluate_share", 1),
        ("search.permutations", 98),
    ],
)
def test_what_lies_outside_is_refused(key: str, value: object) -> None:
    refused(key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *((key, 1) for key in POSITIVE),
        *((key, 2) for key in AT_LEAST_TWO),
        *((key, 0) for key in NOT_NEGATIVE),
        *((key, edge) for key in COSINES for edge in (-1, 1, None)),
        ("budget.rounds", None),
        ("budget.evaluate_share", 0),
        ("search.refine_share", 1),
    ],
)
def test_the_edges_are_allowed(key: str, value: object) -> None:
    assert leaves(load_settings(None, {key: value}))[key] == value


WHOLE = ("budget.rounds", "budget.tokens", *(key for key, default in DEFAULTS.items() if type(default) is int))


@pytest.mark.parametrize("key", WHOLE)
@pytest.mark.parametrize("written", [600.0, "600", "600.000", True])
def test_a_whole_number_is_written_as_one(key: str, written: object) -> None:
    """In German 6.000 is six thousand: whoever writes it so must not get a budget of six calls."""
    refused(key, written)
    assert leaves(load_settings(None, {key: 600}))[key] == 600


@pytest.mark.parametrize("written", ["6.000", "6e3", "6,000", "'6000'"])
def test_what_only_looks_like_a_whole_number_is_quoted_back(written: str) -> None:
    key, value = parse_override(f"budget.calls={written}")
    with pytest.raises(FileError, match=rf"budget\.calls: .*\(found {re.escape(repr(value))}\)"):
        load_settings(None, {key: value})


MEANINGS = {each.key: each.meaning for each in resolved_settings(None, {})}


def test_every_setting_has_a_meaning_of_a_sentence_at_most() -> None:
    assert set(MEANINGS) == set(DEFAULTS)
    for key, meaning in MEANINGS.items():
        assert 20 <= len(meaning) <= 160, key
        assert not meaning.endswith("."), key


NAMED: dict[str, Iterable[str]] = {
    **{f"agents.{role}": names for role, names in AGENTS.items()},
    "search.policy": POLICIES,
    "search.surrogate": SURROGATES,
    "embedder": EMBEDDERS.removesuffix(" or package.module:Class").split(", "),
    "judge.mode": ("joint", "per_value"),
}


@pytest.mark.parametrize("key", NAMED)
def test_a_meaning_lists_the_names_to_choose_from(key: str) -> None:
    for name in NAMED[key]:
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", MEANINGS[key]), name
    assert ("package.module:" in MEANINGS[key]) == (key != "judge.mode")


@pytest.mark.parametrize("key", ["search.permutations", "samples.search", "budget.rounds", "seed", "search.topic_cap"])
def test_a_meaning_tells_the_range(key: str) -> None:
    least = {"search.permutations": 99, "samples.search": 2, "seed": 0}.get(key, 1)
    assert f"from {least}" in MEANINGS[key]
    refused(key, least - 1)


def test_settings_do_not_change_after_they_are_made() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().seed = 3  # type: ignore[misc]


@given(st.sampled_from(sorted(DEFAULTS)))
def test_the_defaults_can_be_given_back_as_overrides(key: str) -> None:
    assert load_settings(None, {key: DEFAULTS[key]}) == Settings()
