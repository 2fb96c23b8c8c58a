"""``adaem agents check``: every shipped agent keeps its role's rules, and each broken rule is named."""

from __future__ import annotations

import asyncio
import json
import sys
import types
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from adaem.agents import entry_points as installed_entries
from adaem.agents.conformance.check import CHECKS, check_agent
from adaem.agents.critic.divergence_critic import DivergenceCritic
from adaem.agents.entry_points import ENTRY_POINTS
from adaem.agents.judges.labelled_texts import read_labelled_texts
from adaem.agents.judges.local.model_file import save_model
from adaem.agents.judges.local.training import train
from adaem.agents.protocols import Draft
from adaem.agents.registry import AGENTS, find_agent, installed_agents, role_of
from adaem.domain.errors import InputError
from adaem.domain.reading.yaml_records import load_framework
from adaem.domain.settings import JudgeSettings, Settings

Command = Callable[..., tuple[int, str, str]]


def problems(role: str, found: Any) -> list[str]:
    return [f"{each.method}: {each.problem}" for each in asyncio.run(check_agent(role, found)) if each.problem]


@pytest.mark.parametrize(
    ("role", "name"), [(role, name) for role in AGENTS for name in AGENTS[role] if name != "local"]
)
def test_every_shipped_agent_keeps_the_rules(role: str, name: str) -> None:
    assert set(CHECKS) == set(AGENTS)
    # The shipped embedder: the weights of the judge's own need not be on this machine.
    settings = Settings(judge=JudgeSettings(embedder="hashing"))
    findings = asyncio.run(check_agent(role, find_agent(role, name), settings))
    assert len(findings) >= 2
    assert [each for each in findings if each.problem] == []


def test_a_judge_from_a_file_is_checked_with_the_setting_that_names_it(tmp_path: Path, adaem: Command) -> None:
    framework, path, labelled = load_framework("schwartz"), tmp_path / "judge.npz", tmp_path / "rows.jsonl"
    rows = [
        {"text": f"{value} matters in the town {town}", "values": [value], "group": f"g{town}"}
        for town in range(20)
        for value in framework.value_ids
    ]
    labelled.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    save_model(train(read_labelled_texts([labelled], framework), framework, seed=1), path)
    code, out, _ = adaem("agents", "check", "local", "-s", f"judge.file={path}")
    assert (code, out.count("✗")) == (0, 0)
    code, out, err = adaem("agents", "check", "local")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "needs judge.file=FILE" in err
    assert "give it here with -s KEY=VALUE" in err
    code, out, err = adaem("agents", "check", "local", "-s", f"judge.file={tmp_path / 'none.npz'}")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "none.npz" in err
    assert "KEY=VALUE" not in err
    code, _, err = adaem("agents", "check", "reflect", "-s", "framework=none")
    assert (code, "KEY=VALUE" in err) == (2, False)
    code, _, err = adaem("agents", "check", "reflect", "-s", "pool=mine.yaml")
    assert code == 2
    assert "-s pool: the check's own is taken" in err


def test_framework_and_prompts_are_those_of_the_settings() -> None:
    settings = Settings(framework="house-rules", prompts="german")
    for role, name in (("explorer", "llm"), ("refiner", "reflect"), ("judge", "llm"), ("critic", "divergence")):
        findings = asyncio.run(check_agent(role, find_agent(role, name), settings))
        assert [each for each in findings if each.problem] == []


class Base:
    def __init__(self, context: Any) -> None:
        self.context = context


class NoDraft(Base):
    async def propose(self, *_: Any, **__: Any) -> str:
        return "Is it?"


class Raises(Base):
    async def propose(self, *_: Any, **__: Any) -> Draft:
        raise RuntimeError("no\nnetwork")


class NoQuestion(Base):
    async def propose(self, *_: Any, **__: Any) -> Draft:
        return Draft(text="Not a question.\nTwo lines.")


class Empty(Base):
    async def propose(self, *_: Any, **__: Any) -> Draft:
        return Draft()


class NotMade:
    def __init__(self) -> None: ...

    async def propose(self, *_: Any, **__: Any) -> Draft:
        return Draft(problem="none")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (NoDraft, "propose: returned str, not Draft"),
        (Raises, "propose: raised RuntimeError: no network"),
        (NoQuestion, "propose: it is 'Not a question.\\nTwo lines.'"),
        (Empty, "propose: it has neither"),
        (NotMade, "__init__: raised TypeError: "),
    ],
)
def test_a_broken_explorer_is_told_which_rule(found: Any, words: str) -> None:
    assert any(problem.startswith(words) for problem in problems("explorer", found))


class ZeroCritic(DivergenceCritic):
    """Counts what is missing as an agreement: a score where there is none."""

    complete: tuple[Any, Any]

    def critique(self, question: Any, answers: Any, judgements: Any, question_judgement: Any, **given: Any) -> Any:
        found = super().critique(question, answers, judgements, question_judgement, **given)
        earlier = self.complete if found.score is None else (answers, judgements)
        whole = super().critique(question, earlier[0], earlier[1], question_judgement, **given)
        self.complete = (answers, judgements)
        return found.model_copy(update={"score": whole.score})


def test_a_critic_that_scores_what_is_missing_is_found() -> None:
    assert any("missing is not zero" in problem for problem in problems("critic", ZeroCritic))


class LooseJudge(Base):
    name = ""

    async def judge(self, answer: Any) -> Any:
        from adaem.agents.judges.llm_judge import LlmJudge

        found = await LlmJudge(self.context).judge(answer)
        labels = tuple(label.model_copy(update={"value": "fun", "quote": "never said"}) for label in found.labels)
        return found.model_copy(update={"labels": labels})

    async def judge_question(self, question: Any) -> Any:
        from adaem.agents.judges.llm_judge import LlmJudge

        return await LlmJudge(self.context).judge_question(question)


