"""How far two people agree who labelled the same texts, value by value (METHOD.md section 4)."""

from __future__ import annotations

import numpy as np

from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.judge_accuracy import Figure, LabelAgreement, ValueAgreement
from ...domain.streams import Stream, generator
from ...evaluation.divergence.expressions import Bools
from ...evaluation.intervals.topic_bootstrap import percentile_interval
from ...evaluation.judges.krippendorff import krippendorff_alpha
from .labelled_texts import LabelledText, LabelledTexts, source_groups

DRAWS = 1000
"""Bootstrap draws of sources."""


def label_agreement(one: LabelledTexts, other: LabelledTexts, framework: Framework, seed: int) -> LabelAgreement:
    """Krippendorff's alpha over the rows that both labelled, which are known by their ids; what one skipped is no row.

    Rows are not weighted: alpha is that of these rows, where rare values may be more frequent than elsewhere.
    Intervals are 95 % percentiles of a bootstrap over sources. Raises ``InputError`` when no row is in both.
    """
    theirs = {row.id: row for row in other.rows}
    pairs = [(row, theirs[row.id]) for row in one.rows if row.id in theirs]
    if not pairs:
        raise InputError("the two files have no row in common — label the same sample: one run, --rows and --seed")
    if changed := next((row.id for row, second in pairs if row.texts != second.texts), ""):
        raise InputError(f"the row {changed!r} has another text in each file — label the same sample")
    codes = np.stack([_codes([pair[side] for pair in pairs], framework) for side in (0, 1)])
    present = np.ones(codes.shape[:2], dtype=bool)
    alphas = krippendorff_alpha(codes, present)
    groups = np.array(source_groups([row for row, _ in pairs]))
    members = [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
    rng = generator(seed, Stream.LABEL_AGREEMENT)
    draws = []
    for _ in range(DRAWS if len(members) > 1 else 0):
        rows = np.concatenate([members[group] for group in rng.integers(len(members), size=len(members))])
        draws.append(krippendorff_alpha(codes[:, rows], present[:, rows]))
    intervals = percentile_interval(np.array(draws), alphas) if draws else np.full((len(alphas), 2), np.nan)
    return LabelAgreement(
        framework=framework.id,
        rows=len(pairs),
        only_one=len(one.rows) + len(other.rows) - 2 * len(pairs),
        values={
            value: ValueAgreement(
                both=int(codes[:, :, place].all(axis=0).sum()),
                first=int((codes[0, :, place] & ~codes[1, :, place]).sum()),
                second=int((~codes[0, :, place] & codes[1, :, place]).sum()),
                alpha=None
                if np.isnan(alphas[place])
                else Figure(
                    estimate=float(alphas[place]),
                    interval=None if np.isnan(intervals[place]).any() else tuple(intervals[place].tolist()),
                ),
            )
            for place, value in enumerate(framework.value_ids)
        },
    )


def _codes(rows: list[LabelledText], framework: Framework) -> Bools:
    return np.array([[value in row.values for value in framework.value_ids] for row in rows])
