"""``adaem.run`` and what belongs to it: plan before, resume after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..domain.errors import InputError
from ..domain.framework import Framework
from ..domain.pool_spec import Role
from ..reports.notebook.folder_data import Run, load
from ..reports.notebook.planned import Plan
from .events import EvaluationEvents, OnEvent, RunEvents, folder_in_words
from .given_parts import GivenParts, Part
from .live_line import default_events

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from ..records import Manifest, RunFolder
    from .given_parts import PoolLike

SEARCHING_ROLES = (Role.SCOUT, Role.PANEL)
"""What a model does that is given to a run by itself: it screens questions and confirms them."""


async def run(
    config: str | Path | None = None,
    *,
    pool: PoolLike | None = None,
    framework: str | Path | Framework | None = None,
    judge: Part | None = None,
    agents: Mapping[str, Part] | None = None,
    policy: str | Callable[..., Any] | None = None,
    questions: int | None = None,
    calls: int | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    on_event: OnEvent | None = None,
) -> Run:
    """Grows questions that separate a pool's models by their values: ``adaem run``, with the same settings and folder.

    config      a YAML file with settings; what is given besides goes before it
    pool        a name, a YAML file, or the members: "provider:model", ``adaem.Member`` or a LangChain chat model. Those
                given without roles are scouts and panel members; a judge is an ``adaem.Member`` with that role
    judge       a judge's name, the file of a local one, its class, or an instance; ``agents`` the same for any role
    policy      a policy's name, or the function
    questions   how many to publish; ``calls`` are requests at most, in total
    settings    any other setting, as ``{"samples.confirm": 8}``
    out         the run's folder, by default ``runs/<run id>``
    on_event    called with each ``Event``; ``print`` will do. In a notebook a line shows how far it is

    Works inside a running event loop. A cancelled task leaves a folder that ``resume`` goes on with, and raises
    ``CancelledError``. Raises ``InputError`` before anything is written, ``RunFailed`` when the run cannot go on.

    >>> import asyncio, adaem
    >>> small = {"questions": 2, "calls": 700, "settings": {"search.permutations": 99, "samples.confirm": 2}}
    >>> run = asyncio.run(adaem.run(pool="simulated", framework="schwartz", out="runs/small", **small))
    >>> run.manifest.status, run.manifest.simulated
    ('finished', True)
    """
    from ..domain.reading.yaml_records import load_settings
    from ..jobs.inputs import check_settings
    from ..jobs.search_run import run as run_job

    given = _given(pool, framework, judge, agents, policy, questions, calls, seed, settings)
    with given.here():
        inputs = check_settings(load_settings(None if config is None else Path(config), given.settings))
        with tracing_as(inputs.settings.tracing):
            listener = RunEvents(on_event or default_events())
            return await finished(run_job(inputs, None if out is None else Path(out), listener))


def run_sync(config: str | Path | None = None, **options: Any) -> Run:
    """``run`` for a script, where no event loop is running; the same options. Ctrl-C leaves a folder to resume.

    Raises ``InputError`` where an event loop is running, as in a notebook.

    >>> import adaem
    >>> adaem.run_sync(pool="nowhere.yaml")
    Traceback (most recent call last):
    adaem.domain.errors.FileError: nowhere.yaml: no such file — check the path
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(run(config, **options))
    raise InputError("run_sync: an event loop is running here, as in a notebook — write: await adaem.run(…)")


