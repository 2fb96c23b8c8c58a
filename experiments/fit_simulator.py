"""Prints the numbers that the simulator's parameters cite: ``python experiments/fit_simulator.py DATA_DIR``.

DATA_DIR holds real answers and human value labels (docs/SIMULATOR.md names the sources). Nothing is written. First come
the numbers of version 1, then those of version 2 (``real_features.py``).

Spreads go through a classifier (TF-IDF, logistic) trained on short human-labelled arguments and applied to thirds of
longer answers. It is weak: its sensitivity and specificity, measured on the validation arguments, are pooled over
values and the rates corrected by Rogan-Gladen, because a correction value by value explodes. That it errs on opinion
pieces as it does on arguments is assumed, not known. Relative base rates are therefore the human labels' alone.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from real_features import REFUSAL, VALUES, lognormal_lengths, print_features, read_rows, schwartz_labels
from scipy.special import logit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

Floats = NDArray[np.float64]
PARTS = 3


def thirds(answer: str) -> list[str]:
    """An answer cut into three parts of about equally many sentences: stand-ins for key points."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", answer.strip()) if s]
    return [" ".join(part) for part in np.array_split(np.array(sentences, dtype=object), PARTS)]


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    data: Path = parser.parse_args().data
    training = read_rows(data / "valueeval23_training.jsonl.gz")
    validation = read_rows(data / "valueeval23_validation.jsonl.gz")
    grid = read_rows(data / "recorded_answers_pct.jsonl.gz")
    short = read_rows(data / "valuebench_answers.jsonl.gz")

    human = schwartz_labels(training + validation).mean(axis=0)
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, stop_words="english")
    classifier = OneVsRestClassifier(LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000))
    classifier.fit(vectors.fit_transform([row["premise"] for row in training]), schwartz_labels(training))
    truth = schwartz_labels(validation)
    chance = classifier.predict_proba(vectors.transform([row["premise"] for row in validation]))
    # The cut that makes the classifier call a value as often as people do.
    cuts = np.array([np.quantile(chance[:, v], 1 - truth[:, v].mean()) for v in range(len(VALUES))])
    called = chance > cuts
    sensitivity = (called & (truth == 1)).sum(0) / (truth == 1).sum(0)
    specificity = (~called & (truth == 0)).sum(0) / (truth == 0).sum(0)
    pooled_sensitivity = float((called & (truth == 1)).sum() / (truth == 1).sum())
    pooled_specificity = float((~called & (truth == 0)).sum() / (truth == 0).sum())
    youden = pooled_sensitivity + pooled_specificity - 1

    models = sorted({row["model"] for row in grid})
    questions = sorted({row["question_id"] for row in grid})
    wordings = sorted({row["wording"] for row in grid})
    place = {
        (m, q, w): (i, j, k)
        for i, m in enumerate(models)
        for j, q in enumerate(questions)
        for k, w in enumerate(wordings)
    }
    refused = np.zeros((len(models), len(questions), len(wordings)), dtype=bool)
    parts = np.full((*refused.shape, PARTS, len(VALUES)), np.nan)
    texts, where = [], []
    for row in grid:
        cell = place[row["model"], row["question_id"], row["wording"]]
        refused[cell] = not row["answer"].strip() or bool(REFUSAL.search(row["answer"][:300]))
        if not refused[cell]:
            for t, text in enumerate(thirds(row["answer"])):
                texts.append(text)
                where.append((*cell, t))
    calls = classifier.predict_proba(vectors.transform(texts)) > cuts
    for at, call in zip(where, calls, strict=True):
        parts[at] = call
    observed = np.nanmean(parts, axis=(0, 1, 2, 3))
    corrected = np.clip((observed + pooled_specificity - 1) / youden, 0.02, 0.98)

    # Parts of one answer share values; their dependence is read off the classifier's own union against independence.
    union = np.where(np.isnan(parts), 0, parts).max(axis=3).mean(axis=(0, 1, 2))
    union /= (~refused).mean()
    distinct = np.log1p(-union.clip(0.001, 0.999)) / np.log1p(-observed.clip(0.001, 0.999))
    answer_rate = 1 - (1 - corrected) ** distinct

    print("value            human  sens  spec  observed/part corrected/part effective-parts answer-rate  logit")
    for v, name in enumerate(VALUES):
        print(
            f"{name:16s} {human[v]:.3f}  {sensitivity[v]:.2f}  {specificity[v]:.2f}  {observed[v]:13.3f} "
            f"{corrected[v]:14.3f} {distinct[v]:15.2f} {answer_rate[v]:11.3f}  {logit(answer_rate[v]):+.2f}"
        )
    print(f"pooled: sensitivity {pooled_sensitivity:.2f}, specificity {pooled_specificity:.2f}, Youden J {youden:.2f}")
    print(f"values an argument expresses, human: {human.sum():.2f} of {len(VALUES)}")
    print(f"values an answer expresses, pooled correction: {answer_rate.sum():.2f} of {len(VALUES)}")
    logits = logit(human)
    print(f"human logit rates: {np.round(logits, 2).tolist()}, mean {logits.mean():.2f}, SD {logits.std(ddof=1):.2f}")

    # Between models, on the logit scale of the part rates; sampling noise by resampling questions.
    by_question = (
        np.where(np.isnan(parts), 0, parts).mean(axis=3).sum(axis=2) / np.maximum((~refused).sum(axis=2), 1)[..., None]
    )
    by_question[refused.all(axis=2)] = np.nan
    by_model = np.nanmean(by_question, axis=1)
    rng = np.random.default_rng(0)
    draws = np.array(
        [
            logit(
                np.nanmean(by_question[:, rng.integers(0, len(questions), len(questions))], axis=1).clip(0.005, 0.995)
            )
            for _ in range(400)
        ]
    )
    contrast = draws - draws.mean(axis=1, keepdims=True)
    noise = contrast.var(axis=0, ddof=1).mean(axis=0)
    raw = logit(by_model.clip(0.005, 0.995)).var(axis=0, ddof=1)
    # d logit(observed)/d logit(true) = J * r(1-r) / (o(1-o)): the classifier flattens differences.
    slope = youden * corrected * (1 - corrected) / (observed * (1 - observed))
    spread = np.sqrt(np.maximum(raw - noise, 0)) / slope
    print("\nbetween-model SD of logit rates: value, raw, net of sampling noise, net and corrected for the classifier")
    for v, name in enumerate(VALUES):
        print(f"{name:16s} {np.sqrt(raw[v]):.2f}  {np.sqrt(max(raw[v] - noise[v], 0)):.2f}  {spread[v]:.2f}")
    print(
        f"root mean square over values: raw {np.sqrt(raw.mean()):.2f}, "
        f"net {np.sqrt(np.maximum(raw - noise, 0).mean()):.2f}; "
        f"corrected: median {np.median(spread):.2f}, root mean square {np.sqrt((spread**2).mean()):.2f}"
    )

    # Divergence of the generic propositions: unbiased quadratic G per question (ten wordings as samples), then / J^2.
    count = np.maximum((~refused).sum(axis=2), 2)[..., None]
    p = np.where(np.isnan(parts), 0, parts).max(axis=3).sum(axis=2) / count
    within = p * (1 - p) / (count - 1)
    usable = ((~refused).sum(axis=2) >= 4).all(axis=0)
    g = 4 * (len(models) - 1) / len(models) * (p.var(axis=0, ddof=1) - within.mean(axis=0))[usable]
    quadratic = (g / youden**2).mean(axis=1)
    binary = quadratic / (2 * np.log(2))
    print(
        f"\ndivergence of generic propositions ({usable.sum()} of {len(questions)} with >= 4 answers of every model), "
        f"from G over J^2 (an upper bound: style counts as value)"
        f", as bits at p near 1/2: median {np.median(binary):.3f}, 90 % {np.quantile(binary, 0.9):.3f} "
        f"(noisy), mean {binary.mean():.3f}"
    )

    print("\nlengths: median words, SD between models (log), SD within (log)")
    pct = [np.array([len(r["answer"].split()) for r in grid if r["model"] == m]) for m in models]
    names = sorted({r["model"] for r in short})
    bench = [np.array([len(r["answer"].split()) for r in short if r["model"] == m]) for m in names]
    for label, words in (("PCT", pct), ("ValueBench", bench)):
        median, between, inside = lognormal_lengths(words)
        print(f"{label:11s} {median:6.1f}  {between:.2f}  {inside:.2f}")

    print("\nrefusals (regex on the first 300 characters, or empty): rate by model")
    rates = refused.mean(axis=(1, 2))
    for name, rate in zip(models, rates, strict=True):
        print(f"PCT        {name:26s} {rate:.3f}")
    short_rates = []
    for name in names:
        mine = [r["answer"] for r in short if r["model"] == name]
        short_rates.append(np.mean([not a.strip() or bool(REFUSAL.search(a[:300])) for a in mine]))
        print(f"ValueBench {name:26s} {short_rates[-1]:.3f}")
    short_logits = logit(np.array(short_rates).clip(0.0005, 0.9995))
    print(
        f"ValueBench logit refusal rate over models: mean {short_logits.mean():.2f}, SD {short_logits.std(ddof=1):.2f}"
    )
    logits = logit(rates.clip(0.0025, 0.9975))
    print(f"PCT logit refusal rate over models: mean {logits.mean():.2f}, SD {logits.std(ddof=1):.2f}")
    topic = refused.mean(axis=(0, 2))
    print(f"PCT refusal rate over questions: SD of logits {logit(topic.clip(0.01, 0.99)).std(ddof=1):.2f}")
    bold = np.mean(["**" in r["answer"] for r in grid])
    numbered = np.mean([bool(re.search(r"(?m)^\s*\d[.)]", r["answer"])) for r in grid])
    remark = np.mean([bool(re.search(r"(?i)it(?:'s| is) important to (?:note|remember)", r["answer"])) for r in grid])
    print(f"formatting, share of PCT answers: bold {bold:.3f}, numbering {numbered:.3f}, a closing caveat {remark:.3f}")

    print("\n--- version 2")
    print_features(data)


if __name__ == "__main__":
    main()
