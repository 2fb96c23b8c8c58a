"""How well are refusals known by their words (pool/replies/refusals.py)? Precision, recall and F1, by language.

    python experiments/refusals.py DIR

``DIR`` holds real answers: ``refusals_labelled``, ``recorded_answers_pct``, ``valuebench_answers``,
``political_monthly`` and ``valueeval23_*``, all ``.jsonl.gz``. Measured are:

- texts written for this, eleven languages (tests/support/refusal_texts.yaml), at the odd places of each list;
- answers labelled by a model: DENIAL against COMPLETE. EVASIVE ones take part in neither; how many of them are called
  refusals stands below;
- the DENIAL ones labelled by hand after the rule (refusals_by_hand.tsv): many recite a position, and are answers;
- every answer of three files that is called a refusal, labelled by hand, and premises that people wrote, none of which
  is a refusal;
- as a rival, a logistic regression on character n-grams, fitted on the texts at the even places.

The patterns were written with the even places and the even questions in view; the tables are of the odd ones. Intervals
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
from adaem.pool.replies.recorded_text import read_answer
from adaem.pool.replies.refusals import reads_as_refusal
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


def premises_of(path: Path) -> Iterator[str]:
    """The premises of a file of arguments."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line)["premise"] for line in file)


def odd(question_id: str) -> bool:
    """Whether the question is one to test on."""
    return int("".join(filter(str.isdigit, question_id))) % 2 == 1


def hand_labels() -> dict[tuple[str, ...], str]:
    """By file, question, language or wording or month, and model."""
    with (HERE / "refusals_by_hand.tsv").open(encoding="utf-8", newline="") as file:
        lines = csv.reader((line for line in file if not line.startswith("#")), delimiter="\t")
        return {tuple(line[:4]): line[4] for line in lines}


def called(rows: Iterable[dict[str, Any]], name: str, key: str, detect: Detector) -> str:
    """Of the answers of a file that are called refusals, how many are by hand's label."""
    labels = hand_labels()
    hits = [row for row in rows if detect(row["answer"])]
    found = [labels.get((name, row["question_id"], row.get(key, ""), row["model"])) for row in hits]
    return f"{found.count('refusal')} right, {found.count('answer')} wrong, {found.count(None)} not labelled"


def learned() -> Detector:
    """The rival."""
    _, texts, labels = zip(*own_texts(0), strict=True)
    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True), LogisticRegression(C=10.0)
    )
    model.fit(texts, labels)
    return lambda text: bool(text) and bool(model.predict([text])[0])


def share(hits: int, of: int) -> str:
    """A rate with its interval."""
    if not of:
        return "–"
    low, high = binomtest(hits, of).proportion_ci(method="wilson")
    return f"{hits / of:.3f} [{low:.3f}, {high:.3f}]"


def f1(right: int, wrong: int, missed: int) -> str:
    """F1 with its interval."""
    union = right + wrong + missed
    if not union:
        return "–"
    low, high = (2 * end / (1 + end) for end in binomtest(right, union).proportion_ci(method="wilson"))
    return f"{2 * right / (2 * right + wrong + missed):.3f} [{low:.3f}, {high:.3f}]"


def table(title: str, labelled: Iterable[Labelled], detect: Detector) -> None:
    """Prints precision, recall and F1 of each group, and of all."""
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
    """Prints the tables of the patterns, then of the rival."""
    files = {path.name.removesuffix(".jsonl.gz"): path for path in sorted(data.glob("*.jsonl.gz"))}
    labelled = [row for row in rows_of(files["refusals_labelled"]) if odd(row["question_id"])]
    silver = [
        (row["language"], row["answer"], row["label"] == "DENIAL") for row in labelled if row["label"] != "EVASIVE"
    ]
    labels = hand_labels()
    hand = [
        (row["language"], row["answer"], labels[key] == "refusal")
        for row in labelled
        if (key := ("refusals_labelled", row["question_id"], row["language"], row["model"])) in labels
    ]
    evasive = [row["answer"] for row in labelled if row["label"] == "EVASIVE"]
    keys = {"recorded_answers_pct": "wording", "valuebench_answers": "", "political_monthly": "month"}
    others = {name: list(rows_of(files[name])) for name in keys}
    premises = [text for name in files if name.startswith("valueeval23") for text in premises_of(files[name])]
    for name, detect in (("patterns", reads_as_refusal), ("rival: character n-grams", learned())):
        print(f"\n## {name}")
        table("Written for this", own_texts(1), detect)
        table("DENIAL, labelled by hand", hand, detect)
        table("DENIAL against COMPLETE, labelled by a model", silver, detect)
        print(f"\nCalled refusals: EVASIVE, {sum(map(detect, evasive))} of {len(evasive)};", end=" ")
        print(f"premises, {sum(map(detect, premises))} of {len(premises)}")
        for file, rows in others.items():
            print(f"{file}, {sum(detect(row['answer']) for row in rows)} of {len(rows)}", end="")
            print(f": {called(rows, file, keys[file], detect)}" if detect is reads_as_refusal else "")
        sample = [
            (labels[key] == "refusal", detect(row["answer"]))
            for row in others["recorded_answers_pct"]
            if (key := ("recorded_answers_pct", row["question_id"], row["wording"], row["model"])) in labels
        ]
        missed = sample.count((True, False))
        print(f"of {len(sample)} recorded answers labelled by hand, even questions too: {missed} refusals missed")
    print(f"\nThe monthly file itself calls {sum(row['refused'] for row in others['political_monthly'])} refused.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
