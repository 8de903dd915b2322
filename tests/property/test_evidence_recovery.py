"""Estimators on made-up series with known r: parameters found again, and how often 90% intervals hold the truth.

Each test counts intervals that hold the truth, of so many series with seeds 0, 1, ..., and asks for a count that a
coverage as documented gives with a probability of 99.9%.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from scipy.stats import binom

from takeoff import evidence


def held(estimates: Iterable[evidence.Estimate], r: float, coverage: float) -> None:
    inside = [each.r_low <= r <= each.r_high for each in estimates]
    low, high = binom.ppf([0.0005, 0.9995], len(inside), coverage)
    assert low <= sum(inside) <= high, (sum(inside), low, high)


def wandering(seed: int, years: int = 40) -> evidence.ResearchSeries:
    """r = 1.4 and lambda = 1, with deviations of 10% that wander back within two years (as in benches/python)."""
    rng = np.random.default_rng(seed)
    year = np.arange(float(years))
    staff = 100 * 1.1**year
    total = 1000 + np.concatenate([[0], np.cumsum(staff)[:-1]])
    wander, noise = 0.1 * rng.standard_normal(), []
    for _ in range(years):
        noise.append(wander)
        wander = 0.6 * wander + 0.08 * rng.standard_normal()
    table = {"year": year, "efficiency": (total / 1000) ** 1.4 * np.exp(noise), "staff": staff}
    return evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")


def diffusion(seed: int, years: int = 40) -> evidence.ResearchSeries:
    """r = 1 and lambda = 0.6 under the exact diffusion."""
    year = np.arange(years)
    staff = np.exp(0.06 * year + 0.4 * np.sin(year))
    return evidence.simulate_feller(year, staff, beta=0.6, parallelizability=0.6, theta=0.1, sigma=0.05, seed=seed)


@pytest.mark.parametrize(
    ("name", "count", "coverage"),
    # Coverages of docs/evidence.md: the first and the last keep what they promise there.
    [
        ("naive_ratio", 60, 0.99),
        ("growth_rate_ols", 60, 0.80),
        ("loglog_cumulative", 60, 0.72),
        ("jones_level_ml", 5, 0.90),
        pytest.param("jones_level_ml", 20, 0.90, marks=pytest.mark.slow),
    ],
)
def test_coverage_under_errors_that_wander(name: str, count: int, coverage: float) -> None:
    estimator: Callable[..., evidence.Estimate] = getattr(evidence, name)
    found = [estimator(wandering(seed)) for seed in range(count)]
    held(found, 1.4, coverage)
    # The median of so many, of which one has a standard deviation of 0.2 at most.
    assert np.median([each.r for each in found]) == pytest.approx(1.4, abs=4 * 0.2 / np.sqrt(count))


@pytest.mark.parametrize(("count", "near"), [(8, 0.2), pytest.param(30, 0.1, marks=pytest.mark.slow)])
def test_coverage_under_the_diffusion(count: int, near: float) -> None:
    found = [evidence.feller_ml(diffusion(seed), parallelizability=0.6) for seed in range(count)]
    held(found, 1.0, 0.9)
    assert np.median([each.r for each in found]) == pytest.approx(1.0, abs=near)


def test_parameters_of_a_long_diffusion() -> None:
    """400 years: with input in bursts lambda and beta are told apart too."""
    year = np.arange(400)
    staff = np.exp(0.02 * year + 0.8 * np.sin(year / 2))
    truth = {"beta": 0.6, "parallelizability": 0.6, "theta": 0.1, "sigma": 0.05}
    series = evidence.simulate_feller(year, staff, seed=5, **truth)
    found = evidence.feller_ml(series)
    assert found.r_low < 1 < found.r_high
    assert found.r_high - found.r_low < 0.15
    assert found.beta == pytest.approx(truth["beta"], rel=0.15)
    assert found.parallelizability == pytest.approx(truth["parallelizability"], rel=0.15)
    assert found.diagnostics["theta"] == pytest.approx(truth["theta"], rel=0.2)
    assert found.diagnostics["sigma"] == pytest.approx(truth["sigma"], rel=0.1)
    # The maximum is no lower than the truth, and not by more than a chi-squared of four degrees makes likely.
    at_truth = evidence.feller_log_likelihood(series, **truth)
    assert found.log_likelihood is not None
    assert -0.01 < found.log_likelihood - at_truth < 12


def test_a_wrong_estimator_fails() -> None:
    """The log-log fit without an initial stock: biased, and its intervals miss the truth."""
    found = [evidence.loglog_cumulative(wandering(seed), initial_stock=0.0) for seed in range(60)]
    assert np.median([each.r for each in found]) < 1.1
    with pytest.raises(AssertionError):
        held(found, 1.4, 0.72)


@pytest.mark.parametrize(("kept", "coverage"), [(0.0, 0.95), (0.6, 0.91), (0.8, 0.9), (0.9, 0.83)])
def test_coverage_of_an_experience_curve(kept: float, coverage: float) -> None:
    output, inside = np.exp(0.3 * np.arange(44)), []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        residuals = [0.1 * rng.standard_normal()]
        for _ in range(43):
            residuals.append(kept * residuals[-1] + 0.1 * np.sqrt(1 - kept**2) * rng.standard_normal())
        table = {"output": output, "cost": output**-0.37 * np.exp(residuals)}
        curve = evidence.experience_curve(table, output="output", cost="cost")
        inside.append(curve.low <= 0.37 <= curve.high)
    low, high = binom.ppf([0.0005, 0.9995], 200, coverage)
    assert low <= sum(inside) <= high


def test_coverage_of_two_inputs() -> None:
    """Random walks, of which the growth is known: effort grows by 0.67 0.4 + 0.33 0.1 a year, efficiency by 0.5."""

    def one(seed: int) -> evidence.Estimate:
        rng, year = np.random.default_rng(seed), np.arange(40)
        steps = {"level": (0.5, 0.1), "staff": (0.1, 0.05), "chips": (0.4, 0.1)}
        walks = {name: np.cumsum(rng.normal(mean, deviation, 40)) for name, (mean, deviation) in steps.items()}
        table = {"year": year, **walks, "staff": np.exp(walks["staff"]), "chips": np.exp(walks["chips"])}
        labor, compute = (
            evidence.ResearchSeries.from_frame(table, time="year", output="level", output_kind="log", input=name)
            for name in ("staff", "chips")
        )
        return evidence.two_input(labor, compute, compute_share=0.67)

    held([one(seed) for seed in range(300)], 0.5 / (0.67 * 0.4 + 0.33 * 0.1), 0.9)
