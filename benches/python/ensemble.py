"""Exact bands of an uncertain law: takeoff beside NumPy, Numba, JAX, polars, Diffrax and SciPy, in one run.

Two tasks, five quantiles of the doublings at 121 times each:

a   a law with a limit and toes, all three parameters uncertain; the peers solve it with Runge-Kutta pairs at 1e-8
    (Numba: the form with divisions alone of `numba_peers.py`), the slow ones on fewer draws, in proportion;
b   a law without a limit, whose closed form everybody uses.

Everybody draws with a generator of its own and gives quantiles at the same ranks (takeoff interpolates besides). Each
run is a process of its own, for its peak memory, after a run of few draws that compiles and starts threads; contenders
take turns. takeoff alone is then timed by the number of draws and of threads.

Run: ``python benches/python/ensemble.py [--draws N] [--write]``. Needs the dependency group ``bench``; a contender of
the group ``bench-peers`` that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import takeoff
from laws import draw
from measuring import markdown, times
from reporting import available_threads, cpu_model, load, write_section

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
HORIZON, POINTS, FIRST = 3.0, 121, 1 / 12
MU, SIGMA = 0.18232155679395462, 0.6679088465180019  # of ln r: 0.4 to 3.6 holds 90%
TOLERANCE = 1e-8
README = Path(__file__).resolve().parent.parent / "README.md"


# ---- task b: the closed form ---------------------------------------------------------------------------------------


def drawn(draws: int) -> tuple[Any, Any]:
    """``q - 1`` and ``ln q`` of each draw; a doubling takes q times as long as the last."""
    r = np.random.Generator(np.random.Philox(0)).lognormal(MU, SIGMA, draws)
    log_ratio = np.log(2) * (1 / r - 1)
    return np.expm1(log_ratio), log_ratio


def closed_takeoff(draws: int, threads: int) -> None:
    law = takeoff.GrowthLaw(r=takeoff.between(0.4, 3.6), first_doubling=FIRST)
    bands = takeoff.ensemble(law, draws, horizon=HORIZON, points=POINTS, outputs=[], threads=threads).bands
    assert bands is not None
    assert bands.height == POINTS


def closed_numpy(draws: int, _: int) -> None:
    """A matrix, each row of which is sorted in part for its quantiles."""
    growth, log_ratio = drawn(draws)
    table = np.empty((POINTS, draws))
    with np.errstate(invalid="ignore", divide="ignore"):
        for row, t in zip(table, np.linspace(0, HORIZON, POINTS), strict=True):
            np.log1p(growth * (t / FIRST), out=row)
            row /= log_ratio
            row[np.isnan(row)] = np.inf
    bands = np.quantile(table, LEVELS, axis=1, overwrite_input=True, method="lower")
    assert bands.shape == (len(LEVELS), POINTS)


def closed_numba(draws: int, threads: int) -> None:
    import numba

    from numba_peers import closed_bands

    numba.set_num_threads(threads)
    growth, log_ratio = drawn(draws)
    ranks = np.array([int(level * (draws - 1)) for level in LEVELS])
    bands = closed_bands(growth, log_ratio, np.linspace(0, HORIZON, POINTS) / FIRST, ranks)
    assert bands.shape == (POINTS, len(LEVELS))


def closed_jax(draws: int, _: int) -> None:
    """Compiled; one time after the other, so that there is no matrix."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call, unused-ignore]

    @jax.jit  # type: ignore[untyped-decorator, unused-ignore]
    def bands(growth: Any, log_ratio: Any, grid: Any) -> Any:
        def at(t: Any) -> Any:
            progress = growth * t
            x = jnp.where(progress > -1, jnp.log1p(jnp.maximum(progress, -1)) / log_ratio, jnp.inf)
            return jnp.sort(x)[jnp.array([int(level * (draws - 1)) for level in LEVELS])]

        return jax.lax.map(at, grid)

    found = np.asarray(bands(*drawn(draws), np.linspace(0, HORIZON, POINTS) / FIRST))
    assert found.shape == (POINTS, len(LEVELS))


def closed_polars(draws: int, _: int) -> None:
    import polars as pl

    growth, log_ratio = drawn(draws)
    frame = pl.LazyFrame({"growth": growth, "log_ratio": log_ratio})
    columns = []
    for k, t in enumerate(np.linspace(0, HORIZON, POINTS) / FIRST):
        progress = pl.col("growth") * t
        value = progress.log1p() / pl.col("log_ratio")
        columns.append(pl.when(progress > -1).then(value).otherwise(float("inf")).sort().alias(str(k)))
    found = frame.select(columns).select(
        pl.col(str(k)).get(int(level * (draws - 1))).alias(f"{k} {level}") for k in range(POINTS) for level in LEVELS
    )
    assert found.collect().width == POINTS * len(LEVELS)


# ---- task a: a limit, and toes -------------------------------------------------------------------------------------


def limit_takeoff(draws: int, threads: int) -> None:
    law = takeoff.GrowthLaw(
        r=takeoff.Uniform(0.4, 3),
        first_doubling=FIRST,
        parallelizability=takeoff.Uniform(0.3, 1),
        limit=takeoff.Uniform(10, 50),
    )
    bands = takeoff.ensemble(law, draws, horizon=2, points=POINTS, outputs=[], threads=threads).bands
    assert bands is not None
    assert bands.height == POINTS


def quantiles(table: Any) -> None:
    from numba_peers import matrix_bands

    ranks = np.array([int(level * (len(table) - 1)) for level in LEVELS])
    assert matrix_bands(table, ranks).shape == (POINTS, len(LEVELS))


