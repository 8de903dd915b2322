"""How often 90% intervals hold the true r: level fit, log-log fit, rate regression and naive ratio on made-up series.

Each series follows the law with r = 1.4 and lambda = 1, an initial stock of ten times the first year's input, and
deviations of a standard deviation of 10% with a memory of about two years. Takes some minutes:
`python benches/python/level_coverage.py [REPETITIONS]`.
"""

import math
import sys

import numpy as np

from takeoff import evidence

TRUE = 1.4


def series(years: int, seed: int) -> evidence.ResearchSeries:
    """One series."""
    rng = np.random.default_rng(seed)
    year = np.arange(float(years))
    staff = 100 * 1.1**year
    total = 1000 + np.concatenate([[0], np.cumsum(staff)[:-1]])
    wander, noise = 0.1 * rng.standard_normal(), []
    for _ in range(years):
        noise.append(wander)
        wander = 0.6 * wander + 0.08 * rng.standard_normal()
    table = {"year": year, "efficiency": (total / 1000) ** TRUE * np.exp(noise), "staff": staff}
    return evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")


def main() -> None:
    """Print a table in Markdown."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("| estimator | years | median r (true 1.4) | intervals that hold it | without an upper end |")
    print("|---|---|---|---|---|")
    for years in (20, 40, 80):
        for name in ("naive_ratio", "growth_rate_ols", "loglog_cumulative", "jones_level_ml"):
            found = [getattr(evidence, name)(series(years, seed)) for seed in range(repetitions)]
            held = np.mean([each.r_low <= TRUE <= each.r_high for each in found])
            opened = np.mean([not math.isfinite(each.r_high) for each in found])
            middle = np.nanmedian([each.r for each in found])
            print(f"| `{name}` | {years} | {middle:.2f} | {held:.0%} | {opened:.0%} |", flush=True)


if __name__ == "__main__":
    main()
