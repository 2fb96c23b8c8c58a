"""The instrument on real answers that were recorded elsewhere: what it finds, and what it must not find.

    python experiments/recorded_reality.py DIR [--only PART] [--draws 200] [--judge FILE] [--out docs/REALITY.md]

DIR holds files in JSON lines or CSV, known by their columns: recorded answers (question_id, question, model, answer,
and a wording or month of each), ratings (question_id, model, value, rating), monthly scores (month,
agreement_by_judge), and labelled texts (premise, values) that a local judge is trained on; each set of answers is
judged once. Parts: alarms, power, coverage, halves, drift, bank (experiments/reality/). ``--out`` writes the page,
whatever it says.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from reality.bank_budgets import bank_budgets
from reality.coverage import coverage
from reality.drift import drift
from reality.false_alarms import false_alarms
from reality.power import power
from reality.recorded_sets import RecordedSets, read_sets
from reality.split_halves import split_halves
from reality.tables import table

PARTS: dict[str, Callable[[RecordedSets, int, int], str]] = {
    "alarms": false_alarms,
    "power": power,
    "coverage": coverage,
    "halves": split_halves,
    "drift": drift,
}
BANK = "bank"
"""The part that runs searches, and takes as long as all others."""

INTRODUCTION = """# On real answers

Answers of real models that were recorded elsewhere, as a test bench: the instrument must not find differences where
there are none, and should find those that are there. This page is written by

```text
python experiments/recorded_reality.py DIR --out docs/REALITY.md
```

whatever it says. DIR is a folder of files that are known by their columns, which the script's first lines name: your
own serve as well. The sets below are Röttger et al. (ACL 2024, llm-values-pct, CC BY 4.0), Ren et al. (ACL 2024,
ValueBench, MIT), swissprismia/llm-political-bias-bench (MIT) and, for the judge, Touché23-ValueEval (Mirzakhmedova et
al., CC BY 4.0)."""


def set_table(sets: RecordedSets) -> str:
    """What is in each set, and what is missing from it."""
    rows = []
    for judged in sets.judged:
        full = judged.full
        missing = sum((each for each in full.outcomes), Counter[str]())
        answered = missing.pop("answered", 0)
        left_out = ", ".join(f"{reason} {number}" for reason, number in sorted(missing.items())) or "none"
        rows.append([judged.name, str(len(full.questions)), str(len(full.models)), str(answered), left_out])
    for rated in sets.rated:
        present = int((rated.scores == rated.scores).sum())
        rows.append([rated.name, *map(str, (*rated.scores.shape, present)), str(rated.scores.size - present)])
    head = (
        "Each set of answers is labelled by a local judge that was trained on the labelled texts of the folder. Its "
        "labels are taken as they are, to try the statistics: a report that knows a judge's errors compares no value "
        "that the judge cannot measure."
    )
    other = f" Not used: {', '.join(sets.skipped)}." if sets.skipped else ""
    return f"## The sets\n\n{head}{other}\n\n" + table(["set", "items", "models", "answers", "missing"], rows)


def main() -> int:
    """Prints the parts, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=[*PARTS, BANK])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--searches", type=int, default=8, help="runs of the bank at each budget")
    parser.add_argument("--judge", type=Path, help="made by 'adaem judge train'; by default one is trained")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    page = [INTRODUCTION]
    with TemporaryDirectory() as name:
        scratch = Path(name)
        sets = read_sets(given.folder, scratch, given.judge)
        page.append(set_table(sets))
        for part in (*PARTS, BANK):
            if given.only not in (None, part):
                continue
            started = time.perf_counter()
            if part == BANK:
                text = bank_budgets(sets, given.searches, given.seed, scratch)
            else:
                text = PARTS[part](sets, given.draws, given.seed)
            print(f"{text}\n", flush=True)
            print(f"{part}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
            page.append(text)
    if given.out is not None:
        given.out.write_text("\n\n".join(page) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
