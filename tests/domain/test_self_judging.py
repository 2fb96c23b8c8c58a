"""A judge that is one of the models that answer is named, whatever it is called and told; nobody else is."""

from __future__ import annotations

from typing import Any

import pytest
from adaem.domain.pool_spec import PoolSpec, Role
from adaem.domain.reading.yaml_records import load_pool
from adaem.domain.self_judging import self_judging

HERE = "http://127.0.0.1:1/v1"
END = "; a model that judges its own answers may favour them: name another judge"


def member(name: str, *roles: str, model: str = "", **more: Any) -> dict[str, Any]:
    return {"id": name, "model": model or f"openai:{name}", "base_url": HERE, "roles": roles} | more


def said(*members: dict[str, Any], names: dict[str, str] | None = None) -> str:
    pool = PoolSpec.model_validate({"members": members})
    return self_judging(pool.with_role(Role.JUDGE), pool, names)


def test_one_model_under_two_ids_is_one_whatever_it_is_told() -> None:
    sol = member("sol", "judge", temperature=0)
    told = member("sol2", "scout", "panel", model="openai:sol", system="You like tea.", base_url=f"{HERE}/")
    held_out = member("sol3", "examinee", model="openai:sol", system="You like coffee.")
    assert said(sol, member("luna", "panel"), told) == f"the judge sol also answers as scout and panel member sol2{END}"
    assert said(sol, held_out) == f"the judge sol also answers as examinee sol3{END}"
    assert said(member("sol", "judge", "panel")) == f"the judge sol also answers as panel member{END}"
    both = said(member("sol", "judge", "panel"), told | {"roles": ["panel"]}, held_out)
    assert both == f"the judge sol also answers as panel members sol, sol2, as examinee sol3{END}"
    personas = [member(f"p{n}", "panel", model="openai:sol", system=f"You are {n}.") for n in range(6)]
    assert "as panel members p0, p1, p2, p3, as 2 other members;" in said(sol, *personas)


def test_authors_other_addresses_and_other_models_are_no_matter() -> None:
    sol = member("sol", "judge")
    elsewhere = member("sol2", "panel", model="openai:sol", base_url="http://127.0.0.1:2/v1")
    recorded = member("sol3", "panel", model="recorded:sol", base_url=None)
    assert said(sol, member("author", "author", model="openai:sol"), elsewhere, recorded, member("luna", "panel")) == ""


def test_of_a_jury_those_are_named_that_judge_themselves() -> None:
    sol, luna, terra = (member(name, "judge") for name in ("sol", "luna", "terra"))
    answering = [member("sol2", "panel", model="openai:sol"), member("luna2", "scout", model="openai:luna")]
    one, two = "the judge sol also answers as panel member sol2", "the judge luna also answers as scout luna2"
    assert said(sol, luna, terra, answering[0]) == f"{one} (2 other judges of the jury do not){END}"
    assert said(sol, luna, terra, *answering) == f"{one}, {two} (1 other judge of the jury does not){END}"
    assert said(sol, luna, *answering) == f"{one}, {two}{END}"


def test_two_names_that_lead_to_one_model_are_one_where_the_endpoint_says_so() -> None:
    pool = member("sol", "judge"), member("sol-2026-01-02", "panel")
    assert said(*pool) == said(*pool, names={"sol": "sol-2026-01-02"}) == ""
    told = said(*pool, names=dict.fromkeys(("sol", "sol-2026-01-02"), "sol-2026-01-02"))
    assert told == f"the judge sol also answers as panel member sol-2026-01-02{END}"


@pytest.mark.parametrize("name", ["simulated", "simulated-2"])
def test_simulated_judges_answer_nothing(name: str) -> None:
    pool = load_pool(name)
    assert self_judging(pool.with_role(Role.JUDGE), pool, {each.id: "simulated" for each in pool.members}) == ""
