"""What the judges that ask no model reach, as the tables of docs/JUDGES.md, and which estimate of a rate errs least.

    python experiments/judges.py DATA_DIR [--judges FOLDER]

DATA_DIR holds valueeval23_training.jsonl.gz, valueeval23_validation.jsonl.gz (ValueEval's form) and
recorded_answers_pct.jsonl.gz (the answers of Röttger et al.). Two local judges are trained on the first, on words alone
and with MiniLM's embeddings (``adaem local pull minilm``), unless FOLDER holds words.npz and embeddings.npz already;
with ``zero_shot`` they are checked on the second, whose groups are the sources of every interval.

  accuracy   J (at the thresholds that runs use), F1 (at those that make it best) and AUC, value by value
  silence    labels given of all possible ones on texts that say nothing, of other words, phrases and facts than those
             of the training; and on real texts cut short
  length     mean probability beside the share that people label, by the number of words: are short texts judged on
             their own scale?
  rates      validation arguments drawn so that a value's rate is known: how far off is the rate by labels (thresholds
             with the best J, or F1) and by the mean probability, plain and corrected by the other half of the sources;
             and how many standard deviations apart are the estimates for two rates that differ by 20 points?
  speed      all recorded answers, judged as a run judges them, and the size of what is kept of them
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import numpy as np
from adaem.agents.judges.check_judge import check_judge_accuracy
from adaem.agents.judges.judge_answers import judge_answers
from adaem.agents.judges.labelled_texts import LabelledTexts, read_labelled_texts
from adaem.agents.judges.local.local_judge import LocalJudge
from adaem.agents.judges.local.model_file import save_model
from adaem.agents.judges.local.scored_judge import ScoredJudge
from adaem.agents.judges.local.training import train
from adaem.agents.protocols import Judge
from adaem.domain.answer import Answer, KeyPoint, Outcome, Phase
from adaem.domain.framework import Framework
from adaem.domain.judge_accuracy import Figure
from adaem.domain.reading.yaml_records import load_framework, load_pool, override_settings
from adaem.domain.settings import JudgeSettings, Settings
from adaem.evaluation.judges.label_accuracy import area_under_curve
from adaem.jobs.judge_choice import judge_choice
from adaem.jobs.standalone_judge import open_judge
from adaem.memory.embedders.embedder import Vectors
from adaem.memory.embedders.minilm_embedder import MiniLmEmbedder

WORDS, EMBEDDINGS, ZERO_SHOT = "words", "words and embeddings", "zero_shot"
RATES, DRAWN, DRAWS, APART = (0.05, 0.2, 0.5), 200, 40, 0.2

FACTS = (
    "The capital of France is Paris.",
    "Iron is heavier than wood.",
    "The film lasts two hours.",
    "Rinse the rice before you cook it.",
    "There are sixty minutes in an hour.",
    "The window faces north.",
    "Our plane lands at gate seven.",
    "A spider has eight legs.",
    "The password has twelve characters.",
    "The sweater comes in three sizes.",
    "Mercury is the smallest planet.",
    "Fold the paper along the dotted line.",
    "The garage is behind the house.",
    "Gold melts at about a thousand degrees.",
    "The printer is connected by a cable.",
    "His phone number ends in four.",
    "It gets dark at six in winter.",
    "The recipe needs half a litre of milk.",
    "The museum opens on Tuesday.",
    "A minute later the bell rang.",
)
PHRASES = (
    "…",
    "1234",
    "banana",
    "```json```",
    "The answer to the question",
    "It depends on many factors.",
    "Point A",
    "My third reason is the following",
    "As discussed above",
    "No further remarks",
    "[insert text]",
    "TODO",
    "Continued in the next answer",
    "I cannot say",
    "That is an interesting topic",
    "Different people think differently about this",
    "-----",
    "Answer: B",
    "yes yes yes yes yes",
    "Summary",
)


class Remembering(MiniLmEmbedder):
    """MiniLM, which embeds no text twice."""

    known: ClassVar[dict[str, Vectors]] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        for text, vector in zip(new, super().embed(new), strict=True):
            self.known[text] = vector
        return np.stack([self.known[text] for text in texts])


def trained(data: Path, folder: Path, framework: Framework) -> dict[str, Path]:
    """The files of the two local judges, trained where they are not there yet."""
    files = {WORDS: folder / "words.npz", EMBEDDINGS: folder / "embeddings.npz"}
    for name, path in files.items():
        if not path.exists():
            begun = time.monotonic()
            rows = read_labelled_texts([data / "valueeval23_training.jsonl.gz"], framework)
            save_model(train(rows, framework, 0, embedder=Remembering() if name == EMBEDDINGS else None), path)
            print(
                f"{name}: trained in {time.monotonic() - begun:.0f} s, {path.stat().st_size / 1e6:.1f} MB", flush=True
            )
    return files


async def opened(name: str, framework: Framework) -> ScoredJudge:
    """The judge of a file, or of a name, with an embedder that remembers."""
    settings = Settings(judge=JudgeSettings(embedder=f"{__name__}:{Remembering.__name__}"))
    async with open_judge(override_settings(settings, judge_choice(name)), load_pool("simulated"), framework) as (
        judge,
        _,
    ):
        assert isinstance(judge, ScoredJudge)
        if isinstance(judge, LocalJudge) and judge.model.embedder is not None:
            judge.model = replace(judge.model, embedder=Remembering())
        return judge


def said(figure: Figure | None) -> str:
    """An estimate with its interval."""
    if figure is None or figure.interval is None:
        return "–"
    return f"{figure.estimate:.2f} [{figure.interval[0]:.2f}, {figure.interval[1]:.2f}]"


def table(heads: Sequence[object], rows: Sequence[Sequence[object]]) -> None:
    """Prints a table in Markdown."""
    print()
    for row in (heads, ["---"] * len(heads), *rows):
        print(f"| {' | '.join(map(str, row))} |")
    print(flush=True)


async def accuracy(judges: dict[str, ScoredJudge], rows: LabelledTexts, framework: Framework) -> None:
    """J and AUC of each judge, value by value."""
    found = {
        name: await check_judge_accuracy(judge, rows, framework, mode="", simulated=False, seed=0)
        for name, judge in judges.items()
    }
    lines = [
        [
            value,
            *(
                said(figure)
                for each in found.values()
                for figure in (each.values[value].youden, each.values[value].auc)
            ),
        ]
        for value in framework.value_ids
    ]
    lines.append(
        ["macro F1 and AUC", *(said(figure) for each in found.values() for figure in (each.macro_f1, each.macro_auc))]
    )
    table(["value", *(f"{figure}, {name}" for name in found for figure in ("J", "AUC"))], lines)
    for name, each in found.items():
        measured = [value for value in framework.value_ids if value not in each.unmeasurable]
        print(f"{name}: measures {', '.join(measured) or 'none'} (lower bound of J at least 0.5)")


def silence(judges: dict[str, ScoredJudge], texts: Sequence[str], framework: Framework) -> None:
    """Labels on texts that say nothing, and on real ones."""
    chance = random.Random(0)
    words = [word for text in texts for word in text.split()]
    letters = "abcdefghijklmnopqrstuvwxyz"
    kinds = {
        "random words of arguments": [" ".join(chance.choices(words, k=chance.randint(3, 40))) for _ in range(200)],
        "one word": [chance.choice(words) for _ in range(150)],
        "random letters": [
            " ".join("".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(chance.randint(1, 12)))
            for _ in range(100)
        ],
        "phrases that say nothing": list(PHRASES),
        "plain facts": list(FACTS),
        "the arguments": list(texts),
        "their first third": [" ".join(text.split()[: max(4, len(text.split()) // 3)]) for text in texts[::4]],
        "the framework's examples": [text for value in framework.values for text in value.examples],
    }
    lines = []
    for kind, given in kinds.items():
        cells = []
        for judge in judges.values():
            labelled = judge.scores([[text] for text in given]) >= 0
            cells.append(f"{100 * labelled.mean():.1f} % ({100 * labelled.any(axis=1).mean():.0f} %)")
        lines.append([kind, len(given), *cells])
    table(["texts", "n", *judges], lines)


def length(judges: dict[str, LocalJudge], rows: LabelledTexts, truth: np.ndarray) -> None:
    """Probabilities beside what people say, by length."""
    texts = [row.text for row in rows.rows]
    words = np.array([len(text.split()) for text in texts])
    edges = [0, 12, 18, 25, 40, 10_000]
    probabilities = {name: 1 / (1 + np.exp(-judge.model.log_odds(texts))) for name, judge in judges.items()}
    lines = []
    for low, high in pairwise(edges):
        some = (words >= low) & (words < high)
        cells: list[object] = [f"{low} to {high - 1}" if high < edges[-1] else f"{low} or more", some.sum()]
        cells.append(f"{truth[some].mean():.3f}")
        for each in probabilities.values():
            areas = [area_under_curve(truth[some, v], each[some, v]) for v in range(truth.shape[1])]
            cells += [f"{each[some].mean():.3f}", f"{np.nanmean(areas):.2f}"]
        lines.append(cells)
    heads = [f"{what}, {name}" for name in judges for what in ("mean probability", "AUC")]
    table(["words", "n", "people's rate", *heads], lines)


def rates(judge: LocalJudge, rows: LabelledTexts, truth: np.ndarray) -> None:
    """Errors of expression rates, by what is averaged."""
    rng = np.random.default_rng(0)
    log_odds = judge.model.log_odds([row.text for row in rows.rows])
    found = {
        "labels, thresholds with the best J": log_odds >= judge.model.thresholds[0],
        "labels, thresholds with the best F1": log_odds >= judge.model.thresholds[1],
        "mean probability": 1 / (1 + np.exp(-log_odds)),
    }
    groups = sorted({row.group for row in rows.rows})
    errors: dict[tuple[str, float], list[tuple[float, float]]] = {}
    apart: dict[tuple[str, float], list[float]] = {}
    for _half in range(2):
        rng.shuffle(groups)
        known = set(groups[: len(groups) // 2])
        inside = np.array([row.group in known for row in rows.rows])
        for value in range(truth.shape[1]):
            with_it, without = (np.flatnonzero(~inside & kind) for kind in (truth[:, value], ~truth[:, value]))

            def drawn(rate: float) -> np.ndarray:
                hits = round(rate * DRAWN)
                return np.append(rng.choice(with_it, hits), rng.choice(without, DRAWN - hits))  # noqa: B023

            for rate in RATES:
                samples = [(drawn(rate), drawn(rate + APART)) for _ in range(DRAWS)]
                for name, each in found.items():
                    low, high = (
                        float(each[inside & (truth[:, value] == kind), value].mean()) for kind in (False, True)
                    )
                    plain = np.array([[each[sample, value].mean() for sample in pair] for pair in samples])
                    corrected = np.clip((plain[:, 0] - low) / (high - low), 0, 1)
                    errors.setdefault((name, rate), []).extend(zip(plain[:, 0] - rate, corrected - rate, strict=True))
                    difference = plain[:, 1] - plain[:, 0]
                    apart.setdefault((name, rate), []).append(float(difference.mean() / difference.std()))
    lines = []
    for name in found:
        cells = [name]
        for rate in RATES:
            plain_error, corrected_error = np.sqrt(np.square(errors[name, rate]).mean(axis=0))
            cells += [f"{plain_error:.2f}", f"{corrected_error:.2f}", f"{np.mean(apart[name, rate]):.1f}"]
        lines.append(cells)
    table(["estimate", *(f"{what} at {rate}" for rate in RATES for what in ("error", "corrected", "apart"))], lines)


async def speed(judge: Judge, name: str, data: Path) -> None:
    """Seconds for all recorded answers, and what their judgements take."""
    with gzip.open(data / "recorded_answers_pct.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["answer"] for line in lines]
    answers = [
        Answer(
            question_id="q",
            member="m",
            phase=Phase.EVALUATE,
            sample=number,
            outcome=Outcome.ANSWERED,
            key_points=(KeyPoint(point=text, justification=""),),
        )
        for number, text in enumerate(texts)
    ]
    begun, used = time.monotonic(), time.process_time()
    judgements = [each for each in await judge_answers(judge, answers) if each is not None]
    seconds, used = time.monotonic() - begun, time.process_time() - used
    kept = sum(len(judgement.model_dump_json()) for judgement in judgements)
    print(
        f"{name}: {len(texts):,} answers of {np.mean([len(text) for text in texts]):.0f} characters judged in "
        f"{seconds:.0f} s ({used:.0f} s of CPU time); {kept / 1e6:.1f} MB of judgements",
        flush=True,
    )


async def measured(data: Path, folder: Path) -> None:
    """All tables."""
    framework = load_framework("schwartz")
    files = trained(data, folder, framework)
    judges = {name: await opened(str(path), framework) for name, path in files.items()}
    judges[ZERO_SHOT] = await opened(ZERO_SHOT, framework)
    local = {name: judge for name, judge in judges.items() if isinstance(judge, LocalJudge)}
    rows = read_labelled_texts([data / "valueeval23_validation.jsonl.gz"], framework)
    truth = np.array([[value in row.values for value in framework.value_ids] for row in rows.rows])
    await accuracy(judges, rows, framework)
    silence(judges, [row.text for row in rows.rows], framework)
    length(local, rows, truth)
    for name, judge in local.items():
        print(f"rates by {name}, {DRAWN} arguments each:")
        rates(judge, rows, truth)
    for name, judge in local.items():
        await speed(judge, name, data)


def main() -> None:
    """Trains, checks and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--judges", type=Path, help="a folder for the trained judges")
    given = parser.parse_args()
    with TemporaryDirectory() as temporary:
        asyncio.run(measured(given.data, given.judges or Path(temporary)))


if __name__ == "__main__":
    main()
