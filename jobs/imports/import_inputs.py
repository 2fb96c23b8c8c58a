"""What an import of recorded answers needs before it touches the disk, loaded and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...agents.judges.judge_requirements import check_judge
from ...agents.registry import AGENTS, find_agent
from ...domain.errors import InputError
from ...domain.pool_spec import PoolSpec, Role
from ...domain.reading.yaml_records import load_framework, load_pool, load_settings
from ...memory.embedders.named_embedder import make_embedder
from ...pool.endpoints.endpoint import check_keys, unencrypted_notice
from ...pool.replies.recorded_text import read_answer
from ...prompts import load_prompts
from ...records.formats.source_rows import SourceFormat, SourceRows, read_source
from ...records.recorded_answers import JUDGED_CHARACTERS, RecordedAnswers, RecordedSource, Repeats, recorded_of
from ..inputs import JobInputs
from ..judge_choice import LOCAL, judge_choice, names_file

LLM = "llm"
NO_POOL = "none"
"""What the settings name for a pool where none is needed."""


@dataclass(frozen=True, kw_only=True)
class ImportInputs(JobInputs):
    """The answers, read, and what judges them.

    ``pool`` has the judges alone; ``named_pool`` is the file's, None where the judge asks no model.
    """

    named_pool: PoolSpec | None
    recorded: RecordedAnswers

    @property
    def judge_name(self) -> str:
        """What the judge is called, or where its class is, as far as that is known before it is made."""
        return self.judging.requirements.name or self.settings.agents.judge


def judge_settings(judge: str | None, pool: str | None) -> dict[str, str | None]:
    """The settings for ``--judge FILE|NAME`` and ``--pool``. Raises ``InputError`` when they do not fit together."""
    if judge is not None and names_file(judge):
        if pool is not None:
            raise InputError(f"--pool {pool}: the judge {judge} asks no model — leave out one of the two")
        return {**judge_choice(judge), "pool": NO_POOL}
    if judge is None and pool is None:
        raise InputError(
            "nobody to judge the answers — name a judge's file (--judge FILE, made by 'adaem judge train'), "
            "or a pool whose judges are asked (--pool FILE)"
        )
    name = LLM if judge is None else judge
    if name == LOCAL or (name not in AGENTS["judge"] and ":" not in name):
        others = ", ".join(sorted(set(AGENTS["judge"]) - {LOCAL}))
        raise InputError(f"--judge {name}: no such file — name a file made by 'adaem judge train', or one of {others}")
    if pool is None and ":" not in name:
        raise InputError(f"--judge {name}: it asks models — name their pool (--pool FILE)")
    return {"agents.judge": name, "pool": pool or NO_POOL}


def check_import(
    answers: Path | SourceRows,
    columns: Mapping[str, str],
    overrides: Mapping[str, Any],
    *,
    kind: SourceFormat | None = None,
    repeats: Repeats | None = None,
) -> ImportInputs:
    """Reads the answers and checks the judge. Raises ``InputError`` with the first defect; writes nothing.

    ``answers`` is a file or folder, which ``kind`` says what it is, or rows that a program holds; ``repeats`` says what
    becomes of rows that repeat another one.
    """
    settings = load_settings(None, overrides)
    framework = load_framework(settings.framework)
    prompts = load_prompts(settings.prompts)
    embedder = make_embedder(settings.embedder)
    pool = None if settings.pool == NO_POOL else load_pool(settings.pool)
    source = read_source(answers, kind) if isinstance(answers, Path) else answers
    recorded = recorded_of(source, columns, read_answer, repeats=repeats)
    # Only judges are asked, so only their keys are needed.
    judges = () if pool is None else pool.with_role(Role.JUDGE)
    allowed_hosts = () if pool is None else pool.allowed_hosts
    judge_spec = PoolSpec.model_construct(name=settings.pool, members=judges, allowed_hosts=allowed_hosts)
    check_keys(judge_spec, settings.allowed_hosts)
    judging = check_judge(settings, judge_spec, framework)
    return ImportInputs(
        settings,
        framework,
        judge_spec,
        prompts,
        embedder,
        agents={role: find_agent(role, getattr(settings.agents, role)) for role in ("judge", "critic")},
        judging=judging,
        notices=(*judging.notices, *filter(None, [unencrypted_notice(judge_spec)]), *_notices(recorded.source)),
        named_pool=pool,
        recorded=recorded,
    )


def _notices(source: RecordedSource) -> tuple[str, ...]:
    problems = (
        (source.retold, "Question ids with more than one text, of which the first is kept: {}"),
        (source.shortened, f"Answers longer than {JUDGED_CHARACTERS} characters, judged on their beginning: {{}}"),
        (
            source.repeated,
            "Answers that repeat another one of the same model to the same wording, word for word: {}; if they are "
            "copies and no samples, intervals are too narrow: --repeats keep-first takes each once",
        ),
        (source.left_out, "Rows that repeat another one and were left out: {}"),
    )
    return tuple(what.format(count) for count, what in problems if count)
