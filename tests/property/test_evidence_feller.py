"""Density of the Feller diffusion over its stated domain, and what must not change it: threads, order, a huge step."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import settings

from reference.feller import log_density
from takeoff import evidence
from takeoff._arrays import using_threads

Place = tuple[float, float, float, float, float]
"""beta, theta, sigma, ln A before and after a year of input 1."""
COUNT = 4 * settings().max_examples
"""400 places, and 12,000 under the nightly profile."""


def found(place: Place) -> float:
    beta, theta, sigma, before, after = place
    table = {"t": [0.0, 1.0], "a": [before, after], "i": [1.0, 1.0]}
    series = evidence.ResearchSeries.from_frame(table, time="t", output="a", output_kind="log", input="i")
    value = evidence.feller_log_likelihood(series, beta=beta, parallelizability=1.0, theta=theta, sigma=sigma)
    return float(value)


def at(beta: float, sigma: float, n: float, ln_l: float, growth: float) -> Place:
    """The place with an order of about n, and l and x = l e^growth."""
    theta = sigma**2 * (1 + beta * n) / 2
    before = (ln_l + math.log(beta**2 * sigma**2 / 2)) / beta
    return beta, theta, sigma, before, before + growth / beta


def places(rng: np.random.Generator, count: int, largest: float) -> list[Place]:
    """Log-uniform over the stated domain; ends from the middle of the law to far out in both tails."""
    chosen: list[Place] = []
    while len(chosen) < count:
        beta, sigma = 10 ** rng.uniform(-6, 1), 10 ** rng.uniform(-6, 3)
        l = 10 ** rng.uniform(-8, math.log10(largest))  # noqa: E741 - the name in the formula
        # theta above its least, sigma^2 (1 - beta)/2, by at least sigma^2/200
        n = -1 + 10 ** rng.uniform(math.log10(0.011 / beta), math.log10(largest))
        mean = l + n + 1
        root = math.sqrt(mean) + rng.uniform(-32, 32) * math.sqrt((2 * l + n + 1) / mean) / 2
        x = root**2 if root > 0 else mean * 10 ** rng.uniform(-4, 0)
        place = at(beta, sigma, n, math.log(l), math.log(x / l))
        if abs(math.log(x / l)) <= 10 and abs(beta * place[3]) <= 30:
            chosen.append(place)
    return chosen


@pytest.mark.parametrize(("largest", "deepest"), [(1e5, 1000.0), (1e7, 50.0)])
def test_density_over_its_domain(largest: float, deepest: float) -> None:
    """Relative error below 1e-10 for l and n up to `largest` where the density is above exp(-`deepest`)."""
    checked, worst, where = 0, 0.0, None
    for place in places(np.random.default_rng(20), COUNT, largest):
        value = found(place)
        if not value >= -deepest:
            continue
        checked += 1
        error = abs(float(mpmath.mpf(value) - log_density(*place)))
        if error > worst:
            worst, where = error, place
    assert checked > COUNT / 4
    assert worst < 1e-10, where


def test_density_beyond_is_as_good_as_its_parameters() -> None:
    """For l and n up to 1e12, and theta next to its least: within 30 units of rounding of the parameters."""
    rng = np.random.default_rng(21)
    for _ in range(COUNT // 8):
        beta, sigma = 10 ** rng.uniform(-6, 1), 10 ** rng.uniform(-6, 3)
        n = -1 + 10 ** rng.uniform(-6, 12)
        ln_l = math.log(10) * rng.uniform(-8, 12)
        mean = math.exp(ln_l) + n + 1
        place = at(beta, sigma, n, ln_l, math.log(mean) - ln_l + rng.uniform(-5, 5) / math.sqrt(mean))
        value = found(place)
        if not value > -1000:
            continue
        exact = log_density(*place)
        with mpmath.workdps(60):
            step = mpmath.mpf(10) ** -25
            moved = [[mpmath.mpf(v) * (1 + step * (i == j)) for j, v in enumerate(place)] for i in range(5)]
            condition = sum(abs(log_density(*each) - exact) for each in moved) / step
        assert abs(mpmath.mpf(value) - exact) < 1e-10 + 30 * 2.0**-53 * condition, place


def test_the_oracle_is_mpmaths_bessel_function() -> None:
    for n, l, x in (  # noqa: E741 - the name in the formula
        (0.3, 2.0, 5.0),
        (-0.8, 1e-3, 0.1),
        (40.0, 60.0, 90.0),
        (2.5, 900.0, 1000.0),
        (900.0, 2000.0, 3000.0),
    ):
        beta, theta, sigma, before, after = at(0.5, 0.1, n, math.log(l), math.log(x / l))
        with mpmath.workdps(60):
            b, s = mpmath.mpf(beta), mpmath.mpf(sigma)
            n_, scale = (2 * mpmath.mpf(theta) / s**2 - 1) / b, (b * s) ** 2 / 2
            l_, x_ = mpmath.exp(b * before) / scale, mpmath.exp(b * after) / scale
            bessel = mpmath.besseli(n_, 2 * mpmath.sqrt(x_ * l_))
            exact = mpmath.log(b * x_ * bessel) + n_ / 2 * mpmath.log(x_ / l_) - x_ - l_
            assert abs(log_density(beta, theta, sigma, before, after) - exact) < 1e-30


@pytest.mark.parametrize("growth", [590.0, 610.0, 705.0, 800.0, 1500.0])
def test_a_huge_step_does_not_overflow(growth: float) -> None:
    """A grows by more than e^700 in one step: from next to nothing to where the law then is, and the other way."""
    for beta, theta, sigma in ((1.0, 1.0, 1.0), (0.5, 0.8, 1.1), (0.01, 0.6, 1.05)):
        for place in ((beta, theta, sigma, 0.3 - growth, 0.3), (beta, theta, sigma, 0.3, 0.3 - growth)):
            exact = log_density(*place)
            assert abs(mpmath.mpf(found(place)) - exact) < 1e-13 * max(1000, abs(exact)), place
    # A factor of e^700 of A^beta from a place that is no longer next to nothing is impossible, and no error.
    assert found((1.0, 1.0, 1.0, 0.0, growth)) == -math.inf


SERIES = evidence.simulate_feller(
    np.arange(131), np.exp(0.02 * np.arange(131)), beta=0.6, parallelizability=0.6, theta=0.1, sigma=0.05
)


def test_neither_threads_nor_order_change_a_bit() -> None:
    rng = np.random.default_rng(22)
    names = ("beta", "parallelizability", "theta", "sigma")
    # From large noise, which takes the power series, to small.
    columns = 10 ** np.column_stack([rng.uniform(a, b, 1000) for a, b in ((-2, 0.5), (-1, 0.3), (-2, 1), (-3, 1.5))])
    columns[:5] = np.array([[-1, 1, 1, 1], [1, -1, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0], [0.1, 1, 1e-3, 5]])

    def values(
        order: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        given = dict(zip(names, columns[order].T, strict=True))
        return np.asarray(evidence.feller_log_likelihood(SERIES, **given))

    straight = np.arange(1000)
    with using_threads(1):
        expected = values(straight)
    assert np.isfinite(expected).sum() > 300
    assert (expected[:5] == -np.inf).all()
    for threads in (1, 2, 3):
        with using_threads(threads):
            assert values(straight).tobytes() == expected.tobytes()
            for order in (straight[::-1], rng.permutation(1000), straight[:7]):
                assert values(order).tobytes() == expected[order].tobytes()
    alone = evidence.feller_log_likelihood(SERIES, **dict(zip(names, columns[77], strict=True)))
    assert alone == expected[77]
