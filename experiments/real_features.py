"""How real models answer, in the features that version 2 of the simulator reproduces (docs/SIMULATOR.md).

``python experiments/real_features.py DATA_DIR`` prints them; ``fit_simulator.py`` prints those of version 1 before.
Sides are told by rules (the judges' mean score, the first "agree" or "disagree"), so the disagreement within a model is
an upper bound: wordings differ, and the rule errs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import multivariate_normal, norm

Floats = NDArray[np.float64]
Rows = Sequence[dict[str, Any]]

EXTREME = 0.05
"""A rate is extreme below this and above one minus this."""

VALUES = (
    "self-direction",
    "stimulation",
    "hedonism",
    "achievement",
    "power",
    "security",
    "conformity",
    "tradition",
    "benevolence",
    "universalism",
)
LAST_SAME_NAMES = "2026-05"
"""Until then the monthly answers are of the same model names."""
REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|not able|unable)|i (?:can(?:'|no)t|cannot) (?:take|provide|express|offer|give|advocate|"
    r"support|fulfill|satisfy|write|assist|promote|engage|endorse)|as an? (?:ai|artificial|language|responsible)|"
    r"i (?:do not|don't) have (?:personal|political|opinions|feelings)|not appropriate for me)",
    re.IGNORECASE,
)

LARGEST_ITEM_SD = 60.0
GRID_EXTREME = 0.80
"""Of a published grid of 7 LLMs, 975 yes/no items and 50 samples this alone is at hand: four rates in five are."""

_AGAINST = re.compile(r"\b(?:disagree|(?:do not|don't|cannot|can't) agree|oppose|against)\b", re.IGNORECASE)
_FOR = re.compile(r"\b(?:agree|support|in favou?r)\b", re.IGNORECASE)
_ENGLISH = re.compile(r"\b(?:the|and|i|to|of|sorry|cannot|can|is|i'm)\b", re.IGNORECASE)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def schwartz_labels(rows: list[dict[str, Any]]) -> NDArray[np.int64]:
    """(n, 10) indicators: the 20 categories mapped to ten values by the part before the colon."""
    names = [{label.split(":")[0].lower() for label in row["values"]} for row in rows]
    return np.array([[value in found for value in VALUES] for found in names], dtype=np.int64)


def grid(rows: Rows, third: str, side: Any) -> tuple[list[str], Floats]:
    """Model names, and (models, questions, repeats) sides in {0, 1, nan}; ``third`` names the repeats' key."""
    names = sorted({row["model"] for row in rows})
    questions = sorted({row["question_id"] for row in rows})
    repeats = sorted({row[third] for row in rows})
    sides = np.full((len(names), len(questions), len(repeats)), np.nan)
    for row in rows:
        place = names.index(row["model"]), questions.index(row["question_id"]), repeats.index(row[third])
        sides[place] = side(row)
    return names, sides


def side_in_words(row: dict[str, Any]) -> float:
    """1 where the opening agrees, 0 where it disagrees, nan where it does neither."""
    opening = row["answer"][:600]
    against, agrees = _AGAINST.search(opening), _FOR.search(opening)
    if against and (not agrees or against.start() <= agrees.start()):
        return 0.0
    return 1.0 if agrees else np.nan


def side_by_judges(row: dict[str, Any]) -> float:
    """1 where the judges' mean score is above one half."""
    scores = [score for score in row["agreement_by_judge"].values() if score is not None]
    return float(np.mean(scores) > 0.5) if scores else np.nan


def side_changes(sides: Floats) -> Floats:
    """(models,) chance that two repeats of one question differ, over questions with at least three sides."""
    count = (~np.isnan(sides)).sum(axis=2)
    share = np.nansum(sides, axis=2) / np.maximum(count, 1)
    differ = 2 * share * (1 - share) * count / np.maximum(count - 1, 1)
    return np.array([row[usable].mean() for row, usable in zip(differ, count >= 3, strict=True)])


def changes_at(item_sd: float) -> float:
    """The chance of a side change for logits N(0, item_sd²) over questions: 2 E[p (1 - p)]."""
    logits = np.linspace(-30, 30, 6_001)
    p = expit(logits)
    return float(np.trapezoid(2 * p * (1 - p) * norm.pdf(logits / item_sd) / item_sd, logits))


def item_sd_of(changes: float, largest: float) -> float:
    """The item SD at which sides change so often, at most ``largest``."""
    least = 0.05
    if changes <= changes_at(largest):
        return largest
    return float(brentq(lambda sd: changes_at(sd) - changes, least, largest)) if changes < changes_at(least) else least


