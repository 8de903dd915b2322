"""Log-likelihoods of a series under the Feller diffusion and stable laws: takeoff beside vectorised SciPy, in one run.

257 measurements and 10,000 vectors of parameters. SciPy takes fewer of these (its time is proportional): 500 by the
logarithm of ``scipy.special.ive`` and by ``scipy.stats.ncx2.logpdf``, 2 by ``scipy.stats.levy_stable.logpdf``.

Run: ``python benches/python/evidence.py [--write]``. Needs the dependency group ``bench``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special, stats

import takeoff
from measuring import markdown, times
from reporting import available_threads, cpu_model, load, write_section
from takeoff import evidence

if TYPE_CHECKING:
    from collections.abc import Callable

POINTS, VECTORS, FEW, ROUNDS = 257, 10_000, 500, 5
FEWEST, STABILITY, SKEWNESS = 2, 1.75, 0.5
README = Path(__file__).resolve().parent.parent / "README.md"


def task() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    year = np.arange(POINTS)
    logs = np.concatenate([[0], np.cumsum(rng.normal(0.05, 0.1, POINTS - 1))])
    table = {"year": year, "output": logs, "input": np.exp(0.03 * year)}
    series = evidence.ResearchSeries.from_frame(table, time="year", output="output", output_kind="log", input="input")
    sigma = rng.uniform(0.05, 0.15, VECTORS)
    theta = np.maximum(rng.uniform(0.03, 0.11, VECTORS), 0.51 * sigma**2)
    return series, (rng.uniform(0.3, 2, VECTORS), rng.uniform(0.2, 1, VECTORS), theta, sigma)


def parts(series: Any, given: Any) -> tuple[Any, ...]:
    beta, lam, theta, sigma = (each[:, None] for each in given)
    scale = (beta * sigma) ** 2 / 2 * (series.flow**lam * np.diff(series.edges))
    places = np.exp(beta * series.log_output)
    return beta, (2 * theta / sigma**2 - 1) / beta, places[:, 1:] / scale, places[:, :-1] / scale


def by_ive(series: Any, given: Any) -> Any:
    beta, n, x, start = parts(series, given)
    root = np.log(special.ive(n, 2 * np.sqrt(x * start))) - (np.sqrt(x) - np.sqrt(start)) ** 2
    return (np.log(beta * x) + n / 2 * np.log(x / start) + root).sum(axis=1)


def by_ncx2(series: Any, given: Any) -> Any:
    beta, n, x, start = parts(series, given)
    return (np.log(2 * beta * x) + stats.ncx2.logpdf(2 * x, 2 * n + 2, 2 * start)).sum(axis=1)


def ours(series: Any, given: Any) -> Any:
    beta, lam, theta, sigma = given
    return evidence.feller_log_likelihood(series, beta=beta, parallelizability=lam, theta=theta, sigma=sigma)


def stable_ours(series: Any, given: Any) -> Any:
    beta, lam, theta, sigma = given
    return evidence.stable_log_likelihood(
        series, beta=beta, parallelizability=lam, theta=theta, sigma=sigma, stability=STABILITY, skewness=SKEWNESS
    )


def by_levy_stable(series: Any, given: Any) -> Any:
    beta, lam, theta, sigma = (each[:, None] for each in given)
    time = series.flow**lam * np.diff(series.edges)
    places = np.exp(beta * series.log_output)
    scale = beta * sigma * places[:, :-1] ** (1 - 1 / STABILITY) * time ** (1 / STABILITY)
    moved = (np.diff(places) - beta * theta * time) / scale
    density = stats.levy_stable.logpdf(moved, STABILITY, SKEWNESS)
    return (density + np.log(beta / scale) + beta * series.log_output[1:]).sum(axis=1)


def table(runs: list[tuple[str, Callable[..., Any], Any]]) -> list[list[str]]:
    """Rows of the fastest of some rounds of each; the first is compared with the others."""
    best = dict.fromkeys((name for name, _, _ in runs), np.inf)
    few = min((arguments for _, _, arguments in runs), key=lambda each: each[0].size)
    series = task()[0]
    exact = runs[0][1](series, few)
    rows, worst = [], {}
    for _ in range(ROUNDS):
        for name, run, arguments in runs:
            begin = time.perf_counter()
            with np.errstate(all="ignore"):
                found = run(series, arguments)
            best[name] = min(best[name], (time.perf_counter() - begin) / arguments[0].size)
            found = found[: few[0].size]
            finite = np.isfinite(found)
            worst[name] = np.abs(found - exact)[finite].max()
    for name, seconds in best.items():
        ratio = times(seconds / best[runs[0][0]])
        rows.append([name, f"{seconds / (POINTS - 1) * 1e9:,.1f}", ratio, f"{worst[name]:.0e}"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    if takeoff.build_profile() != "release":
        sys.exit("evidence: a debug build says nothing about speed")
    given = task()[1]
    few, fewest = (tuple(each[:count] for each in given) for count in (FEW, FEWEST))
    threads = available_threads()
    rows = [
        ["257 measurements", "ns per transition", "takeoff's speed over it", "largest difference"],
        ["---"] + ["---:"] * 3,
        *table(
            [
                (f"Feller: takeoff, {threads} threads", ours, given),
                ("Feller: SciPy ive, 1 thread", by_ive, few),
                ("Feller: SciPy ncx2.logpdf, 1 thread", by_ncx2, few),
            ]
        ),
        *table(
            [
                (f"stable: takeoff, {threads} threads", stable_ours, given),
                ("stable: SciPy levy_stable.logpdf, 1 thread", by_levy_stable, fewest),
            ]
        ),
    ]
    section = f"{markdown(rows)}\n\n{cpu_model()}; {available_threads()} cores available. Load average {load()} after."
    print(section)
    if write:
        write_section(README, "evidence.py", section)


if __name__ == "__main__":
    main()
