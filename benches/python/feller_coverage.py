"""Bias and coverage of `feller_ml` on simulated series with known r; prints a table for docs/evidence_bayes.md.

Run: ``python benches/python/feller_coverage.py [--repetitions 200]``. Needs SciPy.
"""

from __future__ import annotations

import argparse

import numpy as np

from measuring import markdown
from takeoff import evidence

R, LAMBDA, THETA, SIGMA, YEARS = 1.0, 0.6, 0.1, 0.05, 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=200)
    count = parser.parse_args().repetitions
    year = np.arange(YEARS)
    staff = np.exp(0.06 * year + 0.4 * np.sin(year))
    rows = [["lambda", "median r", "median error of ln r", "coverage of 90% intervals"], ["---", *["---:"] * 3]]
    for name, fixed in (("fixed at the truth", LAMBDA), ("free", None)):
        found = []
        for seed in range(count):
            series = evidence.simulate_feller(
                year, staff, beta=LAMBDA / R, parallelizability=LAMBDA, theta=THETA, sigma=SIGMA, seed=seed
            )
            one = evidence.feller_ml(series, parallelizability=fixed)
            found.append((one.r, one.r_low <= R <= one.r_high))
        r = np.array([each for each, _ in found])
        covered = np.mean([inside for _, inside in found])
        rows.append([name, f"{np.median(r):.3f}", f"{np.median(np.log(r / R)):+.3f}", f"{covered:.1%}"])
    print(markdown(rows))


if __name__ == "__main__":
    main()