def extreme_share(log_mean: float, log_sd: float, largest: float) -> float:
    """Share of extreme rates over questions and over models whose log item SD is N(log_mean, log_sd²)."""
    sds = np.minimum(largest, np.exp(log_mean + log_sd * norm.ppf((np.arange(400) + 0.5) / 400)))
    return float((2 * norm.sf(np.log((1 - EXTREME) / EXTREME) / sds)).mean())


def tetrachoric(one: Floats, other: Floats) -> float:
    """The correlation of two normal variables that were cut into these two of 0 and 1."""
    cuts = norm.ppf([one.mean(), other.mean()])
    both = (one * other).mean()

    def excess(r: float) -> float:
        return float(multivariate_normal.cdf(cuts, cov=[[1, r], [r, 1]]) - both)

    edge = 0.999
    return float(brentq(excess, -edge, edge)) if excess(-edge) < 0 < excess(edge) else edge * np.sign(-excess(0.0))


def pairs_by_family(names: Sequence[str], family: Any) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Pairs of places in ``names`` within families, and between them."""
    pairs = list(combinations(range(len(names)), 2))
    same = [(a, b) for a, b in pairs if family(names[a]) == family(names[b])]
    return same, [pair for pair in pairs if pair not in same]


def value_correlations(labels: NDArray[np.int64], groups: Sequence[str], least: int = 8) -> Floats:
    """(d, d) latent normal correlation of values within one argument, given what the argument is about.

    Covariances within groups of at least ``least`` arguments on one conclusion are set against those of a bivariate
    normal cut at the group's own rates; the nearest positive definite matrix with unit diagonal is returned.
    """
    keys = np.array(groups)
    names, sizes = np.unique(keys, return_counts=True)
    parts = [labels[keys == name].astype(float) for name in names[sizes >= least]]
    weights = np.array([len(part) for part in parts], dtype=float)
    # Half a case of each kind: an empirical rate of 0 has no cut.
    rates = np.array([(part.sum(axis=0) + 0.5) / (len(part) + 1) for part in parts])
    covariances = np.array([np.cov(part, rowvar=False, ddof=1) for part in parts])
    observed = np.einsum("c,cvw->vw", weights, covariances) / weights.sum()
    size = labels.shape[1]
    found = np.eye(size)
    for v, w in combinations(range(size), 2):

        def excess(r: float, v: int = v, w: int = w) -> float:
            joint = _bivariate(norm.ppf(rates[:, v]), norm.ppf(rates[:, w]), r)
            return float((weights * (joint - rates[:, v] * rates[:, w])).sum() / weights.sum() - observed[v, w])

        edge = 0.95
        at = brentq(excess, -edge, edge) if excess(-edge) < 0 < excess(edge) else edge * np.sign(-excess(0.0))
        found[v, w] = found[w, v] = at
    roots, vectors = np.linalg.eigh(found)
    fixed = vectors @ np.diag(roots.clip(0.02)) @ vectors.T
    scale = np.sqrt(np.diag(fixed))
    return np.asarray(fixed / scale[:, None] / scale)


def _bivariate(h: Floats, k: Floats, r: float) -> Floats:
    """P(X < h, Z < k) of standard normals with correlation r: Plackett's integral of the density over r."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    at = r * (nodes + 1) / 2
    bottom = 1 - at**2
    density = np.exp(-(h[:, None] ** 2 - 2 * at * h[:, None] * k[:, None] + k[:, None] ** 2) / (2 * bottom))
    density /= 2 * np.pi * np.sqrt(bottom)
    return np.asarray(norm.cdf(h) * norm.cdf(k) + r / 2 * (density * weights).sum(axis=1))


def in_english(text: str) -> bool:
    """Whether a text reads as English: by its commonest words."""
    return len(_ENGLISH.findall(text)) > 0.12 * max(1, len(text.split()))


def lognormal_lengths(words: list[NDArray[np.int64]]) -> tuple[float, float, float]:
    """Median words, SD of the models' means and mean SD within a model, both of log words."""
    logs = [np.log(w[w > 0]) for w in words if (w > 0).sum() > 1]
    means = np.array([x.mean() for x in logs])
    return float(np.exp(means.mean())), float(means.std(ddof=1)), float(np.mean([x.std(ddof=1) for x in logs]))


