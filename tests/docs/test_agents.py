"""docs/AGENTS.md: its classes work as they are written there, and its commands run."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import shlex
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.agents.conformance.cases import SECOND_ATTEMPT, members
from adaem.agents.conformance.check import check_agent
from adaem.agents.entry_points import ENTRY_POINTS
from adaem.agents.judges.judge_requirements import check_judge, requirements_of
from adaem.agents.registry import AGENTS, METHODS, find_agent
from adaem.domain.answer import Phase
from adaem.domain.errors import InputError
from adaem.domain.pool_spec import Role
from adaem.domain.question import Topic
from adaem.domain.reading.yaml_records import load_framework, load_pool
from adaem.domain.settings import JudgeSettings, Settings
from adaem.records import RunFolder, RunRecords
from growing import grow, simulated_pool
from places import ROOT

PAGE = (ROOT / "docs" / "AGENTS.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's modules, from which a user works."""
    for code in CODE:
        name = re.match(r"# (\w+)\.py", code)
        assert name
        (tmp_path / f"{name.group(1)}.py").write_text(code, encoding="utf-8")
        monkeypatch.delitem(sys.modules, name.group(1), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    importlib.invalidate_caches()
    return tmp_path


def test_the_examples_are_short() -> None:
    assert len(CODE) == 5
    assert len(CODE[0].splitlines()) < 20
    assert all(len(code.splitlines()) < 40 for code in CODE)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_commands_run(written: Path, adaem: Command) -> None:
    for line in "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)).splitlines():
        code, _, told = adaem(*shlex.split(line)[1:])
        assert code == 0, (line, told)
    with RunRecords(RunFolder(written / "runs" / "listed").records_path, read_only=True) as records:
        asked = records.questions().values()
        grown = [each.text for each in asked if each.origin.value == "propose"]
    assert grown
    assert all(text.startswith("In ") and " since " in text for text in grown)
    with RunRecords(RunFolder(written / "runs" / "picked").records_path, read_only=True) as records:
        picked = {each.text for each in records.questions().values() if each.origin.value == "propose"}
    assert picked
    assert picked <= {each.text for each in asked}


def test_the_pool_of_recorded_members_runs(tmp_path: Path) -> None:
    (pool,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "recorded.yaml").write_text(pool, encoding="utf-8")
    models = [member.model.partition(":")[2] for member in load_pool(str(tmp_path / "recorded.yaml")).members]
    rows = [
        {
            "question_id": f"q{number}",
            "question": f"Number {number} is right.",
            "model": model,
            "answer": f"{'security' if model == models[0] else 'power'} it is, for the {sample}. time in case {number}",
        }
        for number in range(6)
        for model in models
        for sample in range(5)
    ]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    given: dict[str, Any] = {
        "agents__explorer": "bank",
        "agents__refiner": "none",
        "agents__judge": "keyword_judge:KeywordJudge",
    }
    offline: dict[str, Any] = {
        "bank": str(tmp_path / "answers.jsonl"),
        "samples__search": 2,
        "budget__evaluate_share": 0,
    }
    alike: dict[str, Any] = {"novelty__nearest": 1, "novelty__mean_of_three": 1, "budget__calls": 300, "questions": 2}
    _, manifest = grow(tmp_path / "run", pool=str(tmp_path / "recorded.yaml"), **given, **offline, **alike)
    assert manifest.status == "finished"
    assert not manifest.simulated


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("explorer", "my_agents:ListExplorer"),
        ("critic", "my_critic:StanceCritic"),
        ("refiner", "my_refiner:BluntRefiner"),
    ],
)
def test_each_class_keeps_its_rules(written: Path, role: str, path: str) -> None:
    assert [each for each in asyncio.run(check_agent(role, find_agent(role, path))) if each.problem] == []


