"""Over what the intervals generalise, and how much of a rate's variance lies between the wordings of a question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..domain.record import Record
from .reliability.reliability_types import VarianceShare


class IntervalScope(Record):
    """What might have been drawn otherwise, the interval holding all the same; the models and the judge stay.

    ``averages``     of rates, differences, strengths, distances, and of mean divergences
    ``one_question`` of a single question's divergence
    ``wording_share`` of the sampling variance of a rate, in [0, 1]: the part that lies between the wordings of a
                     question. None with one wording, or where the design cannot tell it
    """

    averages: tuple[str, ...] = ("topics", "questions", "answers")
    one_question: tuple[str, ...] = ("answers",)
    wording_share: float | None = None


def interval_scope(
    variance: Sequence[VarianceShare], *, topics: int, questions: int, wordings: int, answers: float
) -> IntervalScope:
    """The scope of an evaluation's intervals.

    ``wordings`` counts the pairs of a question and a wording that were asked, ``answers`` those of one model in all.
    """
    if wordings <= questions:
        return IntervalScope()
    return IntervalScope(
        averages=("topics", "questions", "wordings", "answers"),
        one_question=("wordings", "answers"),
        wording_share=_wording_share(variance, topics, questions, wordings, answers),
    )


def _wording_share(
    variance: Sequence[VarianceShare], topics: int, questions: int, wordings: int, answers: float
) -> float | None:
    """Each component over how often it was drawn; estimates below 0 count as 0."""
    shares = {each.name: each.share for each in variance}
    drawn = {"topic": topics, "question": questions, "wording": wordings, "sample": answers}
    parts = {
        source: _total(share for name, share in shares.items() if name.split(" × ")[-1] == source) / max(number, 1)
        for source, number in drawn.items()
    }
    total = sum(parts.values())
    if shares.get("wording") is None or shares.get("sample") is None or total <= 0:
        return None
    return parts["wording"] / total


def _total(shares: Iterable[float | None]) -> float:
    return sum(max(share, 0.0) for share in shares if share is not None)
