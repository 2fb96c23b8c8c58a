"""An evaluation before it touches the disk: its inputs from options or from its own folder, loaded and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...agents.judges.judge_requirements import check_judge
from ...agents.refiner.paraphraser import check_paraphrasing
from ...agents.registry import find_agent
from ...domain.errors import FileError, InputError
from ...domain.framework import Framework
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.question import Question
from ...domain.reading.yaml_records import load_framework, load_pool, override_settings
from ...domain.self_judging import self_judging
from ...domain.settings import AgentNames, Search, Settings
from ...memory.embedders.named_embedder import make_embedder
from ...pool.endpoints.endpoint import check_keys, unencrypted_notice
from ...prompts import PromptLibrary, load_prompts
from ...records import Manifest, RunFolder, RunRecords
from ...records.folder import EvaluationOf, ForkOf
from ...records.formats.source_rows import SourceRows
from ..inputs import recorded_prompts
from ..trust import WITHDRAWN, check_pool_of, check_settings_of
from .controls import PARAPHRASED, check_only_varies, fork_of, members_of, vary
from .evaluation_inputs import QUESTION_LIST, EvaluationInputs
from .question_source import QuestionSource, read_question_source

SEARCHING = (Role.AUTHOR, Role.SCOUT, Role.PANEL, Role.JUDGE)
ACTING = ("prober", "judge", "critic")
"""The agents of an evaluation; the others only search."""

SEARCH_ONLY = ("agents.explorer", "agents.refiner", "search.policy", "memory", "bank", "topics")
"""Settings that only a search reads."""


def check_evaluation(
    source: Path | SourceRows,
    pool: str,
    overrides: Mapping[str, Any],
    *,
    samples: int | None = None,
    short: int | None = None,
    prime: bool = False,
) -> EvaluationInputs:
    """Reads the questions and checks pool, judge and budget. Raises ``InputError``; writes nothing.

    The framework, the prompts, the judge and the critic are those of the run that grew the questions, unless
    ``overrides`` (dotted keys of settings) name others. Its folder may come from a stranger: code that it names counts
    only when the overrides name it again.
    """
    origin = read_question_source(source, short)
    place = source if isinstance(source, Path) else source.path
    changed = {**overrides, "pool": pool, **({} if samples is None else {"samples.evaluate": samples})}
    settings = override_settings(
        Settings() if origin.grown_by is None else _inherited(origin.grown_by.settings), changed
    )
    framework, prompts = _texts(place, settings, origin.grown_by, overrides)
    members = load_pool(settings.pool)
    idle = {Role.AUTHOR} if settings.samples.vary == "sampling" else set()
    asked_pool = members.model_copy(update={"members": tuple(each for each in members.members if {*each.roles} - idle)})
    primed = framework.value_ids if prime else ()
    if prime:
        prompts.primed("")
    of = _of(origin, settings, asked_pool, short=short, primed=primed)
    return _checked(settings, framework, asked_pool, prompts, of, origin.questions, origin.notices)


def check_control(source: Path, control: str, overrides: Mapping[str, Any]) -> EvaluationInputs:
    """The run in ``source`` with one thing varied, ``control`` (named in ``controls``); all else is as it was there.

    ``overrides`` may change the budget and what is permitted; from ``prompts`` comes what asks for a paraphrase. Raises
    ``InputError`` as ``check_evaluation`` does, and for anything else that would vary.
    """
    origin = vary(source, read_question_source(source, None), control)
    manifest = origin.grown_by
    assert manifest is not None
    assert manifest.pool is not None
    changed = {key: value for key, value in overrides.items() if key != "prompts" or control != PARAPHRASED}
    # The run compared its models on equally many answers to one wording.
    plainly = {"samples.allocation": "even", "samples.vary": "sampling"}
    before = override_settings(manifest.settings, plainly)
    settings = override_settings(before, {**WITHDRAWN, **changed})
    check_only_varies(settings, before, changed)
    framework, prompts = _texts(source, settings, manifest, changed)
    if control == PARAPHRASED:
        if "prompts" in overrides:
            paraphrasing = load_prompts(str(overrides["prompts"])).templates["paraphrase"]
            prompts = PromptLibrary({**prompts.templates, "paraphrase": paraphrasing})
        check_paraphrasing(prompts)
    asked_pool = members_of(manifest.pool, control)
    check_pool_of(source, asked_pool, settings)
    of = _of(origin, settings, asked_pool, short=None, primed=())
    fork = fork_of(source, manifest, control, overrides)
    return _checked(settings, framework, asked_pool, prompts, of, origin.questions, origin.notices, fork)


def _texts(
    source: Path, settings: Settings, grown_by: Manifest | None, overrides: Mapping[str, Any]
) -> tuple[Framework, PromptLibrary]:
    """Framework and prompts: those of the run that grew the questions, unless the overrides name others."""
    if grown_by is None:
        return load_framework(settings.framework), load_prompts(settings.prompts)
    check_settings_of(source, settings, overrides, unused=SEARCH_ONLY)
    framework = load_framework(settings.framework) if "framework" in overrides else grown_by.framework
    return framework, load_prompts(settings.prompts) if "prompts" in overrides else recorded_prompts(grown_by)


def _of(
    origin: QuestionSource,
    settings: Settings,
    asked_pool: PoolSpec,
    *,
    short: int | None,
    primed: tuple[str, ...],
) -> EvaluationOf:
    return EvaluationOf(
        source=origin.name,
        run_id="" if origin.grown_by is None else origin.grown_by.run_id,
        questions=len(origin.questions),
        questions_sha256=origin.sha256,
        samples=settings.samples.evaluate,
        short=short,
        primed=primed,
        seen=members_seen(asked_pool, origin),
    )


def inputs_of_evaluation(folder: RunFolder, overrides: Mapping[str, Any]) -> EvaluationInputs:
    """The inputs of an evaluation as its own folder has them, with ``overrides``; see ``check_evaluation``."""
    manifest = folder.read_manifest()
    if manifest.evaluation is None or manifest.pool is None:
        raise InputError(f"{folder.path}: this is no evaluation — name a folder made by 'adaem evaluate'")
    if not folder.records_path.exists():
        raise FileError(folder.path, "is not a whole evaluation: run.sqlite is missing", remedy="copy the whole folder")
    settings = override_settings(manifest.settings, {**WITHDRAWN, **overrides})
    check_settings_of(folder.path, settings, overrides, unused=SEARCH_ONLY)
    check_pool_of(folder.path, manifest.pool, settings)
    with RunRecords(folder.records_path, read_only=True) as records:
        ids = records.ids(QUESTION_LIST)
        by_id = records.questions(ids)
    questions = tuple(by_id[question_id] for question_id in ids)
    return _checked(
        settings,
        manifest.framework,
        manifest.pool,
        recorded_prompts(manifest),
        manifest.evaluation,
        questions,
        manifest.notices,
        manifest.fork,
    )


def members_seen(pool: PoolSpec, source: QuestionSource) -> tuple[str, ...]:
    """The ids of the respondents that took part in the search of the run, or that judge here."""
    searching: Sequence[Member] = ()
    if source.grown_by is not None and source.grown_by.pool is not None:
        searching = [each for each in source.grown_by.pool.members if {*SEARCHING} & {*each.roles}]
    searchers = {each.deployment for each in searching}
    # A judge judges without its system prompt: as a model, it is nearest to each of its own deployments.
    judges = {each.asked_model for each in pool.with_role(Role.JUDGE)}
    return tuple(each.id for each in pool.respondents if each.deployment in searchers or each.asked_model in judges)


def _inherited(grown_with: Settings) -> Settings:
    """What an evaluation takes over from the run: how answers are measured, not how questions were searched."""
    names, search = grown_with.agents, grown_with.search
    return Settings(
        framework=grown_with.framework,
        prompts=grown_with.prompts,
        embedder=grown_with.embedder,
        seed=grown_with.seed,
        samples=grown_with.samples,
        judge=grown_with.judge,
        agents=AgentNames(prober=names.prober, judge=names.judge, critic=names.critic),
        search=Search(
            beta=search.beta, gamma=search.gamma, permutations=search.permutations, noise_floor=search.noise_floor
        ),
    )


def _checked(
    settings: Settings,
    framework: Framework,
    pool: PoolSpec,
    prompts: PromptLibrary,
    of: EvaluationOf,
    questions: tuple[Question, ...],
    notices: Sequence[str],
    fork: ForkOf | None = None,
) -> EvaluationInputs:
    if not pool.respondents:
        raise FileError(
            settings.pool, "nobody to ask", place="members", remedy="name a scout, panel member or examinee"
        )
    if settings.samples.vary == "wording":
        _check_wordings(settings, pool, prompts)
    embedder = make_embedder(settings.embedder)
    agents = {role: find_agent(role, getattr(settings.agents, role)) for role in ACTING}
    check_keys(pool, settings.allowed_hosts)
    judging = check_judge(settings, pool, framework)
    further = (self_judging(judging.calls.members, pool), unencrypted_notice(pool))
    inputs = EvaluationInputs(
        settings,
        framework,
        pool,
        prompts,
        embedder,
        agents=agents,
        judging=judging,
        notices=tuple(dict.fromkeys(filter(None, [*notices, *judging.notices, *further]))),
        of=of,
        questions=questions,
        fork=fork,
    )
    unpriced = [each.id for each in pool.members if each.price is None and not each.simulated]
    if settings.budget.money is not None and unpriced:
        raise InputError(
            f"budget.money is set, but member {unpriced[0]!r} has no price — give it a price in the pool file"
        )
    if settings.budget.calls < inputs.per_question:
        raise InputError(
            f"a budget of {settings.budget.calls} calls is too small: one question takes {inputs.per_question} — "
            "raise it with -s budget.calls=N"
        )
    return inputs


def _check_wordings(settings: Settings, pool: PoolSpec, prompts: PromptLibrary) -> None:
    """Raises ``InputError`` where nobody can put a question in other words, or nobody could be asked them."""
    check_paraphrasing(prompts)
    if not pool.with_role(Role.AUTHOR):
        raise FileError(
            settings.pool,
            "samples.vary: wording needs somebody to paraphrase",
            place="members",
            remedy="give a member the role author",
        )
    recorded = [member.id for member in pool.respondents if member.recorded]
    if recorded:
        raise InputError(
            f"samples.vary: wording asks for answers to new words, and those of member {recorded[0]!r} are recorded — "
            "leave it out: recorded answers keep their own wordings"
        )
