"""Do the grown questions separate the models better than the seeds do? On new answers, one group of models a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from ..domain.answer import Phase
from ..domain.critique import Critique, common_models
from ..domain.pool_spec import Role
from ..domain.record import Record
from ..domain.streams import Stream, generator
from ..evaluation.intervals.averages import Average, average, average_difference
from ..evaluation.intervals.wilson import NO_SPREAD
from ..evaluation.models.measurements import Measurements
from ..evaluation.models.settled import settled_contrasts
from ..evaluation.questions.gain import gain_is_shown
from ..records import RunRecords


class Estimate(Record):
    """A mean over questions with its 95 % interval, topics the unit; None where there is none (``averages``)."""

    mean: float
    interval: tuple[float, float] | None
    questions: int
    topics: int


class SettledCount(Record):
    """How many of ``compared`` contrasts (pairs of models x values) are significant on so many ``topics``, one question
    of each; the 95 % interval is over topics."""

    different: int
    compared: int
    interval: tuple[float, float]
    topics: int


class SeedComparison(Record):
    """Grown against seed questions on new answers of one group of models; divergences in bits.

    ``models`` are those that count on every compared question. ``left_out`` are questions that were asked and are not
    compared: too few answers to score, or answered by another set of models. Without estimates ``verdict`` says why;
    it claims a gain only by ``evaluation.questions.gain``. ``grown_settled`` and ``seeds_settled`` count significant
    contrasts at as many topics and questions of either; None where those are too few for a verdict.
    """

    group: str
    models: tuple[str, ...]
    grown: Estimate | None
    seeds: Estimate | None
    difference: Estimate | None
    verdict: str
    left_out: int
    grown_settled: SettledCount | None = None
    seeds_settled: SettledCount | None = None


def estimate(mean: Average) -> Estimate:
    """An average as it is reported."""
    return Estimate(mean=mean.mean, interval=mean.interval, questions=mean.questions, topics=mean.topics)


def comparisons(records: RunRecords, groups: Sequence[Role], seed: int) -> tuple[SeedComparison, ...]:
    """One comparison for each group that the pool has, whether it could be made or not.

    ``seed`` is the run's: wherever the comparison is shown, its intervals are the same.
    """
    rng, settled_rng = generator(seed, Stream.GROWN_AGAINST_SEEDS), generator(seed, Stream.SETTLED_CONTRASTS)
    grown = records.ids("evaluated_grown")
    seeds = records.ids("evaluated_seeds")
    topics = {question.id: question.drawn_with for question in records.questions([*grown, *seeds]).values()}
    if not grown:
        return ()
    return tuple(
        _compare(group, records.critiques(Phase.EVALUATE, group), grown, seeds, topics, rng, settled_rng)
        for group in groups
    )


def _compare(
    group: Role,
    critiques: Mapping[str, Critique],
    grown: Sequence[str],
    seeds: Sequence[str],
    topics: Mapping[str, str],
    rng: np.random.Generator,
    settled_rng: np.random.Generator,
) -> SeedComparison:
    models = common_models(critiques.values())
    scores = {
        question_id: critique.score.divergence
        for question_id, critique in critiques.items()
        if critique.score is not None and critique.models == models
    }
    mine, others = ([each for each in side if each in scores] for side in (grown, seeds))
    left_out = len(grown) + len(seeds) - len(mine) - len(others)
    nothing = SeedComparison(
        group=group.value, models=models, grown=None, seeds=None, difference=None, verdict="", left_out=left_out
    )
    if not critiques:
        return nothing.model_copy(update={"verdict": "not measured: at least two such models are needed"})
    if not mine or not others:
        return nothing.model_copy(update={"verdict": "not measured: too few answers on one of the two sides"})
    my_scores = [scores[each] for each in mine]
    my_topics = [topics[each] for each in mine]
    other_scores = [scores[each] for each in others]
    other_topics = [topics[each] for each in others]
    difference = average_difference(my_scores, my_topics, other_scores, other_topics)
    own = average(my_scores, my_topics, rng)
    topics_of_both = min(len(set(my_topics)), len(set(other_topics)))
    return nothing.model_copy(
        update={
            "grown_settled": _settled([critiques[each] for each in mine], my_topics, topics_of_both, settled_rng),
            "seeds_settled": _settled([critiques[each] for each in others], other_topics, topics_of_both, settled_rng),
            "grown": estimate(own),
            "seeds": estimate(average(other_scores, other_topics, rng)),
            "difference": estimate(difference),
            "verdict": seed_verdict(own, difference),
        }
    )


def _settled(
    critiques: Sequence[Critique], topics: Sequence[str], count: int, rng: np.random.Generator
) -> SettledCount | None:
    """Of questions on which the same models count; None where a critic recorded no rates."""
    if not all(each.rates for each in critiques):
        return None
    rates = np.array([each.rates for each in critiques], dtype=np.float64)
    measured = Measurements(rates, np.array([each.samples for each in critiques]), np.array(topics))
    settled = settled_contrasts(measured, count, rng)
    return None if settled is None else SettledCount.model_validate(asdict(settled))


def seed_verdict(grown: Average, difference: Average) -> str:
    """In words what the grown questions' own mean, and its difference from the seeds', say."""
    if difference.interval is None:
        constant = difference.standard_error <= NO_SPREAD
        return "all topics have the same score: no interval" if constant else "too few topics for an interval"
    low, high = difference.interval
    if gain_is_shown(grown, difference):
        return "the grown questions separate these models more than the seeds do"
    if low > 0:
        return "no gain: the seeds' divergence is lower, but that of the grown questions is not above 0 itself"
    if high < 0:
        return "the grown questions separate these models less than the seeds do"
    return "no significant difference between grown and seed questions"
