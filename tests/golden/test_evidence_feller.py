"""The Feller diffusion beside mpmath, and the medians of four domains."""

import mpmath
import numpy as np
import pytest

from reference.feller import log_density
from takeoff import evidence

# Medians by the exact density and by the truncation of the published code
# (Erdil et al. 2024 print 1.437, 3.542, 1.077, 1.583).
# An effective size of 10,000 gives
# a Monte Carlo standard error of about 0.5% (1% for the wide ones): 3 of these.
MEDIANS = {
    "image recognition": (1.418, 1.434, 0.015),
    "SAT solvers": (3.40, 3.518, 0.03),
    "linear programming": (1.07, 1.082, 0.03),
    "RL training data efficiency": (1.55, 1.590, 0.03),
}


PRINTED = {
    "image recognition": (0.82, 2.42),
    "SAT solvers": (1.28, 6.90),
    "linear programming": (0.25, 3.10),
    "RL training data efficiency": (0.46, 3.67),
}
"""5th and 95th percentiles that Erdil et al. (2024) print."""


@pytest.mark.parametrize("domain", MEDIANS)
def test_medians(domain: str) -> None:
    exact, emulated, tolerance = MEDIANS[domain]
    series = evidence.endpoint_series(domain)
    found = evidence.endpoint_bayes(series)
    assert found.r == pytest.approx(exact, rel=tolerance)
    assert found.effective_size is not None
    assert found.effective_size > 10_000
    cut = evidence.endpoint_bayes(series, published_truncation=True)
    assert cut.r == pytest.approx(emulated, rel=tolerance)
    # printed with two decimals, from chains whose ends are known to some 5%
    assert (cut.r_low, cut.r_high) == pytest.approx(PRINTED[domain], rel=0.06)
    lost = 1 - np.exp(cut.diagnostics["log_evidence"] - found.diagnostics["log_evidence"])
    assert 0.10 < lost < 0.22


# beta, theta, sigma, ln A before and after:
# noise from large to tiny, beta near 0, tails of some 30 standard deviations.
PLACES = [
    (0.6, 0.3, 0.1, 0.0, 0.31),
    (0.6, 0.3, 0.1, 0.0, -2.0),
    (0.6, 0.3, 0.1, 0.0, 2.5),
    (2.0, 0.5, 1.5, 0.2, 1.4),
    (0.5, 0.26, 1.0, -1.0, 3.0),
    (1e-3, 0.3, 0.2, 0.0, 0.5),
    (0.01, 0.2, 0.02, 3.0, 3.2),
    (0.9, 0.2, 1e-3, 1.0, 1.079),
    (1.3, 8.0, 2.5, 0.0, 2.0),
    (5.0, 1e-3, 0.3, 0.0, -0.2),
]


@pytest.mark.parametrize("place", PLACES)
def test_density(place: tuple[float, float, float, float, float]) -> None:
    """Relative error of the density, below 1e-10."""
    beta, theta, sigma, before, after = place
    table = {"t": [0.0, 1.0], "a": [before, after], "i": [1.0, 1.0]}
    series = evidence.ResearchSeries.from_frame(table, time="t", output="a", output_kind="log", input="i")
    found = evidence.feller_log_likelihood(series, beta=beta, parallelizability=1.0, theta=theta, sigma=sigma)
    exact = log_density(*place)
    assert abs(mpmath.mpf(found) - exact) < 1e-10 * max(1, abs(exact) / 1000)
