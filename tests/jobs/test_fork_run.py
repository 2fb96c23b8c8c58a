"""Forks of small runs: nothing differs without a change, only what comes after the step with one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from adaem.domain.errors import InputError, NotRecorded
from adaem.domain.reading.yaml_records import package_folder
from adaem.jobs.forks import Fork, check_fork, with_judge
from adaem.jobs.search_run import resume, run
from adaem.pool.simulated.simulated_model import SimulatedModel
from adaem.records import Manifest, RunFolder, RunRecords, read_trace
from adaem.records.whole_file import write_whole
from adaem.results.comparison.diff_folders import diff
from growing import Quiet, grow, records_of, simulated_pool
from keyword_judge import KeywordJudge

pytestmark = pytest.mark.slow

Command = Callable[..., tuple[int, str, str]]


def checked(
    parent: Path, at: str | None = None, judge: str | None = None, *, replay_only: bool = False, **given: Any
) -> Fork:
    overrides = {key.replace("__", "."): value for key, value in given.items()}
    return check_fork(parent, overrides, at=at, judge=judge, replay_only=replay_only)


def carried_out(fork: Fork, path: Path) -> tuple[RunFolder, Manifest]:
    return asyncio.run(run(fork.inputs, path, Quiet(), fork=fork))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fork")
    grow(folder / "one", pool=simulated_pool(folder / "pool.yaml"), budget__calls=1100)
    other = yaml.safe_load((folder / "pool.yaml").read_text(encoding="utf-8"))
    judges = [{**each, "parameters": {"world": 1, "judge": 2}} for each in other["members"] if each["id"] == "judge"]
    (folder / "judges.yaml").write_text(yaml.safe_dump({"name": "judges", "members": judges}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def straight(home: Path) -> Path:
    """A fork from its second round on with another seed: nothing is recorded from there on."""
    return carried_out(checked(home / "one", "2.4.propose", seed=5), home / "straight")[0].path


@pytest.fixture
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No simulated member may be asked."""

    async def refuse(self: SimulatedModel, *_: object, **__: object) -> object:
        raise AssertionError("a recorded call was made again")

    monkeypatch.setattr(SimulatedModel, "ainvoke", refuse)


@pytest.mark.usefixtures("nobody_answers")
@pytest.mark.parametrize("at", [None, "2.3.probe"])
def test_a_fork_without_changes_differs_in_nothing_and_makes_no_call(
    home: Path, tmp_path: Path, at: str | None
) -> None:
    before = digests(home / "one")
    folder, manifest = carried_out(checked(home / "one", at), tmp_path / "fork")
    found = diff(home / "one", folder.path)
    assert found.nothing_differs, (found.sentences, found.settings, found.steps)
    assert digests(home / "one") == before, "the parent is only read"
    assert manifest.fork is not None
    assert (manifest.fork.at, manifest.fork.changes) == (at or "", {})
    with records_of(folder) as records, records_of(RunFolder(home / "one")) as theirs:
        assert records.calls_spent() == theirs.calls_spent() == manifest.fork.recalled


