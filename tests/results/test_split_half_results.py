"""What a report says of split halves: who was left out, how many questions were drawn, and that texts count."""

from __future__ import annotations

import pytest
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
