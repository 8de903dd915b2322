"""Two lognormals per draw: takeoff beside NumPy, with the same generator. Prints nanoseconds and their ratio.

Both draw on one thread into new arrays. NumPy's `Generator(Philox).lognormal` goes on from one state with the ziggurat
method, whose draws have no address; its `exp` of `Philox` words by the quantile is what has the same draws.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

import takeoff
from measuring import markdown, times
from takeoff.distributions._sampling import Sampler

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWS = 1_000_000
CHUNK = 65_536
REPEATS = 15
FIELDS = {"r": (0.2, 0.6), "limit": (3.0, 0.4)}


def pieces() -> list[int]:
    """First draws of the chunks."""
    return list(range(0, DRAWS, CHUNK))


def ours() -> None:
    for start in pieces():
        SAMPLER.columns(start, CHUNK, 1)


def numpy_generator() -> None:
    generator = np.random.Generator(np.random.Philox(key=1))
    for _ in pieces():
        for mu, sigma in FIELDS.values():
            generator.lognormal(mu, sigma, CHUNK)


def numpy_addressed() -> None:
    for start in pieces():
        for variable, (mu, sigma) in enumerate(FIELDS.values()):
            words = np.random.Philox(key=1, counter=[start // 4, variable, 0, 0]).random_raw(CHUNK)
            np.exp(mu + sigma * special.ndtri(((words >> np.uint64(12)) + 0.5) * 2.0**-52))


SAMPLER = Sampler({name: takeoff.Lognormal(*fields) for name, fields in FIELDS.items()}, seed=1)
CONTENDERS: dict[str, Callable[[], None]] = {
    "takeoff": ours,
    "NumPy Generator(Philox).lognormal": numpy_generator,
    "NumPy and SciPy, with addresses": numpy_addressed,
}


def main() -> None:
    if takeoff.build_profile() != "release":
        sys.exit("sampling: a debug build says nothing about speed")
    seconds: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(REPEATS):
        for name, run in CONTENDERS.items():
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    drawn = len(pieces()) * CHUNK
    best = {name: min(each) / drawn * 1e9 for name, each in seconds.items()}
    rows = [
        ["two lognormals, 1 thread", "best, ns per draw", "median", "takeoff's speed over it"],
        ["---", "---:", "---:", "---:"],
    ]
    for name, each in seconds.items():
        median = statistics.median(each) / drawn * 1e9
        rows.append([name, f"{best[name]:.1f}", f"{median:.1f}", times(best[name] / best["takeoff"])])
    print(markdown(rows))


if __name__ == "__main__":
    main()