async def plan(
    config: str | Path | None = None,
    *,
    pool: PoolLike | None = None,
    framework: str | Path | Framework | None = None,
    judge: Part | None = None,
    agents: Mapping[str, Part] | None = None,
    questions: int | None = None,
    calls: int | None = None,
    settings: Mapping[str, Any] | None = None,
    earlier: str | Path | None = None,
) -> Plan:
    """What a run with these options would spend, by step and by member: ``adaem plan``. Asks no model, writes nothing.

    ``earlier`` is a run whose lengths and times are taken, or what ``adaem doctor --json`` wrote.

    >>> import asyncio, adaem
    >>> plan = asyncio.run(adaem.plan(pool="simulated", calls=2000))
    >>> plan.forecast.calls <= 2000
    True
    """
    from ..domain.reading.yaml_records import load_settings
    from ..jobs.inputs import check_settings
    from ..jobs.planning.plan_run import plan_run

    given = _given(pool, framework, judge, agents, None, questions, calls, None, settings)
    with given.here():
        inputs = check_settings(load_settings(None if config is None else Path(config), given.settings))
        return Plan(await plan_run(inputs, None if earlier is None else Path(earlier)))


async def resume(
    folder: str | Path,
    *,
    rounds: int | None = None,
    models: Mapping[str, BaseChatModel] | None = None,
    judge: Part | None = None,
    agents: Mapping[str, Part] | None = None,
    policy: str | Callable[..., Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    on_event: OnEvent | None = None,
) -> Run:
    """Goes on with a run or an evaluation that was stopped: ``adaem resume``. Nothing that was answered is asked again.

    rounds      grow a finished run by so many rounds
    models      the chat models that were given as objects, by the ids of their members; ``judge``, ``agents`` and
                ``policy`` are likewise given again, as the run began with them
    settings    those of the budget that change, and permissions

    Raises ``InputError`` when there is nothing to go on with, or an object is missing.

    >>> import asyncio, adaem
    >>> asyncio.run(adaem.resume("nowhere"))
    Traceback (most recent call last):
    adaem.domain.errors.FileError: nowhere: is not a run: it has no readable manifest.json — ...
    """
    from ..jobs.evaluation.evaluation_run import resume_evaluation
    from ..jobs.search_run import resume as resume_job
    from ..jobs.trust import check_resumed_with
    from ..records import RunFolder

    given = GivenParts(plain_settings(settings))
    given.agents(agents or {}, judge, policy)
    manifest = RunFolder(Path(folder)).read_manifest()
    check_resumed_with(given.settings, manifest.settings)
    given.models(models or {}, manifest.pool)
    tell = on_event or default_events()
    with given.here(), tracing_as(bool(given.settings.get("tracing", False))):
        if manifest.evaluation is None:
            return await finished(resume_job(Path(folder), given.settings, RunEvents(tell), rounds=rounds))
        if rounds is not None:
            raise InputError(f"{folder}: an evaluation has no rounds — resume it without")
        return await finished(resume_evaluation(Path(folder), given.settings, EvaluationEvents(tell)))


async def finished(work: Coroutine[Any, Any, tuple[RunFolder, Manifest]]) -> Run:
    """What a job leaves. One that was cancelled has put its folder in order first, and is cancelled all the same."""
    folder, _ = await work
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError(folder_in_words(folder.path))
    return load(folder.path)


def tracing_as(wanted: bool) -> AbstractContextManager[Any]:
    """LangSmith's tracing is off for a job unless its settings ask for it; the rest of the program keeps its own."""
    from ..pool.no_tracing import without_tracing

    return nullcontext() if wanted else without_tracing()


def _given(
    pool: PoolLike | None,
    framework: str | Path | Framework | None,
    judge: Part | None,
    agents: Mapping[str, Part] | None,
    policy: str | Callable[..., Any] | None,
    questions: int | None,
    calls: int | None,
    seed: int | None,
    settings: Mapping[str, Any] | None,
) -> GivenParts:
    given = GivenParts(plain_settings(settings))
    for key, value in (("questions", questions), ("budget.calls", calls), ("seed", seed)):
        given.set(key, value)
    given.pool(pool, SEARCHING_ROLES)
    given.framework(framework)
    given.agents(agents or {}, judge, policy)
    return given


def plain_settings(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """A copy, so that nobody's own mapping changes."""
    return {key: str(value) if isinstance(value, Path) else deepcopy(value) for key, value in (settings or {}).items()}
