"""The recorded sets of a folder, known by their columns: answers that a local judge labels, ratings, monthly scores."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from adaem.evaluation.divergence.entropy import Floats
from adaem.evaluation.divergence.expressions import Ints
from adaem.records import open_run
from adaem.records.formats.table_rows import read_bytes, read_rows
from adaem.records.recorded_ratings import read_ratings
from adaem.results.answer_arrays import AnswerArrays, load_answer_arrays
from adaem.results.models.rated_results import score_arrays

ANSWERS = {"question_id", "question", "model", "answer"}
LABELLED = {"premise", "values"}
MONTHLY = {"question_id", "model", "month", "agreement_by_judge"}
RATINGS = {"question_id", "model", "value", "rating"}
FRAMEWORK = "schwartz"


@dataclass(frozen=True)
class JudgedSet:
    """Answers of a file as a local judge labels them; ``judge`` and ``path`` serve a run on them."""

    name: str
    path: Path
    judge: Path
    full: AnswerArrays

    @property
    def asked_most(self) -> list[int]:
        """The models with as many answers as any."""
        asked = self.full.asked.sum(axis=(0, 2))
        return [int(each) for each in np.flatnonzero(asked == asked.max())]


@dataclass(frozen=True)
class RatedSet:
    """Scores (Q, K) in [0, 1] of a file of ratings, and two tags of each item (Q,): its value, and its inventory."""

    name: str
    scores: Floats
    values: Ints
    inventories: Ints


@dataclass(frozen=True)
class MonthlySet:
    """Scores (S, M, J) of each model's answers to S statements in M months by J judges, in [0, 1]; NaN is missing."""

    name: str
    months: tuple[str, ...]
    scores: Mapping[str, Floats]


@dataclass(frozen=True)
class RecordedSets:
    """All sets of a folder; ``skipped`` files have columns of none."""

    judged: tuple[JudgedSet, ...]
    rated: tuple[RatedSet, ...]
    monthly: tuple[MonthlySet, ...]
    skipped: tuple[str, ...]


def adaem(*arguments: str | Path) -> None:
    """Runs a verb as a user does, without showing what it prints."""
    command = [sys.executable, "-m", "adaem.main", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"adaem {' '.join(map(str, arguments))}:\n{done.stderr}")


def read_sets(folder: Path, scratch: Path, judge: Path | None) -> RecordedSets:
    """Reads ``folder``; ``judge``, or one trained on its largest labelled file, labels each set of answers once."""
    paths = sorted({*folder.glob("*.jsonl*"), *folder.glob("*.csv*")})
    rows = {path: next(read_rows(path, read_bytes(path)), ("", {}))[1] for path in paths}
    columns = {path: set(row) for path, row in rows.items()}
    labelled = [path for path, names in columns.items() if names >= LABELLED]
    rated = [path for path, names in columns.items() if names >= RATINGS]
    monthly = [path for path, names in columns.items() if names >= MONTHLY]
    several = {"wording", "month"}
    judged = [path for path, names in columns.items() if names >= ANSWERS and names & several and path not in rated]
    if judge is None:
        judge = _trained(labelled, scratch) if judged else scratch / "none"
    return RecordedSets(
        tuple(_judged(path, columns[path], judge, scratch) for path in judged),
        tuple(_rated(path, columns[path]) for path in rated),
        tuple(_monthly(path) for path in monthly),
        tuple(path.name for path in rows if path not in {*labelled, *rated, *monthly, *judged}),
    )


def _trained(labelled: list[Path], scratch: Path) -> Path:
    if not labelled:
        raise SystemExit("no labelled texts (columns premise, values) to train a judge on: name one with --judge")
    judge = scratch / "judge.npz"
    adaem("judge", "train", max(labelled, key=lambda path: path.stat().st_size), "--out", judge)
    return judge


def _judged(path: Path, columns: set[str], judge: Path, scratch: Path) -> JudgedSet:
    out = scratch / path.name
    wording = [] if "wording" in columns else ["--map", "wording=month"]
    adaem("import", path, "--framework", FRAMEWORK, "--judge", judge, *wording, "--out", out)
    full = load_answer_arrays(open_run(out))
    # A report that knows its judge's errors compares no value that the judge cannot measure, and could claim nothing.
    unaware = full.manifest.model_copy(update={"judge_accuracy": None})
    return JudgedSet(_name(path), path, judge, replace(full, manifest=unaware))


def _rated(path: Path, columns: set[str]) -> RatedSet:
    tags = []
    for column in ("value", "inventory" if "inventory" in columns else "value"):
        scores, values, _ = score_arrays(read_ratings(path, "rating", {"value": column}))
        tags.append(values)
    return RatedSet(_name(path), scores, tags[0], tags[1])


def _monthly(path: Path) -> MonthlySet:
    rows = [row for _, row in read_rows(path, read_bytes(path))]
    months, statements, judges = (
        sorted(found)
        for found in (
            {str(row["month"]) for row in rows},
            {str(row["question_id"]) for row in rows},
            {judge for row in rows for judge in _scores(row)},
        )
    )
    scores: dict[str, Floats] = {}
    for row in rows:
        table = scores.setdefault(str(row["model"]), np.full((len(statements), len(months), len(judges)), np.nan))
        for judge, score in _scores(row).items():
            place = statements.index(str(row["question_id"])), months.index(str(row["month"])), judges.index(judge)
            table[place] = np.nan if score is None else score
    return MonthlySet(_name(path), tuple(months), scores)


def _scores(row: Mapping[str, object]) -> dict[str, float | None]:
    scores = row["agreement_by_judge"]
    assert isinstance(scores, dict)
    return scores


def _name(path: Path) -> str:
    return path.name.partition(".")[0]
