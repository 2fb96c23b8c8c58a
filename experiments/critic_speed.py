"""How fast the divergence of a whole benchmark is: time and memory on one core.

Run: python experiments/critic_speed.py [--questions 12310] [--permutations 200]
"""

# ruff: noqa: I001  (the number of threads must be set before numpy is imported)
from __future__ import annotations

import os

if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"

import argparse
import resource
import time

import numpy as np

from adaem.evaluation.divergence.d_star import estimate_divergence, estimate_divergences


def main() -> None:
    """Time the batch, then one question at a time, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=12_310)
    parser.add_argument("--models", type=int, default=16)
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--values", type=int, default=10)
    parser.add_argument("--permutations", type=int, default=200)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    rates = rng.beta(0.5, 1.5, size=(options.questions, options.models, 1, options.values))
    shape = (options.questions, options.models, options.samples, options.values)
    expressions = rng.random(shape, dtype=np.float32) < rates
    print(
        f"{options.questions} questions x {options.models} models x {options.samples} samples x {options.values} values"
    )
    for permutations in (None, options.permutations):
        start, processor = time.perf_counter(), time.process_time()
        estimates = estimate_divergences(expressions, permutations=permutations, rng=rng)
        seconds = time.perf_counter() - start
        processor = time.process_time() - processor
        print(f"  batch, permutations {permutations}: {seconds:.2f} s, of processor time {processor:.2f} s")
        print(f"    mean D* {estimates.divergence.mean():.4f} bits")
    one = rng.random((6, 5, 10)) < 0.3
    everyone, one_missing = np.ones((6, 5), dtype=bool), np.ones((6, 5), dtype=bool)
    one_missing[0, 0] = False
    for name, answered in (("equal samples", everyone), ("one answer missing", one_missing)):
        for permutations in (None, 999):
            start = time.perf_counter()
            for _ in range(100):
                estimate_divergence(one, answered, permutations=permutations, rng=rng)
            milliseconds = (time.perf_counter() - start) * 10
            print(f"  one question 6 x 5 x 10, {name}, permutations {permutations}: {milliseconds:.2f} ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
