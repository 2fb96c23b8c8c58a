"""Every verb on every changed folder of a run: what ran, what was asked, how it ended, how long it took.

A change that is a pipe would hold a verb for ever if it were opened; the command is then to be stopped by hand.

python experiments/foreign_folders.py [WORDS-OF-A-CHANGE [WORDS-OF-A-VERB]]
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from adaem.cli import main
from foreign import CHANGING, small_run, tampers, verbs, watched
from loopback import LoopbackServer

LIMIT = 10.0
"""Seconds of the processor that a verb may take."""


def tried(arguments: Sequence[object]) -> tuple[str, str]:
    """How the command ended (its exit code, or the error that came through), and what it said of that."""
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["adaem", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as stop:
        return str(stop.code or 0), err.getvalue().strip()[-200:]
    except BaseException as error:  # noqa: BLE001 - whatever comes through is what is looked for
        return f"{type(error).__name__} came through", "".join(traceback.format_exception(error))[-1500:]
    return "0", ""


def tables(words: str, only: str) -> int:
    """Prints the figures, and what should not have been; returns how many such there are."""
    ends: Counter[str] = Counter()
    faults: list[str] = []
    slowest: list[tuple[float, str]] = []
    path = sys.path.copy()
    with tempfile.TemporaryDirectory() as name, LoopbackServer() as server:
        folder = Path(name)
        small_run(folder)
        beyond = folder / "outside"
        (beyond / "pipes").mkdir(parents=True)
        (beyond / "secret").write_text("mine\n", encoding="utf-8")
        os.mkfifo(beyond / "pipes" / "manifest.json")
        before = {each: each.lstat().st_mtime_ns for each in beyond.rglob("*")}
        for change, tamper in tampers(beyond, server.url).items():
            if words not in change:
                continue
            ready = False
            for verb, arguments in verbs(folder / "copy", folder / "run", folder / "pool.yaml", folder / "out").items():
                if only not in verb:
                    continue
                if verb in CHANGING or not ready:
                    shutil.rmtree(folder / "copy", ignore_errors=True)
                    shutil.copytree(folder / "run", folder / "copy")
                    tamper(folder / "copy")
                    ready = verb not in CHANGING
                (folder / "out").mkdir(exist_ok=True)
                clock = time.process_time()
                with watched() as done:
                    end, told = tried(arguments)
                # Of this process alone: what else the machine does is not the folder's doing.
                seconds = time.process_time() - clock
                sys.path[:] = path
                shutil.rmtree(folder / "out")
                ends[end] += 1
                slowest.append((seconds, f"{change}, {verb}"))
                wrong = list(done)
                if end not in ("0", "1", "2"):
                    wrong.append(f"{end}: {told}")
                if seconds > LIMIT:
                    wrong.append(f"{seconds:.1f} s")
                if {each: each.lstat().st_mtime_ns for each in beyond.rglob("*")} != before:
                    wrong.append("something changed outside the folder")
                if server.count:
                    wrong.append("a request was sent")
                for each in wrong:
                    faults.append(f"{change}, {verb}: {each}")
                    print(faults[-1], file=sys.stderr, flush=True)
            print(f"{change}: {len(faults)} faults so far", file=sys.stderr, flush=True)
    print(f"{sum(ends.values())} commands: " + ", ".join(f"{end} × {number}" for end, number in sorted(ends.items())))
    print("slowest: " + "; ".join(f"{seconds:.1f} s {what}" for seconds, what in sorted(slowest)[-5:]))
    print(*(faults or ["no fault"]), sep="\n")
    return len(faults)


if __name__ == "__main__":
    sys.exit(bool(tables(*[*sys.argv[1:], "", ""][:2])))
