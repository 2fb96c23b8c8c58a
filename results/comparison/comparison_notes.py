"""What else differs between evaluations: a change of the models cannot be told from a change of the instrument."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from ...domain.pool_spec import Role
from ...records import Manifest
from ..answer_arrays import AnswerArrays
from ..compute import most_samples
from ..judges.judge_limits import NOT_MEASURED, unmeasurable_words
from .compared_folder import measured_values, unfinished

CONFOUNDED = "a change on them may be the instrument's, not a model's"

SENT = ("answer", "judge", "judge_value", "schema", "repair")
"""The prompts whose words shape an answer or its labels."""


def notes(names: Sequence[str], loaded: Sequence[AnswerArrays], *, seed_topics: bool = True) -> tuple[str, ...]:
    """One line for each thing that is not the same everywhere, and for what cannot be said.

    ``seed_topics``: whether other topics in the framework count as another framework.
    """
    manifests = [each.manifest for each in loaded]
    lines = [
        _differs("The judges differ", names, [each.judge or "none" for each in loaded]),
        _differs("The judges' models differ", names, [_judges(each) for each in manifests]),
        _differs("The framework's texts differ", names, [_framework(each, seed_topics) for each in manifests]),
        *(_prompt(name, names, manifests) for name in SENT),
        *systems_that_differ(names, manifests),
        _differs("The wordings differ", names, [", ".join(filter(None, each.wordings)) or "plain" for each in loaded]),
    ]
    left_out = [value for value in loaded[0].values if value not in measured_values(loaded)]
    if left_out:
        values = {value.id: value.name for value in manifests[0].framework.values}
        lines.append(f"Not compared: {unmeasurable_words(left_out, values)}, which a judge here is {NOT_MEASURED}")
    samples = [most_samples(each) for each in loaded]
    if len(set(samples)) > 1:
        by_folder = ", ".join(f"{name} {count}" for name, count in zip(names, samples, strict=True))
        lines.append(
            f"Answers a model and question differ ({by_folder}): rates stay comparable, their precision does not"
        )
    if len({each.simulated for each in manifests}) > 1:
        made_up = ", ".join(name for name, each in zip(names, manifests, strict=True) if each.simulated)
        lines.append(f"Simulated models in {made_up} stand beside real ones")
    for name, each in zip(names, loaded, strict=True):
        answers = each.answered.sum(axis=(0, 2)).tolist()
        silent = [model for model, count in zip(each.models, answers, strict=True) if not count]
        if silent:
            lines.append(f"No answer at all in {name}: {', '.join(silent)}")
        lines.append(unfinished(name, each.manifest))
    return tuple(each for each in lines if each)


def _framework(manifest: Manifest, seed_topics: bool) -> str:
    if seed_topics:
        return manifest.framework_sha256[:12]
    values = manifest.framework.model_dump(mode="json", exclude={"topics"})
    return sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def _differs(what: str, names: Sequence[str], values: Sequence[str]) -> str:
    if len(set(values)) == 1:
        return ""
    listed = "; ".join(f"{name}: {each}" for name, each in zip(names, values, strict=True))
    return f"{what} ({listed}): {CONFOUNDED}"


def _prompt(name: str, names: Sequence[str], manifests: Sequence[Manifest]) -> str:
    fingerprints = [each.prompts[name].fingerprint[:12] if name in each.prompts else "" for each in manifests]
    # An import calls no model: it has no prompt to differ.
    return _differs(f"The prompt {name!r} differs", names, fingerprints) if all(fingerprints) else ""


def systems_that_differ(names: Sequence[str], manifests: Sequence[Manifest]) -> list[str]:
    """One line for each member whose system prompt is not the same in all folders that asked it."""
    lines = []
    pools = [each.pool.members if each.pool is not None and each.recorded is None else () for each in manifests]
    for member_id in dict.fromkeys(member.id for members in pools for member in members):
        held = {
            name: member.system_sha256[:12] or "none"
            for name, members in zip(names, pools, strict=True)
            for member in members
            if member.id == member_id
        }
        if len(set(held.values())) > 1:
            listed = "; ".join(f"{name}: {each}" for name, each in held.items())
            lines.append(f"The system prompts of {member_id} differ ({listed}): a change of it may be the prompt's")
    return lines


def _judges(manifest: Manifest) -> str:
    members = manifest.pool.with_role(Role.JUDGE) if manifest.pool is not None else ()
    models = (f"{each.model} {each.parameters}" if each.parameters else each.model for each in members)
    return ", ".join(sorted(models)) or "none"
