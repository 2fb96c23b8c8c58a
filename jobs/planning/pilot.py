"""What an earlier run tells of the next one: how long its requests and replies were, and how long they took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from ...domain.answer import Outcome
from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.pool_spec import PoolSpec
from ...prompts import PromptLibrary
from ...records import RunFolder, RunRecords


@dataclass(frozen=True)
class Experience:
    """One member's requests of one prompt: how many a call took, and the means of one request."""

    requests: float
    input_tokens: float
    output_tokens: float
    seconds: float


@dataclass(frozen=True)
class Pilot:
    """``by`` holds what is known by (member, prompt). ``answered`` is the share of answers that could be judged,
    ``drafts`` how many drafts a move took; None where the run tells nothing of it.
    """

    run_id: str
    by: Mapping[tuple[str, str], Experience]
    answered: float | None
    drafts: float | None


def read_pilot(folder: RunFolder, framework: Framework, pool: PoolSpec, prompts: PromptLibrary) -> Pilot:
    """What an earlier run tells of ``pool``: of members with the same id, model and system prompt, and of
    prompts with the same words.

    Raises ``InputError`` when the run asked nobody, had another framework, or none of these members.
    """
    manifest = folder.read_manifest()
    if manifest.pool is None or manifest.recorded is not None:
        raise InputError(f"{folder.path}: no run that asked models — name one made by 'adaem run'")
    if _words(manifest.framework) != _words(framework):
        raise InputError(
            f"{folder.path}: its framework {manifest.framework.id!r} is not the one that is planned with — "
            "name a run with the same framework"
        )
    then = {member.id: (member.model, member.system) for member in manifest.pool.members}
    known = {member.id for member in pool.members if then.get(member.id) == (member.model, member.system)}
    same = {
        name
        for name, template in prompts.templates.items()
        if name in manifest.prompts and manifest.prompts[name].fingerprint == template.fingerprint
    }
    with RunRecords(folder.records_path, read_only=True) as records:
        spending, outcomes = records.spending(), records.call_outcomes()
        moves = sum(1 for _ in records.moves())
    by = {
        (each.member, each.prompt): Experience(
            requests=each.requests / each.calls,
            input_tokens=each.input_tokens / each.requests,
            output_tokens=each.output_tokens / each.requests,
            seconds=each.seconds / each.requests,
        )
        # A provider that counts nothing says nothing of lengths.
        for each in spending
        if each.member in known and each.prompt in same and each.requests and each.input_tokens
    }
    if not by:
        raise InputError(f"{folder.path}: it tells nothing of the pool {pool.name!r} — name a run with its members")
    asked = sum(count for (prompt, _), count in outcomes.items() if prompt == "answer")
    drafts = sum(each.calls for each in spending if each.prompt in ("explore", "refine"))
    return Pilot(
        run_id=manifest.run_id,
        by=by,
        answered=outcomes.get(("answer", Outcome.ANSWERED.value), 0) / asked if asked else None,
        drafts=max(1.0, drafts / moves) if moves else None,
    )


def _words(framework: Framework) -> str:
    """A digest of what a prompt shows of a framework's values."""
    definitions = [(value.id, value.name, value.definition) for value in framework.values]
    return sha256(repr(definitions).encode()).hexdigest()
