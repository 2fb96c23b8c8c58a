"""Whole runs with graph, prompts, text and simulated judge on small budgets, beside the fast lane on the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ..domain.answer import Outcome, Phase
from ..domain.framework import Framework
from ..domain.pool_spec import Member, PoolSpec, Role
from ..domain.reading.yaml_records import load_pool
from ..domain.settings import Settings
from ..graph.run_context import RunContext, StepStarted
from ..jobs.inputs import check_settings
from ..jobs.search_run import run
from ..pool.simulated.planted import expression_probabilities
from ..records import RunRecords, TraceEvent
from ..records.questions_file import question_lines
from .array_simulation import search
from .extent import Extent, Task
from .profile_recovery import recovery
from .question_population import Bank
from .true_divergence import true_divergence
from .verdict import CONFIDENCE, Measurement, Section, Table, line, mean_of
from .worlds import OPEN, RESERVED, SIMULATOR, World, search_settings

Floats = NDArray[np.float64]

END_TO_END_TITLE = "End to end"
RUN_ANSWERS = 3_000
FAST_REPEATS = 6
SHIPPED_POOLS = {1: "simulated", 2: "simulated-2"}
"""By the simulator's version."""


@dataclass(frozen=True)
class Grown:
    """What a whole run came to, in bits: mean search score of all that was asked, and of the published its means."""

    search_score: float
    true: float
    published: float
    calls: int
    recovered: float | None


class Quiet:
    """A listener that keeps nothing."""

    def begin(self, context: RunContext) -> None:
        """Nothing to do."""

    def started(self, step: StepStarted) -> None:
        """Nothing to do."""

    def finished(self, event: TraceEvent) -> None:
        """Nothing to do."""


def grow(settings: Settings, pool: PoolSpec) -> Grown:
    """One run of the whole program in a folder that is gone afterwards."""
    with TemporaryDirectory() as folder:
        pool_file = Path(folder) / "pool.yaml"
        # JSON is YAML, too.
        pool_file.write_text(pool.model_dump_json(exclude_defaults=True), encoding="utf-8")
        parts = check_settings(settings.model_copy(update={"pool": str(pool_file)}))
        run_folder, _ = asyncio.run(run(parts, Path(folder) / "run", Quiet()))
        with RunRecords(run_folder.records_path, read_only=True) as records:
            lines = [each for each in question_lines(records) if each["published"] and each["score"] is not None]
            critiques = records.critiques(Phase.SEARCH, Role.SCOUT)
            kept = {move.question_id for move in records.moves() if move.status == "kept"}
            scores = [critiques[name].score for name in sorted(kept)]
            panel = pool.with_role(Role.PANEL)
            rates = [
                [expression_probabilities(member, parts.framework, each["question"], each["fact"]) for member in panel]
                for each in lines
            ]
            members = (*panel, *pool.with_role(Role.EXAMINEE))
            return Grown(
                search_score=float(np.mean([score.total for score in scores if score is not None])),
                true=float(true_divergence(np.array(rates)).mean()),
                published=float(np.mean([each["score"]["divergence"] for each in lines])),
                calls=records.calls_spent(),
                recovered=recovered_profiles(records, members, parts.framework),
            )


def recovered_profiles(records: RunRecords, members: tuple[Member, ...], framework: Framework) -> float | None:
    """The evaluation's profiles against the planted rates on its questions; None without an evaluation."""
    asked = (*records.ids("evaluated_grown"), *records.ids("evaluated_seeds"))
    if not asked:
        return None
    questions = records.questions(asked)
    expressed: dict[str, list[list[bool]]] = {member.id: [] for member in members}
    for question_id in asked:
        answers, judgements = records.answers(question_id, [Phase.EVALUATE])
        for answer, judgement in zip(answers, judgements, strict=True):
            if judgement is not None and judgement.outcome is Outcome.ANSWERED:
                expressed[answer.member].append([value in judgement.values for value in framework.value_ids])
    measured = np.array([np.mean(expressed[member.id], axis=0) for member in members])
    held = [
        [expression_probabilities(member, framework, question.text, question.fact) for question in questions.values()]
        for member in members
    ]
    return recovery(measured, np.array(held).mean(axis=1))


@dataclass(frozen=True)
class Pair:
    """One world in both lanes, at the same budget; the fast lane's numbers are one a seed."""

    number: int
    graph: Grown
    fast_search_score: tuple[float, ...]
    fast_true: tuple[float, ...]
    fast_published: tuple[float, ...]