def test_the_list_has_years_for_every_sample(written: Path) -> None:
    explorer = find_agent("explorer", "my_agents:ListExplorer")(None)
    topic = Topic(id="tips", text="Should tips be abolished?")

    async def year(sample: int) -> int:
        draft = await explorer.propose(topic, best=[], avoid=[], sample=sample)
        return int(draft.text.partition(" since ")[2][:4])

    years = {asyncio.run(year(sample)) for sample in (0, 5, 6, 209, 210, SECOND_ATTEMPT, 5 * SECOND_ATTEMPT)}
    assert {1990, 1991, 2024} <= years
    assert min(years) == 1990
    assert max(years) == 2024
    assert not explorer.asks_models


@pytest.mark.slow
def test_the_policy_takes_part_in_a_run(written: Path) -> None:
    given: dict[str, Any] = {
        "search__policy": "my_parts:first_open",
        "agents__explorer": "my_agents:ListExplorer",
        "questions": 2,
    }
    folder, manifest = grow(written / "run", pool=simulated_pool(written / "pool.yaml"), **given)
    assert manifest.status == "finished"
    with RunRecords(folder.records_path, read_only=True) as records:
        assert {move.kind for move in records.moves()} == {"propose"}


def test_a_judge_is_asked_whom_it_needs(written: Path) -> None:
    pool, theory = members(), load_framework("schwartz")
    settings = Settings.model_validate({"agents": {"judge": "my_judge:SecondJudge"}, "judge": {"mode": "per_value"}})
    calls = check_judge(settings, pool, theory).calls
    assert calls.members == pool.with_role(Role.JUDGE)[1:]
    assert (calls.per_answer, calls.per_question) == (30, 1)
    with pytest.raises(InputError, match=r"judge\.file is set, but agents\.judge is 'my_judge:SecondJudge'"):
        check_judge(settings.model_copy(update={"judge": JudgeSettings(file="judge.npz")}), pool, theory)


class Vague:
    @classmethod
    def requirements(cls, *_: Any) -> None: ...


def test_a_judge_that_does_not_say_whom_it_needs_is_one_line() -> None:
    settings = Settings.model_validate({"agents": {"judge": "mine:Vague"}})
    with pytest.raises(InputError, match="judge 'mine:Vague': requirements gives NoneType, no JudgeRequirements"):
        requirements_of(Vague, settings, members(), load_framework("schwartz"))


def test_the_protocols_are_where_the_page_says() -> None:
    for path in re.findall(r"\]\(\.\./([\w/]+\.py)\)", PAGE):
        assert "Protocol)" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_they_take_part_in_a_run(written: Path) -> None:
    own: dict[str, Any] = {"agents__critic": "my_critic:StanceCritic", "agents__refiner": "my_refiner:BluntRefiner"}
    folder, manifest = grow(
        written / "run", pool=simulated_pool(written / "pool.yaml"), search__refine_share=0.9, questions=2, **own
    )
    assert manifest.status == "finished"
    with RunRecords(folder.records_path, read_only=True) as records:
        moves = list(records.moves())
        critiques = list(records.critiques(Phase.SEARCH, Role.SCOUT).values())
    assert any(move.kind == "refine" for move in moves)
    scores = [each.score for each in critiques if each.score is not None]
    assert all(each.total == pytest.approx(1 - each.stance_agreement) for each in scores if each.stance_agreement)


@pytest.mark.slow
def test_without_rewrites_there_are_none(tmp_path: Path) -> None:
    given: dict[str, Any] = {"search__refine_share": 0.9, "questions": 2, "agents__refiner": "none"}
    folder, _ = grow(tmp_path / "run", pool=simulated_pool(tmp_path / "pool.yaml"), **given)
    with RunRecords(folder.records_path, read_only=True) as records:
        assert {move.kind for move in records.moves()} == {"propose"}


def test_the_tables_are_those_of_the_registry() -> None:
    rows = {cells[1].strip(): cells for line in PAGE.splitlines() if (cells := line.split("|"))[1:2]}
    for role, names in AGENTS.items():
        assert set(re.findall(r"`(\w+)`", rows[role][2])) == set(names)
        assert set(METHODS[role]) <= set(re.findall(r"`(\w+)`", rows[role][3]))
    (toml,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    points = tomllib.loads(toml)["project"]["entry-points"][ENTRY_POINTS]
    assert points == {"explorer.list": "my_agents:ListExplorer"}
