"""Every shipped framework × the default run: do grown questions beat its seeds, are planted profiles recovered?

    python experiments/frameworks.py [FRAMEWORK …] [--seeds 0 1 …] [--worlds 1 2 …]

About a minute a run. World 1 is that of the default pool; another draws all planted values anew. The respondents are
simulated; the marks: the 95 % interval of grown minus seed divergence above zero, for panel and held-out examinees, and
Spearman of at least 0.8 with the planted rates, each value's mean over models removed. Exit code 1 when one is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from adaem.calibration.end_to_end import Quiet, recovered_profiles
from adaem.domain.pool_spec import PoolSpec, Role
from adaem.domain.reading.yaml_records import load_pool, shipped_frameworks
from adaem.domain.settings import Settings
from adaem.jobs.inputs import check_settings
from adaem.jobs.search_run import run
from adaem.records import RunRecords, open_run
from adaem.results.run_summary import summarise

LEAST_RECOVERY = 0.8


def one_run(framework: str, world: int, seed: int) -> bool:
    """Prints a row of the table; whether all marks were met."""
    started = time.perf_counter()
    with TemporaryDirectory() as folder:
        pool = Path(folder) / "pool.yaml"
        members = [
            member.model_copy(update={"parameters": {**member.parameters, "world": world}})
            for member in load_pool(Settings().pool).members
        ]
        # JSON is YAML, too.
        pool.write_text(PoolSpec(name=f"world {world}", members=tuple(members)).model_dump_json(exclude_defaults=True))
        inputs = check_settings(Settings(framework=framework, seed=seed, pool=str(pool)))
        asyncio.run(run(inputs, Path(folder) / "run", Quiet()))
        finished = open_run(Path(folder) / "run")
        summary = summarise(finished)
        asked = (*inputs.pool.with_role(Role.PANEL), *inputs.pool.with_role(Role.EXAMINEE))
        with RunRecords(finished.records_path, read_only=True) as records:
            recovered = recovered_profiles(records, asked, inputs.framework)
    cells, good = [], recovered is not None and recovered >= LEAST_RECOVERY
    for comparison in summary.comparisons:
        difference = comparison.difference
        if difference is None:
            cells.append(comparison.verdict)
            good = False
            continue
        low, high = difference.interval or (float("nan"), float("nan"))
        cells.append(f"{difference.mean:+.3f} [{low:.3f}, {high:.3f}]")
        good = good and low > 0
    shown = "none" if recovered is None else f"{recovered:.3f}"
    seconds = time.perf_counter() - started
    row = (
        framework,
        len(inputs.framework.values),
        world,
        seed,
        *cells,
        shown,
        f"{seconds:.0f}",
        "yes" if good else "NO",
    )
    print(f"| {' | '.join(map(str, row))} |", flush=True)
    return good and len(cells) == 2


def main() -> int:
    """The table as Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("frameworks", nargs="*", default=list(shipped_frameworks()))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--worlds", nargs="+", type=int, default=[1])
    given = parser.parse_args()
    print("| framework | values | world | seed | panel: grown − seeds, bits | examinees | recovered | seconds | met |")
    print("|---|---|---|---|---|---|---|---|---|")
    runs = [(name, world, seed) for name in given.frameworks for world in given.worlds for seed in given.seeds]
    met = [one_run(*each) for each in runs]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
