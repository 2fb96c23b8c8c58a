"""Prints real features beside those of both versions: ``python experiments/simulator_beside_reality.py DATA_DIR``.

DATA_DIR as for ``fit_simulator.py``. The simulated columns are 24 respondents of world 1 on seed questions, by
pairs of one family in version 2; sides are stances without the neutral ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from adaem.domain.reading.yaml_records import load_framework
from adaem.pool.simulated.chance import stream
from adaem.pool.simulated.identity import Identity
from adaem.pool.simulated.planted import evasion, reasoned_probabilities
from adaem.pool.simulated.respondent import compose
from adaem.pool.simulated.vocabulary import vocabulary_of
from numpy.typing import NDArray
from real_features import (
    EXTREME,
    LAST_SAME_NAMES,
    REFUSAL,
    agreement_rating,
    extreme_rates,
    family_of,
    grid,
    likeness,
    lognormal_lengths,
    mean_agreement,
    no_side_by_model,
    once,
    pairs_by_family,
    read_rows,
    schwartz_labels,
    side_by_judges,
    side_changes,
    side_in_words,
    within_group_correlations,
)

Floats = NDArray[np.float64]
RESPONDENTS, QUESTIONS, SAMPLES = 24, 80, 12
PAIRS = (("stimulation", "hedonism"), ("self-direction", "stimulation"), ("self-direction", "security"))


@dataclass(frozen=True)
class Features:
    """One column of the table."""

    extreme_sides: str
    extreme_expression: str
    changes: str
    agreement: str
    likeness: str
    correlations: str
    unanswered: str
    words: str


def _spread(numbers: Floats, digits: int = 2) -> str:
    low, middle, high = np.quantile(numbers, [0, 0.5, 1])
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _pairs_of(matrix: Floats, values: Sequence[str]) -> str:
    return ", ".join(f"{matrix[values.index(a), values.index(b)]:+.2f}" for a, b in PAIRS)


def of_version(version: int) -> Features:
    """The features of simulated respondents."""
    framework = load_framework("schwartz")
    vocabulary = vocabulary_of(framework)
    questions = [topic.text for topic in framework.topics[:QUESTIONS]]
    families = [(number + 1) // 2 if version > 1 else 0 for number in range(1, RESPONDENTS + 1)]
    who = [
        Identity("respondent", version=version, respondent=number, family=family)
        for number, family in enumerate(families, start=1)
    ]
    sides = np.full((RESPONDENTS, QUESTIONS, SAMPLES), np.nan)
    unanswered = np.zeros(RESPONDENTS)
    labels, groups, words = [], [], [list[int]() for _ in who]
    for k, one in enumerate(who):
        for q, question in enumerate(questions):
            for sample in range(SAMPLES):
                answer = compose(one, vocabulary, question, "", stream("beside reality", k, q, sample))
                if answer.refused:
                    unanswered[k] += 1 / (QUESTIONS * SAMPLES)
                    continue
                sides[k, q, sample] = {"yes": 1.0, "no": 0.0, "neutral": np.nan}[answer.stance]
                labels.append([value in answer.values for value in range(len(vocabulary.ids))])
                groups.append(f"{k} {q}")
                words[k] += [len(reason.split()) for _, reason in answer.key_points]
    rates = np.array([[reasoned_probabilities(one, vocabulary, text, "") for text in questions] for one in who])
    # Of the planted rates: an evasion looks like an answer.
    evaded = np.array([np.mean([evasion(one, vocabulary, text, "") for text in questions]) for one in who])
    same, others = pairs_by_family([f"{number // 2}" for number in range(RESPONDENTS)], str)
    median, between, inside = lognormal_lengths([np.array(each) for each in words])
    phi = within_group_correlations(np.array(labels, dtype=np.int64), groups)
    return Features(
        _spread(extreme_rates(sides)),
        f"{((rates < EXTREME) | (rates > 1 - EXTREME)).mean():.2f}",
        _spread(side_changes(sides), 3),
        f"{mean_agreement(sides[:, :, :1], same + others):.2f}",
        f"{likeness(sides, same, others):+.2f}" if version > 1 else "none",
        _pairs_of(phi, vocabulary.ids),
        _spread(unanswered + (1 - unanswered) * evaded, 3),
        f"{median:.1f}; {between:.2f}; {inside:.2f}",
    )


def of_reality(data: Path) -> Features:
    """The features of recorded answers."""
    pct = read_rows(data / "recorded_answers_pct.jsonl.gz")
    short = read_rows(data / "valuebench_answers.jsonl.gz")
    monthly = [row for row in read_rows(data / "political_monthly.jsonl.gz") if row["month"] <= LAST_SAME_NAMES]
    arguments = [row for part in ("training", "validation") for row in read_rows(data / f"valueeval23_{part}.jsonl.gz")]
    names, sides = grid(pct, "wording", side_in_words)
    _, months = grid(monthly, "month", side_by_judges)
    short_names, ratings = grid(once(short), "repeat", agreement_rating)
    everyday = list(combinations(range(len(short_names)), 2))
    same, others = pairs_by_family(names, family_of)
    values = [value.lower() for value in load_framework("schwartz").value_ids]
    phi = within_group_correlations(schwartz_labels(arguments), [r["conclusion"] + r["stance"] for r in arguments])
    lengths = [np.array([len(r["answer"].split()) for r in short if r["model"] == name]) for name in short_names]
    median, between, inside = lognormal_lengths(lengths)
    silent = np.concatenate([no_side_by_model(pct, REFUSAL), no_side_by_model(short, REFUSAL)])
    return Features(
        f"{_spread(extreme_rates(sides))}; published grid 0.80",
        "not known",
        _spread(np.concatenate([side_changes(sides), side_changes(months)]), 3),
        f"{mean_agreement(ratings, everyday):.2f} (everyday), {mean_agreement(sides, same + others):.2f} (political)",
        f"{likeness(sides, same, others):+.2f}",
        _pairs_of(phi, values),
        _spread(silent, 3),
        f"{median:.1f}; {between:.2f}; {inside:.2f}",
    )


def rows(columns: Sequence[Features]) -> Iterator[str]:
    """The table in Markdown."""
    yield "| feature | recorded | version 1 | version 2 |"
    yield "|---|---|---|---|"
    for name, words in (
        ("extreme_sides", "rates of yes below .05 or above .95, median model (range)"),
        ("extreme_expression", "the same of expression rates, all respondents"),
        ("changes", "chance that two answers to one question take different sides"),
        ("agreement", "latent correlation of sides between models, generic questions"),
        ("likeness", "share of the rest that models of one family have in common"),
        ("correlations", "within-answer correlation: " + ", ".join(f"{a}–{b}" for a, b in PAIRS)),
        ("unanswered", "refused or evaded, median model (range)"),
        ("words", "words of a key point: median; log SD between; within"),
    ):
        yield f"| {words} | " + " | ".join(getattr(column, name) for column in columns) + " |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    print("\n".join(rows([of_reality(parser.parse_args().data), of_version(1), of_version(2)])))


if __name__ == "__main__":
    main()
