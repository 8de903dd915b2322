"""Density of stable laws over the stated domain, and what must not change the likelihood: threads, order, units."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import settings

from reference.stable import log_density
from takeoff import evidence
from takeoff._arrays import using_threads

COUNT = settings().max_examples
"""100 places in each region by the slow tests, and 3,000 under the nightly profile."""
SERIES = evidence.ResearchSeries.from_frame(
    {
        "year": np.arange(40.0),
        "a": np.log(1 + np.arange(40.0)) + 0.05 * np.sin(np.arange(40.0)),
        "i": 2 + np.sin(np.arange(40.0) / 3),
    },
    time="year", output="a", output_kind="log", input="i",
)  # fmt: skip


def found(x: float, stability: float, skewness: float) -> float:
    """Log density at x by a step of operational time 1 with beta = sigma = 1."""
    growth = math.log1p(max(x, 0.0) + 1.0)
    table = {"t": [0.0, 1.0], "a": [0.0, growth], "i": [1.0, 1.0]}
    series = evidence.ResearchSeries.from_frame(table, time="t", output="a", output_kind="log", input="i")
    value = evidence.stable_log_likelihood(
        series, beta=1.0, parallelizability=1.0, theta=math.expm1(growth) - x, sigma=1.0,
        stability=stability, skewness=skewness,
    )  # fmt: skip
    return float(value) - growth


def middle(rng: np.random.Generator) -> tuple[float, float, float]:
    return rng.uniform(-14, 14), rng.uniform(1.1, 1.99), rng.uniform(-1, 1)


def one_sided(rng: np.random.Generator) -> tuple[float, float, float]:
    return rng.uniform(-14, 14), rng.uniform(1.1, 1.99), rng.choice([-1.0, 1.0])


def far(rng: np.random.Generator) -> tuple[float, float, float]:
    side, x = rng.choice([-1.0, 1.0]), 40 * 10 ** rng.uniform(0, 5)
    return side * x, rng.uniform(1.1, 1.99), side * rng.uniform(0, 1)


def thin(rng: np.random.Generator) -> tuple[float, float, float]:
    side, x = rng.choice([-1.0, 1.0]), 40 * 10 ** rng.uniform(0, 2)
    return -side * x, rng.uniform(1.3, 1.99), side


@pytest.mark.parametrize("region", [middle, one_sided, far, thin])
@pytest.mark.parametrize("count", [COUNT // 8, pytest.param(COUNT, marks=pytest.mark.slow)])
def test_density_over_its_domain(region, count: int) -> None:  # type: ignore[no-untyped-def]
    """Relative error below 1e-10 (of its logarithm, where that is large), or an absolute one below 1e-15."""
    rng = np.random.default_rng(20)
    for _ in range(count):
        x, stability, skewness = region(rng)
        expected = log_density(x, stability, skewness)
        lost = abs(float(found(x, stability, skewness) - expected))
        allowed = max(1e-10 * max(1.0, abs(float(expected))), float(1e-15 * mpmath.exp(-expected)))
        if region is thin:  # one rounding of x moves the density by its slope
            allowed = max(allowed, 4e-16 * abs(x) ** (stability / (stability - 1)))
        assert lost < allowed, (x, stability, skewness, lost)


@pytest.mark.parametrize("skewness", [-1.0, 0.3, 1.0])
def test_the_limit_is_normal(skewness: float) -> None:
    for x in (-5.0, -1.0, 0.0, 2.0, 6.0):
        normal = -0.25 * x * x - 0.5 * math.log(4 * math.pi)
        assert found(x, 2.0, skewness) == pytest.approx(normal, abs=1e-14)
        assert found(x, 2.0 - 1e-9, skewness) == pytest.approx(normal, abs=1e-5)


def vectors(count: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {
        "beta": rng.uniform(0.2, 3, count),
        "parallelizability": rng.uniform(0, 2, count),
        "theta": rng.uniform(0.01, 1, count),
        "sigma": rng.uniform(0.01, 1, count),
        "stability": rng.uniform(1.1, 2, count),
        "skewness": rng.uniform(-1, 1, count),
    }


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_threads_and_order_change_no_bit(threads: int) -> None:
    given = vectors(100)
    whole = evidence.stable_log_likelihood(SERIES, **given)
    with using_threads(threads):
        again = evidence.stable_log_likelihood(SERIES, **{name: value[::-1] for name, value in given.items()})
    assert np.isfinite(whole).all()
    assert np.array_equal(again[::-1], whole)


def test_units_change_nothing() -> None:
    """Efficiency in other units is theta and sigma in others: theta c^beta, sigma c^(beta/alpha)."""
    given = vectors(20)
    shifted = evidence.ResearchSeries.from_frame(
        {"year": SERIES.time, "a": SERIES.log_output + 2.0, "i": np.append(SERIES.flow, 1.0)},
        time="year", output="a", output_kind="log", input="i",
    )  # fmt: skip
    scaled = given | {
        "theta": given["theta"] * np.exp(2 * given["beta"]),
        "sigma": given["sigma"] * np.exp(2 * given["beta"] / given["stability"]),
    }
    assert evidence.stable_log_likelihood(shifted, **scaled) == pytest.approx(
        evidence.stable_log_likelihood(SERIES, **given), rel=1e-11
    )
