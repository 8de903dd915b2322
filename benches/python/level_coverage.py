"""How often 90% intervals hold the true r, by estimator, on made-up series.

Each series follows the law with r = 1.4 and lambda = 1, input that grows by 10% a year, and deviations of efficiency
from it. First by length: an initial stock of ten times the first year's input, deviations of a standard deviation of
10% with a memory of about two years. Then, at 40 years: errors of measurement of 5% without memory, and a stock of
three times the first year's input. Takes some twenty minutes: `python benches/python/level_coverage.py [REPETITIONS]`.
"""

import math
import sys
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from takeoff import evidence

TRUE = 1.4
LEVELS = ("naive_ratio", "growth_rate_ols", "loglog_cumulative", "jones_level_ml")
ALL = (*LEVELS, "stable_increment_ml", "feller_ml")


def series(
    years: int, seed: int, *, stock: float = 1000.0, kept: float = 0.6, size: float = 0.1
) -> evidence.ResearchSeries:
    """One series; `kept` is what remains of a deviation after a year."""
    rng = np.random.default_rng(seed)
    year = np.arange(float(years))
    staff = 100 * 1.1**year
    total = stock + np.concatenate([[0], np.cumsum(staff)[:-1]])
    deviation, deviations = size * rng.standard_normal(), []
    for _ in range(years):
        deviations.append(deviation)
        deviation = kept * deviation + size * math.sqrt(1 - kept**2) * rng.standard_normal()
    table = {"year": year, "efficiency": (total / stock) ** TRUE * np.exp(deviations), "staff": staff}
    return evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")


def rows(setting: str, names: Sequence[str], one: Callable[[int], evidence.ResearchSeries], repetitions: int) -> None:
    """Print the rows of one setting."""
    made = [one(seed) for seed in range(repetitions)]
    for name in names:
        found = [getattr(evidence, name)(each) for each in made]
        held = np.mean([each.r_low <= TRUE <= each.r_high for each in found])
        opened = np.mean([not math.isfinite(each.r_high) for each in found])
        middle = np.nanmedian([each.r for each in found])
        print(f"| {setting} | `{name}` | {middle:.2f} | {held:.0%} | {opened:.0%} |", flush=True)


def main() -> None:
    """Print a table in Markdown."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("| series | estimator | median r (true 1.4) | intervals that hold it | without an upper end |")
    print("|---|---|---|---|---|")
    for years in (20, 40, 80):
        rows(f"{years} years", LEVELS, partial(series, years), repetitions)
    rows("errors of measurement", ALL, partial(series, 40, kept=0.0, size=0.05), repetitions)
    rows("short history", ALL, partial(series, 40, stock=300.0), repetitions)


if __name__ == "__main__":
    main()
