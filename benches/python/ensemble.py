"""Exact bands of an uncertain law without a limit: seconds and peak memory beside NumPy, by draws and by threads.

Run: ``python benches/python/ensemble.py [--draws N]``. Each row is a process of its own, for its peak
memory. Both give five quantiles of the doublings at 121 times of the same law; NumPy draws with its own generator.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
HORIZON, POINTS, FIRST = 3.0, 121, 1 / 12


def with_takeoff(draws: int, threads: int) -> None:
    """The ensemble, bands alone."""
    import takeoff

    law = takeoff.GrowthLaw(r=takeoff.between(0.4, 3.6), first_doubling=FIRST)
    bands = takeoff.ensemble(law, draws, horizon=HORIZON, points=POINTS, outputs=[], threads=threads).bands
    assert bands is not None
    assert bands.height == POINTS


def with_numpy(draws: int, _: int) -> None:
    """The closed form of all draws as a matrix, a column of which is sorted in part for its quantiles."""
    rng = np.random.Generator(np.random.Philox(0))
    r = rng.lognormal(0.18232155679395462, 0.6679088465180019, draws)
    ratio = np.exp2(1 / r - 1)  # each doubling takes that many times as long as the last
    log_ratio = np.log(ratio)
    table = np.empty((POINTS, draws))
    with np.errstate(invalid="ignore", divide="ignore"):
        for row, t in zip(table, np.linspace(0, HORIZON, POINTS), strict=True):
            np.log1p((ratio - 1) * (t / FIRST), out=row)
            row /= log_ratio
            row[np.isnan(row)] = np.inf
    bands = np.quantile(table, LEVELS, axis=1, overwrite_input=True, method="lower")
    assert bands.shape == (len(LEVELS), POINTS)


CONTENDERS = {"takeoff": with_takeoff, "NumPy": with_numpy}


def measured(name: str, draws: int, threads: int, repeats: int) -> tuple[float, float]:
    """Least seconds, and the peak memory beyond that after the imports, in MB."""
    command = [sys.executable, __file__, "--only", name, "--draws", str(draws), "--threads", str(threads)]
    runs = []
    for _ in range(repeats):
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - no input
        runs.append(json.loads(done.stdout))
    return min(run["seconds"] for run in runs), runs[0]["megabytes"]


def report(draws: int, repeats: int) -> None:
    """Print a table."""
    rows = [("NumPy", draws, 1), *(("takeoff", draws, threads) for threads in (1, 2))]
    rows += [("takeoff", draws * factor // 10, 2) for factor in (1, 100)]
    print("| contender | draws | threads | seconds | draws per second | peak memory, MB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    found = {}
    for name, count, threads in rows:
        found[name, count, threads] = seconds, megabytes = measured(name, count, threads, repeats)
        print(
            f"| {name} | {count:,} | {threads} | {seconds:.3g} | {count / seconds:.3g} | {megabytes:.0f} |", flush=True
        )
    ours, theirs = found["takeoff", draws, 2][0], found["NumPy", draws, 1][0]
    print(
        f"\ntakeoff over NumPy: {theirs / ours:.1f}x; two threads over one: {found['takeoff', draws, 1][0] / ours:.2f}x"
    )


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=CONTENDERS)
    options = parser.parse_args()
    if options.only is None:
        report(options.draws, options.repeats)
        return
    run = CONTENDERS[options.only]
    run(1000, options.threads)  # imports and threads
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    since = time.perf_counter()
    run(options.draws, options.threads)
    seconds = time.perf_counter() - since
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "megabytes": (peak - before) / 1024}))


if __name__ == "__main__":
    main()
