"""Kills one run at many random instants, resumes it each time, and compares it with an undisturbed run.

The members are simulated ones behind a server on loopback (tests/support/served.py), which counts every request.
In a third of the runs three requests in ten go wrong, the same ones as in an undisturbed run beside them.

Marks: questions, answers, moves and scores equal the undisturbed run's to the last digit; the records hold each request
that the server saw, or note it as in flight; only calls noted so were sent twice; the books hold no fewer requests than
the server's log. The exit code is 1 when one of them falls short.

    python experiments/kill_and_resume.py [--instants 100] [--seed 1]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from killing import ATTEMPTS, CONCURRENCY, FAULTS, LATENCY, instants, kill_and_resume, undisturbed
from served import ServedPool

EVERY = 3
"""One run in so many has faults."""


def main() -> None:
    """Print one line a kill, and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instants", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed, found, sent = 0, [], 0
    with tempfile.TemporaryDirectory() as name, ServedPool(latency=LATENCY) as served:
        folder = Path(name)
        pool = served.pool_file(folder / "pool.yaml", concurrency=CONCURRENCY, attempts=ATTEMPTS)
        wholes: dict[Any, Any] = {}
        for faults in (None, FAULTS):
            served.faults = faults
            whole = wholes[faults] = undisturbed(served, pool, folder / f"undisturbed-{len(wholes)}")
            told = f"{faults.rate:.0%} of requests fail" if faults else "no faults"
            print(f"undisturbed, {told}: {whole.requests} requests in {whole.seconds:.1f} s")
        print(
            "  no  faults  instant        sent  recorded  open  lost  noted  unseen  repeated  paid twice  unbooked  "
            "differs in"
        )
        for number, instant in enumerate(instants(options.instants, options.seed), start=1):
            served.faults = FAULTS if number % EVERY == 0 else None
            about = f"{number:4}  {'yes' if served.faults else 'no':<6}  {instant.kind:<7} {instant.share:5.2f}"
            try:
                killed = kill_and_resume(served, pool, folder / f"run-{number}", instant, wholes[served.faults])
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed += 1
                print(f"{about}  failed: {(str(error).strip().splitlines() or ['?'])[-1]}", flush=True)
                continue
            failed, sent = failed + (not killed.holds), sent + wholes[served.faults].requests
            found.append(killed)
            differs = ", ".join(killed.difference) or "-"
            print(
                f"{about}  {killed.sent:5}  {killed.recorded:8}  {killed.open:4}  {killed.lost:4}  {killed.noted:5}  "
                f"{killed.unseen:6}  {killed.repeated:8}  {killed.paid_twice:10}  {killed.unbooked:8}  "
                f"{differs if killed.killed else 'ended before the kill'}",
                flush=True,
            )
    margins = sorted(killed.noted for killed in found)
    outside = sum(each.paid_twice for each in found)
    print(
        f"{options.instants - failed} of {options.instants} hold; {sum(each.repeated for each in found)} of {sent} "
        f"requests were sent twice, {outside} of them not in flight; calls in flight by the "
        f"records: median {statistics.median(margins):g}, at most {margins[-1]}; requests on the books beyond the "
        f"server's log: {-sum(each.unbooked for each in found)}"
    )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
