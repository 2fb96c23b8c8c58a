"""What a report says of split halves: who was left out, how many questions were drawn, and that texts count."""

from __future__ import annotations

import pytest
from adaem.evaluation.reliability.split_half import SplitHalf, SplitHalves
from adaem.results.compute import results
from adaem.results.reliability import split_half_results
from answered import Given, evaluated, said


def test_the_verdict_names_who_was_left_out_and_how_many_questions_were_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split_half_results, "MOST_HALVED_QUESTIONS", 8)

    def given(n: int) -> list[Given]:
        one = [said("zebra", *["care"] * (sample < 3)) for sample in range(4)]
        return one + [said("okapi", *["care"] * (sample < n % 3)) for sample in range(4)] + [said("mouse")]

    found = results(evaluated(12, given), 0).reliability
    assert found.split_half is not None
    assert (found.split_half.questions, found.split_half.models, found.split_half.left_out) == (8, 2, ("mouse",))
    aside = "(on 8 questions drawn at random; left out for too few answers: mouse)"
    assert found.split_half_verdict.endswith(aside)
    # These answers hold no words, so that nothing stands beside the judge: what it sees is not shown.
    assert found.split_half.correlations["quadratic"].random_high is None
    assert not found.split_half.sees_differences


def test_the_border_is_told_with_the_share_of_random_judges_and_its_interval() -> None:
    figure = SplitHalf(0.5, 0.0, 0.1, 0.3, 0.5, reached=(0.06, 0.02, 0.12))
    halves = SplitHalves(figure, figure, figure, models=2, questions=9, left_out=(), random_judges=200)
    assert "is on the border" in split_half_results._verdict(halves)
    assert "6 % [2, 12] of 200 random judges" in split_half_results._verdict(halves)
