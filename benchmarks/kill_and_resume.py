"""Kills one run at many random instants, resumes it each time, and compares it with an undisturbed run.

The members are simulated ones behind a server on loopback (tests/served.py), which counts every request. Marks:
questions, answers, moves and scores equal the undisturbed run's to the last digit, and only calls in flight at the
kill were sent twice. The exit code is 1 when one of them falls short.

    python benchmarks/kill_and_resume.py [--instants 50] [--seed 0]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from killing import CONCURRENCY, IN_FLIGHT, LATENCY, instants, kill_and_resume, undisturbed
from served import ServedPool


def main() -> None:
    """Print one line a kill, and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instants", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed, repeated, sent = 0, 0, 0
    with tempfile.TemporaryDirectory() as name, ServedPool(latency=LATENCY) as served:
        folder = Path(name)
        pool = served.pool_file(folder / "pool.yaml", concurrency=CONCURRENCY)
        whole = undisturbed(served, pool, folder / "undisturbed")
        print(f"undisturbed: {whole.requests} requests in {whole.seconds:.1f} s; at most {IN_FLIGHT} in flight")
        print("  no  instant        sent  recorded  open  lost  repeated  paid twice  differs in")
        for number, instant in enumerate(instants(options.instants, options.seed), start=1):
            try:
                killed = kill_and_resume(served, pool, folder / f"run-{number}", instant, whole)
            except AssertionError as error:
                failed += 1
                print(
                    f"{number:4}  {instant.kind:<7} {instant.share:5.2f}  failed: {str(error).strip().splitlines()[-1]}"
                )
                continue
            well = not killed.difference and not killed.paid_twice and killed.repeated <= killed.lost <= IN_FLIGHT
            failed, repeated, sent = failed + (not well), repeated + killed.repeated, sent + whole.requests
            differs = ", ".join(killed.difference) or "-"
            print(
                f"{number:4}  {instant.kind:<7} {instant.share:5.2f}  {killed.sent:5}  {killed.recorded:8}  "
                f"{killed.open:4}  {killed.lost:4}  {killed.repeated:8}  {killed.paid_twice:10}  "
                f"{differs if killed.killed else 'ended before the kill'}",
                flush=True,
            )
    print(f"{options.instants - failed} of {options.instants} hold; {repeated} of {sent} requests were sent twice")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
