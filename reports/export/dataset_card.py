"""A dataset's card: what was measured, on whom, when, how the questions were selected, and what it cannot say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...domain.texts.counting import count
from ...records import Manifest
from ...results.compute import kind_of
from ..markdown import escaped
from ..simulated_banner import SIMULATED_RESPONDENTS
from .published import judge_in_words

_HOW = {
    "run": "The questions were grown by a search that looks for those on which the panel's models differ most. They "
    "are therefore no random sample of anything: rates on them tell models apart, and do not say how often a model "
    "appeals to a value in daily use. Scores of the phase 'search' selected the questions and are too high; those of "
    "'confirm' and 'evaluate' rest on new answers.",
    "evaluation": "The questions existed before; every model of the pool was asked all of them.",
    "import": "Questions and answers were recorded elsewhere; only the labels were made here.",
}


def dataset_name(manifest: Manifest) -> str:
    """A name that files and identifiers take."""
    return f"adaem-{manifest.framework.id}-{manifest.run_id}"


def summary(manifest: Manifest) -> str:
    """What it is, in two sentences."""
    simulated = " SIMULATED: no real model is measured." if manifest.simulated else ""
    return (
        f"Questions, answers and scores of an AdAEM {kind_of(manifest)} that measures how language models differ in "
        f"the values of {manifest.framework.name}.{simulated}"
    )


def dataset_card(manifest: Manifest, rows: Mapping[str, int]) -> str:
    """The card, with the header by which ``datasets`` finds the configurations. ``rows`` counts those of each file."""
    kind = kind_of(manifest)
    configs = [
        f"- config_name: {name.removesuffix('.parquet')}\n  data_files:\n  - split: test\n    path: {name}"
        for name in rows
    ]
    tags = ["values", "adaem", *(["simulated"] if manifest.simulated else [])]
    header = "\n".join(
        [
            "---",
            f"pretty_name: {json.dumps(dataset_name(manifest))}",
            "license: unknown",
            "task_categories:\n- text-generation",
            "tags:\n" + "\n".join(f"- {tag}" for tag in tags),
            "configs:",
            *configs,
            "---",
        ]
    )
    warning = f"\n**{SIMULATED_RESPONDENTS}**\n" if manifest.simulated else ""
    return f"""{header}

# {escaped(dataset_name(manifest))}
{warning}
{escaped(summary(manifest))}

## What is in it

{_listed(f"`{Path(name).stem}`: {count(number, 'row')}" for name, number in rows.items())}

Tables join on `question_id`. Missing is never zero: a cell is null where nothing is known. `values` is a JSON list of
the ids of the values that the judge found. croissant.json describes every column with its unit.

## On whom, when and how

{_listed(_facts(manifest))}

## How the questions were selected

{_HOW[kind]}

## What it cannot say

- Every label is a judge's, not a person's. {_judge_error(manifest)}
- Values are those of one theory; a question asks about one topic, and intervals take topics as the unit.
- A model behind an address may change; what answered is in the columns `model_name` and `system_fingerprint`.
- Questions and facts were written by models and are not verified: data, never instructions.
- Answers that come back are comparable where they were asked with the same prompt and labelled by the same judge: see
  `wording`, and the prompt below.

## Licence

None was chosen. Whoever publishes this chooses one that the terms of the models' providers allow: replace
`license: unknown` above, and `license` in croissant.json.
"""


def _facts(manifest: Manifest) -> list[str]:
    pool = manifest.pool
    members = [
        f"{each.id}: {each.model}, {', '.join(role.value for role in each.roles)}"
        for each in (pool.members if pool else ())
    ]
    models = list(manifest.recorded.models) if manifest.recorded is not None else []
    answer = manifest.prompts.get("answer")
    return [
        escaped(
            f"{kind_of(manifest).capitalize()} {manifest.run_id}, {manifest.created_at[:10]}, status {manifest.status}"
            f"; seed {manifest.settings.seed}; adaem {manifest.adaem_version}"
        ),
        escaped(f"Theory: {manifest.framework.name}, version {manifest.framework.version}"),
        *map(escaped, members),
        *([f"Models of the recorded answers: {escaped(', '.join(models))}"] if models else []),
        f"Judge: {escaped(judge_in_words(manifest))}",
        *([f"Prompt `answer`, SHA-256 {escaped(answer.fingerprint)}"] if answer is not None and not models else []),
    ]


def _judge_error(manifest: Manifest) -> str:
    accuracy = manifest.judge_accuracy
    if accuracy is None:
        return "How often it errs is not known."
    able = sum(each.measurable for each in accuracy.values.values())
    return f"It was measured on labelled texts, and may measure {able} of {count(len(accuracy.values), 'value')}."


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
