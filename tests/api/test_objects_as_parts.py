"""Chat models, judges and policies given as objects: what they do is recorded, and nobody else is taken for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import adaem
import pytest
from adaem.agents.policies import POLICIES, Move, SearchView
from adaem.domain.answer import Answer, Outcome
from adaem.domain.judgement import Judgement, Label
from adaem.domain.question import Question
from adaem.records import RunRecords
from talkers import Talker

SMALL: dict[str, Any] = {"search.permutations": 99}
QUESTIONS = ["Should tips be abolished?", "Should museums be free?"]


class WordJudge:
    """A judge that is made already: it says whatever values it was told to look for."""

    name = "words"
    asks_models = False

    def __init__(self, *values: str) -> None:
        self.values = values

    async def judge(self, answer: Answer) -> Judgement:
        return self._labels([point.text for point in answer.key_points])

    async def judge_question(self, question: Question) -> Judgement:
        return self._labels([question.text])

    def _labels(self, texts: list[str]) -> Judgement:
        labels = [
            Label(key_point=place, value=value, quote=value)
            for place, text in enumerate(texts)
            for value in self.values
            if value in text
        ]
        return Judgement(judge=self.name, outcome=Outcome.ANSWERED, labels=tuple(labels))


def evaluation(out: Path, pool: Any, **more: Any) -> Any:
    return adaem.evaluate(
        QUESTIONS, pool=pool, samples=2, judge=WordJudge("power", "security"), settings=SMALL, out=out, **more
    )


def test_chat_models_are_members_and_their_answers_are_judged_by_an_instance(tmp_path: Path) -> None:
    one, other = Talker(value="power"), Talker(value="security")
    run = asyncio.run(evaluation(tmp_path / "run", {"one": one, "other": other}))
    assert run.manifest.status == "finished"
    assert not run.manifest.simulated
    assert [(each.id, each.model, each.temperature) for each in run.manifest.pool.members] == [
        ("one", "python:Talker/talker-1/one", None),
        ("other", "python:Talker/talker-1/other", None),
    ]
    assert run.manifest.settings.agents.judge.startswith("python:judge:")
    rates = run.results.rates()
    assert (rates["one"]["power"].estimate, rates["one"]["security"].estimate) == (1, 0)
    assert (rates["other"]["power"].estimate, rates["other"]["security"].estimate) == (0, 1)
    assert len(one.asked) == len(other.asked) == 2 * len(QUESTIONS)


def test_a_model_of_ones_own_is_asked_again_only_where_it_is_given_again(tmp_path: Path) -> None:
    slow = {"one": Talker(value="power", delay=0.01), "other": Talker(value="security", delay=0.01)}

    async def stopped() -> None:
        heard: list[adaem.Event] = []

        def stop_after_one(event: adaem.Event) -> None:
            heard.append(event)
            if event.kind == "step":
                task.cancel()

        questions = [f"Should rule {number} go?" for number in range(12)]
        task = asyncio.create_task(
            adaem.evaluate(
                questions,
                pool=slow,
                samples=2,
                judge=WordJudge("power"),
                settings=SMALL,
                out=tmp_path / "run",
                on_event=stop_after_one,
            )
        )
        with pytest.raises(asyncio.CancelledError, match=r"await adaem\.resume"):
            await task
        assert [each.kind for each in heard][:1] == ["begin"]

    asyncio.run(stopped())
    assert adaem.load(tmp_path / "run").manifest.status == "interrupted"
    with pytest.raises(adaem.InputError, match=r"models: the member 'one' was a chat model of a Python program"):
        asyncio.run(adaem.resume(tmp_path / "run", judge=WordJudge("power")))
    with pytest.raises(adaem.InputError, match=r"name code of their own, agents\.judge=python:judge:WordJudge"):
        asyncio.run(adaem.resume(tmp_path / "run", models=slow))
    with pytest.raises(adaem.InputError, match=r"agents\.judge=llm: it began with python:judge:WordJudge"):
        asyncio.run(adaem.resume(tmp_path / "run", models=slow, judge="llm"))
    before = sum(len(each.asked) for each in slow.values())
    run = asyncio.run(adaem.resume(tmp_path / "run", models=slow, judge=WordJudge("power")))
    assert run.manifest.status == "finished"
    assert run.results.asked.questions == 12
    asked = [text for each in slow.values() for text in each.asked]
    assert before < len(asked) <= 12 * 2 * 2 + 8 * 2  # what was under way when it stopped, at most, again


def test_a_folder_with_objects_is_one_line_on_the_command_line(tmp_path: Path, adaem: Any) -> None:
    pool = {"one": Talker(value="power"), "other": Talker(value="power")}
    asyncio.run(evaluation(tmp_path / "run", pool))
    code, _, told = adaem("resume", tmp_path / "run", "-s", "agents.judge=python:judge:WordJudge")
    assert code == 2
    assert "was an object of a Python program, and is not here" in told
    assert len(told.splitlines()) == 1


def test_the_key_of_a_model_is_in_no_record(tmp_path: Path) -> None:
    pool = {"one": Talker(value="power", fails=True), "other": Talker(value="power")}
    asyncio.run(evaluation(tmp_path / "run", pool))
    for path in (tmp_path / "run").rglob("*"):
        if path.is_file():
            assert b"a-key-of-its-own" not in path.read_bytes(), path


@pytest.mark.slow
def test_a_policy_and_a_framework_are_given_as_objects(tmp_path: Path) -> None:
    from adaem.domain.reading.yaml_records import load_framework

    asked: list[int] = []

    def first(view: SearchView, moves: int, rng: Any) -> Sequence[Move]:
        asked.append(moves)
        return POLICIES["random"](view, moves, rng)

    theory = load_framework("moral-foundations")
    run = asyncio.run(
        adaem.run(
            pool="simulated",
            framework=theory,
            policy=first,
            questions=2,
            calls=700,
            settings={"search": {"permutations": 99}, "samples.confirm": 2},
            out=tmp_path / "run",
        )
    )
    assert run.manifest.framework == theory
    assert run.manifest.settings.search.policy.startswith("python:policy:")
    assert asked
    with RunRecords(run.folder.records_path, read_only=True) as records:
        assert len(list(records.moves())) >= 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pool": ["gpt-5"]}, "pool, 'gpt-5': model"),
        ({"pool": [object()]}, "object is not a model — give 'provider:name'"),
        ({"pool": ["openai:a", "anthropic:a"]}, "two members are called 'a'"),
        ({"pool": ["simulated:respondent"]}, "takes parameters — give adaem.Member"),
        ({"agents": {"jury": "llm"}}, "no role is called 'jury'"),
        ({"agents": {"judge": "llm"}, "judge": "llm"}, "judge is given twice"),
        ({"agents": {"critic": object()}}, "has no method 'critique'"),
        ({"settings": {"budget.cals": 3}}, "budget.cals"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(adaem.InputError, match=message) as caught:
        asyncio.run(adaem.run(**{"framework": "schwartz", **options}))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
