"""What a run does with agents of one's own that return what they should not, and what it lets them see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from adaem.agents.critic.divergence_critic import DivergenceCritic
from adaem.agents.guards.validate_critique import checked_critique
from adaem.agents.guards.validate_draft import checked_draft
from adaem.agents.judges.judge_requirements import JudgingCalls, check_judge
from adaem.agents.protocols import Draft
from adaem.domain.answer import Answer, Outcome, Phase
from adaem.domain.critique import Critique, Score
from adaem.domain.judgement import Judgement, Label
from adaem.domain.pool_spec import Role
from adaem.domain.question import Origin, Question
from adaem.domain.reading.yaml_records import load_pool, load_settings
from adaem.graph.search.course_rules import MOST_ROUNDS_WITHOUT_NEW_QUESTION
from adaem.records import RunFolder
from adaem.results.run_summary import summarise
from asking import ask, checked, write_asked
from growing import grow, lines, records_of, simulated_pool
from pydantic import ValidationError
from small_world import QUESTION, answer, framework, judgement, world

HERE = __name__
TINY: dict[str, Any] = {"questions": 2, "budget__calls": 700}


class WatchingJudge:
    """Labels by the length of a text, and keeps the names that it was told."""

    name = "watching"
    seen: ClassVar[set[str]] = set()

    def __init__(self, context: Any) -> None:
        self._values = context.framework.value_ids

    async def judge(self, answer: Answer) -> Judgement:
        self.seen.add(answer.member)
        text = answer.key_points[0].text
        label = Label(key_point=0, value=self._values[len(text) % len(self._values)], quote=text[:5])
        return Judgement(judge=self.name, outcome=Outcome.ANSWERED, labels=(label,))

    async def judge_question(self, question: Question) -> Judgement:
        return Judgement(judge=self.name, outcome=Outcome.ANSWERED)


def test_a_judge_is_not_told_who_answered(tmp_path: Path) -> None:
    WatchingJudge.seen.clear()
    few: dict[str, Any] = {**TINY, "budget__rounds": 2}
    folder, _ = grow(
        tmp_path / "run", pool=simulated_pool(tmp_path / "p.yaml"), agents__judge=f"{HERE}:WatchingJudge", **few
    )
    assert WatchingJudge.seen == {""}
    with records_of(folder) as records:
        answers, judgements = records.answers(lines(folder)[0]["id"])
    assert all(each.member for each in answers)
    assert any(each is not None and each.judge == "watching" for each in judgements)


def rescored(**changes: Any) -> Callable[[Critique], Any]:
    def change(critique: Critique) -> Any:
        assert critique.score is not None
        return critique.model_copy(update={"score": critique.score.model_copy(update=changes)})

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (rescored(total=float("nan")), "score.total that cannot be used"),
        (rescored(divergence=float("inf")), "score.divergence that cannot be used"),
        (rescored(interval=(0.0, float("inf"))), "score.interval.1 that cannot be used"),
        (lambda critique: critique.model_copy(update={"rates": ((float("nan"),),)}), "rates.0.0 that cannot be used"),
        (lambda _: None, "NoneType, not a Critique"),
        (lambda critique: critique.model_dump(), "dict, not a Critique"),
        (lambda critique: critique.model_copy(update={"question_id": "q0"}), "the critique of another question"),
        (lambda critique: critique.model_copy(update={"phase": Phase.CONFIRM}), "another phase than search"),
        (lambda critique: critique.model_copy(update={"group": Role.PANEL}), "another group than scout"),
    ],
)
def test_what_a_critic_may_not_return_is_an_unscored_critique(change: Callable[[Critique], Any], problem: str) -> None:
    class Changed(DivergenceCritic):
        def critique(self, *arguments: Any, **options: Any) -> Any:
            return change(super().critique(*arguments, **options))

    answers = [answer(member, sample) for member in ("okapi", "zebra") for sample in (0, 1)]
    judged = [judgement("care"), judgement(), judgement("power"), judgement()]
    asked: Any = (QUESTION, answers, judged, judgement())
    options: Any = {"phase": Phase.SEARCH, "group": Role.SCOUT, "seed": 7}
    sound = checked_critique(DivergenceCritic(world().context), *asked, **options)
    assert sound.score is not None
    found = checked_critique(Changed(world().context), *asked, **options)
    assert found.score is None
    assert found.unscored.startswith("the critic returned ")
    assert problem in found.unscored
    assert (found.question_id, found.phase, found.group) == ("q1", Phase.SEARCH, Role.SCOUT)


def test_a_score_that_is_no_number_is_no_score() -> None:
    answers = [answer(member, sample) for member in ("okapi", "zebra") for sample in (0, 1)]
    judged = [judgement("care"), judgement(), judgement("power"), judgement()]
    critic = DivergenceCritic(world().context)
    found = critic.critique(QUESTION, answers, judged, judgement(), phase=Phase.SEARCH, group=Role.SCOUT, seed=7)
    assert found.score is not None
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(ValidationError):
            Score.model_validate(found.score.model_dump() | {"total": wrong})


class Forgetful(DivergenceCritic):
    """Returns nothing outside the search."""

    def critique(self, *arguments: Any, phase: Phase, **options: Any) -> Any:
        found = super().critique(*arguments, phase=phase, **options)
        return found if phase is Phase.SEARCH else None


@pytest.mark.slow
def test_a_run_whose_critic_returns_nothing_is_told_and_can_be_read(tmp_path: Path) -> None:
    folder, manifest = grow(
        tmp_path / "run", pool=simulated_pool(tmp_path / "p.yaml"), agents__critic=f"{HERE}:Forgetful", **TINY
    )
    assert manifest.status == "finished"
    assert summarise(folder).questions_confirmed > 0
    with records_of(folder) as records:
        confirmed = records.critiques(Phase.CONFIRM, Role.PANEL).values()
    assert {each.unscored for each in confirmed} == {"the critic returned NoneType, not a Critique"}


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ("Should it?", "the draft is str, not a Draft"),
        (None, "the draft is NoneType, not a Draft"),
        (Draft(), "not a question"),
        (Draft(text="It should."), "not a question"),
        (Draft(text=f"Is it {'very ' * 20_000}good?"), "its text is longer than 8000 characters"),
        (Draft(text="Is it good?", fact="much " * 20_000), "its fact is longer than 8000 characters"),
        (Draft(text="Is it good?", problem="but I\nam unsure"), "but I am unsure"),
        (Draft(text=f"Should Norway cap {'over' * 5}time?"), "longer than the question that it rewrites"),
    ],
)
def test_a_draft_that_is_no_question_has_a_problem_whoever_wrote_it(found: Any, problem: str) -> None:
    draft = checked_draft(found, rewritten=QUESTION.text)
    assert draft.problem.startswith(problem)
    assert len(draft.model_dump_json()) < 20_000


def test_a_draft_is_put_on_one_line() -> None:
    draft = checked_draft(Draft(text="Is\nit \x1b[31mgood?", fact="line one\nline two\x1b[0m", reflection="a\tb"))
    assert (draft.text, draft.fact, draft.reflection) == ("Is it [31mgood?", "line one line two[0m", "a b")
    assert not draft.problem


def test_the_words_of_a_topic_that_is_asked_as_it_is_are_left_alone() -> None:
    given = "Say what you think of\novertime."
    assert checked_draft(Draft(text=given), given=given) == Draft(text=given)
    assert checked_draft(Draft(text=given), given="Another").problem


class Rambling:
    """Drafts on several lines, statements now and then, and changes the lists that it is shown."""

    asks_models = False

    def __init__(self, context: Any) -> None:
        pass

    async def propose(self, topic: Any, *, best: Any, avoid: Any, sample: int) -> Draft:
        best.clear()
        avoid.clear()
        mark = "." if sample % 3 == 0 else "?"
        return Draft(text=f"In village {sample},\n{topic.text[:-1]}{mark}", fact="line one\n\x1b[31mline two")


@pytest.mark.slow
def test_what_a_careless_explorer_writes_gets_into_no_record(tmp_path: Path) -> None:
    folder, _ = grow(
        tmp_path / "run", pool=simulated_pool(tmp_path / "p.yaml"), agents__explorer=f"{HERE}:Rambling", **TINY
    )
    with records_of(folder) as records:
        asked = [each for each in records.questions().values() if each.origin is not Origin.SEED]
    assert asked
    assert all("\n" not in each.text + each.fact and "\x1b" not in each.fact for each in asked)
    assert all(each.text.endswith("?") for each in asked)
    assert summarise(folder).moves["propose: failed"] > 0


class Unlicensed(DivergenceCritic):
    def __init__(self, context: Any) -> None:
        raise RuntimeError("no\nlicence")


def test_an_agent_that_cannot_be_made_leaves_a_run_that_says_so(tmp_path: Path) -> None:
    pool, critic = simulated_pool(tmp_path / "p.yaml"), f"{HERE}:Unlicensed"
    with pytest.raises(RuntimeError, match="licence"):
        grow(tmp_path / "run", pool=pool, agents__critic=critic, **TINY)
    with pytest.raises(RuntimeError, match="licence"):
        ask(checked(write_asked(tmp_path / "asked.jsonl"), pool, agents__critic=critic), tmp_path / "asked")
    for name in ("run", "asked"):
        manifest = RunFolder(tmp_path / name).read_manifest()
        assert (manifest.status, manifest.stop_reason) == ("failed", "RuntimeError: no licence")
        assert manifest.sessions[-1].finished_at


class Insistent:
    """Always drafts the same question."""

    asks_models = False

    def __init__(self, context: Any) -> None:
        pass

    async def propose(self, topic: Any, *, best: Any, avoid: Any, sample: int) -> Draft:
        return Draft(text="Should tips be abolished in Oslo?")


@pytest.mark.slow
def test_a_search_that_finds_nothing_new_any_more_ends(tmp_path: Path) -> None:
    folder, manifest = grow(
        tmp_path / "run",
        pool=simulated_pool(tmp_path / "p.yaml"),
        agents__explorer=f"{HERE}:Insistent",
        agents__refiner="none",
        search__moves_per_round=2,
        **TINY,
    )
    rounds = MOST_ROUNDS_WITHOUT_NEW_QUESTION
    assert manifest.stop_reason.startswith(f"{rounds} rounds in a row brought no new question (")
    with records_of(folder) as records:
        assert max(move.round for move in records.moves()) == 1 + rounds


class Free(WatchingJudge):
    asks_models = False


def test_no_calls_are_planned_for_a_judge_that_asks_no_model(tmp_path: Path) -> None:
    pool = load_pool(simulated_pool(tmp_path / "p.yaml"))

    def calls(judge: str) -> JudgingCalls:
        return check_judge(load_settings(None, {"agents.judge": f"{HERE}:{judge}"}), pool, framework()).calls

    assert calls("Free") == JudgingCalls(0, 0)
    assert calls("WatchingJudge") == JudgingCalls(1, 1, pool.with_role(Role.JUDGE))
