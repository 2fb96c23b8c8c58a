"""False alarms: one model's real answers dealt to several names, so that every claim about a name is wrong."""

from __future__ import annotations

from collections import Counter

import numpy as np
from adaem.evaluation.models.contrasts import LEVEL
from adaem.evaluation.models.item_scores import score_contrasts
from adaem.results.compute import results
from adaem.results.result_types import Results
from scipy.stats import binomtest

from .draws import dealt
from .recorded_sets import RatedSet, RecordedSets
from .tables import share, table

NAMES = 4
FEWEST_ITEMS = 20
"""Items that an inventory needs so that its contrasts are tested."""

KINDS = ("any sentence that names one", "values", "the models as a whole", "refusing", "questions that separate")


def false_alarms(sets: RecordedSets, draws: int, seed: int) -> str:
    """How many of ``draws`` reports of models that are one claim something."""
    rows = []
    for judged in sets.judged:
        found: Counter[str] = Counter()
        models = judged.asked_most
        names = min(NAMES, int(judged.full.asked[:, models[0]].sum(axis=1).max()))
        for draw in range(draws):
            rng = np.random.default_rng([seed, draw])
            found.update(claims(results(dealt(judged.full, models[draw % len(models)], names, rng), draw)))
        rows.append((f"{judged.name}: answers of one of {len(models)} models to {names} names", found))
    for rated in sets.rated:
        found = Counter(
            kind for draw in range(draws) for kind in _rated_claims(rated, np.random.default_rng([seed, draw]))
        )
        rows.append((f"{rated.name}: the models' scores permuted within each item", found))
    cells = [
        [
            name,
            *(share(found[kind], draws) if _tells(name, kind, sets) else "–" for kind in KINDS),
            "met" if meets_mark(max(found.values(), default=0), draws) else "not met",
        ]
        for name, found in rows
    ]
    return "\n\n".join(
        [
            "## False alarms",
            "One model's answers are dealt to names, question by question, and the report is made of them: whatever it "
            "says of a name is false. Shares of reports with a claim, 99 % intervals (exact). Nominal is 5 % for each "
            "kind; the mark is at most 5 %, with the upper end below 8 %, of any kind. Of ratings there "
            "is one an item, so that scores change hands between the models, and inventories with "
            f"{FEWEST_ITEMS} items stand for the values.",
            table(["set", *KINDS, "mark"], cells),
        ]
    )


def meets_mark(found: int, draws: int) -> bool:
    """Whether at most 5 % of ``draws`` made a false claim, and the upper end of the 99 % interval lies below 8 %."""
    return found <= 0.05 * draws and bool(binomtest(found, draws).proportion_ci(0.99, method="exact").high < 0.08)


def claims(report: Results) -> list[str]:
    """Which kinds of claims a report of names that do not differ makes; all are false."""
    names = [model.id for model in report.asked.models]
    made = (
        any(name in sentence for sentence in report.sentences for name in names),
        report.contrasts.different > 0,
        any(each.q_value is not None and each.q_value <= LEVEL for each in report.distances),
        report.refusals.different > 0,
        report.divergences.separating > 0,
    )
    return [kind for kind, claimed in zip(KINDS, made, strict=True) if claimed]


def _rated_claims(rated: RatedSet, rng: np.random.Generator) -> list[str]:
    large = np.flatnonzero(np.bincount(rated.inventories) >= FEWEST_ITEMS)
    kept = np.isin(rated.inventories, large)
    tags = np.searchsorted(large, rated.inventories[kept])
    scores = rng.permuted(rated.scores[kept], axis=1)
    found = score_contrasts(scores, tags, np.arange(len(tags)), len(large))
    return ["values"] if (found.verdict == "different").any() else []


def _tells(name: str, kind: str, sets: RecordedSets) -> bool:
    return kind == "values" or not any(name.startswith(rated.name) for rated in sets.rated)
