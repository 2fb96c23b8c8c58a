"""How well are refusals known by their words (pool/refusals.py)? Precision, recall and F1, by language.

    python benchmarks/refusals.py DIR

``DIR`` holds real answers: ``refusals_labelled.jsonl.gz``, ``recorded_answers_pct.jsonl.gz`` and
``political_monthly.jsonl.gz``. Measured are four things:

- texts written for this, eleven languages (tests/refusal_texts.yaml), at the odd places of each list;
- answers that were labelled by a model: DENIAL against COMPLETE; EVASIVE ones take part in neither, and the share of
  them that is called a refusal stands beside;
- the DENIAL ones and a sample of another file's, labelled by hand after the rule (refusals_by_hand.tsv): half of the
  DENIAL ones recite a position, and are answers;
- as a rival, a logistic regression on character n-grams, fitted on the texts at the even places.

The patterns were written with the even places and the even questions in view; every figure is of the odd ones. Intervals
are Wilson's, 95 %; that of F1 follows from the one of TP / (TP + FP + FN), of which F1 is a function.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from adaem.pool.answer_text import read_answer
from adaem.pool.refusals import reads_as_refusal
from scipy.stats import binomtest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

HERE = Path(__file__).parent
TEXTS = HERE.parent / "tests" / "refusal_texts.yaml"

Labelled = tuple[str, str, bool]
"""A group, a text, and whether it is a refusal."""
Detector = Callable[[str], bool]


def own_texts(half: int) -> Iterator[Labelled]:
    """The texts of every second place, from ``half`` on."""
    for language, kinds in yaml.safe_load(TEXTS.read_text(encoding="utf-8")).items():
        for kind, texts in kinds.items():
            yield from ((language, text, kind == "refusals") for text in texts[half::2])


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The file's rows, each answer as an import reads it."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row | {"answer": read_answer(row["answer"] or "").text}


def odd(question_id: str) -> bool:
    return int("".join(filter(str.isdigit, question_id))) % 2 == 1


def by_hand(rows: Iterable[dict[str, Any]], name: str, key: str) -> Iterator[Labelled]:
    """The answers of odd questions that ``refusals_by_hand.tsv`` labels; ``key`` is the row's third identifier."""
    with (HERE / "refusals_by_hand.tsv").open(encoding="utf-8", newline="") as file:
        lines = csv.reader((line for line in file if not line.startswith("#")), delimiter="\t")
        labels = {tuple(line[:4]): line[4] for line in lines}
    for row in rows:
        label = labels.get((name, row["question_id"], row[key], row["model"]))
        if label and odd(row["question_id"]):
            yield row.get("language", "en"), row["answer"], label == "refusal"


def learned() -> Detector:
    """The rival."""
    _, texts, labels = zip(*own_texts(0), strict=True)
    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True), LogisticRegression(C=10.0)
    )
    model.fit(texts, labels)
    return lambda text: bool(text) and bool(model.predict([text])[0])


def share(hits: int, of: int) -> str:
    if not of:
        return "–"
    low, high = binomtest(hits, of).proportion_ci(method="wilson")
    return f"{hits / of:.3f} [{low:.3f}, {high:.3f}]"


def f1(right: int, wrong: int, missed: int) -> str:
    union = right + wrong + missed
    if not union:
        return "–"
    low, high = (2 * end / (1 + end) for end in binomtest(right, union).proportion_ci(method="wilson"))
    return f"{2 * right / (2 * right + wrong + missed):.3f} [{low:.3f}, {high:.3f}]"


def table(title: str, labelled: Iterable[Labelled], detect: Detector) -> None:
    counts: dict[str, list[int]] = {}
    for group, text, refusal in labelled:
        found = detect(text)
        for name in (group, "all"):
            cell = counts.setdefault(name, [0, 0, 0, 0])
            cell[2 * (not refusal) + (not found)] += 1
    print(f"\n{title}\n\n| | refusals | answers | precision | recall | F1 |\n|---|---|---|---|---|---|")
    for name in sorted(counts, key=lambda each: (each == "all", each)):
        right, missed, wrong, passed = counts[name]
        figures = share(right, right + wrong), share(right, right + missed), f1(right, wrong, missed)
        print(f"| {name} | {right + missed} | {wrong + passed} | {' | '.join(figures)} |")


def main(data: Path) -> None:
    labelled = list(rows_of(data / "refusals_labelled.jsonl.gz"))
    recorded = list(rows_of(data / "recorded_answers_pct.jsonl.gz"))
    monthly = list(rows_of(data / "political_monthly.jsonl.gz"))
    silver = [
        (row["language"], row["answer"], row["label"] == "DENIAL")
        for row in labelled
        if row["label"] != "EVASIVE" and odd(row["question_id"])
    ]
    hand = list(by_hand(labelled, "refusals_labelled", "language"))
    sample = list(by_hand(recorded, "recorded_answers_pct", "wording"))
    rival = learned()
    for name, detect in (("patterns", reads_as_refusal), ("rival: character n-grams", rival)):
        table(f"Written for this ({name})", own_texts(1), detect)
        table(f"Labelled by hand among DENIAL ({name})", hand, detect)
        table(f"Labelled by hand, a sample of recorded answers ({name})", sample, detect)
        table(f"Labelled by a model: DENIAL against COMPLETE ({name})", silver, detect)
        evasive = [row["answer"] for row in labelled if row["label"] == "EVASIVE" and odd(row["question_id"])]
        print(f"\nEVASIVE called refusals ({name}): {sum(map(detect, evasive))} of {len(evasive)}")
        called = [row for row in monthly if detect(row["answer"])]
        print(f"Monthly answers called refusals ({name}): {len(called)} of {len(monthly)}; the file calls", end=" ")
        print(f"{sum(row['refused'] for row in monthly)} refused")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
