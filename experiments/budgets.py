"""Random caps on calls, tokens and money, over runs that send requests to a server on loopback; none may be exceeded.

Faults, retries, stops and resumptions, and servers that report no usage come in at random
(tests/support/budgeting.py).
What was spent is taken from the records, with what is unknown, and from the server's own log. The exit code is 1 when a
cap is exceeded in either, or a run sent nothing.

    python experiments/budgets.py [--runs 150] [--seed 0]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from budgeting import budgeted_run
from served import ServedPool


def main() -> None:
    """Print one line a run that exceeded a cap, and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as name, ServedPool() as served:
        for number in range(options.runs):
            each = budgeted_run(served, Path(name) / f"{number}", options.seed + number)
            found.append(each)
            if each.exceeded:
                print(f"{number:4}  {'; '.join(each.exceeded)}", flush=True)
            if number % 10 == 9:
                print(f"{number + 1} runs, {sum(run.charged[0] for run in found)} requests", flush=True)
    exceeded = sum(bool(each.exceeded) for each in found)
    silent = sum(each.charged[0] == 0 for each in found)
    near = sum(each.near for each in found)
    print(
        f"{exceeded} of {len(found)} budgets exceeded; {sum(each.charged[0] for each in found)} requests, "
        f"{sum(each.faults for each in found)} with faults; {sum(each.sessions > 1 for each in found)} runs resumed, "
        f"{sum(not each.tells_usage for each in found)} without usage, {near} spent more than 80 % of a cap, "
        f"{silent} sent nothing"
    )
    sys.exit(1 if exceeded or silent else 0)


if __name__ == "__main__":
    main()