def both_lanes(number: int, seed: int, simulator: int = SIMULATOR) -> Pair:
    """A run of the graph and several of the fast lane, 3,000 answers each."""
    world = World(number, simulator=simulator)
    settings = search_settings(RUN_ANSWERS, seed=seed)
    grown = grow(settings, world.pool())
    bank = Bank(world)
    found = [search(bank, settings.model_copy(update={"seed": seed + n})) for n in range(FAST_REPEATS)]
    return Pair(
        number,
        grown,
        tuple(float(each.first_scores.mean()) for each in found),
        tuple(float(each.true.mean()) for each in found),
        tuple(float(each.fresh.mean()) for each in found),
    )


def default_run(number: int, seed: int, simulator: int = SIMULATOR) -> Grown:
    """``adaem run`` with its default settings and the shipped pool of this version, in another world."""
    shipped = load_pool(SHIPPED_POOLS[simulator])
    members = [
        member.model_copy(update={"parameters": {**member.parameters, "world": number}}) for member in shipped.members
    ]
    return grow(Settings(seed=seed), PoolSpec(name=shipped.name, members=tuple(members)))


def tasks(extent: Extent) -> list[Task]:
    """Pairs of lanes, then default runs (full only); reserved worlds in the full calibration."""
    first = (OPEN if extent.quick else RESERVED)[0]
    pairs = [Task(both_lanes, (first + n, extent.seed, extent.simulator)) for n in range(extent.pick(1, 10))]
    return pairs + [Task(default_run, (first + n, extent.seed, extent.simulator)) for n in range(extent.pick(0, 6))]


def difference(lanes: Sequence[tuple[float, Sequence[float]]]) -> Measurement:
    """Mean over worlds of one run's number minus the fast lane's mean, with a 99 % t interval.

    The spread between seeds is estimated in the fast lane, world by world, and taken to be the graph's too.
    """
    count, seeds = len(lanes), len(lanes[0][1])
    estimate = float(np.mean([graph - np.mean(fast) for graph, fast in lanes]))
    variance = sum(float(np.var(fast, ddof=1)) for _, fast in lanes) * (1 + 1 / seeds) / count**2
    half = float(stdtrit(count * (seeds - 1), 0.5 + CONFIDENCE / 2)) * float(np.sqrt(variance))
    return Measurement(estimate=estimate, interval=(estimate - half, estimate + half), draws=count)


def conclude(results: list[object]) -> Section:
    """The section from the tasks' results, in their order."""
    pairs = [each for each in results if isinstance(each, Pair)]
    runs = [each for each in results if isinstance(each, Grown)]
    scores = difference([(pair.graph.search_score, pair.fast_search_score) for pair in pairs])
    true = difference([(pair.graph.true, pair.fast_true) for pair in pairs])
    lines = [
        line(
            END_TO_END_TITLE,
            f"lanes agree: mean search score, graph minus fast lane, {RUN_ANSWERS:,} answers",
            scores,
            "within ±0.01 bits",
            within=(-0.01, 0.01),
            unit="bits",
        ),
        line(
            END_TO_END_TITLE,
            f"lanes agree: mean true D of the published, graph minus fast lane, {RUN_ANSWERS:,} answers",
            true,
            "within ±0.03 bits",
            within=(-0.03, 0.03),
            unit="bits",
        ),
    ]
    recovered = [each.recovered for each in runs if each.recovered is not None]
    if recovered:
        what = "planted profiles recovered after the default run"
        lines.append(line(END_TO_END_TITLE, what, mean_of(recovered), "Spearman at least 0.8", within=(0.8, 1.0)))
    rows = tuple(
        (
            f"{pair.number}",
            f"{pair.graph.search_score:.4f} / {np.mean(pair.fast_search_score):.4f}",
            f"{pair.graph.true:.3f} / {np.mean(pair.fast_true):.3f}",
            f"{pair.graph.published:.3f} / {np.mean(pair.fast_published):.3f}",
        )
        for pair in pairs
    )
    columns = ("world", "mean search score", "true D of the published", "published score")
    title = f"Graph / fast lane (mean of {FAST_REPEATS} seeds), {RUN_ANSWERS:,} answers, bits"
    return Section(title=END_TO_END_TITLE, lines=tuple(lines), tables=(Table(title=title, columns=columns, rows=rows),))