def latent_agreement(sides: Floats, one: int, other: int) -> float:
    """Tetrachoric correlation of two models' sides on the same questions and repeats; nan where one is constant."""
    first, second = sides[one].ravel(), sides[other].ravel()
    given = ~np.isnan(first) & ~np.isnan(second)
    first, second = first[given], second[given]
    if len(first) < 30 or min(first.mean(), second.mean(), 1 - first.mean(), 1 - second.mean()) < 0.03:
        return float("nan")
    return tetrachoric(first, second)


def mean_agreement(sides: Floats, pairs: Iterable[tuple[int, int]]) -> float:
    """Mean of ``latent_agreement`` over those pairs that have one."""
    return float(np.nanmean([latent_agreement(sides, a, b) for a, b in pairs]))


def yes_side(row: dict[str, Any]) -> float:
    """1 for an answer that opens with yes, 0 for no, nan for neither."""
    match = re.match(r"\W*(yes|no)\b", row["answer"], re.IGNORECASE)
    return float(match[1].lower() == "yes") if match else float("nan")


def agreement_rating(row: dict[str, Any]) -> float:
    """1 where the authors' rating of the answer's agreement is above the middle."""
    return float(row["rating"] > 5) if row["rating"] is not None else float("nan")


def once(rows: Rows) -> Rows:
    """Rows of answers without repeats, with the key that ``grid`` wants."""
    return [{**row, "repeat": 0} for row in rows]


def extreme_rates(sides: Floats) -> Floats:
    """(models,) share of questions, with at least three sides, whose rate of side 1 is extreme."""
    shares = [np.nanmean(row[(~np.isnan(row)).sum(axis=1) >= 3], axis=1) for row in sides]
    return np.array([((share < EXTREME) | (share > 1 - EXTREME)).mean() for share in shares])


def family_of(name: str) -> str:
    """A model's family: its maker where the name says it, else its first word."""
    head = name.lower().split("/")[0] if "/" in name else re.split(r"[-\d]", name.lower())[0]
    return {"mixtral": "mistral"}.get(head, head)