def test_another_prompt_changes_nothing_before_its_step(home: Path, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    (prompts / "set.yaml").write_text("inherit: default\n", encoding="utf-8")
    words = (package_folder("prompts") / "default" / "explore.md").read_text(encoding="utf-8")
    (prompts / "explore.md").write_text(words.replace("Be new:", "Be new and bold:"), encoding="utf-8")
    before = digests(home / "one")
    at = "2.4.propose"
    folder, manifest = carried_out(checked(home / "one", at, prompts=str(prompts)), tmp_path / "fork")
    found = diff(home / "one", folder.path)
    assert found.steps is not None
    order = [event.id for event in read_trace(RunFolder(home / "one").trace_path)[0]]
    assert found.steps.first_change == at
    assert found.steps.alike == order.index(at)
    assert not {*found.steps.changed, *found.steps.only_first} & set(order[: order.index(at)])
    assert [each.key for each in found.settings] == ["prompts.explore"]
    assert digests(home / "one") == before
    assert manifest.fork is not None
    assert manifest.fork.run_id == found.folders[0].run_id
    assert (manifest.fork.at, manifest.fork.path) == (at, str((home / "one").resolve()))
    assert manifest.fork.changes == {"prompts": f"{prompts} (explore)"}
    # From the step on, each explorer's prompt is the new one, and before it none is.
    with records_of(folder) as records:
        for event in read_trace(folder.trace_path)[0]:
            if event.node == "propose":
                (call,) = records.calls(event.call_ids)
                assert ("bold" in call.prompt.system) == (
                    order.index(at) <= order.index(event.id) if event.id in order else True
                )


def test_another_policy_and_a_smaller_budget_hold_from_the_step_on(home: Path, tmp_path: Path) -> None:
    at = "3.explore"
    given: dict[str, Any] = {"search__policy": "random", "budget__calls": 1000}
    folder, manifest = carried_out(checked(home / "one", at, **given), tmp_path / "fork")
    found = diff(home / "one", folder.path)
    assert found.steps is not None
    assert found.steps.first_change == at
    assert {each.key for each in found.settings} == {"settings.search.policy", "settings.budget.calls"}
    assert manifest.fork is not None
    assert manifest.fork.changes == {"search.policy": "random", "budget.calls": "1000"}
    with records_of(folder) as records:
        assert records.calls_spent() <= 1000
        assert manifest.fork.recalled < records.calls_spent()


def test_what_a_change_does_not_touch_is_not_asked_again(home: Path, tmp_path: Path) -> None:
    """More samples in the evaluation: everything before it is recorded, and of the evaluation the first samples are."""
    folder, manifest = carried_out(checked(home / "one", "1.explore", samples__evaluate=3), tmp_path / "fork")
    assert manifest.fork is not None
    with records_of(folder) as records:
        assert 0.5 * records.calls_spent() < manifest.fork.recalled < records.calls_spent()


@pytest.mark.usefixtures("nobody_answers")
def test_replay_only_stops_at_the_first_unrecorded_call_and_finishes_what_comes_before(
    home: Path, tmp_path: Path
) -> None:
    at = "2.4.propose"
    fork = checked(home / "one", at, replay_only=True, seed=5)
    folder, manifest = carried_out(fork, tmp_path / "only")
    assert manifest.status == "interrupted"
    assert manifest.stop_reason.startswith("the next call is not recorded: ")
    found = diff(home / "one", folder.path)
    assert found.steps is not None
    assert not found.steps.changed
    assert not found.steps.only_second
    order = [event.id for event in read_trace(RunFolder(home / "one").trace_path)[0]]
    assert found.steps.alike == order.index(at)


def test_a_replay_goes_on_live_to_what_the_fork_would_have_been(home: Path, straight: Path, tmp_path: Path) -> None:
    folder, _ = carried_out(checked(home / "one", "2.4.propose", seed=5, replay_only=True), tmp_path / "only")
    _, manifest = asyncio.run(resume(folder.path, {}, Quiet()))
    assert manifest.status == "finished"
    assert manifest.fork is not None
    assert not manifest.fork.replay_only
    assert diff(straight, folder.path).nothing_differs


class _Stops(Quiet):
    """Cancels the run when so many steps have ended."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._left = steps

    def finished(self, event: Any) -> None:
        super().finished(event)
        self._left -= 1
        if self._left == 0:
            task = asyncio.current_task()
            assert task is not None
            asyncio.get_running_loop().call_soon(self.task.cancel)

    task: asyncio.Task[Any]


@pytest.mark.parametrize("steps", [8, 60])
def test_a_fork_that_was_stopped_goes_on_where_it_was(home: Path, straight: Path, tmp_path: Path, steps: int) -> None:
    """Before its step and after it."""
    fork, listener = checked(home / "one", "2.4.propose", seed=5), _Stops(steps)

    async def stopped() -> Manifest:
        listener.task = asyncio.create_task(run(fork.inputs, tmp_path / "stopped", listener, fork=fork))
        manifest: Manifest = (await listener.task)[1]
        return manifest

    assert asyncio.run(stopped()).status == "interrupted"
    _, manifest = asyncio.run(resume(tmp_path / "stopped", {}, Quiet()))
    assert manifest.status == "finished"
    found = diff(straight, tmp_path / "stopped")
    assert found.nothing_differs, found.sentences


def test_another_judge_judges_every_stored_answer_anew_and_asks_nobody_else(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, asked = SimulatedModel.ainvoke, set()

    async def noted(self: SimulatedModel, *args: Any, **kwargs: Any) -> Any:
        asked.add(self.name)
        return await answer(self, *args, **kwargs)

    monkeypatch.setattr(SimulatedModel, "ainvoke", noted)
    before = digests(home / "one")
    fork = checked(home / "one", judge=str(home / "judges.yaml"))
    folder, manifest = carried_out(fork, tmp_path / "judged")
    assert asked == {"judge"}
    assert digests(home / "one") == before
    assert manifest.status == "finished"
    assert manifest.fork is not None
    assert manifest.fork.control == "judge"
    found = diff(home / "one", folder.path)
    assert found.paired
    assert not found.asked.only_first
    assert not found.asked.only_second
    assert found.steps is not None
    assert not found.steps.only_first
    assert not found.steps.only_second
    assert {step.rsplit(".")[-1] for step in found.steps.changed if not step.rsplit(".")[-1].isdigit()} <= {
        "critique",
        "confirm",
        "evaluate",
    }
    with records_of(folder) as mine, records_of(RunFolder(home / "one")) as theirs:
        assert mine.questions() == theirs.questions()
        for question in mine.questions():
            (answers, judgements), (their_answers, _) = mine.answers(question), theirs.answers(question)
            assert answers == their_answers
            assert all(
                each is not None or answer.outcome != "answered"
                for answer, each in zip(answers, judgements, strict=True)
            )


class Free(KeywordJudge):
    asks_models = False


def test_a_judge_that_asks_no_model_needs_no_budget_and_a_raised_cap_is_no_other_change(home: Path) -> None:
    with records_of(RunFolder(home / "one")) as records:
        asked = len({answer.call_id for each in records.questions() for answer in records.answers(each)[0]})
    judges = str(home / "judges.yaml")
    free = checked(home / "one", judge=f"{__name__}:Free", budget__calls=asked)
    assert free.of.control == "judge"
    assert not free.inputs.judging.calls.members
    with pytest.raises(InputError, match=r"raise it with -s budget.calls=\d+$") as caught:
        checked(home / "one", judge=judges, budget__calls=asked)
    remedy = int(str(caught.value).rpartition("=")[2])
    assert checked(home / "one", judge=judges, budget__calls=remedy).of.control == "judge"
    assert checked(home / "one", judge=judges, seed=5).of.control == ""


def test_a_pools_judges_sit_as_those_of_the_run_did(home: Path) -> None:
    """Whom the run's judge asked is in its manifest, whatever the judge is called."""
    manifest = RunFolder(home / "one").read_manifest()
    assert manifest.judges == ("judge",)

    def sitting(name: str, judges: tuple[str, ...] | None) -> object:
        agents = manifest.settings.agents.model_copy(update={"judge": name})
        settings = manifest.settings.model_copy(update={"agents": agents})
        of = manifest.model_copy(update={"settings": settings, "judges": judges})
        return with_judge({}, of, str(home / "judges.yaml"))[0]["agents.judge"]

    assert sitting("mine:Own", ("judge",)) == "mine:Own"
    assert sitting("mine:Own", ()) == sitting("local", ()) == sitting("local", None) == "llm"
    assert sitting("jury", None) == sitting("jury", ("judge", "other")) == "jury"


def test_it_says_how_many_stored_answers_are_judged(adaem: Command, home: Path, tmp_path: Path) -> None:
    code, _, told = adaem("fork", home / "one", "--judge", home / "judges.yaml", "--out", tmp_path / "judged")
    assert code == 0
    with records_of(RunFolder(home / "one")) as records:
        total = sum(len(records.answers(each)[0]) for each in records.questions())
    first, *lines = told.splitlines()
    assert f"{total} stored answers of " in first
    assert "nobody else is asked" in first
    assert lines[-1] == f"judging stored answers again: {total} of {total}"
    assert 5 <= len(lines) <= 10
    assert "explore" not in told


def test_the_same_judge_again_finds_the_same(home: Path, tmp_path: Path) -> None:
    """The very judge of the run, through the other door: all labels, scores and ranks come out alike."""
    pool = yaml.safe_load((home / "pool.yaml").read_text(encoding="utf-8"))
    same = [each for each in pool["members"] if each["id"] == "judge"]
    (tmp_path / "same.yaml").write_text(yaml.safe_dump({"name": "same", "members": same}), encoding="utf-8")
    folder, _ = carried_out(checked(home / "one", judge=str(tmp_path / "same.yaml")), tmp_path / "judged")
    found = diff(home / "one", folder.path)
    assert not found.settings
    assert not [each for each in found.scored if each.changed]
    assert all(each.alike for each in found.findings)
    assert found.steps is not None
    assert not found.steps.first_change


def test_steps_that_cannot_be_made_again_are_told(home: Path, tmp_path: Path) -> None:
    """A parent whose recorded calls are incomplete."""
    import shutil
    import sqlite3

    shutil.copytree(home / "one", tmp_path / "torn")
    with sqlite3.connect(tmp_path / "torn" / "run.sqlite") as database:
        database.execute("DELETE FROM calls WHERE purpose = 'propose'")
    with pytest.raises(NotRecorded, match=r"its steps before 3\.explore cannot be made again.*fork it from its start"):
        carried_out(checked(tmp_path / "torn", "3.explore", seed=3), tmp_path / "fork")


def test_a_memory_that_others_share_is_neither_read_nor_written(home: Path, tmp_path: Path) -> None:
    pool, memory = str(home / "pool.yaml"), tmp_path / "memory"
    small: dict[str, Any] = {"pool": pool, "memory": str(memory), "budget__calls": 900}
    grow(tmp_path / "first", **small)
    grow(tmp_path / "second", seed=1, **small)
    before = digests(memory)
    folder, manifest = carried_out(checked(tmp_path / "second"), tmp_path / "same")
    found = diff(tmp_path / "second", folder.path)
    assert found.steps is not None
    assert not found.steps.first_change, found.steps.first_change
    assert [each.key for each in found.settings] == ["settings.memory"]
    _, changed = carried_out(checked(tmp_path / "second", "2.explore", search__policy="random"), tmp_path / "other")
    assert any("shared a memory" in notice for notice in changed.notices)
    assert digests(memory) == before
    assert manifest.settings.memory is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"at": "2.99.probe"}, r"no step is called '2\.99\.probe' — did you mean 2\."),
        ({"framework": "moral-foundations"}, "framework cannot change in a fork"),
        ({"memory": "elsewhere"}, "memory cannot change in a fork"),
        ({"embedder": "onnx"}, "embedder cannot change in a fork"),
        ({"judge": "nobody"}, "no judge is called 'nobody'"),
        ({"judge": "missing.yaml"}, "missing.yaml: no such file"),
        ({"search__policy": "best"}, "no policy 'best'"),
    ],
)
def test_wrong_input_is_told_before_anything_is_written(home: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked(home / "one", **given)


def test_a_parent_that_is_gone_is_named_when_its_fork_goes_on(home: Path, tmp_path: Path) -> None:
    folder, _ = carried_out(checked(home / "one", "2.4.propose", seed=5, replay_only=True), tmp_path / "only")
    manifest = json.loads(folder.manifest_path.read_text(encoding="utf-8"))
    manifest["fork"]["path"] = str(tmp_path / "gone")
    write_whole(folder.manifest_path, json.dumps(manifest))
    with pytest.raises(InputError, match=r"which is not at .*gone any more"):
        asyncio.run(resume(folder.path, {}, Quiet()))


def test_the_command_says_what_came_of_it(adaem: Command, home: Path, tmp_path: Path) -> None:
    code, shown, told = adaem(
        "fork", home / "one", "--at", "2.4.propose", "-s", "seed=5", "--replay-only", "--out", tmp_path / "only"
    )
    assert code == 0
    assert "fork of" in shown
    assert "asked nobody, and the next call is not recorded" in told
    assert f"go on with 'adaem resume {tmp_path / 'only'}'" in told
    assert adaem("fork", home / "one", "--at", "9.explode")[0] == 2
    with RunRecords(tmp_path / "only" / "run.sqlite", read_only=True) as records:
        assert list(records.moves())
