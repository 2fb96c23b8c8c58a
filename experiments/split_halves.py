"""Split halves beside judges that know nothing, and style as a rival explanation, on recorded and planted answers.

    python experiments/split_halves.py RUN JUDGE [--trials 40]

RUN is an import that the local judge JUDGE labelled. Ways to make a judge that knows nothing of values are compared by
their split halves: the trained weights permuted over features, and random weights on words in three forms; base rates
are always those of JUDGE. Then each judge of permuted weights is judged itself: how often does the verdict say that it
sees model differences, before random judges stood beside it and since? Last, ``style_share`` in planted worlds. About
five minutes.
"""

# ruff: noqa: I001  (the number of threads must be set before numpy is imported)
from __future__ import annotations

import os

if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from adaem.agents.judges.local.linear_model import LocalModel
from adaem.agents.judges.local.model_file import load_model
from adaem.domain.texts.safe_text import one_line
from adaem.evaluation.reliability.answer_style import style_features, style_share
from adaem.evaluation.reliability.random_judges import JUDGES, highest_scores, word_counts, random_judges
from adaem.evaluation.reliability.split_half import SplitHalves, split_half
from adaem.records import open_run
from adaem.results.answer_arrays import AnswerArrays, load_answer_arrays

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Answers:
    """The judged answers of an import as rows, and their split halves as any judge labels them."""

    def __init__(self, evaluated: AnswerArrays) -> None:
        self.question, self.model, _ = np.nonzero(evaluated.answered)
        self.wording = evaluated.wording[evaluated.answered]
        self.topic = evaluated.topics[self.question]
        self.texts = [str(text) for text in evaluated.texts[evaluated.answered]]
        self.expressed = evaluated.expressed[evaluated.answered]
        self.positives = self.expressed.sum(axis=0)

    def halves(self, labels: Bools, seed: int, shuffles: int, judges: int) -> SplitHalves:
        """Of any labels of these answers, beside random judges of the same base rates."""
        rng = np.random.default_rng(seed)
        others = random_judges(self.texts, labels, rng, judges=judges)
        labelled = self.question, self.model, self.wording
        found = split_half(labels, *labelled, rng=rng, shuffles=shuffles, random_judges=others)
        assert found is not None
        return found


def permuted(model: LocalModel, texts: list[str], rng: np.random.Generator, within: bool) -> Iterator[Floats]:
    """Scores by the trained weights, each value's permuted over all features, or over words and characters apart."""
    features: Any = hstack([each.transform(list(map(one_line, texts))) for each in model._vectorizers]).tocsr()
    weights, words = model.coefficients.T.astype(np.float64), len(model.words)
    parts = [weights[:words], weights[words:]] if within else [weights]
    while True:
        yield features @ np.concatenate([rng.permuted(part, axis=0) for part in parts])


