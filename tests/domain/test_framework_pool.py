"""Frameworks and pools from strangers: what does not hold together is refused, and the message says where."""

from __future__ import annotations

from typing import Any

import pytest
from adaem.domain.errors import FileError
from adaem.domain.framework import Framework
from adaem.domain.pool_spec import Member, PoolSpec, Role
from adaem.domain.reading.yaml_records import validate
from small_world import HOSTILE, VALUES, framework, framework_data, member_data, pool_data


def framework_refused(data: dict[str, Any]) -> str:
    with pytest.raises(FileError) as caught:
        validate(Framework, data, "theory.yaml")
    assert str(caught.value).startswith("theory.yaml")
    assert str(caught.value).isprintable()
    return str(caught.value)


def pool_refused(*members: dict[str, Any]) -> str:
    with pytest.raises(FileError) as caught:
        validate(PoolSpec, pool_data(members=list(members)), "pool.yaml")
    assert str(caught.value).startswith("pool.yaml")
    assert str(caught.value).isprintable()
    return str(caught.value)


def value(name: str, **changes: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "definition": "d", "examples": ["a", "b"]} | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": [value("care")]}, "values: has 1 of at least 2 entries — add to them"),
        ({"values": [value("care"), value("care")]}, "values.1.id: the id 'care' is a duplicate"),
        (
            {"values": [value("care", opposites=["cold"]), value("power")]},
            "the opposite 'cold' of 'care' is no other value",
        ),
        ({"values": [value("care", opposites=["care"]), value("power")]}, "'care' of 'care' is no other value"),
        ({"values": [value("care", group="g"), value("power")]}, "values.0.group: the group 'g' is not defined"),
        (
            {"values": [value("care", examples=["one"]), value("power")]},
            "values.0.examples: has 1 of at least 2 entries",
        ),
        (
            {"values": [value("Care"), value("power")]},
            "values.0.id: 'Care' is not a valid id — an id has small letters, digits",
        ),
        ({"values": [value("care", definition="  "), value("power")]}, "values.0.definition: is empty — write it"),
        ({"values": [value("care", colour="red"), value("power")]}, "values.0.colour: unknown key"),
        (
            {"values": [value("care") | {"defintion": "d"}, value("power")]},
            "values.0.defintion: unknown key — did you mean definition?",
        ),
        ({"circle": ["care", "power"]}, "circle: it must name every value exactly once; 'safety' is missing"),
        ({"circle": ["care", "power", "power"]}, "every value exactly once; 'safety' is missing"),
        ({"circle": ["care", "power", "safety", "care"]}, "every value exactly once; 'care' is a duplicate"),
        ({"circle": ["care", "power", "cold"]}, "every value exactly once; 'cold' is no value"),
        ({"values": [value("care", opposites=["pwer"]), value("power")]}, "no other value; did you mean 'power'?"),
        ({"groups": [{"id": "g", "name": "G", "definition": "d"}] * 2}, "groups.1.id: the id 'g' is a duplicate"),
        ({"topics": []}, "topics"),
        ({"topics": [{"id": "t", "text": "T?", "area": "a"}] * 2}, "topics.1.id: the id 't' is a duplicate"),
        ({"sources": []}, "sources"),
        ({"verison": "2"}, "verison: unknown key"),
    ],
)
def test_a_framework_that_does_not_hold_together(changes: dict[str, Any], message: str) -> None:
    assert message in framework_refused(framework_data(**changes))


@pytest.mark.parametrize("key", ["id", "name", "version", "sources", "values", "topics"])
def test_a_framework_that_lacks_something(key: str) -> None:
    data = framework_data()
    del data[key]
    assert f"{key}: this key is missing" in framework_refused(data)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_identifier_is_never_free_text(text: str) -> None:
    assert "values.0.id" in framework_refused(framework_data(values=[value(text), value("power")]))
    assert "members.0.id" in pool_refused(member_data("x", "scout") | {"id": text})


def test_the_order_of_values_is_the_files() -> None:
    assert framework(circle=["safety", "care", "power"]).value_ids == VALUES