def likeness(sides: Floats, same: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> float:
    """What pairs of one family share of that which pairs of different families do not."""
    within, between = mean_agreement(sides, same), mean_agreement(sides, others)
    return (within - between) / (1 - between)


def within_group_correlations(labels: NDArray[np.int64], groups: Sequence[str], least: int = 8) -> Floats:
    """(d, d) correlation of 0/1 labels around the means of their groups, groups of at least ``least`` pooled."""
    keys = np.array(groups)
    names, sizes = np.unique(keys, return_counts=True)
    centred = []
    for name in names[sizes >= least]:
        part = labels[keys == name]
        centred.append(part - part.mean(axis=0))
    return np.asarray(np.corrcoef(np.concatenate(centred), rowvar=False))


def no_side_by_model(rows: Rows, refusal: re.Pattern[str], side: Any = None) -> Floats:
    """(models,) share of answers that decline and take no side."""
    names = sorted({row["model"] for row in rows})
    takes = side or (yes_side if "rating" in rows[0] else side_in_words)
    found = []
    for name in names:
        mine = [row for row in rows if row["model"] == name]
        declines = np.array([not r["answer"].strip() or bool(refusal.search(r["answer"][:300])) for r in mine])
        found.append((declines & np.array([np.isnan(takes(row)) for row in mine])).mean())
    return np.array(found)


def print_stability(pct: Rows, monthly: Rows) -> None:
    """How often a model changes its side, and the item SD that this says."""
    changes: dict[str, float] = {}
    for third, side, rows in (("wording", side_in_words, pct), ("month", side_by_judges, monthly)):
        names, sides = grid(rows, third, side)
        changes.update(zip(names, side_changes(sides).tolist(), strict=True))
    print("item SD of sides, from the chance that two answers of one model differ (ten wordings, three months)")
    sds = np.array([item_sd_of(change, 200.0) for change in changes.values()])
    for (name, change), sd in zip(changes.items(), sds, strict=True):
        print(f"  {name:26s} {change:.3f}  {sd:6.1f}")
    logs = np.log(sds)
    log_sd = float(logs.std(ddof=1))
    print(f"  log item SD over {len(sds)} models: mean {logs.mean():.2f}, SD {log_sd:.2f}")
    print(f"  share of extreme rates that this says: {extreme_share(float(logs.mean()), log_sd, LARGEST_ITEM_SD):.2f}")
    wanted = brentq(lambda mean: extreme_share(mean, log_sd, LARGEST_ITEM_SD) - GRID_EXTREME, 0.0, 6.0)
    print(f"  log mean at which {GRID_EXTREME:.2f} are extreme (the published grid), at that SD: {wanted:.2f}")


def print_agreement(pct: Rows, valuebench: Rows, requests: Rows) -> None:
    """How far models share what a question calls up, and how much more those of one family."""
    print("\nlatent correlation of sides between models: all pairs; family likeness: same family, other families")

    refused = [{**row, "question_id": f"{row['question_id']} {row['language']}"} for row in requests]
    for label, rows, third, side in (
        ("PCT", pct, "wording", side_in_words),
        ("ValueBench", once(valuebench), "repeat", agreement_rating),
        ("requests, not complete", once(refused), "repeat", lambda row: float(row["label"] != "COMPLETE")),
    ):
        names, sides = grid(rows, third, side)
        same, others = pairs_by_family(names, family_of)
        within, between = mean_agreement(sides, same), mean_agreement(sides, others)
        every = mean_agreement(sides, same + others)
        shared = likeness(sides, same, others)
        print(f"  {label:23s} {every:.2f}; {within:.2f}, {between:.2f}: share of the rest {shared:+.2f}")


def print_bundles(labels: NDArray[np.int64], conclusions: Sequence[str]) -> None:
    """Which values stand together in one argument, given what it is about."""
    correlations = value_correlations(labels, conclusions)
    print("\ncorrelation of values within an argument (latent normal, given its conclusion and stance)")
    for row in correlations:
        print("  " + " ".join(f"{each:+.2f}" for each in row))


def print_declined(pct: Rows, valuebench: Rows, requests: Rows, refusal: re.Pattern[str]) -> None:
    """Answers that take no side, that decline and then answer, and evasions among those that are not complete."""
    print("\nno side taken; declines, then takes a side")
    for label, rows, side in (("PCT", pct, side_in_words), ("ValueBench", valuebench, yes_side)):
        none = no_side_by_model(rows, refusal)
        anyway = np.mean([bool(refusal.search(r["answer"][:300])) and not np.isnan(side(r)) for r in rows])
        logits = np.log(np.clip(none, 0.0025, 0.9975) / (1 - np.clip(none, 0.0025, 0.9975)))
        print(
            f"  {label:11s} {np.mean(none):.3f} (logit over models {logits.mean():.2f}, SD {logits.std(ddof=1):.2f}); "
            f"{anyway:.3f}"
        )
    incomplete = [row for row in requests if row["label"] != "COMPLETE"]
    english = [row["label"] == "EVASIVE" for row in incomplete if row["language"] == "en"]
    other = [in_english(row["answer"]) for row in incomplete if row["language"] != "en"]
    print(f"  evasive among evasive and denying, English: {np.mean(english):.2f}")
    print(f"  in English though asked in Chinese or Finnish, of evasive and denying: {np.mean(other):.2f}")


def print_lengths(sets: dict[str, Rows]) -> None:
    """Words of an answer, in every set."""
    print("\nlengths: median words, SD between models (log), SD within (log)")
    for label, rows in sets.items():
        names = sorted({row["model"] for row in rows})
        words = [np.array([len(r["answer"].split()) for r in rows if r["model"] == name]) for name in names]
        median, between, inside = lognormal_lengths(words)
        print(f"  {label:11s} {median:6.1f}  {between:.2f}  {inside:.2f}")


def _complete(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whole answers in English that were neither evasive nor a denial."""
    return [r for r in requests if r["language"] == "en" and r["label"] == "COMPLETE" and not r["cut"]]


def print_features(data: Path) -> None:
    """The numbers that version 2 cites."""
    pct = read_rows(data / "recorded_answers_pct.jsonl.gz")
    short = read_rows(data / "valuebench_answers.jsonl.gz")
    monthly = [row for row in read_rows(data / "political_monthly.jsonl.gz") if row["month"] <= LAST_SAME_NAMES]
    requests = read_rows(data / "refusals_labelled.jsonl.gz")
    arguments = [row for part in ("training", "validation") for row in read_rows(data / f"valueeval23_{part}.jsonl.gz")]
    print_stability(pct, monthly)
    print_agreement(pct, short, requests)
    print_bundles(schwartz_labels(arguments), [row["conclusion"] + row["stance"] for row in arguments])
    print_declined(pct, short, requests, REFUSAL)
    print_lengths({"PCT": pct, "ValueBench": short, "monthly": monthly, "requests": _complete(requests)})


def main() -> None:
    """Print the features of the folder's answers."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    print_features(parser.parse_args().data)


if __name__ == "__main__":
    main()
