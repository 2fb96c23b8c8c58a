"""The ranking of the confirmed: each is scored on its pooled answers once, however many batches follow."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import pytest
from adaem.agents.critic.divergence_critic import DivergenceCritic
from adaem.domain.answer import Phase
from adaem.domain.pool_spec import Role
from adaem.records import read_trace
from growing import grow, records_of, simulated_pool


class CountingCritic(DivergenceCritic):
    pooled: ClassVar[Counter[str]] = Counter()

    def critique(self, question: Any, *arguments: Any, phase: Phase, group: Role, **options: Any) -> Any:
        if (phase, group) == (Phase.SEARCH, Role.PANEL):
            self.pooled[question.id] += 1
        return super().critique(question, *arguments, phase=phase, group=group, **options)


@pytest.mark.slow
def test_a_confirmed_question_is_scored_on_its_pooled_answers_at_most_once(tmp_path: Path) -> None:
    CountingCritic.pooled.clear()
    folder, _ = grow(
        tmp_path / "run",
        pool=simulated_pool(tmp_path / "pool.yaml"),
        agents__critic=f"{__name__}:CountingCritic",
        budget__calls=1500,
    )
    rankings = [event.data["ranking"] for event in read_trace(folder.trace_path)[0] if event.node == "confirm"]
    assert len([ranking for ranking in rankings if ranking]) >= 2
    with records_of(folder) as records:
        confirmed = records.ids("confirmed")
    # From ten questions on ranks are those of shrunken scores, and nothing is pooled.
    assert CountingCritic.pooled
    assert CountingCritic.pooled <= Counter(confirmed)