def weighted(features: csr_array, values: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Scores by random weights."""
    while True:
        yield features @ rng.normal(size=(features.shape[1], values))


def word_features(texts: list[str], *, normalised: bool) -> csr_array:
    """Words by 1 + log of how often they stand in a text and by their rarity, of length 1 where ``normalised``."""
    counts = word_counts(texts)
    texts_of_word = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1 + len(texts)) / (1 + texts_of_word)) + 1
    counts.data = (1 + np.log(counts.data)) * rarity[counts.indices]
    if normalised:
        length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)))
        counts.data /= np.repeat(length, np.diff(counts.indptr))
    return counts


def ways(answers: Answers, model: LocalModel, rng: np.random.Generator) -> dict[str, Iterator[Floats]]:
    """Each way to make a judge that knows nothing, as scores (N, d) of one judge after another."""
    values = len(answers.positives)
    return {
        "trained weights, permuted over all features": permuted(model, answers.texts, rng, False),
        "trained weights, permuted over words and over characters": permuted(model, answers.texts, rng, True),
        "random weights on TF-IDF": weighted(word_features(answers.texts, normalised=True), values, rng),
        "random weights on TF-IDF without norm": weighted(word_features(answers.texts, normalised=False), values, rng),
        "random weights on word counts": weighted(word_counts(answers.texts), values, rng),
    }


def controls(answers: Answers, model: LocalModel, trials: int) -> None:
    """Which way is the strongest control?"""
    own = answers.halves(answers.expressed, 0, 1, 0)
    print(
        "| judge | G per question, mean | 95th percentile | profiles, mean | 95th percentile |\n|---|---|---|---|---|"
    )
    print(f"| the trained one | {own.quadratic.observed:.2f} | | {own.profiles.observed:.2f} | |")
    for name, scores in ways(answers, model, np.random.default_rng(0)).items():
        figures = []
        for _ in range(trials):
            found = answers.halves(highest_scores(next(scores), answers.positives), 0, 1, 0)
            figures.append((found.quadratic.observed, found.profiles.observed))
        high = np.quantile(figures, 0.95, axis=0, method="higher")
        mean = np.mean(figures, axis=0)
        print(f"| {name} | {mean[0]:.2f} | {high[0]:.2f} | {mean[1]:.2f} | {high[1]:.2f} |", flush=True)


def verdicts(answers: Answers, model: LocalModel, trials: int) -> None:
    """How often is it said of judges that know nothing that they see model differences?"""
    print("\n| judge | trials | shuffled models alone | random judges too, on G | on the border | G and profiles |")
    print("|---|---|---|---|---|---|")
    for name, scores in ways(answers, model, np.random.default_rng(1)).items():
        before = since = border = profiles = 0
        for trial in range(trials):
            found = answers.halves(highest_scores(next(scores), answers.positives), trial, 100, JUDGES)
            of_both = found.quadratic, found.profiles
            before += all(each.observed > each.shuffled_high for each in of_both)
            since += found.quadratic.exceeds
            border += found.quadratic.on_the_border
            profiles += all(each.exceeds for each in of_both)
        print(f"| {name} | {trials} | {before} | {since} | {border} | {profiles} |", flush=True)


def styles(answers: Answers, worlds: int) -> None:
    """Style's share in the differences: on these answers, and where it is planted."""
    found = style_share(
        answers.expressed, style_features(answers.texts), answers.question, answers.model, answers.topic
    )
    print("\nthese answers:", "nothing to explain" if found is None else f"{found.share:.2f} {found.interval}")
    print(
        "\n| what makes the models differ | share, mean | interval above 0 | holds 0 | holds 1 |\n|---|---|---|---|---|"
    )
    for kind in ("length, linear", "length, a threshold", "values", "both", "nothing"):
        shares = [share for seed in range(worlds) if (share := _planted(kind, seed)) is not None]
        if not shares:
            print(f"| {kind} | nothing to explain in {worlds} of {worlds} | | | |")
            continue
        low, high = np.array([each.interval for each in shares]).T
        print(
            f"| {kind} | {np.mean([each.share for each in shares]):.2f} | {(low > 0).mean():.0%} | "
            f"{((low <= 0) & (high >= 0)).mean():.0%} | {((low <= 1) & (high >= 1)).mean():.0%} |"
        )


def _planted(kind: str, seed: int) -> Any:
    """42 questions, six models whose mean log-lengths have a standard deviation of .5, five answers, five values."""
    rng = np.random.default_rng(seed)
    question, model, _ = (each.ravel() for each in np.indices((42, 6, 5)))
    length = 4 + rng.normal(0, 0.5, 6)[model] + rng.normal(0, 0.3, 42)[question] + rng.normal(0, 0.5, len(model))
    log_odds = rng.normal(-0.5, 1, 5) + rng.normal(0, 1, (42, 5))[question]
    if kind in ("length, linear", "both"):
        log_odds += 1.5 * (length - 4)[:, None]
    if kind in ("values", "both"):
        log_odds += rng.normal(0, 0.7, (6, 5))[model]
    expressed = rng.random(log_odds.shape) < 1 / (1 + np.exp(-log_odds))
    if kind == "length, a threshold":
        expressed = length[:, None] > 4 + rng.normal(0, 0.3, 5)
    return style_share(expressed, length[:, None], question, model, question)


def main() -> None:
    """Prints the tables, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("judge", type=Path)
    parser.add_argument("--trials", type=int, default=40)
    given = parser.parse_args()
    evaluated = load_answer_arrays(open_run(given.run)).plain()
    model, _ = load_model(given.judge, evaluated.manifest.framework)
    answers = Answers(evaluated)
    controls(answers, model, given.trials)
    verdicts(answers, model, given.trials)
    styles(answers, 200)


if __name__ == "__main__":
    main()