def test_a_judge_that_makes_things_up_is_found() -> None:
    found = problems("judge", LooseJudge)
    assert "name: is ''" in found
    assert "judge: ['fun']" in found
    assert "judge: 'never said' is not in the key point" in found


class ShortProber(Base):
    async def probe(self, *_: Any, **__: Any) -> tuple[()]:
        return ()


def test_a_prober_that_drops_answers_is_found() -> None:
    assert "probe: 0 answers, of 4 in the order member, sample" in problems("prober", ShortProber)


def point(monkeypatch: pytest.MonkeyPatch, *named: tuple[str, str]) -> None:
    found = [EntryPoint(name=name, value=value, group=ENTRY_POINTS) for name, value in named]
    monkeypatch.setattr(installed_entries, "entry_points", lambda group: found if group == ENTRY_POINTS else [])


def test_an_installed_package_adds_a_name(monkeypatch: pytest.MonkeyPatch, adaem: Command) -> None:
    module = types.ModuleType("my_package")
    module.Empty = Empty  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_package", module)
    point(monkeypatch, ("explorer.mine", "my_package:Empty"))
    assert list(installed_agents()["explorer"]) == ["mine"]
    assert find_agent("explorer", "mine") is Empty
    assert role_of("mine", None) == "explorer"
    rows = json.loads(adaem("agents", "list", "--json")[1])["agents"]
    assert {"role": "explorer", "name": "mine", "path": "my_package:Empty", "from": "?"} in rows
    with pytest.raises(InputError, match="choose one of bank, llm, mine, plain, or give"):
        find_agent("explorer", "yours")


def test_an_entry_point_that_fails_to_import_is_one_line_and_only_when_named(
    monkeypatch: pytest.MonkeyPatch, adaem: Command
) -> None:
    point(monkeypatch, ("critic.broken", "no_such_package:Critic"))
    assert adaem("agents", "list")[0] == 0
    code, out, err = adaem("agents", "check", "broken")
    assert (code, out) == (2, "")
    assert "'broken': cannot import it (No module named 'no_such_package')" in err
    assert err.count("\n") == 1


def test_an_entry_may_name_extras_and_a_class_within_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("my_package")
    module.Box = type("Box", (), {"Inner": Empty})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_package", module)
    point(monkeypatch, ("explorer.inner", "my_package:Box.Inner [fast]"))
    assert installed_agents()["explorer"]["inner"].path == "my_package:Box.Inner"
    assert find_agent("explorer", "inner") is Empty
    assert role_of("inner", None) == "explorer"


def test_entries_that_are_ignored_are_told_with_the_reason(monkeypatch: pytest.MonkeyPatch, adaem: Command) -> None:
    point(
        monkeypatch,
        ("critic.twice", "one:Critic"),
        ("critic.twice", "other:Critic"),
        ("explorer.llm", "my_package:Explorer"),
        ("judge.", "my_package:Judge"),
        ("judge.nothing", "my_package"),
        ("plain", "my_package:Judge"),
        ("sage.wise", "my_package:Judge"),
    )
    assert not any(installed_agents().values())
    reasons = {
        "critic.twice": "2 packages give this name",
        "explorer.llm": "a shipped explorer is called 'llm'",
        "judge.": "its name is not of the form role.name",
        "judge.nothing": "'my_package' is not of the form package.module:Class",
        "plain": "its name is not of the form role.name",
        "sage.wise": "there is no role 'sage', only explorer, refiner, prober, judge, critic",
    }
    rows = json.loads(adaem("agents", "list", "--json")[1])["ignored"]
    assert len(rows) == 7
    assert all(row["why"].startswith(reasons[row["entry"]]) for row in rows)
    listed = " ".join(adaem("agents", "list")[1].split())
    assert all(reason in listed for reason in reasons.values())
    code, out, err = adaem("agents", "check", "nothing")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "judge 'nothing': the entry 'judge.nothing' of the package ? is ignored: 'my_package' is not of" in err
    with pytest.raises(InputError, match="2 packages give this name"):
        find_agent("critic", "twice")


def test_a_shipped_name_cannot_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    point(monkeypatch, ("explorer.llm", "no_such_package:Explorer"))
    assert installed_agents()["explorer"] == {}


def test_check_prints_every_rule_and_its_exit_code_says_how_it_went(
    adaem: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = adaem("agents", "check", "divergence")
    assert code == 0
    assert "All 14 rules are kept." in out
    assert max(map(len, out.splitlines())) <= 80
    module = types.ModuleType("my_module")
    module.Empty = Empty  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_module", module)
    code, out, _ = adaem("agents", "check", "my_module:Empty", "--json")
    assert code == 1
    assert any(finding["problem"] for finding in json.loads(out)["findings"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["llm"], "fits explorer and judge — say which it is for, --as ROLE"),
        (["builtins:dict"], "has the methods of no role"),
        (["llm", "--as", "referee"], "no such role — choose one of explorer, refiner"),
        (
            ["nosuch"],
            "adaem: no agent is called 'nosuch' — choose one of bank, divergence, jury, llm, local, none, overlap",
        ),
        (["none", "--as", "critic"], "no critic is called 'none'"),
    ],
)
def test_bad_input_is_one_line(adaem: Command, arguments: list[str], words: str) -> None:
    code, out, err = adaem("agents", "check", *arguments)
    assert (code, out) == (2, "")
    assert words in err
