"""Do later runs on one memory still find questions that separate? Default runs, one after the other, seeds 0, 1, 2 ...

The number of confirmed questions and of answers follows from the budget, which is the same for each; what can fall is
the divergence of what is confirmed. Simulated models.

    python experiments/runs_on_one_memory.py [RUNS]        (default: 3; a minute each)
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from adaem.domain.answer import Phase
from adaem.domain.pool_spec import Role
from adaem.evaluation.intervals.clustered_means import clustered_means
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.records import RunFolder, RunRecords


def main(count: int) -> None:
    """Prints a line a run."""
    embedder, earlier = HashingEmbedder(), list[str]()
    print("| run | confirmed | answers each | mean divergence, bits | nearest earlier question | exhausted |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        for seed in range(count):
            run, memory = Path(place) / str(seed), Path(place) / "shared"
            given = ["--seed", str(seed), "--memory", str(memory), "--out", str(run), "--json"]
            subprocess.run([sys.executable, "-m", "adaem.main", "run", *given], check=True, capture_output=True)
            with RunRecords(RunFolder(run).records_path, read_only=True) as records:
                asked, ids = records.questions(), records.ids("confirmed")
                critiques = records.critiques(Phase.CONFIRM, Role.PANEL)
                searched = [each for each in asked if not each.startswith("seed-")]
                answers = sum(len(records.answers(each, [Phase.SEARCH, Phase.CONFIRM])[0]) for each in searched)
                worn = sum("saturated" in body or "exhausted" in body for body in records.readings("life "))
            scores = [score.divergence for each in ids if (score := critiques[each].score) is not None]
            topics = [asked[each].topic_id for each in ids if critiques[each].score is not None]
            means = clustered_means(scores, topics)
            half = float(means.quantile() * means.standard_error)
            nearest = "–"
            if earlier:
                vectors = embedder.embed([asked[each].text for each in ids])
                nearest = f"{np.max(vectors @ embedder.embed(earlier).T):.3f}"
            mean = float(means.mean)
            print(
                f"| {seed + 1} | {len(ids)} | {answers / len(ids):.1f} | {mean:.3f} [{mean - half:.3f}, "
                f"{mean + half:.3f}] | {nearest} | {worn} |",
                flush=True,
            )
            earlier += [question.text for question in asked.values()]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
