"""The recorded answers of real models beside the checkout go through whole; where they are absent, this says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from adaem.jobs.imports.import_inputs import check_import, judge_settings
from adaem.jobs.imports.rated_import import import_ratings
from adaem.jobs.imports.recorded_import import import_answers
from adaem.records.ratings_folder import load_ratings
from adaem.results.compute import folder_results
from adaem.results.import_summary import summarise_imported
from adaem.results.models.rated_results import rated_results
from adaem.results.result_types import Results
from adaem.results.summary_types import ImportSummary
from places import SHARED_DATA

pytestmark = pytest.mark.slow

DATA = SHARED_DATA


def bring(name: str, folder: Path) -> tuple[ImportSummary, Results]:
    if not (DATA / name).is_file():
        pytest.skip(f"{name} is not beside this checkout (../shared/data)")
    settings = {
        "framework": "schwartz",
        "search.permutations": 99,
        **judge_settings("keyword_judge:KeywordJudge", None),
    }
    inputs = check_import(DATA / name, {}, settings)
    run, _ = asyncio.run(import_answers(inputs, folder / "run", lambda done, total: None))
    results = folder_results(run)
    return summarise_imported(run, results), results


def test_eight_models_in_ten_wordings(tmp_path: Path) -> None:
    summary, results = bring("recorded_answers_pct.jsonl.gz", tmp_path)
    source = summary.recorded
    assert (source.rows, source.questions, len(source.models), len(source.wordings)) == (3360, 42, 8, 10)
    assert source.excluded == {"refused": 8}
    assert (source.shortened, source.repeated, source.retold) == (0, 0, 0)
    assert summary.judged == 3352
    assert summary.divergence is not None
    assert (summary.divergence.questions, summary.unscored) == (42, {})
    halves = results.reliability.split_half
    assert halves is not None
    assert (halves.questions, halves.models, halves.left_out) == (42, 8, ())
    raw = halves.correlations["raw_profiles"]
    assert raw.observed is not None
    assert raw.shuffled_mean is not None
    # Base rates alone make raw profiles agree, whoever is called by which name.
    assert min(raw.observed, raw.shuffled_mean) > 0.9
    assert all(profile.answers + profile.missing == 420 for profile in summary.profiles)


def test_six_models_with_one_answer_each(tmp_path: Path) -> None:
    summary, results = bring("valuebench_answers.jsonl.gz", tmp_path)
    source = summary.recorded
    assert (source.rows, source.questions, len(source.models), source.wordings) == (5904, 984, 6, ())
    assert source.excluded == {"refused": 14}
    assert summary.no_divergence.startswith("One answer a model and question")
    assert (summary.divergence, summary.best) == (None, ())
    assert results.reliability.split_half is None
    assert all(rate.interval is not None for profile in summary.profiles for rate in profile.rates.values())


def test_inventories_with_their_authors_ratings(tmp_path: Path) -> None:
    if not (DATA / "valuebench_answers.jsonl.gz").is_file():
        pytest.skip("valuebench_answers.jsonl.gz is not beside this checkout (../shared/data)")
    out = import_ratings(
        DATA / "valuebench_answers.jsonl.gz",
        "rating",
        {"value": "inventory"},
        scale=(0, 10),
        framework=None,
        out=tmp_path / "run",
    )
    results = rated_results(load_ratings(out), "run")
    assert (results.asked.items, len(results.asked.values), len(results.profiles)) == (984, 36, 6)
    assert sum(value.reversed for value in results.asked.values) == 328
    assert sum(model.rated for model in results.asked.models) == 5904
    assert results.contrasts.tested == 150
    assert 0 < results.contrasts.different < 20
