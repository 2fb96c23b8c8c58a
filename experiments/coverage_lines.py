"""The calibration's section on the coverage of intervals alone: rates, differences, strengths, win rates.

    python experiments/coverage_lines.py [--quick] [--seed 0]

Ten minutes on one processor in full, some seconds with --quick.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor

from adaem.calibration import interval_coverage
from adaem.calibration.calibration_report import markdown
from adaem.calibration.extent import Extent, Task
from adaem.calibration.suite import report_of


def main() -> None:
    """Prints the section as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    extent = Extent(quick=chosen.quick, worlds=0, seed=chosen.seed)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(Task.run, interval_coverage.tasks(extent)))
    print(markdown(report_of(extent, (interval_coverage.conclude(results),)), "python experiments/coverage_lines.py"))


if __name__ == "__main__":
    main()