SCOUTS = (member_data("a", "scout", "panel"), member_data("b", "scout", "panel"))
JUDGE = member_data("j", "judge")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ((*SCOUTS, member_data("a", "judge")), "the id 'a' is a duplicate"),
        ((*SCOUTS, JUDGE, member_data("e", "examinee", "judge")), "an examinee takes no part in the search"),
        ((*SCOUTS, JUDGE, member_data("e", "scout", "examinee")), "an examinee and 'scout'"),
        ((*SCOUTS, member_data("j", "judge", "judge")), "names a role twice"),
        ((*SCOUTS, member_data("j")), "members.2.roles"),
        ((*SCOUTS, member_data("j", "jury")), "members.2.roles.0"),
        ((*SCOUTS, JUDGE | {"key_variable": "sk-123"}), "members.2.key_variable"),
        ((*SCOUTS, JUDGE | {"key_variable": "1KEY"}), "members.2.key_variable"),
        ((*SCOUTS, JUDGE | {"api_key": "x"}), "members.2.api_key: unknown key"),
        ((*SCOUTS, JUDGE | {"model": "no-provider"}), "members.2.model"),
        ((*SCOUTS, JUDGE | {"temperature": 2.1}), "members.2.temperature"),
        ((*SCOUTS, JUDGE | {"schema_mode": "magic"}), "members.2.schema_mode"),
        ((*SCOUTS, JUDGE | {"parameters": {"a": [1]}}), "members.2.parameters.a"),
        ((*SCOUTS, JUDGE | {"system": "Be fair."}), "'j' answers nothing, and a system prompt goes with answers alone"),
        (
            (*SCOUTS, SCOUTS[0] | {"id": "s", "model": "simulated:respondent", "system": "Be."}),
            "'s' is simulated, and a",
        ),
        ((*SCOUTS, SCOUTS[0] | {"id": "r", "model": "recorded:m", "system": "Be."}), "'r' is recorded, and a system"),
        ((*SCOUTS, SCOUTS[0] | {"id": "c", "system": " "}), "members.2.system: is empty"),
        ((*SCOUTS, SCOUTS[0] | {"id": "c", "system": "x" * 20_001}), "members.2.system: String should have at most"),
        ((*SCOUTS, SCOUTS[0] | {"id": "c", "system": {"file": "/etc/passwd"}}), "members.2.system"),
        (
            (*SCOUTS, JUDGE, SCOUTS[0] | {"id": "e", "roles": ["examinee"]}),
            "the examinee 'e' is the same model as 'a', which takes part",
        ),
    ],
)
def test_a_pool_that_cannot_be_used(members: tuple[dict[str, Any], ...], message: str) -> None:
    assert message in pool_refused(*members)


@pytest.mark.parametrize(
    ("members", "lacking"),
    [
        ((*SCOUTS, JUDGE), ""),
        ((SCOUTS[0], member_data("b", "panel"), JUDGE), "2 with the role 'scout' needed, 1 found"),
        ((SCOUTS[0], member_data("b", "scout"), JUDGE), "2 with the role 'panel' needed, 1 found"),
        (SCOUTS, "1 with the role 'judge' needed, 0 found"),
        ((JUDGE, member_data("e", "examinee")), "2 with the role 'scout' needed, 0 found"),
    ],
)
def test_what_a_pool_lacks_depends_on_the_job(members: tuple[dict[str, Any], ...], lacking: str) -> None:
    pool = PoolSpec.model_validate(pool_data(members=list(members)))
    assert pool.lacks({Role.SCOUT: 2, Role.PANEL: 2, Role.JUDGE: 1}) == lacking
    assert pool.lacks({}) == ""


@pytest.mark.parametrize("key", ["max_tokens", "timeout", "concurrency"])
@pytest.mark.parametrize("number", [0, -1])
def test_a_members_limits_are_positive(key: str, number: int) -> None:
    assert f"members.2.{key}" in pool_refused(*SCOUTS, JUDGE | {key: number})


@pytest.mark.parametrize("key", ["max_tokens", "concurrency", "requests_per_minute", "tokens_per_minute", "attempts"])
def test_a_members_whole_numbers_have_no_point(key: str) -> None:
    assert f"members.2.{key}" in pool_refused(*SCOUTS, JUDGE | {key: 6.0})


def test_scouts_are_the_authors_where_none_is_named() -> None:
    named = PoolSpec.model_validate(pool_data())
    unnamed = PoolSpec.model_validate(pool_data(members=[*SCOUTS, JUDGE]))
    assert [member.id for member in named.with_role(Role.AUTHOR)] == ["writer"]
    assert [member.id for member in unnamed.with_role(Role.AUTHOR)] == ["a", "b"]
    assert unnamed.with_role(Role.EXAMINEE) == ()


def test_one_simulated_member_makes_a_pool_simulated() -> None:
    assert not PoolSpec.model_validate(pool_data()).simulated
    pool = PoolSpec.model_validate(pool_data(members=[*SCOUTS, JUDGE | {"model": "simulated:judge"}]))
    assert pool.simulated
    assert Member.model_validate(member_data("m", "judge", model="openai:a:b")).provider == "openai"


def test_one_model_under_another_system_prompt_is_another_member() -> None:
    other = SCOUTS[0] | {"id": "e", "roles": ["examinee"], "system": "  You like order.\n"}
    spec = PoolSpec.model_validate(pool_data(members=[*SCOUTS, JUDGE, other]))
    assert [(each.system, bool(each.system_sha256)) for each in spec.members[2:]] == [
        ("", False),
        ("You like order.", True),
    ]


def test_a_key_in_a_system_prompt_is_refused_and_not_shown() -> None:
    told = pool_refused(*SCOUTS, SCOUTS[0] | {"id": "c", "system": "Use sk-0123456789abcdef for it."})
    assert "members.2.system: holds what looks like a key" in told
    assert "0123456789" not in told