def limit_numba(draws: int, threads: int) -> None:
    import numba

    from numba_peers import side_by_side

    numba.set_num_threads(threads)
    task = draw("limit", draws)
    quantiles(SOLVERS.setdefault("numba", side_by_side("limit", 1))(task.columns, task.time, TOLERANCE))


def limit_diffrax(draws: int, _: int) -> None:
    from solver_peers import diffrax

    quantiles(diffrax(draw("limit", draws)))


def limit_scipy(draws: int, _: int) -> None:
    from solver_peers import scipy_one_by_one

    quantiles(scipy_one_by_one(draw("limit", draws)))


SOLVERS: dict[str, Any] = {}  # compiled once per process


class Contender(NamedTuple):
    """A row: what is run, the package it needs, whether it takes threads, and on how many draws it is timed at most."""

    run: Callable[[int, int], None]
    needs: str = "numpy"
    most: int = 10**9


TASKS: dict[str, dict[str, Contender]] = {
    "a": {
        "takeoff": Contender(limit_takeoff),
        "Numba": Contender(limit_numba, "numba"),
        "Diffrax": Contender(limit_diffrax, "diffrax", 8192),
        "SciPy": Contender(limit_scipy, "scipy", 200),
    },
    "b": {
        "takeoff": Contender(closed_takeoff),
        "NumPy": Contender(closed_numpy),
        "Numba": Contender(closed_numba, "numba"),
        "JAX": Contender(closed_jax, "jax"),
        "polars": Contender(closed_polars, "polars"),
    },
}
TITLES = {"a": "a: a limit, and toes", "b": "b: closed form"}


def measured(task: str, name: str, draws: int, threads: int) -> tuple[float, float]:
    """Seconds, and the peak memory beyond that after the first run, in MB, in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--task",
        task,
        "--only",
        name,
        "--draws",
        str(draws),
        "--threads",
        str(threads),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - no input
    found = json.loads(done.stdout.splitlines()[-1])
    return found["seconds"], found["megabytes"]


def table(task: str, draws: int, threads: int, repeats: int) -> str:
    """Contenders side by side."""
    rows = [
        ["", "draws timed", "threads", "µs per draw (best)", "(median)", "peak memory, MB", "takeoff's speed over it"],
        ["---"] + ["---:"] * 6,
    ]
    present = {name: each for name, each in TASKS[task].items() if find_spec(each.needs)}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in present}
    for _ in range(repeats):
        for name, each in present.items():
            taken[name].append(measured(task, name, min(draws, each.most), threads))
    best = {name: min(s for s, _ in runs) / min(draws, present[name].most) for name, runs in taken.items()}
    for name, runs in taken.items():
        count = min(draws, present[name].most)
        middle = float(np.median([seconds for seconds, _ in runs])) / count
        used = "1" if name in ("NumPy", "SciPy") else str(threads)
        memory = f"{max(megabytes for _, megabytes in runs):.0f}" if count == draws else ""
        ratio = "" if name == "takeoff" else times(best[name] / best["takeoff"])
        rows.append([name, f"{count:,}", used, f"{best[name] * 1e6:.3g}", f"{middle * 1e6:.3g}", memory, ratio])
    return markdown(rows)


def scaling(draws: int, threads: int, repeats: int) -> str:
    """Takeoff alone, by draws and threads."""
    rows = [["task b", "threads", "seconds (best)", "draws per second", "peak memory, MB", "speed over 1 thread"]]
    rows.append(["---"] + ["---:"] * 5)
    for count in (draws // 10, draws, 10 * draws):
        taken: dict[int, list[tuple[float, float]]] = {used: [] for used in dict.fromkeys((1, threads))}
        for _ in range(repeats):
            for used, runs in taken.items():
                runs.append(measured("b", "takeoff", count, used))
        best = {used: min(seconds for seconds, _ in runs) for used, runs in taken.items()}
        for used, runs in taken.items():
            seconds, memory = best[used], max(megabytes for _, megabytes in runs)
            over = times(best[1] / seconds) if used > 1 else ""
            rows.append(
                [f"{count:,} draws", str(used), f"{seconds:.3g}", f"{count / seconds:.3g}", f"{memory:.0f}", over]
            )
    return markdown(rows)


def report(draws: int, threads: int, repeats: int) -> str:
    before = load()
    parts = [f"{TITLES[task]}; {draws:,} draws\n\n{table(task, draws, threads, repeats)}" for task in TASKS]
    parts.append(scaling(draws, threads, repeats))
    found = (
        f"{cpu_model()}; {available_threads()} cores available. Load average {before} before, {load()} after. "
        "Peak memory is that beyond a run of 1,000 draws. Diffrax and SciPy are timed on fewer draws, in proportion."
    )
    return "\n\n".join([*parts, found])


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Exact bands of an uncertain law: takeoff beside its peers.")
    parser.add_argument("--draws", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=available_threads())
    parser.add_argument("--task", choices=TASKS, default="b")
    parser.add_argument("--only", help="run one contender in this process, and print its seconds and megabytes")
    parser.add_argument("--write", action="store_true", help="write the section in README.md")
    options = parser.parse_args()
    if takeoff.build_profile() != "release":
        sys.exit("ensemble: a debug build says nothing about speed")
    if options.only is None:
        found = report(options.draws, options.threads, options.repeats)
        print(found)
        if options.write:
            write_section(README, "ensemble.py", found)
        return
    run = TASKS[options.task][options.only].run
    run(min(1000, options.draws), options.threads)  # imports, compiles, starts threads
    if options.only in ("JAX", "Diffrax"):
        run(options.draws, options.threads)  # compiled for the number of draws
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    since = time.perf_counter()
    run(options.draws, options.threads)
    seconds = time.perf_counter() - since
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "megabytes": (peak - before) / 1024}))


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
