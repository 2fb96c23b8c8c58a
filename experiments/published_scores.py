"""Are the published scores right on average, also those of the first ranks? Fast searches with planted truth.

Run: python experiments/published_scores.py [--worlds 8] [--runs 3] [--answers 3000]

The calibration's fast lane on open worlds. Published minus observed true D in bits, of all that is published and of
ranks 1 to 5, with 95 % t intervals over searches; and the true D of these, which a better ranking raises. Beside the
shrunken scores stands what was published before: fresh scores alone, ranked on search and fresh samples pooled.
"""

from __future__ import annotations

import argparse

import numpy as np
from adaem.calibration.array_simulation import FastSearch
from adaem.calibration.question_population import Bank
from adaem.calibration.true_divergence import true_divergence
from adaem.calibration.worlds import World, search_settings
from adaem.evaluation.divergence.d_star import estimate_divergences
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]


class OpenSearch(FastSearch):
    """A search whose fresh scores can be read: of each confirmed question, by name."""

    def before(self) -> tuple[Floats, Floats]:
        """Fresh scores and true D as observed, ranked on all samples pooled."""
        ranked = sorted(self._pooled, key=lambda name: (-self._pooled[name], name))[: self._settings.questions]
        fresh = np.stack([self._fresh[name] for name in ranked])
        rates = np.stack([self._bank.rates(self._places[int(name)]) for name in ranked])
        scores = estimate_divergences(fresh, permutations=None, rng=self._rng).divergence
        return scores, true_divergence(self._bank.confusion.observed(rates))


def main() -> None:
    """Print the table of docs/STATISTICS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--answers", type=int, default=3000)
    options = parser.parse_args()
    rows: dict[str, list[tuple[float, ...]]] = {"shrunken": [], "fresh, pooled ranks": []}
    for number in range(11, 11 + options.worlds):
        bank = Bank(World(number))
        for seed in range(options.runs):
            searched = OpenSearch(bank, search_settings(options.answers, seed=seed))
            found = searched.run()
            for name, (score, true) in zip(rows, ((found.fresh, found.observed), searched.before()), strict=True):
                excess = score - true
                rows[name].append((excess.mean(), excess[:5].mean(), true.mean(), true[:5].mean()))
    print("| scores | published − true, all | ranks 1–5 | true D, all | ranks 1–5 |")
    print("|---|---|---|---|---|")
    for name, values in rows.items():
        table = np.array(values)
        half = stdtrit(len(table) - 1, 0.975) * table.std(axis=0, ddof=1) / np.sqrt(len(table))
        cells = [f"{mean:+.4f} ± {each:.4f}" for mean, each in zip(table.mean(axis=0)[:2], half, strict=False)]
        cells += [f"{mean:.3f}" for mean in table.mean(axis=0)[2:]]
        print(f"| {name}, {options.answers:,} answers, {len(table)} searches | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
